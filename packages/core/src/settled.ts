import type { SettledEvents } from "./checkpoint.ts";

/** Whether an ordinal of a piece is settled. */
export function isSettled(settled: SettledEvents | undefined, ordinal: number): boolean {
  if (settled === undefined) return false;
  return settled === "all" || settled.some(([from, to]) => ordinal >= from && ordinal <= to);
}

/** Adds ordinals to what is settled of a piece with `total` events. */
export function settle(settled: SettledEvents | undefined, ordinals: Iterable<number>, total: number): SettledEvents {
  if (settled === "all") return settled;
  const marks = [
    ...(settled ?? []).map(([from, to]) => [from, to] as [number, number]),
    ...Array.from(ordinals, (o) => [o, o] as [number, number]),
  ];
  marks.sort((a, b) => a[0] - b[0]);
  const merged: [number, number][] = [];
  for (const [from, to] of marks) {
    const last = merged.at(-1);
    if (last !== undefined && from <= last[1] + 1) last[1] = Math.max(last[1], to);
    else merged.push([from, to]);
  }
  return merged.length === 1 && merged[0]?.[0] === 0 && merged[0][1] === total - 1 ? "all" : merged;
}
