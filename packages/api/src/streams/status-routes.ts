import { json } from "../answer.ts";
import type { JsonSchema, Route, RouteContext } from "../route.ts";
import { timeSchema } from "../schemas.ts";
import { jsonResponse } from "./list-answer.ts";
import { serviceLevelsSchema, shownStates } from "./stream-json.ts";
import { summaryOf } from "./summary.ts";

async function show({ headgate, organization, clock }: RouteContext): Promise<Response> {
  return json(200, await summaryOf(headgate, organization, clock));
}

const count: JsonSchema = { type: "integer", minimum: 0 };

const summarySchema: JsonSchema = {
  type: "object",
  required: ["streams", "service_levels", "open_alerts", "pending"],
  additionalProperties: false,
  properties: {
    streams: {
      type: "object",
      required: ["total", "by_state"],
      additionalProperties: false,
      properties: {
        total: count,
        by_state: {
          type: "object",
          additionalProperties: false,
          properties: Object.fromEntries(shownStates.map((state) => [state, count])),
          description: "States that no stream is in are not there.",
        },
      },
    },
    service_levels: serviceLevelsSchema,
    open_alerts: { ...count, description: "1000 stands for as many or more." },
    pending: count,
    oldest_pending_at: timeSchema,
  },
};

/** How an organization's streams, or all of them, stand together. */
export const statusRoutes: readonly Route[] = [
  {
    method: "GET",
    path: "/v1/organizations/{organization}/status",
    operation: "getStatus",
    summary: "How the organization's streams stand together",
    description: "At most 2 s old.",
    tag: "Status",
    access: "view",
    responses: { 200: jsonResponse(summarySchema, "The summary.") },
    handle: show,
  },
  {
    method: "GET",
    path: "/v1/status",
    operation: "getOverallStatus",
    summary: "How the streams of all organizations stand together",
    description: "At most 2 s old.",
    tag: "Operator",
    access: "operator",
    responses: { 200: jsonResponse(summarySchema, "The summary.") },
    handle: show,
  },
];
