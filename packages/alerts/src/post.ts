import {
  type AlertNotification,
  type AlertResult,
  HeadgateError,
  isHeadgateError,
  type Secret,
  secret,
} from "@headgate/core";
import { addressGuard, endpointUrl, guardedAgents, HttpFailure, retryAfterMs } from "@headgate/egress";
import { answerOf } from "./answer-of.ts";

/** What all channels over HTTP take. */
export interface EndpointOptions {
  /** Unique among the channels. */
  readonly name: string;
  /** Organizations whose alerts go there. @default all */
  readonly organizations?: readonly string[];
  /** https, without a query. May be a secret, as it is with chat services: it is never shown. */
  readonly url: string | Secret;
  /** Private addresses and ranges that it may lead to. @default none */
  readonly allowedAddresses?: readonly string[];
  /** Plain http, and any address: for tests and receivers of the operator's own. @default false */
  readonly allowInsecureEndpoint?: boolean;
}

/** Sends one request about a notification to a fixed address, and says what its answer means. */
export type Post = (
  notification: AlertNotification,
  request: { readonly body: string; readonly headers?: Readonly<Record<string, string>> },
  signal: AbortSignal,
) => Promise<AlertResult>;

/** What a receiver answers that is gone for good, by the specification of Standard Webhooks. */
const gone = 410;
/** So long after a notification what was wrong with its receiver is taken to stay so, in ms: the first reminder is due then. */
const patienceMs = 60 * 60_000;

/** Guarded as every request to an address that somebody typed: public addresses alone, no redirects, certificates verified, bounded in time. */
export function postTo(
  { name, url: given, allowedAddresses = [], allowInsecureEndpoint = false }: EndpointOptions,
  timeoutMs = 20_000,
): Post {
  const egress = { allow: allowedAddresses, insecure: allowInsecureEndpoint };
  const url = readUrl(name, secret(given), egress);
  // One after another: no receiver is sent a burst.
  const agents = guardedAgents({ guard: addressGuard(egress), maxSockets: 1, maxFreeSockets: 1, idleMs: 55_000 });
  return async ({ at }, { body, headers }, signal) => {
    const all = { "content-type": "application/json", "user-agent": "Headgate", ...headers };
    const patient = Date.now() - at < patienceMs;
    try {
      const answer = await answerOf({ url, headers: all, body: Buffer.from(body), timeoutMs, signal }, agents);
      if (answer.status >= 200 && answer.status < 300) return { status: "delivered" };
      const message = `The receiver answered ${answer.status}.`;
      if (answer.status === gone || (isWrong(answer.status) && !patient)) return { status: "failed", message };
      const afterMs = retryAfterMs(answer.headers, Date.now());
      return { status: "retry", message, ...(afterMs !== undefined && { afterMs }) };
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof HttpFailure)) throw error;
      const over = error.kind === "address_refused" && !patient;
      return { status: over ? "failed" : "retry", message: failureText(error) };
    }
  };
}

/** It does not take such a request; nor does one that is just being put up anew, so it is asked more than once. */
function isWrong(status: number): boolean {
  return status >= 400 && status < 500 && status !== 408 && status !== 429;
}

function failureText({ kind, code }: HttpFailure): string {
  const detail = code === undefined ? "" : ` (${code})`;
  if (kind === "timeout") return "The receiver did not answer in time.";
  if (kind === "address_refused") return "The receiver's host leads to a private address, which is not allowed.";
  if (kind === "certificate") return `The receiver's certificate is not valid${detail}.`;
  return `The receiver cannot be reached${detail}.`;
}

function readUrl(
  name: string,
  url: Secret,
  egress: { readonly allow: readonly string[]; readonly insecure: boolean },
): URL {
  try {
    return endpointUrl(url.reveal(), { ...egress, name: "url" });
  } catch (error) {
    if (!isHeadgateError(error, "sink_options_invalid")) throw error;
    // The message may hold the host, never a path: that is where chat services put their secret.
    throw new HeadgateError("config_invalid", `The alert channel "${name}" is not right: ${error.message}`);
  }
}
