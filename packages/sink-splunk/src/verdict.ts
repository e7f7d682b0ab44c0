import type { ErrorCode, SinkFailure } from "@headgate/core";
import { type HttpReply, retryAfterMs } from "@headgate/egress";
import { hecCodes, type HecRule } from "./hec-codes.ts";
import { type HecReply, hecReply } from "./hec-reply.ts";

/** What a reply says of the request that it answers, before it is known whether acknowledgements bear it out. */
export type Verdict =
  /** All of it was taken; `slow`: and a pause is asked for. */
  | { readonly kind: "taken"; readonly slow: boolean; readonly afterMs: number | undefined }
  /** The event at `at` is bad; those before it were taken, those after it were not. */
  | { readonly kind: "refused"; readonly at: number; readonly hecCode: number; readonly error: SinkFailure }
  /** Nothing was taken, and the request as a whole is at fault. */
  | { readonly kind: "split"; readonly error: SinkFailure }
  /** `elsewhere`: nothing was taken, and another endpoint may take it. */
  | {
      readonly kind: "retry";
      readonly error: SinkFailure;
      readonly afterMs: number | undefined;
      readonly elsewhere: boolean;
    }
  | { readonly kind: "blocked"; readonly error: SinkFailure };

/** What was sent. */
export interface SentBody {
  readonly count: number;
  /** Uncompressed. */
  readonly bytes: number;
}

/** Splunk Cloud answers a body over its limit like a bad first event; below this no limit has been seen. */
const surelyTakenBytes = 1_000_000;
const proxyHint =
  "Something else than Splunk answers, such as a proxy or a login page: check the endpoint's host, port and path. It is tried again.";
const byItself = "Nothing to do yet: it is tried again.";

/** Reads the reply to posted events. `now` in Unix ms, for a Retry-After that is a date. Pure. */
export function verdictOf(reply: HttpReply, sent: SentBody, now: number): Verdict {
  const afterMs = retryAfterMs(reply.headers, now);
  if (reply.status === 413) return tooLarge(undefined);
  const answer = hecReply(reply);
  const rule = answer === undefined ? undefined : hecCodes[answer.code];
  if (answer === undefined || rule === undefined) return unexpected(reply.status, answer?.code, afterMs);
  const takes = rule.outcome === "taken" || rule.outcome === "slow";
  // Success comes with 200 and nothing else does: another pair is none of Splunk's.
  if (takes !== (reply.status === 200)) return mixed(reply.status, answer.code, afterMs);
  const error = hecFailure(answer.code, rule);
  switch (rule.outcome) {
    case "taken":
    case "slow":
      return { kind: "taken", slow: rule.outcome === "slow", afterMs };
    case "retry":
      return { kind: "retry", error, afterMs, elsewhere: rule.elsewhere === true && !mayHaveTaken(answer) };
    case "blocked":
      return { kind: "blocked", error };
    case "refused":
      return refusal(answer, rule, error, sent);
  }
}

/** A failure that the collector reports, in Headgate's words and Splunk's. */
export function hecFailure(code: number, rule: HecRule): SinkFailure {
  const event = rule.outcome === "refused";
  return {
    code: rule.code,
    message: `Splunk ${event ? "refused the event" : "answered"}: ${rule.text} (code ${code}).`,
    hint: rule.hint,
    vendorCode: String(code),
  };
}

/**
 * A server that becomes busy within a body names the object where it stopped, and has those before it:
 * https://github.com/open-telemetry/opentelemetry-collector-contrib/issues/36113. Whether that one is in is not said
 * surely enough to count on: all are sent again, but not to another endpoint at once.
 */
function mayHaveTaken({ code, invalidEventNumber = 0 }: HecReply): boolean {
  return code === 9 && invalidEventNumber > 0;
}

function refusal(answer: HecReply, rule: HecRule, error: SinkFailure, sent: SentBody): Verdict {
  const named = answer.invalidEventNumber;
  const at = named === undefined ? undefined : rule.namesNext === true ? named - 1 : named;
  if (at === undefined || at < 0 || at >= sent.count) return { kind: "split", error };
  if (answer.code === 6 && at === 0 && sent.count > 1 && sent.bytes > surelyTakenBytes) return tooLarge("6");
  return { kind: "refused", at, hecCode: answer.code, error };
}

function tooLarge(vendorCode: string | undefined): Verdict {
  const error = {
    code: "event_too_large",
    message: "Splunk, or something before it, refuses the request as too large.",
    hint: "Raise max_content_length of Splunk's limits.conf, or the limit of a proxy before it.",
    ...(vendorCode === undefined ? { vendorCode: "413" } : { vendorCode }),
  } satisfies SinkFailure;
  return { kind: "split", error };
}

/** An answer without a code that is known. It is never success, and never permanent. */
function unexpected(status: number, code: number | undefined, afterMs: number | undefined): Verdict {
  const told = code === undefined ? "without a reply of Splunk's" : `with the unknown code ${code}`;
  const [errorCode, hint] = statusMeaning(status);
  const error: SinkFailure = {
    code: errorCode,
    message: `The endpoint answered HTTP ${status} ${told}.`,
    hint,
    vendorCode: String(code ?? status),
  };
  return { kind: "retry", error, afterMs, elsewhere: false };
}

function mixed(status: number, code: number, afterMs: number | undefined): Verdict {
  const message = `The endpoint answered HTTP ${status} with code ${code}, which do not go together.`;
  const error = { code: "destination_unexpected", message, hint: proxyHint, vendorCode: String(code) } as const;
  return { kind: "retry", error, afterMs, elsewhere: false };
}

function statusMeaning(status: number): readonly [code: ErrorCode, hint: string] {
  if (status === 429 || status === 503) return ["destination_busy", byItself];
  if (status === 408 || status === 504) return ["destination_timeout", byItself];
  // Also of a proxy whose Splunk is away.
  if (status >= 500) return ["destination_failed", byItself];
  if (status === 404)
    return ["destination_failed", "An indexer that restarts answers so. If it lasts, check the endpoint's URL."];
  if (status === 415) return ["destination_unexpected", "Set compression to none: this collector takes no gzip."];
  return ["destination_unexpected", proxyHint];
}
