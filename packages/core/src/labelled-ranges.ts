import type { LabelledRange } from "./digest.ts";

/** Ascending ranges, those that follow one another under the same label made one. */
export function joined(ranges: readonly LabelledRange[]): readonly LabelledRange[] {
  const merged: [number, number, string][] = [];
  for (const [from, to, label] of ranges) {
    const last = merged.at(-1);
    if (last !== undefined && last[1] + 1 === from && last[2] === label) last[1] = to;
    else merged.push([from, to, label]);
  }
  return merged;
}

/** How many sequences ranges hold. */
export function countOf(ranges: readonly LabelledRange[]): number {
  return ranges.reduce((sum, [from, to]) => sum + to - from + 1, 0);
}
