import type { Shape } from "@headgate/core";
import { json } from "../answer.ts";
import type { JsonSchema, Route, RouteContext } from "../route.ts";
import { jsonResponse } from "./list-answer.ts";
import { shapeOf, shapeProperties } from "./shape-json.ts";

async function preview({ headgate, organization, body }: RouteContext): Promise<Response> {
  const { limit, ...rest } = body as Shape & { readonly limit?: number };
  const events = await headgate.streams.preview(organization, shapeOf(rest) ?? {}, { limit: limit ?? 10 });
  return json(200, {
    formats: headgate.formats,
    events: events.map(({ sequence, before, after }) => ({ sequence, before, ...(after !== undefined && { after }) })),
  });
}

const event: JsonSchema = {
  type: "object",
  required: ["sequence", "before"],
  additionalProperties: false,
  properties: {
    sequence: { type: "integer", minimum: 1 },
    before: { type: "string", description: "As the log holds it." },
    after: { type: "string", description: "As it would be sent. Absent where the filter leaves it out." },
  },
};
const format: JsonSchema = {
  type: "object",
  required: ["name", "title"],
  additionalProperties: false,
  properties: { name: { type: "string" }, title: { type: "string" } },
};

/** What a filter, privacy rules and a format make of real events, before they are saved. */
export const previewRoutes: readonly Route[] = [
  {
    method: "POST",
    path: "/v1/organizations/{organization}/streams/preview",
    operation: "previewStream",
    summary: "What a filter, privacy rules and a format make of the last events",
    description: "The newest first, as they are and as a stream would send them. Stores nothing.",
    tag: "Streams",
    access: "admin",
    body: {
      required: true,
      schema: {
        type: "object",
        additionalProperties: false,
        properties: { ...shapeProperties, limit: { type: "integer", minimum: 1, maximum: 100, default: 10 } },
      },
      example: {
        filter: { exclude: [{ action: "pipeline.*" }] },
        privacy: [{ path: "actor.name", method: "mask" }],
      },
    },
    responses: {
      200: jsonResponse(
        {
          type: "object",
          required: ["formats", "events"],
          additionalProperties: false,
          properties: { formats: { type: "array", items: format }, events: { type: "array", items: event } },
        },
        "The events, and the formats that there are.",
      ),
    },
    handle: preview,
  },
];
