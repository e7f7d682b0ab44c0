import type { AlertNotification } from "@headgate/core";

/** An alert as webhooks carry it: snake_case, times as UTC text. */
export interface AlertPayload {
  /** E.g. `stream.disconnected`, `stream.recovered`. */
  readonly type: string;
  /** When the notification was made. */
  readonly timestamp: string;
  readonly data: Readonly<Record<string, unknown>>;
}

export function alertPayload({ type, at, alert }: AlertNotification): AlertPayload {
  const time = (instant: number): string => new Date(instant).toISOString();
  const { lastStreamed, oldestPendingAt, closedAt, lossAt, hint, code, streamName } = alert;
  return {
    type: `stream.${type === "recovered" ? "recovered" : alert.kind}`,
    timestamp: time(at),
    data: {
      notification: type,
      alert: alert.id,
      kind: alert.kind,
      severity: alert.severity,
      organization: alert.organization,
      stream: alert.stream,
      ...(streamName !== undefined && { stream_name: streamName }),
      sink: alert.sink,
      since: time(alert.since),
      opened_at: time(alert.openedAt),
      ...(closedAt !== undefined && { closed_at: time(closedAt) }),
      message: alert.message,
      ...(hint !== undefined && { hint }),
      ...(code !== undefined && { code }),
      pending: alert.pending,
      quarantined: alert.quarantined,
      ...(oldestPendingAt !== undefined && { oldest_pending_at: time(oldestPendingAt) }),
      ...(lossAt !== undefined && { loss_at: time(lossAt) }),
      ...(lastStreamed !== undefined && {
        last_streamed: {
          sequence: lastStreamed.sequence,
          occurred_at: time(lastStreamed.occurredAt),
          at: time(lastStreamed.at),
          receipt: lastStreamed.receipt,
        },
      }),
    },
  };
}
