import type { Shape } from "@headgate/core";
import type { JsonSchema } from "../route.ts";

const match: JsonSchema = {
  type: "object",
  minProperties: 1,
  additionalProperties: false,
  properties: {
    action: { type: "string", minLength: 1, maxLength: 256, description: "`*` stands for any characters." },
    category: { type: "string", minLength: 1, maxLength: 256 },
    outcome: { enum: ["success", "failure", "denied", "unknown"] },
  },
};
const matches: JsonSchema = { type: "array", minItems: 1, maxItems: 200, items: match };

/** Members of a stream that say what it makes of events. */
export const shapeProperties: Readonly<Record<string, JsonSchema>> = {
  filter: {
    type: "object",
    description: "Which events it takes; what both lists name is left out. Without it, all.",
    additionalProperties: false,
    properties: { include: matches, exclude: matches },
  },
  privacy: {
    type: "array",
    maxItems: 200,
    description: "What is taken out of events, or put in its place, before they leave.",
    items: {
      type: "object",
      required: ["path", "method"],
      additionalProperties: false,
      properties: {
        path: { type: "string", minLength: 1, maxLength: 1024, examples: ["actor.name", "metadata.**.email"] },
        method: { enum: ["drop", "mask", "hash"] },
      },
    },
  },
  format: { type: "string", minLength: 1, maxLength: 32, description: "`native`, or another format of the platform." },
};

/** The members of a body that make a shape. */
export type ShapeBody = Shape;

/** They, and nothing else; undefined where none of them is there. */
export function shapeOf({ filter, privacy, format }: ShapeBody): Shape | undefined {
  if (filter === undefined && privacy === undefined && format === undefined) return undefined;
  return { ...(filter && { filter }), ...(privacy && { privacy }), ...(format !== undefined && { format }) };
}
