import { once } from "node:events";
import type { ServerResponse } from "node:http";
import { STATUS_CODES } from "node:http";
import type { Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { gzipSync } from "node:zlib";

/** A reply. */
export interface HttpReply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
}

/** The page of a proxy that has no answer from the server behind it. */
export function proxyPage(status: number): HttpReply {
  const title = `${status} ${STATUS_CODES[status] ?? ""}`.trim();
  const body = `<html>\r\n<head><title>${title}</title></head>\r\n<body>\r\n<center><h1>${title}</h1></center>\r\n</body>\r\n</html>\r\n`;
  return { status, headers: { "content-type": "text/html" }, body };
}

/** Sends a reply whole. */
export function send(response: ServerResponse, { status, headers = {}, body = "" }: HttpReply): void {
  response.writeHead(status, headers);
  response.end(body);
}

/** Sends the first bytes of a reply past the response object, which would send all of it, and calls `then` once they are out. */
export function sendFirst(
  socket: Socket,
  { status, headers = {}, body = "" }: HttpReply,
  bytes: number,
  then: () => void,
): void {
  if (bytes === 0) return then();
  const payload = Buffer.from(body);
  const lines = Object.entries({ ...headers, "content-length": String(payload.length) });
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ""}`,
    ...lines.map(([name, value]) => `${name}: ${value}`),
  ];
  const raw = Buffer.concat([Buffer.from(`${head.join("\r\n")}\r\n\r\n`), payload]);
  socket.write(raw.subarray(0, bytes), () => then());
}

/** Sends the head at once and the body byte by byte, `ms` apart. */
export async function drip(
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

const pieceBytes = 1024 * 1024;

/** Sends spaces, at least `bytes` of them, without ever holding them. */
export async function sendHuge(response: ServerResponse, bytes: number, gzip: boolean): Promise<void> {
  const spaces = Buffer.alloc(pieceBytes, " ");
  // Gzip members one after the other are one gzip stream (RFC 1952, section 2.2).
  const piece = gzip ? gzipSync(spaces) : spaces;
  response.writeHead(200, { "content-type": "application/json", ...(gzip ? { "content-encoding": "gzip" } : {}) });
  for (let sent = 0; sent < bytes && !response.destroyed; sent += pieceBytes) {
    if (!response.write(piece)) await Promise.race([once(response, "drain"), once(response, "close")]);
  }
  response.end();
}
