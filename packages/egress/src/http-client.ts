import type { Agent as HttpAgent, ClientRequest, IncomingMessage } from "node:http";
import { request as httpRequest } from "node:http";
import type { Agent as HttpsAgent } from "node:https";
import { request as httpsRequest } from "node:https";
import type { Socket } from "node:net";
import { TLSSocket } from "node:tls";
import { guardedAgents } from "./agents.ts";
import { addressGuard, type EgressOptions } from "./guard.ts";
import { HttpFailure, httpFailure } from "./http-failure.ts";

/** A request. `Accept-Encoding: identity` goes with it: a reply that is compressed all the same is not read. */
export interface HttpRequest {
  readonly url: URL;
  readonly method: "GET" | "POST";
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
  readonly signal: AbortSignal;
}

/** A reply, read to its end. Redirects are replies like any other: nothing follows them. */
export interface HttpReply {
  readonly status: number;
  /** Names in lower case; several of one name joined by commas, `set-cookie` left out. */
  readonly headers: Readonly<Record<string, string>>;
  readonly setCookies: readonly string[];
  readonly body: Uint8Array;
}

/** Time limits, in ms. */
export interface HttpTimeouts {
  /** To connect, TLS included. @default 10_000 */
  readonly connectMs?: number;
  /** From then until the reply's headers are in: the upload counts. @default 60_000 */
  readonly headersMs?: number;
  /** From then until the reply's end, however slowly it drips. @default 30_000 */
  readonly bodyMs?: number;
}

/** What a client is made with. */
export interface HttpClientOptions extends EgressOptions {
  /** PEM of certificates to trust beside the usual ones. */
  readonly ca?: string;
  readonly timeouts?: HttpTimeouts;
  /** Largest reply that is read, in bytes. @default 1 MiB */
  readonly maxReplyBytes?: number;
  /** Sockets for one host at a time. @default 4 */
  readonly maxSockets?: number;
}

/** Sends requests to endpoints that customers name: guarded, bounded in time and size, certificates verified. */
export interface HttpClient extends AsyncDisposable {
  /** Rejects with the signal's reason, or with an {@link HttpFailure}. */
  send(request: HttpRequest): Promise<HttpReply>;
  /** The same guarded sockets for a vendor's client. */
  readonly agents: { readonly http: HttpAgent; readonly https: HttpsAgent };
}

const idleMs = 55_000;

/**
 * A client with sockets of its own, which are kept alive between requests.
 *
 * @example
 * ```ts
 * await using client = httpClient({ ca });
 * const reply = await client.send({ url, method: "POST", headers: {}, body, signal });
 * ```
 */
export function httpClient(options: HttpClientOptions = {}): HttpClient {
  const { ca, timeouts = {}, maxReplyBytes = 1024 * 1024, maxSockets = 4 } = options;
  const { connectMs = 10_000, headersMs = 60_000, bodyMs = 30_000 } = timeouts;
  const agents = guardedAgents({
    guard: addressGuard(options),
    maxSockets,
    maxFreeSockets: maxSockets,
    idleMs,
    ...(ca !== undefined && { ca }),
  });
  const limits = { connectMs, headersMs, bodyMs, maxReplyBytes };
  return {
    agents: { http: agents.http, https: agents.https },
    async send(request) {
      request.signal.throwIfAborted();
      try {
        return await exchange(request, agents, limits);
      } catch (error) {
        request.signal.throwIfAborted();
        throw httpFailure(error);
      }
    },
    async [Symbol.asyncDispose]() {
      agents.destroy();
    },
  };
}

interface Limits extends Required<HttpTimeouts> {
  readonly maxReplyBytes: number;
}

function exchange(
  { url, method, headers, body, signal }: HttpRequest,
  agents: { readonly http: HttpAgent; readonly https: HttpsAgent },
  limits: Limits,
): Promise<HttpReply> {
  return new Promise((resolve, reject) => {
    const secure = url.protocol === "https:";
    const sent = { "accept-encoding": "identity", ...headers, ...(body && { "content-length": String(body.length) }) };
    const request: ClientRequest = secure
      ? httpsRequest(url, { method, headers: sent, agent: agents.https })
      : httpRequest(url, { method, headers: sent, agent: agents.http });
    let timer: NodeJS.Timeout;
    const fail = (error: unknown): void => {
      clearTimeout(timer);
      signal.removeEventListener("abort", onAbort);
      reject(error);
      request.destroy();
    };
    const within = (phase: "connect" | "headers" | "body", ms: number): void => {
      clearTimeout(timer);
      timer = setTimeout(() => fail(new HttpFailure("timeout", phase)), ms);
    };
    const onAbort = (): void => fail(signal.reason);
    signal.addEventListener("abort", onAbort, { once: true });
    within("connect", limits.connectMs);
    request.on("error", fail);
    request.on("socket", (socket) => whenConnected(socket, () => within("headers", limits.headersMs)));
    request.on("response", (reply) => {
      within("body", limits.bodyMs);
      readReply(reply, limits.maxReplyBytes).then((read) => {
        clearTimeout(timer);
        signal.removeEventListener("abort", onAbort);
        resolve(read);
        // Answered before all was sent: the rest must not come out of the socket as the beginning of the next request.
        if (!request.writableFinished) request.destroy();
      }, fail);
    });
    request.end(body);
  });
}

/** Calls back once the socket can be written to: at once for one that was kept alive. */
function whenConnected(socket: Socket, then: () => void): void {
  if (!socket.connecting && !(socket instanceof TLSSocket && socket.getProtocol() === null)) return then();
  socket.once(socket instanceof TLSSocket ? "secureConnect" : "connect", then);
}

async function readReply(reply: IncomingMessage, maxBytes: number): Promise<HttpReply> {
  const encoding = reply.headers["content-encoding"];
  if (encoding !== undefined && encoding !== "identity") throw new HttpFailure("reply_encoded");
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of reply as AsyncIterable<Buffer>) {
    size += part.length;
    if (size > maxBytes) throw new HttpFailure("reply_too_large");
    parts.push(part);
  }
  const { "set-cookie": setCookies = [], ...headers } = reply.headers;
  return {
    status: reply.statusCode ?? 0,
    headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)])),
    setCookies,
    body: Buffer.concat(parts),
  };
}
