import type { DeliveryResult, SinkFailure } from "@headgate/core";
import { isHeadgateError } from "@headgate/core";
import { retryAfterMs, transportResult } from "@headgate/egress";
import { type ReplyRule, replyRule } from "./replies.ts";
import type { LogsReply } from "./transport.ts";

/** A result that says what a request came to; `rejected` is not among them, since an answer names no log. */
export type ReplyResult = Exclude<DeliveryResult, { readonly status: "rejected" }>;

/** Longest wait that is believed, in ms. */
const mostMs = 3_600_000;

/** What an answer means to a delivery. The intake's own words stay out of it: they may quote an event. */
export function replyResult(reply: LogsReply, receipt: string, now: number): ReplyResult {
  const rule = ruleOf(reply);
  if (rule.action === "delivered") return { status: "delivered", receipt };
  const error = failureOf(rule, reply.status);
  if (rule.action !== "retry") return { status: rule.action, error };
  const afterMs = waitMs(reply.headers, now);
  return { status: "retry", error, ...(afterMs === undefined ? {} : { afterMs }) };
}

/**
 * What a request without an answer means: trouble on the way, or a transport that lacks something here. Undefined for a
 * defect.
 */
export function requestFailure(error: unknown): ReturnType<typeof transportResult> {
  if (!isHeadgateError(error, "config_invalid")) return transportResult(error, "Datadog");
  const { code, message, hint } = error;
  return { status: "blocked", error: { code, message, ...(hint === undefined ? {} : { hint }) } };
}

/** The row of the table that an answer falls under. */
export function ruleOf({ status, headers, body }: LogsReply): ReplyRule {
  // Proxies do not always say what they send: a page begins with a bracket, an answer of the intake's never does.
  const html =
    /html/i.test(headers["content-type"] ?? "") || /^\s*</.test(new TextDecoder().decode(body.subarray(0, 100)));
  return replyRule(status, { own: !html && hasErrors(body), html });
}

/** What people read of a row. */
export function failureOf({ code, says, hint }: ReplyRule, status: number): SinkFailure {
  return { code, message: `Datadog ${says} (HTTP ${status}).`, hint, vendorCode: String(status) };
}

/** Whether a body is an error document of Datadog's: `{"errors":[…]}`. */
function hasErrors(body: Uint8Array): boolean {
  try {
    const parsed: unknown = JSON.parse(new TextDecoder().decode(body));
    return typeof parsed === "object" && parsed !== null && Array.isArray((parsed as { errors?: unknown }).errors);
  } catch {
    return false;
  }
}

/** The longer of `Retry-After` and `X-RateLimit-Reset` (seconds until then: https://docs.datadoghq.com/api/latest/rate-limits/), in ms. */
function waitMs(headers: LogsReply["headers"], now: number): number | undefined {
  const reset = headers["x-ratelimit-reset"]?.trim() ?? "";
  const resetMs = /^\d+(\.\d+)?$/.test(reset) ? Math.min(mostMs, Math.ceil(Number(reset) * 1000)) : undefined;
  const asked = retryAfterMs(headers, now);
  return resetMs === undefined ? asked : Math.max(resetMs, asked ?? 0);
}
