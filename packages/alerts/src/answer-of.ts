import { type ClientRequest, type IncomingMessage, request as httpRequest } from "node:http";
import { request as httpsRequest } from "node:https";
import { type GuardedAgents, HttpFailure, httpFailure } from "@headgate/egress";

/** What a receiver answers. Nothing that comes after the headers can make a notification undelivered, so no body is kept. */
export interface Answer {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
}

/** What is posted, and how long all of it may take. */
export interface Posting {
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
  /** From the connection to the end of the answer, in ms. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/** More of a body than this is not waited for, in bytes. */
const mostBytes = 64 * 1024;

/**
 * Posts once, and resolves as soon as the answer's headers are in. Redirects are answers: nothing follows them. Rejects
 * with the signal's reason, or with an {@link HttpFailure}.
 */
export function answerOf({ url, headers, body, timeoutMs, signal }: Posting, agents: GuardedAgents): Promise<Answer> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const sent = { ...headers, "content-length": String(body.length) };
    const request: ClientRequest =
      url.protocol === "https:"
        ? httpsRequest(url, { method: "POST", headers: sent, agent: agents.https, signal })
        : httpRequest(url, { method: "POST", headers: sent, agent: agents.http, signal });
    const limit = setTimeout(() => request.destroy(new HttpFailure("timeout")), timeoutMs);
    request.once("close", () => clearTimeout(limit));
    request.on("error", (error) => reject(signal.aborted ? signal.reason : httpFailure(error)));
    request.on("response", (reply) => {
      resolve({ status: reply.statusCode ?? 0, headers: plain(reply.headers) });
      // Answered before all was sent: the rest must not come out of the socket as the beginning of the next request.
      if (!request.writableFinished) request.destroy();
      drain(reply);
    });
    request.end(body);
  });
}

/** Read to its end, the socket serves again; what does not end soon costs the socket. */
function drain(reply: IncomingMessage): void {
  let size = 0;
  reply.on("data", (part: Buffer) => {
    size += part.length;
    if (size > mostBytes) reply.destroy();
  });
  // The answer is known already: how its body broke off does not matter.
  reply.on("error", () => {});
}

function plain(headers: IncomingMessage["headers"]): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]));
}
