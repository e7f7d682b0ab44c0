import type { Alert, AlertNotification, AlertSettings } from "./alert.ts";
import type { Trouble } from "./alert-rules.ts";
import type { StreamStatus } from "./stream-status.ts";
import { hourMs } from "./time.ts";

/** One kind of trouble of one stream over time: an alert that is open, or was closed not long ago. */
export interface Episode {
  readonly alert: Alert;
  /** Since when the trouble of an open alert has been away, Unix ms. */
  readonly calmSince?: number;
  /** How many episodes with less than {@link memoryMs} between them came before this one. */
  readonly recurrence: number;
}

/** So long after its end an episode counts when the same trouble comes back. */
export const memoryMs: number = hourMs;

/** What happens to an episode, and what is told of it. */
export interface EpisodeStep {
  readonly episode: Episode;
  readonly tell?: AlertNotification["type"];
}

/**
 * An episode after a look at its stream; undefined where nothing changes. It is opened once, reminded of with growing
 * distance, and closed once: when the trouble has been away for a while. That while doubles each time the trouble comes
 * back soon after an end, up to an hour, so that what flaps becomes one long episode instead of many.
 */
export function nextEpisode(
  known: Episode | undefined,
  trouble: Trouble | undefined,
  status: StreamStatus,
  { now, settings, mint }: { readonly now: number; readonly settings: AlertSettings; readonly mint: () => string },
): EpisodeStep | undefined {
  const open = known !== undefined && known.alert.closedAt === undefined;
  if (!open) {
    if (trouble === undefined || trouble.held === true) return undefined;
    const ended = known?.alert.closedAt;
    const recurrence = ended !== undefined && now - ended < memoryMs ? (known?.recurrence ?? 0) + 1 : 0;
    return { episode: { alert: opened(trouble, status, now, mint()), recurrence }, tell: "opened" };
  }
  const { alert, calmSince, recurrence } = known;
  // A pause neither ends a trouble nor adds to it: whoever was told of it is told of its end once the stream goes on. A loss
  // is counted down to all the same.
  if (status.health.state === "paused" && trouble === undefined)
    return calmSince === undefined ? undefined : { episode: { alert, recurrence } };
  if (trouble === undefined) {
    const since = calmSince ?? now;
    const calmMs = Math.min(settings.quietMs * 2 ** Math.min(recurrence, 16), memoryMs);
    if (now - since < calmMs) return calmSince === undefined ? { episode: { ...known, calmSince: since } } : undefined;
    const { message, hint, code, severity } = alert;
    const last = { message, severity, ...(hint !== undefined && { hint }), ...(code !== undefined && { code }) };
    const closed = { ...constant(alert), ...last, ...facts(status), closedAt: since };
    return { episode: { alert: told(closed, now), recurrence }, tell: "recovered" };
  }
  if (trouble.held !== true && now - alert.notifiedAt >= reminderDistance(alert, trouble, now, settings)) {
    const current = { ...constant(alert), ...troubleFacts(trouble), ...facts(status) };
    return { episode: { alert: told(current, now), recurrence }, tell: "reminder" };
  }
  return calmSince === undefined ? undefined : { episode: { alert, recurrence } };
}

/** Whether an alert is of a stream that had the id before: what it tells is none of the present one's, nor its organization's. */
export function ofFormerStream(alert: Alert, { organization, createdAt }: StreamStatus, now: number): boolean {
  // A clock that was set back beyond the creation tells nothing of what came first.
  return alert.organization !== organization || (alert.openedAt < createdAt && createdAt <= now);
}

/** An episode of a stream that is gone ends without a word. */
export function abandoned({ alert, recurrence }: Episode, now: number): Episode {
  return { alert: { ...alert, closedAt: now }, recurrence };
}

function opened(trouble: Trouble, status: StreamStatus, now: number, id: string): Alert {
  return {
    id,
    kind: trouble.kind,
    organization: status.organization,
    stream: status.id,
    ...(status.name !== undefined && { streamName: status.name }),
    sink: status.sink,
    since: Number.isNaN(trouble.since) ? now : Math.min(trouble.since, now),
    openedAt: now,
    ...facts(status),
    ...troubleFacts(trouble),
    notifications: 1,
    notifiedAt: now,
  };
}

function facts(status: StreamStatus): Pick<Alert, "pending" | "quarantined" | "oldestPendingAt" | "lastStreamed"> {
  const { pending, quarantined, oldestPendingAt, lastStreamed } = status;
  return {
    pending,
    quarantined,
    ...(oldestPendingAt !== undefined && { oldestPendingAt }),
    ...(lastStreamed !== undefined && { lastStreamed }),
  };
}

function troubleFacts(trouble: Trouble): Pick<Alert, "severity" | "message" | "hint" | "code" | "lossAt"> {
  const { severity, message, hint, code, lossAt } = trouble;
  return {
    severity,
    message,
    ...(hint !== undefined && { hint }),
    ...(code !== undefined && { code }),
    ...(lossAt !== undefined && { lossAt }),
  };
}

/** What stays the same from an alert's opening on, and the count of what was told. */
function constant(alert: Alert): Omit<Alert, keyof ReturnType<typeof facts> | keyof ReturnType<typeof troubleFacts>> {
  const { oldestPendingAt: _o, lastStreamed: _l, lossAt: _a, hint: _h, code: _c, ...rest } = alert;
  return rest;
}

function told(alert: Alert, now: number): Alert {
  return { ...alert, notifications: alert.notifications + 1, notifiedAt: now };
}

/** Reminders of a loss come the closer the nearer it is. */
function reminderDistance(
  { notifications }: Alert,
  { lossAt }: Trouble,
  now: number,
  { remindersMs }: AlertSettings,
): number {
  const usual = remindersMs[Math.min(notifications, remindersMs.length) - 1] ?? Number.POSITIVE_INFINITY;
  if (lossAt === undefined || lossAt <= now) return usual;
  return Math.min(usual, Math.max(5 * 60_000, (lossAt - now) / 2));
}
