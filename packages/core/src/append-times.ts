import type { JournalGroup } from "./journal.ts";
import { hourMs } from "./time.ts";
import { type Absences, waitsSince } from "./waiting-time.ts";

/**
 * From when on the events of a window wait, from the index of its groups: see {@link waitsSince}. Later sequences were
 * never appended earlier.
 */
export interface AppendTimes {
  /** Unix ms. */
  of(sequence: number): number;
  /** How many of the sequences, which ascend, have waited since more than an hour before `now`. */
  late(sequences: ArrayLike<number>, now: number): number;
}

/** Reads append times from groups in sequence order. */
export function appendTimes(groups: readonly JournalGroup[], absences: Absences): AppendTimes {
  return {
    of(sequence) {
      const group = groups.findLast(({ firstSequence }) => firstSequence <= sequence);
      return group === undefined ? Number.NaN : waitsSince(absences, group.appendedAt);
    },
    late(sequences, now) {
      const next = groups.find(({ appendedAt }) => waitsSince(absences, appendedAt) >= now - hourMs);
      const end = next?.firstSequence ?? Number.POSITIVE_INFINITY;
      let count = 0;
      while (count < sequences.length && (sequences[count] as number) < end) count++;
      return count;
    },
  };
}
