/** Longest id, action, type or name, in UTF-16 code units. */
const short = { type: "string", minLength: 1, maxLength: 256, pattern: "^[^\\u0000-\\u001f\\u007f]*$" } as const;
const name = { type: "string", maxLength: 1024 } as const;
const party = (what: string) =>
  ({
    type: "object",
    description: what,
    required: ["type", "id"],
    additionalProperties: false,
    properties: { type: short, id: short, name },
  }) as const;

const actor = party("Who did it.");
const target = party("What it was done to.");

const callerProperties = {
  schema_version: { const: 1, description: "Version of this schema." },
  id: { ...short, description: "Unique in the organization; appends are idempotent by it. Default: a UUIDv7." },
  occurred_at: {
    type: "string",
    maxLength: 64,
    description: "RFC 3339, any offset; stored in UTC with milliseconds. Default: now.",
  },
  organization: {
    type: "object",
    description: "Whose event it is.",
    required: ["id"],
    additionalProperties: false,
    properties: { id: short, name },
  },
  action: { ...short, description: "What was done, e.g. context.secrets.accessed." },
  category: {
    ...short,
    description: "authentication, configuration, pipeline, access, data, billing, system, or the platform's own.",
  },
  outcome: { enum: ["success", "failure", "denied", "unknown"], description: "How it ended." },
  actor,
  targets: { type: "array", maxItems: 1000, items: target },
  context: {
    type: "object",
    description: "Circumstances of the request; further members are kept.",
    properties: {
      ip: { type: "string", maxLength: 256 },
      user_agent: { type: "string", maxLength: 8192 },
      request_id: { type: "string", maxLength: 1024 },
    },
  },
  metadata: { type: "object", description: "Any JSON; the catalog may say more for an action." },
} as const;

/** JSON Schema of what a caller hands in; `sequence` is not among it, because the journal gives it. */
export const newEventSchema: Readonly<Record<string, unknown>> = {
  $schema: "https://json-schema.org/draft/2020-12/schema",
  title: "Headgate audit event to append, version 1",
  type: "object",
  required: ["action", "actor"],
  additionalProperties: false,
  properties: callerProperties,
};

/** JSON Schema (draft 2020-12) of an event as it is stored and delivered. Shipped as `schema/event-v1.json`. */
export const eventSchema: Readonly<Record<string, unknown>> = {
  $schema: "https://json-schema.org/draft/2020-12/schema",
  $id: "urn:headgate:event:v1",
  title: "Headgate audit event, version 1",
  description: "One line of NDJSON in the journal and at every destination.",
  type: "object",
  required: ["schema_version", "id", "occurred_at", "organization", "action", "actor", "sequence"],
  additionalProperties: false,
  properties: {
    ...callerProperties,
    occurred_at: {
      type: "string",
      pattern: "^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}\\.\\d{3}Z$",
      description: "UTC with milliseconds.",
    },
    sequence: {
      type: "integer",
      minimum: 1,
      description: "1, 2, 3 … per organization, without gaps, given at append.",
    },
  },
};
