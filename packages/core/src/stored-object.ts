import type { Checkpoint, StoredObject } from "./checkpoint.ts";

/** What a destination that stores objects says of one. */
export type ObjectProof = Pick<StoredObject, "key" | "sha1" | "sha256" | "bytes">;

/** The record of an object and of what is in it. */
export function storedObject(
  { key, sha1, sha256, bytes }: ObjectProof,
  {
    sequences,
    ...known
  }: Pick<StoredObject, "number" | "encoding" | "at"> & {
    /** Ascending. */
    readonly sequences: ArrayLike<number>;
  },
): StoredObject {
  return { key, sha1, sha256, bytes, count: sequences.length, sequences: rangesOf(sequences), ...known };
}

/**
 * How many objects of a stream are recorded, and since when. Where none was so far, records begin with what is delivered
 * from now on: of a window that is partly through already, nothing was recorded.
 */
export function recordedBy(
  recorded: Checkpoint["recorded"],
  { position, window }: Checkpoint,
): NonNullable<Checkpoint["recorded"]> {
  if (recorded !== undefined) return recorded;
  return { count: 0, since: window === undefined || window.settledCount === 0 ? position : window.through };
}

/** Ascending numbers as ranges, both ends included. */
export function rangesOf(numbers: ArrayLike<number>): readonly (readonly [from: number, to: number])[] {
  const ranges: [number, number][] = [];
  for (let i = 0; i < numbers.length; i++) {
    const number = numbers[i] as number;
    const last = ranges.at(-1);
    if (last !== undefined && last[1] + 1 === number) last[1] = number;
    else ranges.push([number, number]);
  }
  return ranges;
}
