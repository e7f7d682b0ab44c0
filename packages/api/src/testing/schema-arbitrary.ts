import fc, { type Arbitrary } from "fast-check";
import type { JsonSchema } from "../route.ts";

/** Texts that code tends to be wrong about. */
export const awkwardText: Arbitrary<string> = fc.oneof(
  fc.constantFrom(
    "",
    "__proto__",
    "constructor",
    "toString",
    "\0",
    "\u{1f600}",
    "../..",
    "%00",
    "%ff",
    "%",
    "'; DROP TABLE x; --",
    "=1+1",
    "9".repeat(400),
    "-1",
    "1e400",
    "NaN",
    "null",
    "a".repeat(3000),
    "2026-02-30T00:00:00Z",
  ),
  fc.string({ unit: "binary", maxLength: 40 }),
);

/** JSON values that go against what a schema expects. */
const awkwardValue: Arbitrary<unknown> = fc.oneof(
  awkwardText,
  fc.constantFrom<unknown>(null, true, 0, -1, 1e308, 2 ** 53, [], {}, [[]], { constructor: 1 }),
  fc.jsonValue({ maxDepth: 3 }),
);

/** Values that mean something where a member has this name: the id of something that is there. */
export type Hints = Readonly<Record<string, Arbitrary<unknown>>>;

/** Values that mostly follow a schema, and now and then do not. */
export function valuesOf(schema: JsonSchema, hints: Hints = {}): Arbitrary<unknown> {
  return fc.oneof({ arbitrary: following(schema, hints), weight: 12 }, { arbitrary: awkwardValue, weight: 1 });
}

/** The same for a member of this name. */
export function memberOf(name: string, schema: JsonSchema, hints: Hints): Arbitrary<unknown> {
  const hint = hints[name];
  const any = valuesOf(schema, hints);
  return hint === undefined ? any : fc.oneof({ arbitrary: hint, weight: 6 }, { arbitrary: any, weight: 1 });
}

function following(schema: JsonSchema, hints: Hints): Arbitrary<unknown> {
  if ("const" in schema) return fc.constant(schema["const"]);
  if (Array.isArray(schema["enum"])) return fc.constantFrom(...(schema["enum"] as unknown[]));
  const either = (schema["oneOf"] ?? schema["anyOf"]) as readonly JsonSchema[] | undefined;
  if (either !== undefined) return fc.oneof(...either.map((one) => valuesOf(one, hints)));
  switch (schema["type"]) {
    case "object":
      return objectsOf(schema, hints);
    case "array": {
      const items = valuesOf((schema["items"] ?? {}) as JsonSchema, hints);
      return fc.array(items, { maxLength: 3, minLength: Math.min(3, Number(schema["minItems"] ?? 0)) });
    }
    case "integer":
      return fc.integer({
        min: Number(schema["minimum"] ?? -5),
        max: Math.min(2 ** 31, Number(schema["maximum"] ?? 100)),
      });
    case "number":
      return fc.double();
    case "boolean":
      return fc.boolean();
    case "string":
      return fc.oneof(fc.string({ minLength: 1, maxLength: 12 }), fc.constant("2026-11-26T09:00:00Z"));
    default:
      return fc.jsonValue({ maxDepth: 2 });
  }
}

function objectsOf(schema: JsonSchema, hints: Hints): Arbitrary<unknown> {
  const properties = Object.entries((schema["properties"] ?? {}) as Readonly<Record<string, JsonSchema>>);
  const required = ((schema["required"] ?? []) as readonly string[]).filter((name) =>
    properties.some(([known]) => known === name),
  );
  const members = Object.fromEntries(properties.map(([name, member]) => [name, memberOf(name, member, hints)]));
  const known = fc.record(members, { requiredKeys: [...required] });
  return fc.oneof(
    { arbitrary: known, weight: 8 },
    {
      arbitrary: fc.tuple(known, fc.string(), awkwardValue).map(([value, name, more]) => ({ ...value, [name]: more })),
      weight: 1,
    },
  );
}
