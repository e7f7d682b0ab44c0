import type { FlushPolicy } from "@headgate/core";
import type { JsonSchema } from "../route.ts";

/** When a stream sends, as customers may set it: within the promised hour, and within what a process holds in memory. */
export const flushSchema: JsonSchema = {
  type: "object",
  description: "When events are sent: at the first of these. The destination's own limits hold beside them.",
  additionalProperties: false,
  properties: {
    max_age_seconds: { type: "number", minimum: 0.001, description: "Since the oldest of them was appended." },
    max_bytes: { type: "integer", minimum: 1 },
    max_events: { type: "integer", minimum: 1 },
  },
};

/** The same within the bounds of what may be asked for. */
export const newFlushSchema: JsonSchema = {
  ...flushSchema,
  minProperties: 1,
  properties: {
    max_age_seconds: {
      type: "integer",
      minimum: 1,
      maximum: 2400,
      description:
        "Since the oldest of them was appended. At most 40 minutes: the promise is one hour, and 45 minutes alert.",
    },
    max_bytes: { type: "integer", minimum: 65_536, maximum: 268_435_456 },
    max_events: { type: "integer", minimum: 1, maximum: 1_000_000 },
  },
};

/** A flush policy as it stands on the wire. */
export interface FlushJson {
  readonly max_age_seconds?: number;
  readonly max_bytes?: number;
  readonly max_events?: number;
}

export function flushJson({ maxAgeMs, maxBytes, maxEvents }: Partial<FlushPolicy>): FlushJson {
  return {
    ...(maxAgeMs !== undefined && { max_age_seconds: maxAgeMs / 1000 }),
    ...(maxBytes !== undefined && { max_bytes: maxBytes }),
    ...(maxEvents !== undefined && { max_events: maxEvents }),
  };
}

/** The inverse of {@link flushJson}. */
export function flushPolicy({
  max_age_seconds: age,
  max_bytes: bytes,
  max_events: events,
}: FlushJson): Partial<FlushPolicy> {
  return {
    ...(age !== undefined && { maxAgeMs: age * 1000 }),
    ...(bytes !== undefined && { maxBytes: bytes }),
    ...(events !== undefined && { maxEvents: events }),
  };
}
