import { randomUUID } from "node:crypto";
import type { EnvelopeSettings } from "./envelope.ts";
import { envelopeEncoder } from "./envelope.ts";

/** `action` of the events that the sink makes itself. A search leaves them out by it. */
export const testAction = "headgate.verification";

/** A small event of the sink's own in a stream's envelope: well-formed, so a collector that refuses it refuses all. */
export function testEvent(settings: EnvelopeSettings, organization: string, now: number): Uint8Array {
  const event = {
    schema_version: 1,
    id: randomUUID(),
    occurred_at: new Date(now).toISOString(),
    organization: { id: organization },
    action: testAction,
    category: "system",
    outcome: "success",
    actor: { type: "system", id: "headgate" },
    // The journal counts from 1.
    sequence: 0,
  } as const;
  const line = Buffer.from(JSON.stringify(event));
  return envelopeEncoder(settings, organization)({ occurredAt: now, sequence: 0, line, parse: () => event });
}
