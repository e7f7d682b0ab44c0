import { HeadgateError } from "@headgate/core";
import type { HttpReply } from "@headgate/egress";
import type { AuditApi } from "./audit-api.ts";
import { nextLink } from "./link-header.ts";
import { pageRecords } from "./page-records.ts";
import { askedWait, serverTime } from "./rate-limit.ts";

/** A part of an audit log. */
export interface Page {
  /** Each record's own text, one line each. */
  readonly records: readonly Buffer[];
  readonly next?: URL;
  /** The service's clock when it answered, in Unix ms. */
  readonly servedAt?: number;
  readonly bytes: number;
}

/**
 * What a reply means.
 * - `limited`: too many requests; not again before `afterMs`, where the service says so.
 * - `failed`: it may be better the next time.
 * - `refused`: a person has to mend the configuration, or rights at the service.
 * - `expired`: a link that the service gave is no longer taken; one begins anew.
 */
export type Verdict =
  | { readonly status: "page"; readonly page: Page }
  | { readonly status: "limited"; readonly afterMs?: number }
  | { readonly status: "failed"; readonly error: HeadgateError; readonly afterMs?: number }
  | { readonly status: "refused"; readonly error: HeadgateError }
  | { readonly status: "expired" };

/** Judges a reply of the service to a request for `url`. `given`: the URL is a link that the service gave. */
export function judge(reply: HttpReply, api: AuditApi, url: URL, given: boolean, now: number): Verdict {
  const { status, headers } = reply;
  const afterMs = askedWait(headers, now);
  const wait = afterMs === undefined ? {} : { afterMs };
  if (status === 200) return judgePage(reply, api, url);
  if (status === 429 || (status === 403 && (afterMs !== undefined || saysRateLimit(reply)))) {
    return { status: "limited", ...wait };
  }
  if (status === 408 || status >= 500) {
    const error = failure("source_failed", `${api.service} reports a fault of its own (HTTP ${status}).`, waits);
    return { status: "failed", error, ...wait };
  }
  if (given && [400, 404, 410, 422].includes(status)) return { status: "expired" };
  return { status: "refused", error: refusal(status, api) };
}

const waits = "Nothing to do yet: it is tried again.";

function judgePage({ body, headers }: HttpReply, api: AuditApi, url: URL): Verdict {
  const records = pageRecords(body);
  if (records === undefined) {
    const message = `${api.service} answered something that is no JSON list of records (${body.length} bytes).`;
    const hint = "Check api.url, and that no proxy answers in the service's place. It is tried again.";
    return { status: "failed", error: failure("source_failed", message, hint) };
  }
  const next = nextLink(headers["link"], url);
  // The token goes with the next request too.
  if (next !== undefined && next.origin !== url.origin) {
    const message = `${api.service} names a next page on another host, which is not followed.`;
    const hint = "Set api.url to the address that the service itself uses in its links.";
    return { status: "refused", error: failure("source_failed", message, hint) };
  }
  const servedAt = serverTime(headers);
  const page = { records, bytes: body.length, ...(next && { next }), ...(servedAt !== undefined && { servedAt }) };
  return { status: "page", page };
}

function refusal(status: number, { service, hints }: AuditApi): HeadgateError {
  const hint = hints[status] ?? "Check the source's settings under api. It is tried again.";
  if (status === 401)
    return failure("source_denied", `${service} does not accept the token of the source (HTTP 401).`, hint);
  if (status === 403 || status === 404)
    return failure("source_denied", `${service} does not let the source read the audit log (HTTP ${status}).`, hint);
  if (status >= 300 && status < 400) {
    const message = `${service} answered with a redirect (HTTP ${status}), which is not followed.`;
    return failure("source_failed", message, "Set api.url to the address that it leads to.");
  }
  return failure("source_failed", `${service} does not take the request for its audit log (HTTP ${status}).`, hint);
}

/** GitHub's secondary limits may come without a header: "an error message that indicates that you exceeded" one. */
function saysRateLimit({ body }: HttpReply): boolean {
  return /rate limit/i.test(Buffer.from(body.buffer, body.byteOffset, Math.min(body.length, 4096)).toString());
}

function failure(code: "source_failed" | "source_denied", message: string, hint: string): HeadgateError {
  return new HeadgateError(code, message, { hint });
}
