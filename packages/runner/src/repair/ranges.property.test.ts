import fc from "fast-check";
import { expect, it } from "vitest";
import { gathered, normalized, type Range, sizeOf, within, without } from "./ranges.ts";

const anyRanges = fc
  .array(fc.tuple(fc.integer({ min: 1, max: 60 }), fc.nat(8)), { maxLength: 12 })
  .map((pairs) => pairs.map(([first, more]): Range => [first, first + more]));

const members = (ranges: readonly Range[]): readonly number[] =>
  ranges
    .flatMap(([first, last]) => Array.from({ length: last - first + 1 }, (_, i) => first + i))
    .toSorted((a, b) => a - b);

const setOf = (ranges: readonly Range[]): ReadonlySet<number> => new Set(members(ranges));
const sorted = (set: ReadonlySet<number>): readonly number[] => [...set].toSorted((a, b) => a - b);

it("sums, cuts and subtracts ranges as sets of sequences", () => {
  fc.assert(
    fc.property(anyRanges, anyRanges, (some, others) => {
      const [a, b] = [normalized(some), normalized(others)];
      expect(members(a)).toEqual(sorted(setOf(some)));
      expect(sizeOf(a)).toBe(setOf(some).size);
      expect(members(within(a, b))).toEqual(sorted(setOf(some).intersection(setOf(others))));
      expect(members(without(a, b))).toEqual(sorted(setOf(some).difference(setOf(others))));
    }),
    { numRuns: 500 },
  );
});

it("gathers ranges into fewer that hold them all, in order, and joins the nearest first", () => {
  fc.assert(
    fc.property(anyRanges, fc.integer({ min: 1, max: 6 }), (some, most) => {
      const ranges = normalized(some);
      const fewer = gathered(ranges, most);
      expect(fewer).toHaveLength(Math.min(most, ranges.length));
      expect(setOf(ranges).isSubsetOf(setOf(fewer))).toBe(true);
      expect(fewer).toEqual(normalized(fewer));
    }),
  );
  expect(
    gathered(
      [
        [1, 2],
        [4, 5],
        [90, 91],
        [95, 99],
      ],
      2,
    ),
  ).toEqual([
    [1, 5],
    [90, 99],
  ]);
});
