import type { Chunk, DeliveryResult } from "@headgate/core";
import type { EntryWriter } from "./entry.ts";
import { timestampDigits, writeTime } from "./entry.ts";
import { intakeLimits, maxAgeMs, maxAheadMs } from "./limits.ts";
import { restampedTag } from "./tags.ts";

/** Places in a chunk of events that Datadog would drop in silence at the time `now` (Unix ms). */
export interface Stale {
  readonly old: readonly number[];
  readonly ahead: readonly number[];
}

/** Finds them by their times alone. */
export function staleOf({ times }: Pick<Chunk, "times">, now: number): Stale {
  const old: number[] = [];
  const ahead: number[] = [];
  for (let i = 0; i < times.length; i++) {
    const age = now - (times[i] as number);
    if (age > maxAgeMs) old.push(i);
    else if (-age > maxAheadMs) ahead.push(i);
  }
  return { old, ahead };
}

/** The result that sends them to quarantine, those of one kind at a time: each gets its own reason. Nothing was sent. */
export function staleResult({ old, ahead }: Stale): DeliveryResult | undefined {
  const hint =
    "Set stale: restamp to have such events sent with the present time as theirs, then retry them from quarantine; or discard them.";
  if (old.length > 0) {
    const message = "The event is older than 18 hours; Datadog would take it and drop it in silence.";
    return { status: "rejected", indexes: old, error: { code: "event_too_old", message, hint } };
  }
  if (ahead.length === 0) return undefined;
  const message = "The event is more than 2 hours ahead of the clock; Datadog would take it and drop it in silence.";
  const clock = `Check the clock of this machine, and of the one that the event comes from. ${hint}`;
  return { status: "rejected", indexes: ahead, error: { code: "event_too_old", message, hint: clock } };
}

const mark = new TextEncoder().encode(`,${restampedTag}`);
const backslash = 0x5c;
const quote = 0x22;

/**
 * A copy of a chunk's body with `now` as the time of the events at `indexes`. Their own time stays in
 * `audit.occurred_at`. They get the tag `restamped:true`, unless the body or an entry would exceed the limits by it.
 */
export function restamped(
  { body, sizes }: Pick<Chunk, "body" | "sizes">,
  indexes: readonly number[],
  writer: EntryWriter,
  now: number,
): Uint8Array {
  const marked = new Set(
    body.length + indexes.length * mark.length > intakeLimits.maxBytes
      ? []
      : indexes.filter((i) => (sizes[i] as number) + mark.length <= intakeLimits.maxEventBytes),
  );
  const moved = new Set(indexes);
  const copy = new Uint8Array(body.length + marked.size * mark.length);
  let read = 0;
  let written = 0;
  const copyTo = (end: number): void => {
    copy.set(body.subarray(read, end), written);
    written += end - read;
    read = end;
  };
  let start = 1;
  for (let i = 0; i < sizes.length; i++) {
    if (moved.has(i)) {
      if (marked.has(i)) {
        copyTo(start + writer.tagsEnd);
        copy.set(mark, written);
        written += mark.length;
      }
      copyTo(timeAt(body, start, writer));
      writeTime(copy, written, now);
      read += timestampDigits;
      written += timestampDigits;
    }
    start += (sizes[i] as number) + 1;
  }
  copyTo(body.length);
  return copy;
}

/** Where the digits of an entry's time begin: after its message, which is short. */
function timeAt(body: Uint8Array, start: number, { head, middle }: EntryWriter): number {
  let at = start + head.length;
  while (body[at] !== quote) at += body[at] === backslash ? 2 : 1;
  return at + middle.length;
}
