import type { JsonObject, JsonValue } from "@headgate/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ecsFormat } from "../ecs-format.ts";
import { ecsProblems } from "./ecs-check.ts";
import { samples } from "./samples.ts";

const format = ecsFormat();
const right = samples.map((event) => JSON.parse(format.encoder(format.encoding)?.(event) ?? "") as JsonObject);

/** Paths of the fields of a document, without its own namespace. */
function pathsOf(value: JsonObject, path: readonly string[] = []): readonly (readonly string[])[] {
  return Object.entries(value).flatMap(([name, member]) => {
    if (path.length === 0 && name === "headgate") return [];
    const isObject = typeof member === "object" && member !== null && !Array.isArray(member);
    return isObject ? pathsOf(member as JsonObject, [...path, name]) : [[...path, name]];
  });
}

function changed(document: JsonObject, path: readonly string[], change: (before: JsonValue) => unknown): JsonObject {
  const copy = structuredClone(document);
  const [name = "", ...outer] = path.toReversed();
  const at = outer.reduceRight<unknown>((one, step) => (one as Record<string, unknown>)[step], copy);
  (at as Record<string, unknown>)[name] = change((at as Record<string, JsonValue>)[name] as JsonValue);
  return JSON.parse(JSON.stringify(copy)) as JsonObject;
}

const fields = right.flatMap((document) => pathsOf(document).map((path) => ({ document, path })));

describe("the check of ECS", () => {
  it("finds a value of another type, a list in place of one value, and one value in place of a list", () => {
    const others = fc.constantFrom<JsonValue>(true, 1.5, {}, [[]], [null]);
    fc.assert(
      fc.property(fc.constantFrom(...fields), others, ({ document, path }, value) => {
        // An empty object is no field at all.
        fc.pre(JSON.stringify(value) !== "{}");
        expect(ecsProblems(changed(document, path, () => value))).not.toEqual([]);
        const turned = changed(document, path, (before) => (Array.isArray(before) ? before[0] : [before]));
        expect(ecsProblems(turned).join("; ")).toContain("one value or a list?");
      }),
      { numRuns: 1000 },
    );
  });

  it("finds each required field that is missing, and each that the schema does not have", () => {
    for (const document of right) {
      expect(ecsProblems({ ...document, "@timestamp": undefined })).toContain("@timestamp is required");
      expect(ecsProblems({ ...document, ecs: {} })).toContain("ecs.version is required");
    }
    fc.assert(
      fc.property(fc.constantFrom(...right), fc.stringMatching(/^zz[a-z]{1,9}$/), (document, name) => {
        expect(ecsProblems({ ...document, [name]: 1 })).toEqual([`${name} is no field`]);
        expect(ecsProblems({ ...document, user: { [name]: "x" } }).join("; ")).toContain(`user.${name} is no field`);
      }),
      { numRuns: 200 },
    );
  });

  it.each(["event.kind", "event.category", "event.type", "event.outcome"])(
    "finds a value that %s does not allow",
    (field) => {
      for (const document of right) {
        const wrong = changed(document, field.split("."), (before) => (Array.isArray(before) ? ["odd"] : "odd"));
        expect(ecsProblems(wrong)).toContain(`${field} must not be odd`);
      }
    },
  );

  it("finds a time without its zone, and one that is none", () => {
    for (const time of ["2026-11-26", "2026-11-26T20:00:07.123", "20:00", "2026-13-26T20:00:07Z", "0"])
      expect(ecsProblems({ ...right[0], "@timestamp": time })).toContain("@timestamp must be date");
  });
});
