import type { AlertKind, AlertSettings } from "./alert.ts";
import { givenUpAt, type PendingLimit } from "./giving-up.ts";
import type { StreamStatus } from "./stream-status.ts";
import { hourMs } from "./time.ts";

/** Time for the delivery that often follows a verification: where it fails too, its alert says it all. */
const verificationHoldMs = 60_000;

/** Events that occurred long ago may come at any time: with a destination that takes them they wait for less than this. */
const settlingMs = 60_000;

/** Digests that are due at the same hour are spread over minutes, and go after events. */
const digestGraceMs = 30 * 60_000;

/** Something wrong with a stream, as it stands now. */
export interface Trouble {
  readonly kind: AlertKind;
  readonly severity: "warning" | "critical";
  /** When it began as far as is known, Unix ms. */
  readonly since: number;
  readonly message: string;
  readonly hint?: string;
  readonly code?: string;
  /** When events are first lost to the destination, Unix ms. */
  readonly lossAt?: number;
  /** Another trouble tells of the same cause, or is about to: this one is neither told of nor over meanwhile. */
  readonly held?: boolean;
}

/** A stream as the rules look at it. */
export interface WatchedStream {
  readonly status: StreamStatus;
  /** See `SinkLimits.maxEventAgeMs`. */
  readonly maxEventAgeMs?: number;
  /** When the oldest of its next pending events occurred, Unix ms; known where `maxEventAgeMs` is. */
  readonly oldestOccurredAt?: number;
  /** The operator's. */
  readonly limit?: PendingLimit;
  /** When the last digest of a stream that has them was made, or the wait for the next one began, and when that is due; Unix ms. */
  readonly digest?: { readonly since: number; readonly dueAt: number };
}

/** What is wrong with a stream. A stream that somebody has paused is as somebody wants it, but for what the operator's limit takes from it. */
export function troublesOf(stream: WatchedStream, now: number, settings: AlertSettings): readonly Trouble[] {
  const losses = [soonest(givingUp(stream, now, settings), growingTooOld(stream, now, settings)), lost(stream, now)];
  if (stream.status.health.state === "paused") return losses.filter((trouble) => trouble !== undefined);
  return [
    ...failing(stream.status),
    lagging(stream.status, now, settings),
    ...losses,
    quarantine(stream.status),
    digestOverdue(stream, now),
    verificationFailed(stream.status, now),
  ].filter((trouble) => trouble !== undefined);
}

/** Both kinds of a stream that delivers nothing: that it is blocked now does not mean that it is connected again. */
function failing({ health, pending, lastStreamed }: StreamStatus): readonly Trouble[] {
  const { state, lastError } = health;
  // Resumed, or verified at most, and nothing has got through since.
  const unproven =
    pending > 0 && (state === "unverified" || (state === "active" && (lastStreamed?.at ?? 0) < health.since));
  if (state !== "disconnected" && state !== "blocked" && state !== "degraded" && !unproven) return [];
  return (["disconnected", "blocked"] as const).map((kind) => {
    const what = kind === "blocked" ? "The destination needs a person" : "Nothing reaches the destination";
    return {
      kind,
      severity: "critical",
      since: health.failingSince ?? health.since,
      message: lastError === undefined ? `${what}.` : `${what}: ${lastError.message}`,
      ...(lastError?.hint !== undefined && { hint: lastError.hint }),
      ...(lastError !== undefined && { code: lastError.code }),
      held: kind !== state,
    };
  });
}

/** Of what the stream could have delivered: what was there before it ran is late by no fault of its own. */
function lagging(
  { waitingSince: since }: StreamStatus,
  now: number,
  { laggingMs }: AlertSettings,
): Trouble | undefined {
  if (since === undefined || now - since < laggingMs) return undefined;
  const left = since + hourMs - now;
  const hour = left > 0 ? `in ${minutes(left)} the hour is broken` : "they will not be delivered within the hour";
  return {
    kind: "lagging",
    severity: "warning",
    since,
    message: `Events have waited for ${minutes(now - since)}: ${hour}.`,
    hint: "See what the stream says of its destination; a larger backlog than it takes needs more time or smaller windows.",
  };
}

/** The destination refuses events that occurred too long ago. */
function growingTooOld(
  { status: { oldestPendingAt, health }, maxEventAgeMs, oldestOccurredAt }: WatchedStream,
  now: number,
  { lossShare }: AlertSettings,
): Trouble | undefined {
  if (oldestPendingAt === undefined || oldestOccurredAt === undefined || maxEventAgeMs === undefined) return undefined;
  if (health.state === "paused" || now - oldestPendingAt < settlingMs) return undefined;
  const lossAt = oldestOccurredAt + maxEventAgeMs;
  const left = lossAt - now;
  if (left >= lossShare * maxEventAgeMs) return undefined;
  const message =
    left > 0
      ? `In ${minutes(left)} the oldest waiting events are too old for the destination to take.`
      : "The oldest waiting events are too old for the destination to take: they will go to quarantine.";
  return {
    kind: "loss_countdown",
    severity: "critical",
    since: oldestPendingAt,
    message,
    hint: "Get the destination to take events again before that. The events themselves stay in the log and can be exported.",
    lossAt,
  };
}

/** The operator's limit on pending age comes near. */
function givingUp(
  { status: { oldestPendingAt, noticeAt, health }, limit }: WatchedStream,
  now: number,
  { lossShare }: AlertSettings,
): Trouble | undefined {
  if (oldestPendingAt === undefined || limit === undefined) return undefined;
  if (health.state === "paused" && !limit.paused) return undefined;
  if (oldestPendingAt + limit.ms - now >= lossShare * limit.ms) return undefined;
  const lossAt = givenUpAt({ oldestPendingAt, noticeAt }, limit, now);
  const left = lossAt - now;
  return {
    kind: "loss_countdown",
    severity: "critical",
    since: oldestPendingAt,
    message:
      left > 0
        ? `In ${minutes(left)} the oldest waiting events are given up: so long may they wait at most.`
        : "The oldest waiting events are given up now: they have waited for as long as they may.",
    hint: "Get the destination to take events again before that. While the log holds them they can be exported.",
    lossAt,
  };
}

function soonest(one: Trouble | undefined, other: Trouble | undefined): Trouble | undefined {
  if (one === undefined || other === undefined) return one ?? other;
  return (other.lossAt ?? 0) < (one.lossAt ?? 0) ? other : one;
}

/** For a day: what was lost before that has been told of. */
function lost({ status: { lost: count, lastLostAt } }: WatchedStream, now: number): Trouble | undefined {
  if (lastLostAt === undefined || now - lastLostAt >= 24 * hourMs) return undefined;
  return {
    kind: "events_lost",
    severity: "critical",
    since: lastLostAt,
    message: `Events were given up: they had waited for longer than they may; ${count} in all.`,
    hint: "While the log holds them they can be exported. The next digest lists their sequences as lost.",
  };
}

/** While events have gone to quarantine within the hour: what stands there for longer has been told of. */
function quarantine({ serviceLevels, quarantined }: StreamStatus): Trouble | undefined {
  const fresh = serviceLevels.hour.quarantined;
  if (fresh === 0) return undefined;
  const events = fresh === 1 ? "One event was" : `${fresh} events were`;
  return {
    kind: "quarantine",
    severity: "warning",
    since: Number.NaN,
    message: `${events} refused within the last hour and set apart; ${quarantined} in all. The others go on.`,
    hint: "Look at the reasons in the stream's quarantine; mend them and have the events sent again, or discard them.",
  };
}

/** Nothing else tells of it: events arrive all the same. */
function digestOverdue({ status: { health }, digest }: WatchedStream, now: number): Trouble | undefined {
  if (digest === undefined || now - digest.dueAt < digestGraceMs) return undefined;
  return {
    kind: "digest_overdue",
    severity: "warning",
    since: digest.since,
    message: `For ${minutes(now - digest.since)} no signed digest has reached the destination: nothing vouches for what came since.`,
    hint: "Events arrive all the same. The runner's log says why digests fail.",
    held: health.state !== "active",
  };
}

function verificationFailed({ health: { state, verification } }: StreamStatus, now: number): Trouble | undefined {
  const failed = verification?.steps.find(({ status }) => status === "failed");
  if (verification === undefined || verification.ok || failed === undefined) return undefined;
  return {
    kind: "verification_failed",
    severity: "warning",
    since: verification.at,
    message: `${failed.name}: ${failed.detail}`,
    ...(failed.fix !== undefined && { hint: failed.fix }),
    code: "verification_failed",
    held: state === "blocked" || state === "disconnected" || now - verification.at < verificationHoldMs,
  };
}

function minutes(ms: number): string {
  const count = Math.max(1, Math.round(ms / 60_000));
  if (count >= 4 * 1440) return `${Math.round(count / 1440)} days`;
  if (count >= 120) return `${Math.floor(count / 60)} h ${count % 60} min`;
  return count === 1 ? "1 minute" : `${count} minutes`;
}
