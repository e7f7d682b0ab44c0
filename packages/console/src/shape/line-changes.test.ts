import fc from "fast-check";
import { expect, test } from "vitest";
import { lineChanges } from "./line-changes.ts";

const side = (kind: "gone" | "come", before: readonly string[], after: readonly string[]): readonly string[] =>
  lineChanges(before, after, 1000)
    .filter((line) => line.kind === "both" || line.kind === kind)
    .map(({ text }) => text.replace(/,$/, ""));
const bare = (lines: readonly string[]): readonly string[] => lines.map((line) => line.replace(/,$/, ""));

test("neither text loses a line, whatever the two are", () => {
  const line = fc.constantFrom("{", "}", '"a": 1', '"a": 1,', '"b": 2', '"c": {');
  fc.assert(
    fc.property(fc.array(line), fc.array(line), (first, second) => {
      // Of two that are the same there is nothing to show.
      const [before, after] = [
        ["was", ...first],
        ["is", ...second],
      ];
      expect([side("gone", before, after), side("come", before, after)]).toEqual([bare(before), bare(after)]);
    }),
  );
});

test("what is masked stands below what it was, what is dropped goes, and the rest is left out but for its neighbours", () => {
  const before = ["{", '"a": 1,', '"b": 2,', '"name": "Ada",', '"d": 4,', '"e": 5,', '"f": 6', "}"];
  const after = ["{", '"a": 1,', '"b": 2,', '"name": "[masked]",', '"d": 4,', '"e": 5', "}"];
  expect(lineChanges(before, after, 1).map(({ kind, text }) => `${kind} ${text}`)).toEqual([
    "skipped ⋯",
    'both "b": 2,',
    'gone "name": "Ada",',
    'come "name": "[masked]",',
    'both "d": 4,',
    'both "e": 5',
    'gone "f": 6',
    "both }",
  ]);
  expect(lineChanges(["{", "}"], ["{", "}"], 1)).toEqual([{ kind: "skipped", text: "⋯" }]);
});
