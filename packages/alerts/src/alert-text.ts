import type { AlertKind, AlertNotification } from "@headgate/core";

const states: Readonly<Record<AlertKind, readonly [now: string, over: string]>> = {
  disconnected: ["is disconnected", "delivers again"],
  blocked: ["is blocked", "delivers again"],
  lagging: ["lags behind", "has caught up"],
  loss_countdown: ["is about to lose events", "does not lose events any more"],
  events_lost: ["has lost events", "has lost no more events"],
  quarantine: ["has set events apart", "has set no more events apart"],
  digest_overdue: ["has no proof of what it delivered", "has proof of what it delivered again"],
  verification_failed: ["has failed its verification", "has passed its verification"],
};

/** What an alert comes to in one line, e.g. `Stream "Lake" of acme is disconnected`. */
export function headline({ type, alert }: AlertNotification): string {
  const [now, over] = states[alert.kind];
  // Names are what somebody chose: one line stays one line.
  const [stream, organization] = [alert.streamName ?? alert.stream, alert.organization].map(oneLine);
  const subject = `Stream "${stream}" of ${organization}`;
  if (type === "recovered") return `${subject} ${over}`;
  return `${subject} ${type === "reminder" ? now.replace(/^(is|has|lags)/, "still $1") : now}`;
}

/** What a reader wants to know next, as names and values; times are UTC. */
export function details({ type, alert }: AlertNotification): readonly (readonly [name: string, value: string])[] {
  const time = (instant: number): string => `${new Date(instant).toISOString().slice(0, 19).replace("T", " ")} UTC`;
  const found: [string, string][] = [
    ["Since", time(alert.since)],
    ["Last streamed", alert.lastStreamed === undefined ? "never" : time(alert.lastStreamed.at)],
    ["Pending events", String(alert.pending)],
  ];
  if (type === "recovered" && alert.closedAt !== undefined) found.splice(1, 0, ["Until", time(alert.closedAt)]);
  if (alert.quarantined > 0) found.push(["Events in quarantine", String(alert.quarantined)]);
  if (alert.lossAt !== undefined) found.push(["First loss", time(alert.lossAt)]);
  return found;
}

/** What is wrong and what to do; empty for a recovery. */
export function advice({ type, alert }: AlertNotification): readonly string[] {
  if (type === "recovered") return [];
  return [alert.message, ...(alert.hint === undefined ? [] : [alert.hint])].map(oneLine);
}

function oneLine(text: string): string {
  return text.replaceAll(/[\p{Cc}\u2028\u2029]+/gu, " ").trim();
}
