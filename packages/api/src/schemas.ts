import { errorCodes } from "@headgate/core";
import type { JsonSchema, Parameter } from "./route.ts";

/** An instant on the wire. */
export const timeSchema: JsonSchema = {
  type: "string",
  pattern: "^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}\\.\\d{3}Z$",
  description: "UTC with milliseconds, e.g. 2026-11-26T09:52:30.123Z.",
};

/** An instant as callers may write it. */
export const anyTimeSchema: JsonSchema = {
  type: "string",
  minLength: 1,
  maxLength: 64,
  description: "RFC 3339, any offset.",
};

/** What people call something. */
export const nameSchema: JsonSchema = {
  type: "string",
  minLength: 1,
  maxLength: 100,
  // Not blank; no control characters, nor those that turn the text around them.
  pattern: String.raw`^(?=.*\S)[^\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]*$`,
};

/** Of a page that is followed by another. */
export const nextCursorSchema: JsonSchema = {
  type: "string",
  description: "Asks for the next page, as the parameter cursor. Absent on the last one.",
};

/** The parameters of a list. */
export function pageParameters(most: number, usual: number): Readonly<Record<"cursor" | "limit", Parameter>> {
  return {
    cursor: {
      description: "next_cursor of the page before.",
      schema: { type: "string", minLength: 1, maxLength: 2048 },
    },
    limit: {
      description: `How many at most, ${usual} by default.`,
      schema: { type: "integer", minimum: 1, maximum: most, default: usual },
    },
  };
}

/** Every error answer. */
export const problemSchema: JsonSchema = {
  type: "object",
  description: "RFC 9457.",
  required: ["type", "title", "status", "detail", "code", "request_id"],
  additionalProperties: false,
  properties: {
    type: { type: "string", description: "Address of a page on the code." },
    title: { type: "string", description: "What the code means." },
    status: { type: "integer" },
    detail: { type: "string", description: "What went wrong here." },
    code: { type: "string", enum: Object.keys(errorCodes), description: "Stable; to be matched on." },
    hint: { type: "string", description: "What to do about it." },
    request_id: { type: "string" },
    problems: {
      type: "array",
      items: {
        type: "object",
        required: ["path", "message"],
        additionalProperties: false,
        properties: { path: { type: "string" }, message: { type: "string" } },
      },
    },
  },
};
