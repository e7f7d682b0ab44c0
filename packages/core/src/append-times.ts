import type { JournalGroup } from "./journal.ts";
import { hourMs } from "./time.ts";

/** When the events of a window were appended, from the index of its groups. Later sequences were never appended earlier. */
export interface AppendTimes {
  /** Unix ms. */
  of(sequence: number): number;
  /** How many of the sequences, which ascend, were appended more than an hour before `now`. */
  late(sequences: ArrayLike<number>, now: number): number;
}

/** Reads append times from groups in sequence order. */
export function appendTimes(groups: readonly JournalGroup[]): AppendTimes {
  return {
    of(sequence) {
      const group = groups.findLast(({ firstSequence }) => firstSequence <= sequence);
      return group?.appendedAt ?? Number.NaN;
    },
    late(sequences, now) {
      const next = groups.find(({ appendedAt }) => appendedAt >= now - hourMs);
      const end = next?.firstSequence ?? Number.POSITIVE_INFINITY;
      let count = 0;
      while (count < sequences.length && (sequences[count] as number) < end) count++;
      return count;
    },
  };
}
