import { randomBytes } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isHeadgateError } from "./errors.ts";
import type { EventFilter } from "./event-filter.ts";
import type { EventFormat } from "./event-format.ts";
import type { PrivacyRule } from "./privacy-path.ts";
import { createPreparer } from "./prepare.ts";
import { eventSchema } from "./event-schema.ts";
import { hmacPseudonyms } from "./pseudonyms.ts";
import { compileSchema } from "./schema-check.ts";
import { createShapes, type Shape, type ShapeOptions } from "./shape.ts";
import { createWireReader } from "./wire.ts";
import { outgoing } from "./window.ts";

const event = {
  schema_version: 1,
  id: "e-1",
  occurred_at: "2026-11-26T20:00:00.000Z",
  organization: { id: "org_1", name: "Acme" },
  action: "user.role.changed",
  category: "access",
  outcome: "success",
  actor: { type: "user", id: "u_1", name: "Ada" },
  targets: [
    { type: "user", id: "u_2", name: "Bob" },
    { type: "role", id: "r_1" },
  ],
  context: { ip: "203.0.113.7", user_agent: "curl", session: { id: "s-1" } },
  metadata: { email: "ada@example.com", user: { email: "bob@example.com", age: 41 }, list: [{ email: 1 }, 2], n: 1 },
  sequence: 7,
};
type Line = typeof event;

const pseudonyms = hmacPseudonyms({ keys: { one: new Uint8Array(32).fill(1) } });

function lineOf(value: unknown): Uint8Array {
  return Buffer.from(typeof value === "string" ? value : JSON.stringify(value));
}

function shape(
  value: unknown,
  wanted: Shape,
  options: ShapeOptions = { pseudonyms },
  organization = "org_1",
): string | undefined {
  const shapes = createShapes(options);
  const frozen = shapes.freeze(wanted);
  if (frozen === undefined) return Buffer.from(lineOf(value)).toString();
  const bytes = shapes.shaper(frozen, organization)?.(outgoing(lineOf(value), 7, 0))?.formatted;
  return bytes === undefined ? undefined : Buffer.from(bytes).toString();
}

function withRules(...privacy: PrivacyRule[]): Line {
  return JSON.parse(shape(event, { privacy }) ?? "") as Line;
}

function refusal(wanted: Shape, options: ShapeOptions = { pseudonyms }): string {
  try {
    createShapes(options).freeze(wanted);
  } catch (error) {
    if (isHeadgateError(error, "shape_invalid")) return error.message;
    throw error;
  }
  return "";
}

describe("a filter", () => {
  const passes = (filter: EventFilter, change: Partial<Record<keyof Line, unknown>> = {}): boolean =>
    shape({ ...event, ...change }, { filter }) !== undefined;

  it.each<[boolean, EventFilter]>([
    [true, {}],
    [true, { include: [{ action: "user.*" }] }],
    [true, { include: [{ action: "*.changed" }] }],
    [true, { include: [{ action: "*role*" }] }],
    [true, { include: [{ action: "user.role.changed*" }] }],
    [false, { include: [{ action: "user" }] }],
    [false, { include: [{ action: "user.*.role.changed" }] }],
    [false, { include: [{ action: "User.*" }] }],
    [true, { include: [{ category: "billing" }, { category: "access", outcome: "success" }] }],
    [false, { include: [{ category: "access", outcome: "failure" }] }],
    [false, { exclude: [{ action: "*" }] }],
    [false, { include: [{ action: "*" }], exclude: [{ outcome: "success" }] }],
    [true, { include: [{ action: "*" }], exclude: [{ outcome: "denied" }] }],
  ])("lets an event pass: %s, for %j", (expected, filter) => {
    expect(passes(filter)).toBe(expected);
  });

  it("matches no category and no outcome where the event has none", () => {
    const { category: _, outcome: __, ...bare } = event;
    expect(shape(bare, { filter: { include: [{ category: "access" }] } })).toBeUndefined();
    expect(shape(bare, { filter: { exclude: [{ outcome: "unknown" }] } })).toBeDefined();
  });

  it("is not misled by an actor that a name spells out, nor by members in another order", () => {
    expect(passes({ include: [{ outcome: "success" }] }, { organization: { id: "org_1", name: ',"actor":{' } })).toBe(
      true,
    );
    const { actor, ...rest } = event;
    expect(shape({ actor, ...rest }, { filter: { include: [{ outcome: "success" }] } })).toBeDefined();
  });

  it("agrees with what a regular expression says of an action", () => {
    const text = fc.string({ unit: fc.constantFrom("a", "b", ".", "*"), maxLength: 12 });
    fc.assert(
      fc.property(
        text.filter((pattern) => pattern !== ""),
        text.map((action) => action.replaceAll("*", "c")),
        (pattern, action) => {
          const expected = new RegExp(`^${pattern.replaceAll(".", "\\.").replaceAll("*", ".*")}$`).test(action);
          expect(passes({ include: [{ action: pattern }] }, { action })).toBe(expected);
        },
      ),
      { numRuns: 500 },
    );
  });

  it.each<[string, EventFilter]>([
    ["filter.include is empty.", { include: [] }],
    ["filter.exclude[1] names neither an action, nor a category, nor an outcome.", { exclude: [{ action: "a" }, {}] }],
    ["filter.include[0].outcome is none that events have.", { include: [{ outcome: "ok" as never }] }],
    ["filter.include[0].action must have 1 to 256 characters.", { include: [{ action: "" }] }],
  ])("is refused: %s", (message, filter) => {
    expect(refusal({ filter })).toBe(message);
  });
});

describe("privacy rules", () => {
  it("drop, mask and hash what they name, and leave the rest as it was", () => {
    const shaped = withRules(
      { path: "actor.name", method: "hash" },
      { path: "targets[].name", method: "mask" },
      { path: "context.ip", method: "drop" },
      { path: "metadata.**.email", method: "mask" },
      { path: 'context["session"].*', method: "mask" },
    );
    expect(shaped).toEqual({
      ...event,
      actor: { ...event.actor, name: expect.stringMatching(/^hmac:[A-Za-z0-9_-]{32}$/) as string },
      targets: [{ type: "user", id: "u_2", name: "[masked]" }, event.targets[1]],
      context: { user_agent: "curl", session: { id: "[masked]" } },
      metadata: {
        email: "[masked]",
        user: { email: "[masked]", age: 41 },
        list: [{ email: "[masked]" }, 2],
        n: 1,
      },
    });
  });

  it("take out members wherever they stand, and elements of lists", () => {
    for (const name of Object.keys(event.metadata))
      expect(Object.keys(withRules({ path: `metadata.${name}`, method: "drop" }).metadata)).toEqual(
        Object.keys(event.metadata).filter((other) => other !== name),
      );
    expect(withRules({ path: "metadata.list[]", method: "drop" }).metadata.list).toEqual([]);
    expect(withRules({ path: "metadata.*", method: "drop" }).metadata).toEqual({});
    expect(withRules({ path: "metadata", method: "drop" })).not.toHaveProperty("metadata");
  });

  it("touch no byte of what they do not reach", () => {
    const metadata = '{ "big": 12345678901234567890 , "x":1.0,\t"e\\u006dail" : "a" , "x" : -0e1, "deep":[[ ]]  }';
    const text = JSON.stringify({ ...event, metadata: 0 }).replace('"metadata":0', () => `"metadata":${metadata}`);
    const shaped = shape(text, { privacy: [{ path: "metadata.email", method: "mask" }] });
    expect(shaped).toBe(text.replace('"a"', '"[masked]"'));
    expect(shape(text, { privacy: [{ path: "metadata.none.**.at_all", method: "drop" }] })).toBe(text);
  });

  it("reach names that are written with escapes, that hold dots, and that hold quotes", () => {
    const odd = { 'a."b': 1, "c\nd": 2, plain: 3 };
    const privacy: PrivacyRule[] = [
      { path: 'metadata["a.\\"b"]', method: "drop" },
      { path: "metadata.plain", method: "drop" },
    ];
    expect(JSON.parse(shape({ ...event, metadata: odd }, { privacy }) ?? "")).toMatchObject({
      metadata: { "c\nd": 2 },
    });
  });

  it("give each value to the first rule that reaches it, and what holds it to the one that reaches that", () => {
    expect(withRules({ path: "actor.id", method: "mask" }, { path: "actor.id", method: "hash" }).actor.id).toBe(
      "[masked]",
    );
    expect(
      withRules({ path: "metadata.user.email", method: "hash" }, { path: "metadata.user", method: "mask" }).metadata
        .user,
    ).toBe("[masked]");
  });

  it("hold at any depth without running out of stack", () => {
    const deep = `${'{"a":['.repeat(30_000)}{"email":"x"}${"]}".repeat(30_000)}`;
    const text = JSON.stringify({ ...event, metadata: 0 }).replace('"metadata":0', () => `"metadata":${deep}`);
    expect(shape(text, { privacy: [{ path: "metadata.**.email", method: "mask" }] })).toBe(
      text.replace('"x"', '"[masked]"'),
    );
    const hashed = shape(text, { privacy: [{ path: "metadata.a", method: "hash" }] });
    expect(hashed).toMatch(/"metadata":\{"a":"hmac:/);
  });

  const rule = fc.record({
    path: fc.constantFrom(
      "actor.name",
      "actor.id",
      "actor.type",
      "targets[].id",
      "targets[].name",
      "organization.name",
      "context.ip",
      "context.*",
      "context.**.a",
      "metadata.*",
      "metadata.**[]",
      "metadata.**.a",
      "metadata.a.**.b",
      "metadata.a[].*",
    ),
    method: fc.constantFrom("drop", "mask", "hash"),
  });

  it("leave an event that the schema takes, whatever they do", () => {
    const check = compileSchema(eventSchema);
    const reader = createWireReader({ preparer: createPreparer(), organization: "org_1" });
    const tree = fc.letrec((tie) => ({
      value: fc.oneof(
        { maxDepth: 4 },
        fc.jsonValue({ maxDepth: 1 }),
        fc.array(tie("value"), { maxLength: 3 }),
        fc.dictionary(fc.constantFrom("a", "b", '"', "é\u0001"), tie("value"), { maxKeys: 3 }),
      ),
    })).value;
    const object = fc.dictionary(fc.constantFrom("a", "b", "c"), tree);
    fc.assert(
      fc.property(
        object,
        object,
        fc.array(rule as fc.Arbitrary<PrivacyRule>, { minLength: 1, maxLength: 4 }),
        (metadata, context, rules) => {
          const { sequence: _, ...rest } = event;
          const { event: stored } = reader.read(lineOf({ ...rest, metadata, context }));
          const line = `${Buffer.from(stored.stub).toString()},"sequence":7}`;
          let shaped: string | undefined;
          try {
            shaped = shape(line, { privacy: rules });
          } catch (error) {
            expect(isHeadgateError(error, "shape_invalid")).toBe(true);
            return;
          }
          const parsed = JSON.parse(shaped ?? "") as Line;
          expect(check(parsed)).toBeUndefined();
          expect([parsed.id, parsed.sequence, parsed.action]).toEqual([event.id, event.sequence, event.action]);
          expect(parsed.occurred_at).toBe(event.occurred_at);
        },
      ),
      { numRuns: 300 },
    );
  });

  it.each<[string, PrivacyRule]>([
    ["privacy[0].path must not lead to id, by which", { path: "id", method: "hash" }],
    ["privacy[0].path must not lead to sequence, by which", { path: "sequence", method: "drop" }],
    ["privacy[0].path must not lead to occurred_at, by which", { path: "occurred_at", method: "mask" }],
    ["privacy[0].path must not lead to organization, by which", { path: "organization.id", method: "hash" }],
    ["privacy[0].path must not lead to organization, by which", { path: "organization.*", method: "drop" }],
    ["privacy[0].path must not lead to schema_version, by which", { path: "schema_version", method: "drop" }],
    ["privacy[0].path must not lead to action, by which", { path: "action", method: "mask" }],
    ["privacy[0].method would leave something that is no event", { path: "actor.id", method: "drop" }],
    ["privacy[0].method would leave something that is no event", { path: "metadata", method: "hash" }],
    ["privacy[0].path leads to nothing that a rule may change.", { path: "**.email", method: "mask" }],
    ["privacy[0].path leads to nothing that a rule may change.", { path: '["actor.name"]', method: "mask" }],
    ["privacy[0].path is no path.", { path: "metadata..x", method: "mask" }],
    ["privacy[0].path is no path.", { path: "metadata.**", method: "mask" }],
    ["privacy[0].path is no path.", { path: "", method: "mask" }],
    ["privacy[0].method must be drop, mask or hash.", { path: "actor.name", method: "encrypt" as never }],
  ])("are refused: %s", (message, refused) => {
    expect(refusal({ privacy: [refused] })).toContain(message);
  });

  it("cannot hash without a key", () => {
    expect(refusal({ privacy: [{ path: "actor.name", method: "hash" }] }, {})).toBe(
      "privacy[0].method needs a key to hash with, which this platform does not have.",
    );
    expect(refusal({ privacy: [{ path: "actor.name", method: "mask" }] }, {})).toBe("");
  });
});

describe("pseudonyms", () => {
  const of = (value: unknown, organization = "org_1", key = new Uint8Array(32).fill(1)): unknown => {
    const options = { pseudonyms: hmacPseudonyms({ keys: { one: key } }) };
    const privacy: PrivacyRule[] = [{ path: "metadata.v", method: "hash" }];
    const text = shape({ ...event, metadata: { v: value } }, { privacy }, options, organization);
    return (JSON.parse(text ?? "") as { metadata: { v: unknown } }).metadata.v;
  };

  it("are the same for the same value, wherever it stands and however it is written", () => {
    const shaped = withRules({ path: "actor.id", method: "hash" }, { path: "targets[].id", method: "hash" });
    expect(shaped.actor.id).toBe(of("u_1"));
    expect(shaped.targets[0]?.id).toBe(of("u_2"));
    expect(of({ a: 1, b: [true, null] })).toBe(of({ b: [true, null], a: 1 }));
  });

  it("differ by value, by type, by organization and by key", () => {
    const some = [of("1"), of(1), of("1", "org_2"), of("1", "org_1", randomBytes(32)), of("2"), of([1]), of(null)];
    expect(new Set(some).size).toBe(some.length);
  });

  it("are pinned: this value under this key is this pseudonym", () => {
    expect(of("ada@example.com")).toMatchInlineSnapshot(`"hmac:hCKuqppTkwg-z6byaLS06fQGJInx3R5w"`);
  });

  it("want a key of 32 bytes, and one that is current", () => {
    expect(() => hmacPseudonyms({ keys: { one: new Uint8Array(31) } })).toThrow("must be 32 bytes, not 31");
    expect(() => hmacPseudonyms({ keys: { one: new Uint8Array(32), two: new Uint8Array(32) } })).toThrow("current");
    expect(() => hmacPseudonyms({ keys: { one: new Uint8Array(32) }, current: "two" })).toThrow(
      'no pseudonym key "two"',
    );
  });
});

describe("a frozen shape", () => {
  const action: EventFormat = {
    name: "action",
    title: "Action",
    encoding: "2",
    encoder: (encoding) => (["1", "2"].includes(encoding) ? (one) => `${encoding} ${one.action}` : undefined),
  };
  const options: ShapeOptions = { formats: [action], pseudonyms };

  it("is nothing where a shape changes nothing", () => {
    expect(createShapes(options).freeze({})).toBeUndefined();
    expect(createShapes(options).freeze({ filter: {}, privacy: [], format: "native" })).toBeUndefined();
  });

  it("holds the format's encoding and the key, and ends under them", () => {
    const shapes = createShapes(options);
    const frozen = shapes.freeze({ format: "action", privacy: [{ path: "actor.id", method: "hash" }] });
    expect(frozen).toMatchObject({ format: "action", encoding: "2", key: "one" });
    const old = shapes.shaper({ format: "action", encoding: "1" }, "org_1");
    expect(Buffer.from(old?.(outgoing(lineOf(event), 7, 0))?.formatted ?? []).toString()).toBe("1 user.role.changed");
  });

  it("has no shaper where this process cannot write the same bytes", () => {
    const shapes = createShapes(options);
    expect(shapes.shaper({ format: "action", encoding: "3" }, "org_1")).toBeUndefined();
    expect(shapes.shaper({ format: "gone", encoding: "1" }, "org_1")).toBeUndefined();
    expect(shapes.shaper({ privacy: [{ path: "actor.id", method: "hash" }], key: "gone" }, "org_1")).toBeUndefined();
  });

  it("is refused with a format that is not there", () => {
    expect(refusal({ format: "nope" }, options)).toBe("format names a format that this platform does not have.");
    expect(() => createShapes({ formats: [action, action] })).toThrow("same name");
  });

  it("hands formats an event whose numbers keep their digits, however deep it is", () => {
    const json: EventFormat = { ...action, name: "json", encoder: () => (one) => JSON.stringify(one) };
    const write = (metadata: string): string => {
      const text = JSON.stringify({ ...event, metadata: 0 }).replace('"metadata":0', () => `"metadata":${metadata}`);
      return shape(text, { format: "json" }, { formats: [json] }) ?? "";
    };
    expect(write('{"n":12345678901234567890}')).toContain('"n":12345678901234567890');
    const deep = `{"a":${"[".repeat(50_000)}${"]".repeat(50_000)}}`;
    expect((JSON.parse(write(deep)) as { metadata: { event: string } }).metadata.event).toContain(deep);
  });
});
