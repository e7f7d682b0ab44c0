import { type AlertResult, HeadgateError, isHeadgateError, type Secret, secret } from "@headgate/core";
import { endpointUrl, httpClient, HttpFailure, retryAfterMs } from "@headgate/egress";

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

/** Sends one request to a fixed address, and says what its answer means. */
export type Post = (
  body: string,
  headers: Readonly<Record<string, string>>,
  signal: AbortSignal,
) => Promise<AlertResult>;

/** Answers that no repetition changes. 410: the receiver is gone for good, says the specification of Standard Webhooks. */
const final: ReadonlySet<number> = new Set([400, 401, 403, 404, 405, 410, 413, 415, 422]);

/** Guarded as every request to an address that somebody typed: public addresses alone, no redirects, certificates verified, bounded in time. */
export function postTo({
  name,
  url: given,
  allowedAddresses = [],
  allowInsecureEndpoint = false,
}: EndpointOptions): Post {
  const egress = { allow: allowedAddresses, insecure: allowInsecureEndpoint };
  const url = readUrl(name, secret(given), egress);
  const timeouts = { connectMs: 10_000, headersMs: 10_000, bodyMs: 5000 };
  const client = httpClient({ ...egress, timeouts, maxReplyBytes: 64 * 1024, maxSockets: 1 });
  return async (body, headers, signal) => {
    try {
      const sent = { "content-type": "application/json", "user-agent": "Headgate", ...headers };
      const reply = await client.send({ url, method: "POST", headers: sent, body: Buffer.from(body), signal });
      if (reply.status >= 200 && reply.status < 300) return { status: "delivered" };
      const message = `The receiver answered ${reply.status}.`;
      if (final.has(reply.status)) return { status: "failed", message };
      const afterMs = retryAfterMs(reply.headers, Date.now());
      return { status: "retry", message, ...(afterMs !== undefined && { afterMs }) };
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof HttpFailure)) throw error;
      if (error.kind === "address_refused")
        return { status: "failed", message: "The receiver's host leads to a private address, which is not allowed." };
      return { status: "retry", message: failures[error.kind](error.code) };
    }
  };
}

const failures: Readonly<Record<HttpFailure["kind"], (code: string | undefined) => string>> = {
  unreachable: (code) => `The receiver cannot be reached${code === undefined ? "" : ` (${code})`}.`,
  timeout: () => "The receiver did not answer in time.",
  address_refused: () => "The receiver's host leads to a private address, which is not allowed.",
  certificate: (code) => `The receiver's certificate is not valid${code === undefined ? "" : ` (${code})`}.`,
  reply_too_large: () => "The receiver's answer is too large.",
  reply_encoded: () => "The receiver's answer is compressed, although that was not asked for.",
};

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
