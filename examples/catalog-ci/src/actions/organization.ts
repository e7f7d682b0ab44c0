/** Settings of the organization, its policies, and the audit log itself. */
export const organization = {
  "organization.settings.updated": {
    category: "configuration",
    description: "Settings of the organization were changed.",
    metadata: {
      type: "object",
      required: ["changes"],
      additionalProperties: false,
      properties: {
        changes: {
          type: "array",
          minItems: 1,
          items: {
            type: "object",
            required: ["setting", "from", "to"],
            additionalProperties: false,
            properties: { setting: { type: "string" }, from: { type: "string" }, to: { type: "string" } },
          },
        },
      },
    },
  },
  "organization.ip_allowlist.updated": {
    category: "configuration",
    description: "The networks from which members may come were changed.",
    metadata: {
      type: "object",
      required: ["added", "removed", "enforced"],
      additionalProperties: false,
      properties: {
        added: { type: "array", items: { type: "string", description: "CIDR" } },
        removed: { type: "array", items: { type: "string", description: "CIDR" } },
        enforced: { type: "boolean" },
      },
    },
  },
  "organization.retention.changed": {
    category: "configuration",
    description: "Logs or artifacts are kept for another time.",
    metadata: {
      type: "object",
      required: ["of", "from_days", "to_days"],
      additionalProperties: false,
      properties: {
        of: { enum: ["build_logs", "artifacts", "test_results"] },
        from_days: { type: "integer", minimum: 1 },
        to_days: { type: "integer", minimum: 1 },
      },
    },
  },
  "policy.created": {
    category: "configuration",
    description: "A rule for pipelines was added.",
    metadata: {
      type: "object",
      required: ["kind", "enforcement"],
      additionalProperties: false,
      properties: {
        kind: { enum: ["allowed_images", "required_approval", "secret_access", "resource_limit"] },
        enforcement: { enum: ["warn", "refuse"] },
      },
    },
  },
  "policy.updated": {
    category: "configuration",
    description: "A rule for pipelines was changed.",
    metadata: {
      type: "object",
      required: ["kind", "enforcement", "version"],
      additionalProperties: false,
      properties: {
        kind: { enum: ["allowed_images", "required_approval", "secret_access", "resource_limit"] },
        enforcement: { enum: ["warn", "refuse"] },
        version: { type: "integer", minimum: 2 },
      },
    },
  },
  "policy.deleted": {
    category: "configuration",
    description: "A rule for pipelines was removed.",
    metadata: {
      type: "object",
      required: ["kind"],
      additionalProperties: false,
      properties: { kind: { enum: ["allowed_images", "required_approval", "secret_access", "resource_limit"] } },
    },
  },
  "audit_stream.created": {
    category: "configuration",
    description: "The audit log began to be streamed to a destination of the organization.",
    metadata: {
      type: "object",
      required: ["sink"],
      additionalProperties: false,
      properties: { sink: { enum: ["s3", "splunk", "datadog"] } },
    },
  },
  "audit_stream.updated": {
    category: "configuration",
    description: "The settings of an audit stream were changed.",
    metadata: {
      type: "object",
      required: ["sink", "changed"],
      additionalProperties: false,
      properties: {
        sink: { enum: ["s3", "splunk", "datadog"] },
        changed: {
          type: "array",
          minItems: 1,
          items: { enum: ["destination", "credentials", "encryption", "filter"] },
        },
      },
    },
  },
  "audit_stream.paused": {
    category: "configuration",
    description: "An audit stream was stopped; events are kept for it.",
    metadata: {
      type: "object",
      required: ["sink"],
      additionalProperties: false,
      properties: { sink: { enum: ["s3", "splunk", "datadog"] }, note: { type: "string" } },
    },
  },
  "audit_stream.resumed": {
    category: "configuration",
    description: "A paused audit stream goes on.",
    metadata: {
      type: "object",
      required: ["sink", "paused_for_seconds"],
      additionalProperties: false,
      properties: {
        sink: { enum: ["s3", "splunk", "datadog"] },
        paused_for_seconds: { type: "integer", minimum: 0 },
      },
    },
  },
  "audit_stream.deleted": {
    category: "configuration",
    description: "An audit stream was ended.",
    metadata: {
      type: "object",
      required: ["sink"],
      additionalProperties: false,
      properties: { sink: { enum: ["s3", "splunk", "datadog"] } },
    },
  },
} as const;
