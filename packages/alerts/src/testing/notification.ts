import type { Alert, AlertNotification } from "@headgate/core";

const at = Date.parse("2026-11-26T10:00:00Z");

/** A notification of a stream that is disconnected. */
export function notificationOf(choice: Partial<AlertNotification> = {}, alert: Partial<Alert> = {}): AlertNotification {
  return {
    id: "01981f2e-7c1a-7f3e-9a51-3d0c5f1b2a77",
    type: "opened",
    at,
    alert: {
      id: "01981f2e-7c1a-7f3e-9a51-000000000001",
      kind: "disconnected",
      severity: "critical",
      organization: "acme",
      stream: "s-1",
      streamName: "Lake",
      sink: "s3",
      since: at - 300_000,
      openedAt: at,
      message: "Nothing reaches the destination: Busy.",
      hint: "Wait.",
      code: "destination_busy",
      pending: 42,
      oldestPendingAt: at - 300_000,
      lastStreamed: { sequence: 7, occurredAt: at - 400_000, at: at - 360_000, receipt: "key" },
      quarantined: 0,
      notifications: 1,
      notifiedAt: at,
      ...alert,
    },
    ...choice,
  };
}
