import type { ErrorCode } from "@headgate/core";

/** What a reply code means to a request that was sent. */
export interface HecRule {
  /**
   * - `taken`: all of it is in; `slow`: too, and a pause is asked for.
   * - `refused`: the event that the reply names is bad, those before it are in, those after it are not.
   * - `retry`: nothing is known to be in; tried again.
   * - `blocked`: a person must mend something.
   */
  readonly outcome: "taken" | "slow" | "refused" | "retry" | "blocked";
  readonly code: ErrorCode;
  /** Splunk's words for it. They are shown from here, never from the reply, which may echo anything. */
  readonly text: string;
  readonly hint: string;
  /** The reply names the event after the bad one. */
  readonly namesNext?: true;
  /** This endpoint has taken nothing of it, and another one may. */
  readonly elsewhere?: true;
}

const byItself = "Nothing to do yet: it is tried again. If it lasts, look at Splunk's queues and indexers.";
const tokenHint = "Check the token in the stream's options, and that it is enabled in Splunk's HTTP Event Collector.";
const refusedHint = "The event is in quarantine. Mend what Splunk objects to and retry it, or discard it.";
const channelHint =
  "Something between here and Splunk takes the header X-Splunk-Request-Channel away or changes it: a proxy or load balancer must pass it on.";

const taken = (text: string): HecRule => ({ outcome: "taken", code: "destination_unexpected", text, hint: byItself });
const slow = (text: string): HecRule => ({ outcome: "slow", code: "destination_busy", text, hint: byItself });
const busy = (text: string): HecRule => ({
  outcome: "retry",
  code: "destination_busy",
  text,
  hint: byItself,
  elsewhere: true,
});
const refused = (text: string): HecRule => ({
  outcome: "refused",
  code: "event_refused",
  text,
  hint: refusedHint,
});
const token = (text: string, hint = tokenHint): HecRule => ({
  outcome: "blocked",
  code: "credentials_invalid",
  text,
  hint,
});
const settings = (text: string, hint: string): HecRule => ({
  outcome: "blocked",
  code: "destination_misconfigured",
  text,
  hint,
});

/**
 * Every reply code of the collector. 0 to 22: "Possible error codes" of
 * https://docs.splunk.com/Documentation/Splunk/latest/Data/TroubleshootHTTPEventCollector;
 * 23 to 28 and what 6, 7, 12, 13 and 15 leave indexed: seen at servers of the field, see docs/guides/splunk-setup.md.
 */
export const hecCodes: Readonly<Record<number, HecRule>> = {
  0: taken("Success"),
  1: token("Token disabled", "Enable the token in Splunk's HTTP Event Collector, and there all tokens."),
  2: token("Token is required", "Something between here and Splunk takes the Authorization header away."),
  3: token("Invalid authorization", "Something between here and Splunk changes the Authorization header."),
  4: token("Invalid token"),
  // The body was not empty when it left: something on the way has lost it, which may pass.
  5: { outcome: "retry", code: "destination_unexpected", text: "No data", hint: byItself },
  6: refused("Invalid data format"),
  7: { ...refused("Incorrect index"), namesNext: true },
  8: { outcome: "retry", code: "destination_failed", text: "Internal server error", hint: byItself },
  9: busy("Server is busy"),
  10: settings("Data channel is missing", channelHint),
  11: settings("Invalid data channel", channelHint),
  12: refused("Event field is required"),
  13: refused("Event field cannot be blank"),
  14: settings(
    "ACK is disabled",
    "Enable indexer acknowledgement for the token in Splunk, or set acknowledge to auto or off.",
  ),
  15: refused("Error in handling indexed fields"),
  16: token(
    "Query string authorization is not enabled",
    "Something between here and Splunk adds a token to the URL: take it out there.",
  ),
  // An answer of the health endpoint, which nobody asked.
  17: { outcome: "retry", code: "destination_unexpected", text: "HEC is healthy", hint: byItself },
  18: busy("HEC is unhealthy, queues are full"),
  19: busy("HEC is unhealthy, ack service unavailable"),
  20: busy("HEC is unhealthy, queues are full, ack service unavailable"),
  21: token("Invalid token"),
  22: token("Token disabled"),
  23: busy("Server is shutting down"),
  24: slow("Queue is approaching its capacity limit"),
  25: slow("ACK channel is approaching its capacity limit"),
  26: busy("Queue is at capacity"),
  27: busy("ACK channel is at capacity"),
  28: settings("Data channel is missing", `${channelHint} On Splunk Cloud its sticky sessions may be meant.`),
};
