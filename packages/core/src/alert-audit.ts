import type { AlertChannel, AlertNotification } from "./alert.ts";
import type { NewEvent } from "./event.ts";

/** The name under which the organization's own audit log stands among the channels. */
export const auditLogChannel = "audit_log";

/** A channel that appends each notification to the organization's own log, so that its SIEM can alert on its own feed. */
export function auditLogAlerts(append: (organization: string, event: NewEvent) => Promise<void>): AlertChannel {
  return {
    name: auditLogChannel,
    async notify(notification) {
      await append(notification.alert.organization, healthEvent(notification));
      return { status: "delivered" };
    },
  };
}

/** The event of a notification. Its id is the notification's, so that a repeat is stored once. */
export function healthEvent({ id, type, at, alert }: AlertNotification): NewEvent {
  const time = (instant: number): string => new Date(instant).toISOString();
  return {
    id: `headgate-alert-${id}`,
    occurred_at: time(at),
    action: `headgate.stream.${type === "recovered" ? "recovered" : alert.kind}`,
    category: "system",
    outcome: type === "recovered" ? "success" : "failure",
    actor: { type: "system", id: "headgate" },
    targets: [{ type: "headgate.stream", id: alert.stream, name: alert.streamName ?? alert.stream }],
    metadata: {
      alert: alert.id,
      kind: alert.kind,
      type,
      severity: alert.severity,
      message: alert.message,
      since: time(alert.since),
      pending: alert.pending,
      quarantined: alert.quarantined,
      ...(alert.code !== undefined && { code: alert.code }),
      ...(alert.lastStreamed !== undefined && { last_streamed_at: time(alert.lastStreamed.at) }),
      ...(alert.lossAt !== undefined && { loss_at: time(alert.lossAt) }),
    },
  };
}
