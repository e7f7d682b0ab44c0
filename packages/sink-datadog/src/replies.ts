import type { ErrorCode } from "@headgate/core";

/**
 * What an answer means.
 * - `delivered`: the intake has taken every log.
 * - `split`: it has taken none; the request is at fault, or one log of it.
 * - `retry`: later, with backoff.
 * - `blocked`: somebody must mend something.
 */
export type ReplyAction = "delivered" | "split" | "retry" | "blocked";

/** One row of the table. */
export interface ReplyRule {
  readonly action: ReplyAction;
  readonly code: ErrorCode;
  /** What happened, as the end of a sentence: "Datadog …". */
  readonly says: string;
  readonly hint: string;
}

const byItself = "Nothing, unless it lasts: it is tried again by itself.";
const oneSite =
  "Check api_key, and that site is the key's: a key belongs to one site. An application key is not an API key.";

const unexpected: ReplyRule = {
  action: "retry",
  code: "destination_unexpected",
  says: "gave an answer that its protocol does not provide for; a proxy may be answering in its place",
  hint: "Check site or url, and what answers there. It is tried again by itself.",
};
const failed: ReplyRule = {
  action: "retry",
  code: "destination_failed",
  says: "reports a fault of its own",
  hint: byItself,
};
const misconfigured: ReplyRule = {
  action: "blocked",
  code: "destination_misconfigured",
  says: "does not take logs at this address, or not in this form",
  hint: "Check site or url. With url, the proxy must pass on the path, the method and the headers.",
};

/**
 * Answers of the intake itself, which come with a JSON body that has `errors`, by status:
 * https://docs.datadoghq.com/api/latest/logs/#send-logs
 */
export const intakeReplies: Readonly<Record<number, ReplyRule>> = {
  400: {
    action: "split",
    code: "event_refused",
    says: "refuses the event as malformed",
    hint: "Report the event's form to Headgate's authors if it looks sound; discard it, or retry it after an upgrade.",
  },
  401: { action: "blocked", code: "credentials_invalid", says: "got no API key that it knows", hint: oneSite },
  403: { action: "blocked", code: "access_denied", says: "does not let the API key send logs", hint: oneSite },
  404: misconfigured,
  405: misconfigured,
  415: misconfigured,
};

/** Answers that mean the same whoever gives them, the intake or something on the way, by status. */
export const anyReplies: Readonly<Record<number, ReplyRule>> = {
  202: { action: "delivered", code: "internal", says: "has taken the logs", hint: byItself },
  408: { action: "retry", code: "destination_timeout", says: "waited too long for the request", hint: byItself },
  413: {
    action: "split",
    code: "event_too_large",
    says: "refuses the event as too large",
    hint: "Datadog takes 1 MB: raise the limit on request bodies of the proxy on the way and retry the event, or discard it.",
  },
  429: { action: "retry", code: "destination_busy", says: "asks to slow down", hint: byItself },
};

/** The rule for an answer. `own`: it is the intake's own. `html`: it is a page for people. */
export function replyRule(status: number, { own, html }: { readonly own: boolean; readonly html: boolean }): ReplyRule {
  // A page with 202 is somebody's waiting room; the intake answers with JSON.
  if (status === 202 && html) return unexpected;
  const rule = anyReplies[status] ?? (own ? intakeReplies[status] : undefined);
  if (rule !== undefined) return rule;
  return status >= 500 && status <= 599 ? failed : unexpected;
}
