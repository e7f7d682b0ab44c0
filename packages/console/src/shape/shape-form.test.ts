import fc from "fast-check";
import { expect, test } from "vitest";
import type { EventMatch, Shape } from "../rest/wire.ts";
import { controlAt, emptyEntry, formOf, shapeOf } from "./shape-form.ts";

const word = fc.stringMatching(/^[a-z.*]{1,12}$/);
const match = fc
  .record({ action: word, category: word, outcome: fc.constantFrom("success", "denied") }, { requiredKeys: [] })
  .filter((one: EventMatch) => Object.keys(one).length > 0);
const matches = fc.array(match, { minLength: 1, maxLength: 3 });
const shapes: fc.Arbitrary<Shape> = fc.record({
  filter: fc.record({ include: matches, exclude: matches }, { requiredKeys: [] }),
  privacy: fc.array(fc.record({ path: word, method: fc.constantFrom("drop", "mask", "hash") }), { maxLength: 3 }),
  format: fc.constantFrom("native", "ocsf"),
});

test("what a stream has comes out of its form as it went in, empty entries or not", () => {
  fc.assert(
    fc.property(shapes, (shape) => {
      const form = formOf(shape);
      expect(shapeOf(form)).toEqual(shape);
      const more = {
        ...form,
        include: [emptyEntry.include, ...form.include],
        privacy: [...form.privacy, emptyEntry.privacy],
      };
      expect(shapeOf(more)).toEqual(shape);
    }),
  );
  expect(shapeOf(formOf({}))).toEqual({ filter: {}, privacy: [], format: "native" });
});

test("a mistake is found at its entry, though empty ones before it were not sent", () => {
  const entry = { action: " a ", category: "", outcome: "" };
  const form = {
    include: [emptyEntry.include, entry, { ...entry, action: "", outcome: "denied" }],
    exclude: [entry],
    privacy: [emptyEntry.privacy, { path: "id", method: "mask" as const }],
    format: "x",
  };
  expect(shapeOf(form).filter?.include).toEqual([{ action: "a" }, { outcome: "denied" }]);
  expect(
    ["$.filter.include[1].outcome", "$.filter.exclude[0]", "$.privacy[0].method", "$.privacy[0]", "$.format"].map(
      (path) => controlAt(form, path),
    ),
  ).toEqual(["include-2-outcome", "exclude-0-action", "privacy-1-method", "privacy-1-path", "format"]);
  expect(["$.privacy[4].path", "$.privacy", "$.options.bucket", ""].map((path) => controlAt(form, path))).toEqual(
    Array.from({ length: 4 }),
  );
});
