import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createSequenceSet, type SequenceRange } from "./sequence-set.ts";

/** Runs of sequences, within one page and across pages, dense and sparse, near and far. */
const runs = fc.array(
  fc.record({
    from: fc.oneof(fc.integer({ min: 1, max: 70_000 }), fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER - 200_000 })),
    length: fc.oneof({ weight: 5, arbitrary: fc.integer({ min: 1, max: 40 }) }, fc.integer({ min: 4000, max: 70_000 })),
    backwards: fc.boolean(),
  }),
  { maxLength: 8 },
);

describe("createSequenceSet", () => {
  it("agrees with a set of numbers", () => {
    fc.assert(
      fc.property(runs, (given) => {
        const set = createSequenceSet();
        const model = new Set<number>();
        for (const { from, length, backwards } of given) {
          for (let i = 0; i < length; i++) {
            const sequence = from + (backwards ? length - 1 - i : i);
            if (set.add(sequence) === model.has(sequence)) throw new Error(`add(${sequence}) was wrong`);
            model.add(sequence);
          }
        }
        const sorted = Float64Array.from(model).sort();
        const expected: [number, number][] = [];
        for (const sequence of sorted) {
          const open = expected.at(-1);
          if (open !== undefined && open[1] + 1 === sequence) open[1] = sequence;
          else expected.push([sequence, sequence]);
        }
        const gaps: SequenceRange[] = expected
          .slice(1)
          .map(([from], i) => [(expected[i]?.[1] as number) + 1, from - 1]);
        expect([...set.ranges()]).toEqual(expected);
        expect([...set.gaps()]).toEqual(gaps);
        expect([set.size, set.first, set.last]).toEqual([model.size, sorted[0] ?? 0, sorted.at(-1) ?? 0]);
      }),
      { numRuns: 40 },
    );
  });
});
