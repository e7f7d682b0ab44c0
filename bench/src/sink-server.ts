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
  let bytes = 0;
  request.on("data", (chunk: Buffer) => (bytes += chunk.length));
  request.on("end", () => {
    if (request.method === "POST") return answerIntake(request, response, bytes);
    const known = request.method === "PUT";
    if (known) {
      received.objects += 1;
      received.bytes += bytes;
      received.events += Number(request.headers["x-amz-meta-headgate-count"] ?? 0);
    }
    response.writeHead(known ? 200 : 405, { etag: '"0"', "content-length": 0 }).end();
  });
});

/** The token `ack` is one with indexer acknowledgement: every request is confirmed when it is asked for. */
function answerIntake(request: IncomingMessage, response: ServerResponse, bytes: number): void {
  const path = request.url ?? "";
  const reply = (status: number, body: object): void => {
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
  };
  if (path.startsWith("/services/collector/ack")) return reply(200, { acks: { [String(ackId)]: true } });
  received.objects += 1;
  received.bytes += bytes;
  if (path.startsWith("/api/v2/logs")) return reply(202, {});
  const acknowledged = request.headers.authorization === "Splunk ack";
  reply(200, { text: "Success", code: 0, ...(acknowledged && { ackId: ++ackId }) });
}

const tell = (message: SinkMessage): void => void process.send?.(message);

process.on("message", () => {
  tell({ received });
  received = { objects: 0, bytes: 0, events: 0 };
});
process.on("disconnect", () => process.exit());
server.listen(0, "127.0.0.1", () => tell({ port: (server.address() as AddressInfo).port }));
