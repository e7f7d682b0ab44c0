import type { ServiceLevel, ServiceLevels, SinkFailure, StreamStatus, VerificationStep } from "@headgate/core";
import type { JsonSchema } from "../route.ts";
import { timeSchema } from "../schemas.ts";
import { flushJson, flushSchema } from "./flush.ts";
import { shapeProperties } from "./shape-json.ts";

/** An instant, Unix ms, as it stands on the wire. */
export const timeJson = (instant: number): string => new Date(instant).toISOString();

/** What may be shown of a stream beyond its status. */
export interface StreamExtras {
  /** Options as a customer would give them, without secrets. */
  readonly options?: Readonly<Record<string, unknown>>;
}

/**
 * A stream's status as it stands on the wire, and as commands print it: snake_case, times as UTC text.
 *
 * @example
 * ```ts
 * const streams = (await headgate.status()).map((status) => streamJson(status));
 * ```
 */
export function streamJson(status: StreamStatus, { options }: StreamExtras = {}): Readonly<Record<string, unknown>> {
  const { lastStreamed, oldestPendingAt, digest } = status;
  return {
    id: status.id,
    name: status.name ?? status.id,
    organization: status.organization,
    sink: status.sink,
    declared: status.declared,
    created_at: timeJson(status.createdAt),
    health: healthJson(status.health),
    accepted: status.accepted,
    delivered: status.delivered,
    quarantined: status.quarantined,
    filtered: status.filtered,
    lost: status.lost,
    pending: status.pending,
    pending_bytes: status.pendingBytes,
    ...(oldestPendingAt !== undefined && { oldest_pending_at: timeJson(oldestPendingAt) }),
    overdue: status.overdue,
    ...(lastStreamed !== undefined && { last_streamed: lastStreamedJson(lastStreamed) }),
    ...(digest !== undefined && { digest: digestJson(digest) }),
    service_levels: serviceLevelsJson(status.serviceLevels),
    activity: status.activity,
    ...(options !== undefined && { options }),
    ...(status.flush !== undefined && { flush: flushJson(status.flush) }),
    ...status.shape,
  };
}

function healthJson(health: StreamStatus["health"]): object {
  const { state, since, consecutiveFailures, nextAttemptAt, lastError, verification } = health;
  return {
    state,
    since: timeJson(since),
    consecutive_failures: consecutiveFailures,
    // A blocked stream may wait for a person, however long that takes.
    ...(nextAttemptAt !== undefined && Number.isFinite(nextAttemptAt) && { next_attempt_at: timeJson(nextAttemptAt) }),
    ...(lastError !== undefined && { last_error: { ...failureJson(lastError), at: timeJson(lastError.at) } }),
    ...(verification !== undefined && {
      verification: { ok: verification.ok, at: timeJson(verification.at), steps: verification.steps.map(stepJson) },
    }),
  };
}

/** The last digest that a stream's destination has. */
export function digestJson(digest: NonNullable<StreamStatus["digest"]>): object {
  return { ...digest, at: timeJson(digest.at) };
}

/** The event that a destination confirmed last. */
export function lastStreamedJson({
  sequence,
  occurredAt,
  at,
  receipt,
}: NonNullable<StreamStatus["lastStreamed"]>): object {
  return { sequence, occurred_at: timeJson(occurredAt), at: timeJson(at), receipt };
}

/** Why something failed. */
export function failureJson({ code, message, hint, vendorCode }: SinkFailure): object {
  return {
    code,
    message,
    ...(hint !== undefined && { hint }),
    ...(vendorCode !== undefined && { vendor_code: vendorCode }),
  };
}

/** One step of a verification. */
export function stepJson({ name, status, detail, fix }: VerificationStep): object {
  return { name, status, detail, ...(fix !== undefined && { fix }) };
}

/** Service levels of one stream, or of several together. */
export function serviceLevelsJson({ hour, day, month }: ServiceLevels): object {
  return { hour: levelJson(hour), day: levelJson(day), month: levelJson(month) };
}

function levelJson(level: ServiceLevel): object {
  const { delivered, late, quarantined, lost, overdue, success, withinHour, budgetLeft } = level;
  return {
    delivered,
    late,
    quarantined,
    lost,
    overdue,
    ...(success !== undefined && { success }),
    ...(withinHour !== undefined && { within_hour: withinHour }),
    budget_left: budgetLeft,
  };
}

const count: JsonSchema = { type: "integer", minimum: 0 };
const text: JsonSchema = { type: "string" };
const share: JsonSchema = { type: "number", minimum: 0, maximum: 1 };

/** Members of a failure; other schemas add to them. */
export const failureProperties: Readonly<Record<string, JsonSchema>> = {
  code: { type: "string", description: "Stable; to be matched on." },
  message: text,
  hint: { type: "string", description: "What to do about it." },
  vendor_code: { type: "string", description: "The destination's own words for it." },
};

export const failureSchema: JsonSchema = {
  type: "object",
  required: ["code", "message"],
  additionalProperties: false,
  properties: failureProperties,
};

export const stepSchema: JsonSchema = {
  type: "object",
  required: ["name", "status", "detail"],
  additionalProperties: false,
  properties: {
    name: text,
    status: { enum: ["ok", "failed", "skipped"] },
    detail: { type: "string", description: "What was done and what came back." },
    fix: { type: "string", description: "What to do; of an ok step, what could be better." },
  },
};

export const lastStreamedSchema: JsonSchema = {
  type: "object",
  description: "The event that the destination confirmed last.",
  required: ["sequence", "occurred_at", "at", "receipt"],
  additionalProperties: false,
  properties: {
    sequence: { type: "integer", minimum: 1 },
    occurred_at: timeSchema,
    at: timeSchema,
    receipt: { type: "string", description: "The destination's proof: an object key, a request id." },
  },
};

const levelSchema: JsonSchema = {
  type: "object",
  required: ["delivered", "late", "quarantined", "lost", "overdue", "budget_left"],
  additionalProperties: false,
  properties: {
    delivered: count,
    late: { ...count, description: "Delivered more than an hour after they were appended." },
    quarantined: count,
    lost: { ...count, description: "Given up by the platform's limit on pending age." },
    overdue: { ...count, description: "Pending for more than an hour, now." },
    success: { ...share, description: "delivered / (delivered + quarantined + lost)." },
    within_hour: { ...share, description: "Delivered within the hour, of all that should have been." },
    budget_left: {
      type: "number",
      maximum: 1,
      description: "Of the error budget of 0.1 %: 1 is all of it, below 0 the promise is broken.",
    },
  },
};

export const serviceLevelsSchema: JsonSchema = {
  type: "object",
  description: "Over the last hour, 24 hours and 30 days, against 99.9 %.",
  required: ["hour", "day", "month"],
  additionalProperties: false,
  properties: { hour: levelSchema, day: levelSchema, month: levelSchema },
};

/** States that a stream can be found in. */
export const shownStates = ["unverified", "active", "degraded", "disconnected", "blocked", "paused"] as const;

const healthSchema: JsonSchema = {
  type: "object",
  required: ["state", "since", "consecutive_failures"],
  additionalProperties: false,
  properties: {
    state: { enum: shownStates },
    since: timeSchema,
    consecutive_failures: count,
    next_attempt_at: timeSchema,
    last_error: {
      ...failureSchema,
      required: ["code", "message", "at"],
      properties: { ...failureProperties, at: timeSchema },
    },
    verification: {
      type: "object",
      required: ["ok", "at", "steps"],
      additionalProperties: false,
      properties: { ok: { type: "boolean" }, at: timeSchema, steps: { type: "array", items: stepSchema } },
    },
  },
};

/** What {@link digestJson} writes. */
export const digestSchema: JsonSchema = {
  type: "object",
  description: "The last signed digest that the destination has: it vouches for every sequence up to `through`.",
  required: ["number", "through", "at"],
  additionalProperties: false,
  properties: {
    number: { type: "integer", minimum: 1, description: "1, 2, 3 … in the stream's chain of digests." },
    through: { type: "integer", minimum: 0 },
    at: timeSchema,
    final: { const: true, description: "The chain ends with it: the stream was deleted." },
  },
};

export const streamSchema: JsonSchema = {
  type: "object",
  description: "accepted = delivered + quarantined + filtered + lost + pending, at every moment.",
  required: [
    "id",
    "name",
    "organization",
    "sink",
    "declared",
    "created_at",
    "health",
    "accepted",
    "delivered",
    "quarantined",
    "filtered",
    "lost",
    "pending",
    "pending_bytes",
    "overdue",
    "service_levels",
    "activity",
  ],
  additionalProperties: false,
  properties: {
    id: text,
    name: { type: "string", description: "What people call it; its id where it was given none." },
    organization: text,
    sink: { type: "string", description: "Kind of destination, e.g. s3." },
    declared: { type: "boolean", description: "Declared by the platform's configuration, which alone can change it." },
    created_at: timeSchema,
    health: healthSchema,
    accepted: { ...count, description: "Events appended since the stream began." },
    delivered: count,
    quarantined: { ...count, description: "In quarantine, or discarded from it." },
    filtered: { ...count, description: "Left out by the stream's filter, counted window by window." },
    lost: { ...count, description: "Given up by the platform's limit on pending age; digests list them." },
    pending: count,
    pending_bytes: count,
    oldest_pending_at: timeSchema,
    overdue: { ...count, description: "Pending for more than an hour." },
    last_streamed: lastStreamedSchema,
    digest: digestSchema,
    service_levels: serviceLevelsSchema,
    activity: {
      type: "array",
      items: count,
      minItems: 24,
      maxItems: 24,
      description: "Events delivered in each of the last 24 hours, the oldest first.",
    },
    options: { type: "object", description: "As they were given, without secrets; see the sink's schema in /setup." },
    flush: flushSchema,
    ...shapeProperties,
  },
};
