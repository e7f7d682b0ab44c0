import type { AlertKind, AlertSettings } from "./alert.ts";
import type { StreamStatus } from "./stream-status.ts";
import { hourMs } from "./time.ts";

/** Time for the delivery that often follows a verification: where it fails too, its alert says it all. */
const verificationHoldMs = 60_000;

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
  readonly maxEventAgeMs?: number | undefined;
}

/** What is wrong with a stream. A stream that somebody has paused is as somebody wants it. */
export function troublesOf(stream: WatchedStream, now: number, settings: AlertSettings): readonly Trouble[] {
  if (stream.status.health.state === "paused") return [];
  return [
    ...failing(stream.status),
    lagging(stream.status, now, settings),
    lossCountdown(stream, now, settings),
    quarantine(stream.status),
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

function lossCountdown(
  { status: { oldestPendingAt }, maxEventAgeMs }: WatchedStream,
  now: number,
  { lossShare }: AlertSettings,
): Trouble | undefined {
  if (oldestPendingAt === undefined || maxEventAgeMs === undefined) return undefined;
  const lossAt = oldestPendingAt + maxEventAgeMs;
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
  if (count >= 120) return `${Math.floor(count / 60)} h ${count % 60} min`;
  return count === 1 ? "1 minute" : `${count} minutes`;
}
