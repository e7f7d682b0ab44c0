import type { JsonObject, JsonValue } from "@headgate/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ocsfFormat } from "../ocsf/ocsf-format.ts";
import { ocsfProblems } from "./ocsf-check.ts";
import type { OcsfAttribute, OcsfDefinition } from "./ocsf-schema.ts";
import { ocsfClassesByUid, ocsfObjects, ocsfSiblings } from "./ocsf-schema.ts";
import { samples } from "./samples.ts";

const format = ocsfFormat();
const right = samples.map((event) => JSON.parse(format.encoder(format.encoding)?.(event) ?? "") as JsonObject);

/** An object within an event, and what it is by the schema. */
interface Place {
  readonly event: JsonObject;
  readonly path: readonly (string | number)[];
  readonly definition: OcsfDefinition;
}

function placesOf(event: JsonObject): readonly Place[] {
  const within = (value: JsonValue, definition: OcsfDefinition, path: Place["path"]): Place[] => [
    { event, path, definition },
    ...Object.entries(value as JsonObject).flatMap(([name, member]) => {
      const inner = ocsfObjects.get(definition.attributes.get(name)?.type ?? "");
      if (inner === undefined) return [];
      if (!Array.isArray(member)) return within(member, inner, [...path, name]);
      return member.flatMap((one, i) => within(one as JsonValue, inner, [...path, name, i]));
    }),
  ];
  return within(event, ocsfClassesByUid.get(event["class_uid"] as number) as OcsfDefinition, []);
}

/** A copy in which the object at a place has been changed. */
function changed({ event, path }: Place, change: (members: Record<string, unknown>) => void): JsonObject {
  const copy = structuredClone(event);
  change(path.reduce<unknown>((at, name) => (at as Record<string, unknown>)[name], copy) as Record<string, unknown>);
  return copy;
}

const places = right.flatMap(placesOf);
const here = ({ event, path }: Place): JsonObject =>
  path.reduce<JsonValue>(
    (at, name) => (at as Record<string | number, JsonValue>)[name] as JsonValue,
    event,
  ) as JsonObject;
/** Every attribute that is written somewhere. */
const written = places.flatMap((place) =>
  Object.keys(here(place)).map((name) => ({ place, name, attribute: place.definition.attributes.get(name) })),
);

function isOfType(value: unknown, { type, list }: OcsfAttribute): boolean {
  if (list || Array.isArray(value)) return list && Array.isArray(value);
  if (type === "integer_t" || type === "long_t" || type === "timestamp_t") return Number.isSafeInteger(value);
  if (type?.endsWith("_t") === true) return typeof value === "string";
  return typeof value === "object" && value !== null;
}

describe("the check of OCSF", () => {
  it("has nothing against what it is to find changes of", () => {
    expect(right.map((event) => [...ocsfProblems(event)])).toEqual(right.map(() => []));
    expect(new Set(right.map((event) => event["class_uid"]))).toEqual(new Set(ocsfClassesByUid.keys()));
  });

  it("finds each attribute that is missing and required", () => {
    const required = written.filter(({ attribute }) => attribute?.required === true);
    expect(required.length).toBeGreaterThan(100);
    for (const { place, name } of required) {
      const problems = ocsfProblems(changed(place, (members) => delete members[name]));
      expect(problems.join("; ")).toMatch(name === "class_uid" ? "no class undefined" : `${name} is required`);
    }
  });

  it("finds an object that has none of those of which it needs one", () => {
    const constrained = places.filter(({ definition }) => definition.atLeastOne.length > 0);
    expect(constrained.length).toBeGreaterThan(50);
    for (const place of constrained) {
      const poor = changed(place, (members) => {
        for (const name of place.definition.atLeastOne) delete members[name];
      });
      expect(ocsfProblems(poor).join("; ")).toContain("needs one of");
    }
  });

  it("finds a value of another type, wherever it stands", () => {
    const values = fc.oneof(
      fc.jsonValue(),
      fc.double({ noInteger: true }),
      fc.constantFrom(null, true, "", "1", [], {}),
    );
    fc.assert(
      fc.property(fc.constantFrom(...written), values, ({ place, name, attribute }, value) => {
        fc.pre(attribute !== undefined && !isOfType(value, attribute));
        expect(ocsfProblems(changed(place, (members) => (members[name] = value)))).not.toEqual([]);
      }),
      { numRuns: 3000 },
    );
  });

  it("finds an item of another type in a list", () => {
    const lists = written.filter(({ attribute }) => attribute?.list === true);
    expect(lists.length).toBeGreaterThan(1);
    for (const { place, name } of lists)
      expect(ocsfProblems(changed(place, (members) => (members[name] = [7])))).not.toEqual([]);
  });

  it("finds a number that is none of the schema's, and a caption of another number", () => {
    const numbers = written.filter(({ place, name }) => place.definition.enums[name] !== undefined);
    expect(numbers.length).toBeGreaterThan(50);
    fc.assert(
      fc.property(fc.constantFrom(...numbers), fc.integer(), fc.string(), ({ place, name }, number, caption) => {
        const captions = place.definition.enums[name] ?? {};
        if (!Object.hasOwn(captions, number))
          expect(ocsfProblems(changed(place, (members) => (members[name] = number)))).not.toEqual([]);
        const sibling = ocsfSiblings[name] ?? "";
        const { [name]: own, [sibling]: shown } = here(place);
        if (own !== 99 && shown !== undefined && shown !== caption)
          expect(ocsfProblems(changed(place, (members) => (members[sibling] = caption)))).not.toEqual([]);
      }),
      { numRuns: 2000 },
    );
  });

  it("finds an attribute that the schema does not have, and one that it has given up", () => {
    fc.assert(
      fc.property(fc.constantFrom(...places), fc.string(), fc.jsonValue(), (place, name, value) => {
        fc.pre(!place.definition.attributes.has(name) && name !== "__proto__");
        expect(ocsfProblems(changed(place, (members) => (members[name] = value))).join("; ")).toContain("is unknown");
      }),
      { numRuns: 1000 },
    );
    for (const place of places)
      for (const [name, { deprecated }] of place.definition.attributes)
        if (deprecated)
          expect(ocsfProblems(changed(place, (members) => (members[name] = "x"))).join("; ")).toContain(
            "is deprecated",
          );
  });

  it("finds numbers and names of classes that do not belong together, times in seconds, and another release", () => {
    for (const event of right) {
      const wrong = [
        { category_uid: 99 },
        { category_name: "x" },
        { class_name: "x" },
        { type_uid: (event["type_uid"] as number) + 1 },
        { type_name: "x" },
        { time: Math.floor((event["time"] as number) / 1000) },
        { time: `${event["time"] as number}` },
        { metadata: { ...(event["metadata"] as JsonObject), version: "1.7.0" } },
        { severity: "Low" },
      ];
      for (const one of wrong) expect(ocsfProblems({ ...event, ...one })).not.toEqual([]);
    }
  });
});
