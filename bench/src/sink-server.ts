// The destination of the measurements, in a process of its own so that its CPU is not counted: takes PUT requests as an
// S3 server would, and POST requests as Splunk's HEC and Datadog's intake would, counts what comes, keeps nothing. Talks to
// its parent over IPC: sends its port, and answers "take" with the counts since the last one.
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

/** What the server has received. */
export interface Received {
  /** Objects, or requests with events. */
  readonly objects: number;
  readonly bytes: number;
  /** As the objects' metadata say; requests do not say it. */
  readonly events: number;
}

/** What the server tells its parent. */
export type SinkMessage = { readonly port: number } | { readonly received: Received };

let received = { objects: 0, bytes: 0, events: 0 };
let ackId = 0;

const server = createServer((request, response) => {
  const kept: Buffer[] = [];
  let bytes = 0;
  const asksAcks = request.url?.startsWith("/services/collector/ack") === true;
  request.on("data", (chunk: Buffer) => {
    bytes += chunk.length;
    if (asksAcks) kept.push(chunk);
  });
  request.on("end", () => {
    if (request.method === "PUT") return takeObject(request, response, bytes);
    if (asksAcks) return reply(response, 200, { acks: acksOf(Buffer.concat(kept).toString()) });
    if (request.method === "GET") return reply(response, 200, { text: "HEC is healthy", code: 17 });
    return takeEvents(request, response, bytes);
  });
});

function takeObject(request: IncomingMessage, response: ServerResponse, bytes: number): void {
  received.objects += 1;
  received.bytes += bytes;
  received.events += Number(request.headers["x-amz-meta-headgate-count"] ?? 0);
  response.writeHead(200, { etag: '"0"', "content-length": 0 }).end();
}

/** The token `ack` is one with indexer acknowledgement: every request is confirmed when it is asked for. */
function takeEvents(request: IncomingMessage, response: ServerResponse, bytes: number): void {
  received.objects += 1;
  received.bytes += bytes;
  if (request.url?.startsWith("/api/v2/logs") === true) return reply(response, 202, {});
  const acknowledged = request.headers.authorization === "Splunk ack";
  return reply(response, 200, { text: "Success", code: 0, ...(acknowledged && { ackId: ackId++ }) });
}

function acksOf(body: string): Readonly<Record<string, boolean>> {
  const { acks } = JSON.parse(body) as { readonly acks: readonly number[] };
  return Object.fromEntries(acks.map((asked) => [String(asked), asked < ackId]));
}

function reply(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
}

const tell = (message: SinkMessage): void => void process.send?.(message);

process.on("message", () => {
  tell({ received });
  received = { objects: 0, bytes: 0, events: 0 };
});
process.on("disconnect", () => process.exit());
server.listen(0, "127.0.0.1", () => tell({ port: (server.address() as AddressInfo).port }));
