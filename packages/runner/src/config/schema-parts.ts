import { durationPattern, sizePattern } from "./units.ts";

/** A JSON Schema (draft 2020-12). */
export type JsonSchema = Readonly<Record<string, unknown>>;

export const duration = (description: string, extra: JsonSchema = {}): JsonSchema => ({
  type: "string",
  pattern: durationPattern,
  description,
  examples: ["30s", "5m", "1h"],
  ...extra,
});

export const size = (description: string, extra: JsonSchema = {}): JsonSchema => ({
  type: "string",
  pattern: sizePattern,
  description,
  examples: ["64MiB", "1MB"],
  ...extra,
});

export const text = (description: string, extra: JsonSchema = {}): JsonSchema => ({
  type: "string",
  minLength: 1,
  description,
  ...extra,
});

export const integer = (description: string, minimum: number, extra: JsonSchema = {}): JsonSchema => ({
  type: "integer",
  minimum,
  description,
  ...extra,
});

export const strict = (
  description: string,
  properties: JsonSchema,
  required: readonly string[] = [],
  extra: JsonSchema = {},
): JsonSchema => ({
  type: "object",
  description,
  additionalProperties: false,
  ...(required.length > 0 ? { required } : {}),
  properties,
  ...extra,
});

export const organization = (description: string): JsonSchema => text(description, { maxLength: 256 });
