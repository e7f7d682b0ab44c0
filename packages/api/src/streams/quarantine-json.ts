import type { QuarantineRecord } from "@headgate/core";
import { rawJson } from "../answer.ts";
import { lineMembers } from "../events/line-members.ts";
import type { JsonSchema } from "../route.ts";
import { timeSchema } from "../schemas.ts";
import { failureJson, failureSchema, timeJson } from "./stream-json.ts";

/** An event in quarantine as it stands on the wire; on its own with the event itself. */
export function quarantineJson(
  { sequence, reason, quarantinedAt, state, line }: QuarantineRecord,
  { withEvent }: { readonly withEvent: boolean },
): Readonly<Record<string, unknown>> {
  // Of a discarded event nothing is left. Events go out as they are stored: their numbers keep their digits.
  const event = line.length === 0 ? undefined : new TextDecoder().decode(line).trimEnd();
  return {
    sequence,
    ...(event !== undefined && { occurred_at: rawJson(lineMembers(event).get("occurred_at") ?? "null") }),
    reason: failureJson(reason),
    quarantined_at: timeJson(quarantinedAt),
    state,
    ...(withEvent && event !== undefined && { event: rawJson(event) }),
  };
}

export const quarantineStates = ["held", "retry", "discarded"] as const;

export const quarantineSchema: JsonSchema = {
  type: "object",
  required: ["sequence", "reason", "quarantined_at", "state"],
  additionalProperties: false,
  properties: {
    sequence: { type: "integer", minimum: 1 },
    occurred_at: timeSchema,
    reason: failureSchema,
    quarantined_at: timeSchema,
    state: { enum: quarantineStates },
    event: { type: "object", description: "The event, where it was asked for on its own and is not discarded." },
  },
};
