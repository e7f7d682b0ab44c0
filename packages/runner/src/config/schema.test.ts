import { Ajv2020 } from "ajv/dist/2020.js";
import { describe, expect, it } from "vitest";
import { builtInSinks } from "../sinks.ts";
import { configSchema } from "./schema.ts";

type Schema = Readonly<Record<string, unknown>>;

/** Every key of an object schema that says nothing of itself. */
function undescribed(schema: unknown, path: string): readonly string[] {
  if (typeof schema !== "object" || schema === null) return [];
  const {
    properties = {},
    items,
    allOf = [],
    anyOf = [],
    oneOf = [],
    then,
  } = schema as Readonly<Record<string, Schema & readonly Schema[]>>;
  const keys = Object.entries(properties as Readonly<Record<string, Schema>>).flatMap(([key, member]) => [
    ...(typeof member["description"] === "string" ? [] : [`${path}.${key}`]),
    ...undescribed(member, `${path}.${key}`),
  ]);
  const inside = [...allOf, ...anyOf, ...oneOf].flatMap((branch) => undescribed(branch, path));
  return [...keys, ...inside, ...undescribed(items, `${path}[]`), ...undescribed(then, path)];
}

describe("schema/config.json", () => {
  it("is what the code says; `vitest run packages/runner -u` writes it anew", async () => {
    const text = `${JSON.stringify(configSchema(builtInSinks), undefined, 2)}\n`;
    await expect(text).toMatchFileSnapshot("../../schema/config.json");
  });

  it("is valid JSON Schema, draft 2020-12", () => {
    const ajv = new Ajv2020({ strict: false });
    expect(ajv.validateSchema(configSchema(builtInSinks))).toBe(true);
  });

  it("describes every key", () => {
    // A condition names a key only to look at it; `allOf` says the same of `options` by sink.
    const missing = undescribed(configSchema(builtInSinks), "").filter((path) => path !== ".streams[].options");
    expect(missing).toEqual([]);
  });
});
