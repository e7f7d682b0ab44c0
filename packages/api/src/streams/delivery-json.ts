import type { StoredDelivery } from "@headgate/core";
import type { JsonSchema } from "../route.ts";
import { timeSchema } from "../schemas.ts";
import { failureJson, failureSchema, timeJson } from "./stream-json.ts";

/** One request to a destination and what became of it, as it stands on the wire. */
export function deliveryJson(delivery: StoredDelivery): Readonly<Record<string, unknown>> {
  const { number, at, status, count, events, quarantined, bytes, ms, attempt, ageMs, receipt, error } = delivery;
  return {
    number,
    at: timeJson(at),
    status,
    count,
    delivered: events,
    quarantined,
    bytes,
    ms,
    attempt,
    age_seconds: ageMs / 1000,
    first_sequence: delivery.firstSequence,
    last_sequence: delivery.lastSequence,
    ...(receipt !== undefined && { receipt }),
    ...(error !== undefined && { error: failureJson(error) }),
  };
}

const count: JsonSchema = { type: "integer", minimum: 0 };
const sequence: JsonSchema = { type: "integer", minimum: 1 };

export const deliverySchema: JsonSchema = {
  type: "object",
  required: [
    "number",
    "at",
    "status",
    "count",
    "delivered",
    "quarantined",
    "bytes",
    "ms",
    "attempt",
    "age_seconds",
    "first_sequence",
    "last_sequence",
  ],
  additionalProperties: false,
  properties: {
    number: { type: "integer", description: "Grows with each delivery." },
    at: { ...timeSchema, description: "When the request ended." },
    status: { enum: ["delivered", "retry", "rejected", "split", "blocked"] },
    count: { ...count, description: "Events in the request." },
    delivered: { ...count, description: "Events that the destination took." },
    quarantined: count,
    bytes: { ...count, description: "Before compression." },
    ms: { type: "number", minimum: 0, description: "How long the request took." },
    attempt: { type: "integer", minimum: 1 },
    age_seconds: { type: "number", description: "From the append of its oldest event to the request's end." },
    first_sequence: sequence,
    last_sequence: sequence,
    receipt: { type: "string" },
    error: failureSchema,
  },
};
