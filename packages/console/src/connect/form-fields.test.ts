import fc from "fast-check";
import { expect, test } from "vitest";
import type { JsonSchema } from "../rest/wire.ts";
import { groupsOf, mistakeIn, shownValues, valueAt, withValue } from "./form-fields.ts";

const schema: JsonSchema = {
  type: "object",
  required: ["bucket", "token"],
  properties: {
    bucket: { type: "string", title: "Bucket", pattern: "^[a-z]+$" },
    prefix: { type: "string" },
    token: { type: "string", writeOnly: true },
    count: { type: "integer", minimum: 1, maximum: 9 },
    encryption: {
      type: "object",
      title: "Encryption",
      required: ["mode"],
      properties: { mode: { enum: ["none", "kms"], default: "none" }, bucket_key: { type: "boolean" } },
      allOf: [
        {
          if: { properties: { mode: { const: "kms" } } },
          then: { required: ["key"], properties: { key: { type: "string" } } },
        },
      ],
    },
    tags: { type: "array", items: { type: "string" } },
  },
};
const fields = (values: object): readonly string[] =>
  groupsOf(schema, values as Record<string, unknown>).flatMap((group) =>
    group.fields.map(({ path }) => path.join(".")),
  );

test("required fields, and those between them, stand first", () => {
  const groups = groupsOf(schema, {});
  expect(groups.map(({ prominent, title, fields: { length } }) => [prominent, title, length])).toEqual([
    [true, undefined, 3],
    [false, undefined, 2],
    [false, "Encryption", 2],
  ]);
  expect(groups[0]?.fields.map(({ title, kind }) => [title, kind])).toEqual([
    ["Bucket", "text"],
    ["Prefix", "text"],
    ["Token", "secret"],
  ]);
});

test("fields of a condition come and go with it, and what was typed into them goes too", () => {
  expect(fields({})).not.toContain("encryption.key");
  const values = { encryption: { mode: "kms", key: "k" } };
  expect(fields(values)).toContain("encryption.key");
  expect(shownValues(schema, { encryption: { mode: "none", key: "k" } })).toEqual({ encryption: { mode: "none" } });
});

test("a group that says anything says what it requires", () => {
  expect(shownValues(schema, { encryption: { bucket_key: true } })).toEqual({
    encryption: { mode: "none", bucket_key: true },
  });
  expect(shownValues(schema, {})).toEqual({});
});

test("secrets can be left out", () => {
  expect(shownValues(schema, { bucket: "a", token: "s" }, false)).toEqual({ bucket: "a" });
  expect(shownValues(schema, { bucket: "a", token: "s" })).toEqual({ bucket: "a", token: "s" });
});

test("variants become a choice with the chosen one's members", () => {
  const variants: JsonSchema = {
    oneOf: [
      { title: "Role", properties: { kind: { const: "role" }, arn: { type: "string" } }, required: ["arn"] },
      { title: "Key", properties: { kind: { const: "key" }, secret: { type: "string", writeOnly: true } } },
    ],
  };
  const shown = (values: Record<string, unknown>): readonly unknown[] =>
    groupsOf(variants, values).flatMap((group) => group.fields.map(({ path, kind }) => [path[0], kind]));
  expect(shown({})).toEqual([["kind", "choice"]]);
  expect(shown({ kind: "key" })).toEqual([
    ["kind", "choice"],
    ["secret", "secret"],
  ]);
});

test("mistakes are found where they are", () => {
  const found = (values: Record<string, unknown>, kept = false): readonly unknown[] =>
    groupsOf(schema, values).flatMap((group) =>
      group.fields.flatMap((field) => {
        const mistake = mistakeIn(field, values, kept);
        return mistake ? [[field.path.join("."), mistake]] : [];
      }),
    );
  expect(found({})).toEqual([
    ["bucket", "field_required"],
    ["token", "field_required"],
  ]);
  expect(found({ bucket: "UPPER", token: "s", count: 10 })).toEqual([
    ["bucket", "field_invalid"],
    ["count", "field_invalid"],
  ]);
  expect(found({ bucket: "fine" }, true)).toEqual([]);
});

test("a value that was set is read back, and removing it leaves nothing behind", () => {
  const name = fc.constantFrom("a", "b", "c", "d");
  fc.assert(
    fc.property(fc.array(name, { minLength: 1, maxLength: 3 }), fc.string({ minLength: 1 }), (path, value) => {
      const set = withValue({}, path, value);
      expect(valueAt(set, path)).toBe(value);
      expect(withValue(set, path, undefined)).toEqual({});
    }),
  );
});
