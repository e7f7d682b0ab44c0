import type { Alert, AlertDispatch } from "@headgate/core";
import type { JsonSchema } from "../route.ts";
import { timeSchema } from "../schemas.ts";
import { lastStreamedJson, lastStreamedSchema, timeJson } from "./stream-json.ts";

/** An alert as it stands on the wire. */
export function alertJson(alert: Alert): Readonly<Record<string, unknown>> {
  const { streamName, closedAt, hint, code, oldestPendingAt, lastStreamed, lossAt } = alert;
  return {
    id: alert.id,
    kind: alert.kind,
    severity: alert.severity,
    organization: alert.organization,
    stream: alert.stream,
    ...(streamName !== undefined && { stream_name: streamName }),
    sink: alert.sink,
    since: timeJson(alert.since),
    opened_at: timeJson(alert.openedAt),
    ...(closedAt !== undefined && { closed_at: timeJson(closedAt) }),
    message: alert.message,
    ...(hint !== undefined && { hint }),
    ...(code !== undefined && { code }),
    pending: alert.pending,
    ...(oldestPendingAt !== undefined && { oldest_pending_at: timeJson(oldestPendingAt) }),
    ...(lastStreamed !== undefined && { last_streamed: lastStreamedJson(lastStreamed) }),
    quarantined: alert.quarantined,
    ...(lossAt !== undefined && { loss_at: timeJson(lossAt) }),
    notifications: alert.notifications,
    notified_at: timeJson(alert.notifiedAt),
  };
}

/** What became of one notification. What a channel said may speak of the platform's own servers: that is for operators. */
export function dispatchJson(dispatch: AlertDispatch, { withMessage }: { readonly withMessage: boolean }): object {
  const { notification, channel, status, attempts, at, nextAttemptAt, message } = dispatch;
  return {
    notification: { id: notification.id, type: notification.type, at: timeJson(notification.at) },
    channel,
    status,
    attempts,
    at: timeJson(at),
    ...(nextAttemptAt !== undefined && { next_attempt_at: timeJson(nextAttemptAt) }),
    ...(withMessage && message !== undefined && { message }),
  };
}

const count: JsonSchema = { type: "integer", minimum: 0 };
const text: JsonSchema = { type: "string" };

const alertProperties: Readonly<Record<string, JsonSchema>> = {
  id: text,
  kind: {
    enum: [
      "disconnected",
      "blocked",
      "lagging",
      "loss_countdown",
      "events_lost",
      "quarantine",
      "digest_overdue",
      "verification_failed",
    ],
  },
  severity: { enum: ["warning", "critical"] },
  organization: text,
  stream: text,
  stream_name: text,
  sink: text,
  since: { ...timeSchema, description: "When the trouble itself began, as far as is known." },
  opened_at: timeSchema,
  closed_at: { ...timeSchema, description: "When the trouble was over." },
  message: text,
  hint: { type: "string", description: "What to do." },
  code: text,
  pending: count,
  oldest_pending_at: timeSchema,
  last_streamed: lastStreamedSchema,
  quarantined: count,
  loss_at: { ...timeSchema, description: "When events are first lost to the destination." },
  notifications: { ...count, description: "How many were made of it." },
  notified_at: timeSchema,
};

export const alertSchema: JsonSchema = {
  type: "object",
  description: "One episode of one kind of trouble on one stream.",
  required: [
    "id",
    "kind",
    "severity",
    "organization",
    "stream",
    "sink",
    "since",
    "opened_at",
    "message",
    "pending",
    "quarantined",
    "notifications",
    "notified_at",
  ],
  additionalProperties: false,
  properties: alertProperties,
};

const dispatchSchema: JsonSchema = {
  type: "object",
  required: ["notification", "channel", "status", "attempts", "at"],
  additionalProperties: false,
  properties: {
    notification: {
      type: "object",
      required: ["id", "type", "at"],
      additionalProperties: false,
      properties: { id: text, type: { enum: ["opened", "reminder", "recovered"] }, at: timeSchema },
    },
    channel: text,
    status: { enum: ["pending", "delivered", "failed"] },
    attempts: count,
    at: { ...timeSchema, description: "When it was tried last, or put down." },
    next_attempt_at: timeSchema,
    message: { type: "string", description: "What the channel said last; for operators." },
  },
};

export const toldAlertSchema: JsonSchema = {
  ...alertSchema,
  required: [...(alertSchema["required"] as readonly string[]), "dispatches"],
  properties: { ...alertProperties, dispatches: { type: "array", items: dispatchSchema } },
};
