import { HttpFailure, type HttpReply } from "@headgate/egress";

/** What is used of `http.ClientRequest`. */
interface WatchedRequest {
  setHeader(name: string, value: string): void;
  prependOnceListener(event: "response", listener: (reply: WatchedReply) => void): void;
  once(event: "socket", listener: (socket: WatchedSocket) => void): void;
  once(event: "abort", listener: () => void): void;
  once(event: "error", listener: (error: unknown) => void): void;
  destroy(): void;
}

/** What is used of `http.IncomingMessage`. */
interface WatchedReply {
  readonly statusCode?: number | undefined;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly complete: boolean;
  on(event: "data", listener: (part: Uint8Array) => void): void;
  once(event: "close", listener: () => void): void;
}

interface WatchedSocket {
  readonly connecting: boolean;
  once(event: "connect", listener: () => void): void;
}

/** What is used of `http.Agent`: Node's own hook for agents, stable since 0.11 and the one that agents of npm implement. */
interface RequestAgent {
  addRequest(request: WatchedRequest, ...rest: readonly unknown[]): void;
}

/** One request as it goes over the wire, whoever makes it. */
export interface WatchedExchange {
  /** An agent for one request, over the sockets of another agent. */
  readonly agent: object;
  /** The reply as it came, or an `HttpFailure`, or a socket's error. Does not settle while no request is made. */
  readonly reply: Promise<HttpReply>;
  /** Ends the request. */
  stop(): void;
}

/**
 * The vendor's client loses callbacks, inflates what it gets and sets no limit to it. So the reply is read here, beside
 * it, from the same request: within `maxBytes`, unaltered, and to its end. `ownHeaders` are put in here as well, past the
 * client, which prints those that it knows where the environment sets DEBUG.
 */
export function watchedExchange(
  sockets: object,
  maxBytes: number,
  ownHeaders: Readonly<Record<string, string>> = {},
): WatchedExchange {
  const { promise, resolve, reject } = Promise.withResolvers<HttpReply>();
  // It may fail while nobody waits any more.
  promise.catch(() => {});
  const inner = sockets as RequestAgent;
  let request: WatchedRequest | undefined;
  let phase: "connect" | "headers" | "body" = "connect";

  function read(reply: WatchedReply): void {
    phase = "body";
    const parts: Uint8Array[] = [];
    let size = 0;
    const fail = (error: HttpFailure): void => {
      reject(error);
      request?.destroy();
    };
    const { "content-encoding": encoding, "set-cookie": setCookies, ...headers } = reply.headers;
    if (encoding !== undefined && encoding !== "identity") return fail(new HttpFailure("reply_encoded"));
    reply.on("data", (part) => {
      size += part.length;
      if (size > maxBytes) fail(new HttpFailure("reply_too_large"));
      else parts.push(part);
    });
    reply.once("close", () => {
      if (!reply.complete) return reject(new HttpFailure("unreachable", "ECONNRESET"));
      return resolve({
        status: reply.statusCode ?? 0,
        headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)])),
        setCookies: Array.isArray(setCookies) ? (setCookies as readonly string[]) : [],
        body: Buffer.concat(parts),
      });
    });
  }

  function addRequest(added: WatchedRequest, ...rest: readonly unknown[]): void {
    request = added;
    for (const [name, value] of Object.entries(ownHeaders)) added.setHeader(name, value);
    added.prependOnceListener("response", read);
    // The client's own timers do this.
    added.once("abort", () => reject(new HttpFailure("timeout", phase)));
    added.once("error", reject);
    added.once("socket", (socket) => {
      if (socket.connecting) socket.once("connect", () => void (phase = "headers"));
      else phase = "headers";
    });
    inner.addRequest(added, ...rest);
  }

  const agent = Object.create(sockets, { addRequest: { value: addRequest } }) as object;
  return { agent, reply: promise, stop: () => request?.destroy() };
}
