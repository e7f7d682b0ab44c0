import type { AuditEvent } from "@headgate/core";

/**
 * A plausible audit event. Its id follows from its sequence, so events with different sequences differ in id.
 *
 * @example
 * ```ts
 * const event = auditEvent({ sequence: 7, action: "context.secrets.accessed" });
 * ```
 */
export function auditEvent(parts: Partial<AuditEvent> = {}): AuditEvent {
  const { sequence = 1, ...rest } = parts;
  return {
    schema_version: 1,
    id: `01981f2e-7c1a-7f3e-9a51-${sequence.toString(16).padStart(12, "0")}`,
    occurred_at: "2025-07-16T09:52:30.123Z",
    organization: { id: "org_1", name: "Acme" },
    action: "pipeline.run.started",
    category: "pipeline",
    outcome: "success",
    actor: { type: "user", id: "u_1", name: "Ada" },
    targets: [{ type: "pipeline", id: "p_1", name: "deploy" }],
    context: { ip: "203.0.113.7", user_agent: "curl/8.5.0", request_id: `r-${sequence}` },
    ...rest,
    sequence,
  };
}

/** `count` events with the sequences `first`, `first + 1` …, all of one hour unless `parts` says otherwise. */
export function auditEvents(count: number, first = 1, parts: Partial<AuditEvent> = {}): AuditEvent[] {
  return Array.from({ length: count }, (_, index) => auditEvent({ ...parts, sequence: first + index }));
}
