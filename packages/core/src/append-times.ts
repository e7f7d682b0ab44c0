import type { JournalGroup } from "./journal.ts";
import { hourMs } from "./time.ts";

/**
 * When the events of a window were appended, from the index of its groups; for those of before the stream ran, when it
 * began to: they could not have been delivered any earlier. Later sequences were never appended earlier.
 */
export interface AppendTimes {
  /** Unix ms. */
  of(sequence: number): number;
  /** How many of the sequences, which ascend, have waited since more than an hour before `now`. */
  late(sequences: ArrayLike<number>, now: number): number;
}

/** Reads append times from groups in sequence order. `since` is {@link runsSince} of the stream. */
export function appendTimes(groups: readonly JournalGroup[], since: number): AppendTimes {
  return {
    of(sequence) {
      const group = groups.findLast(({ firstSequence }) => firstSequence <= sequence);
      return group === undefined ? Number.NaN : Math.max(group.appendedAt, since);
    },
    late(sequences, now) {
      const next = groups.find(({ appendedAt }) => Math.max(appendedAt, since) >= now - hourMs);
      const end = next?.firstSequence ?? Number.POSITIVE_INFINITY;
      let count = 0;
      while (count < sequences.length && (sequences[count] as number) < end) count++;
      return count;
    },
  };
}
