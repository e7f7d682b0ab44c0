import type { IncomingMessage, ServerResponse } from "node:http";
import { STATUS_CODES, createServer } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import type { HttpFault } from "./http-fault.ts";

/** A request as the server saw it. */
export interface HttpRequest {
  readonly method: string;
  /** Path and query, as they were sent. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  /** As it was sent: still compressed where the client compressed it. */
  readonly body: Buffer;
}

/** A reply. */
export interface HttpReply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
}

/** An HTTP server on loopback that answers by script. Disposing of it cuts every connection. */
export interface FaultServer extends AsyncDisposable {
  /** `http://127.0.0.1:<port>`, without a slash at the end. */
  readonly url: string;
  /** Requests whose body was read to its end, whatever the answer was. */
  readonly requests: readonly HttpRequest[];
  /** Replaces the faults to come. A fault takes the first requests that fit it. `script([])` makes the server well. */
  script(faults: readonly HttpFault[]): void;
}

/**
 * Starts a server over real sockets for the test of an HTTP sink. `handle` is the destination when it is well: it
 * checks the wire format and keeps what it takes.
 *
 * @example
 * ```ts
 * await using server = await faultServer((request) => ({ status: request.method === "POST" ? 202 : 405 }));
 * server.script([{ kind: "status", status: 503 }, { kind: "cut_reply" }]);
 * ```
 */
export async function faultServer(
  handle: (request: HttpRequest) => HttpReply | Promise<HttpReply>,
): Promise<FaultServer> {
  const requests: HttpRequest[] = [];
  const sockets = new Set<Socket>();
  let script: { readonly fault: HttpFault; left: number }[] = [];

  function take(method: string, path: string): HttpFault | undefined {
    const entry = script.find(
      ({ fault, left }) =>
        left > 0 && (fault.method ?? method) === method && (fault.path === undefined || path.startsWith(fault.path)),
    );
    if (entry !== undefined) entry.left--;
    return entry?.fault;
  }

  async function answer(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = "", url: path = "", socket } = incoming;
    const fault = take(method, path);
    if (fault?.kind === "reset") return void socket.resetAndDestroy();
    const body = await readBody(incoming, fault?.kind === "reset_in_body" ? fault.afterBytes : undefined);
    if (body === undefined) return;
    const headers = Object.fromEntries(
      Object.entries(incoming.headersDistinct).map(([name, values]) => [name, values?.join(", ") ?? ""]),
    );
    const request = { method, path, headers, body };
    requests.push(request);
    switch (fault?.kind) {
      case undefined:
        return send(response, await handle(request));
      case "status":
        return send(response, fault);
      case "hang":
      case "reset_in_body":
        return undefined;
      case "cut_reply":
        return cut(socket, await handle(request), fault.afterBytes ?? 0);
      case "slow":
        await sleep(fault.ms ?? 0);
        return await drip(response, await handle(request), fault.dripMs ?? 0);
    }
  }

  const server = createServer((incoming, response) => {
    // Whatever fails here is a broken connection, which the client sees, or a mistake of `handle`.
    const { socket } = incoming;
    answer(incoming, response).catch((error: unknown) => {
      if (!socket.destroyed) send(response, { status: 500, body: String(error) });
    });
  });
  server.on("connection", (socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    socket.on("error", () => {});
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", resolve);
  });

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    script(faults) {
      script = faults.map((fault) => {
        const { times = 1 } = fault;
        return { fault, left: times ?? Number.POSITIVE_INFINITY };
      });
    },
    async [Symbol.asyncDispose]() {
      const closed = new Promise((resolve) => server.close(resolve));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

/** The body, or undefined once the connection was reset after `resetAfter` bytes of it. */
async function readBody(incoming: IncomingMessage, resetAfter: number | undefined): Promise<Buffer | undefined> {
  // Leaving the loop takes the socket away from the request.
  const { socket } = incoming;
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of incoming as AsyncIterable<Buffer>) {
    parts.push(part);
    size += part.length;
    if (resetAfter !== undefined && size >= resetAfter) break;
  }
  if (resetAfter === undefined) return Buffer.concat(parts);
  socket.resetAndDestroy();
  return undefined;
}

function send(response: ServerResponse, { status, headers = {}, body = "" }: HttpReply): void {
  response.writeHead(status, headers);
  response.end(body);
}

/** Sends the first bytes of a reply past the response object, which would send all of it, and resets the connection. */
function cut(socket: Socket, { status, headers = {}, body = "" }: HttpReply, bytes: number): void {
  const payload = Buffer.from(body);
  const lines = Object.entries({ ...headers, "content-length": String(payload.length) });
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ""}`,
    ...lines.map(([name, value]) => `${name}: ${value}`),
  ];
  const raw = Buffer.concat([Buffer.from(`${head.join("\r\n")}\r\n\r\n`), payload]);
  if (bytes === 0) socket.resetAndDestroy();
  else socket.write(raw.subarray(0, bytes), () => socket.resetAndDestroy());
}

async function drip(
  response: ServerResponse,
  { status, headers = {}, body = "" }: HttpReply,
  ms: number,
): Promise<void> {
  const payload = Buffer.from(body);
  response.writeHead(status, { ...headers, "content-length": String(payload.length) });
  if (ms === 0) return void response.end(payload);
  response.flushHeaders();
  for (let at = 0; at < payload.length && !response.destroyed; at++) {
    await sleep(ms);
    response.write(payload.subarray(at, at + 1));
  }
  response.end();
}
