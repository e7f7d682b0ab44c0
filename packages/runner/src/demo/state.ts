import type { StreamStatus } from "@headgate/core";
import { plural } from "../terminal/numbers.ts";

/** One stream as the demo shows it. */
export interface DemoStream {
  readonly organization: string;
  /** Whether the demo has broken its destination. */
  readonly broken: boolean;
  /** Objects in the destination, also those of earlier runs. */
  readonly objects: number;
  readonly status: StreamStatus;
}

/** Something that a person should notice. */
export interface Happening {
  /** Unix ms. */
  readonly at: number;
  readonly organization?: string;
  readonly text: string;
  readonly mood: "good" | "bad" | "plain";
}

/** All that the demo shows. */
export interface DemoState {
  /** Unix ms. */
  readonly now: number;
  readonly startedAt: number;
  /** As it was given. */
  readonly directory: string;
  readonly eventsPerSecond: number;
  readonly streams: readonly DemoStream[];
  /** Index of the stream that keys act on. */
  readonly selected: number;
  /** Latest last. */
  readonly happenings: readonly Happening[];
  /** Why events cannot be appended just now. */
  readonly trouble?: string;
  readonly stopping: boolean;
  /** Leads to the console, signed in; absent where none is served. */
  readonly console?: string;
}

/** Whether a stream does not deliver and should. */
export function inTrouble({ health }: StreamStatus): boolean {
  return health.state === "degraded" || health.state === "disconnected" || health.state === "blocked";
}

/** Whether accepted = delivered + quarantined + filtered + lost + pending. */
export function addsUp({ accepted, delivered, quarantined, filtered, lost, pending }: StreamStatus): boolean {
  return accepted === delivered + quarantined + filtered + lost + pending;
}

/** What is worth telling between two looks at a stream. */
export function noticed(before: DemoStream, after: DemoStream, now: number): Happening | undefined {
  const { organization, status } = after;
  const was = before.status.health.state;
  const { state, lastError } = status.health;
  if (was === state) return undefined;
  const at = now;
  if (inTrouble(status)) {
    const code = lastError === undefined ? "" : ` (${lastError.code})`;
    return { at, organization, mood: "bad", text: `${state}${code}; its events are kept until it delivers again` };
  }
  if (state === "paused")
    return { at, organization, mood: "plain", text: "paused: events are kept until it is resumed" };
  if (state === "active" && inTrouble(before.status)) {
    const waited = before.status.pending;
    const text =
      waited === 0 ? "delivers again" : `delivers again: nothing was lost, ${plural(waited, "event")} had waited`;
    return { at, organization, mood: "good", text };
  }
  if (was === "paused") return { at, organization, mood: "plain", text: "resumed" };
  return undefined;
}
