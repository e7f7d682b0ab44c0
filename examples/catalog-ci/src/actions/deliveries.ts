/** What pipelines leave behind, who let it through, and where it went. */
export const deliveries = {
  "approval.requested": {
    category: "pipeline",
    description: "A workflow waits for somebody's consent.",
    metadata: {
      type: "object",
      required: ["pipeline_id", "environment"],
      additionalProperties: false,
      properties: { pipeline_id: { type: "string" }, environment: { type: "string" } },
    },
  },
  "approval.granted": {
    category: "pipeline",
    description: "Somebody let a workflow go on.",
    metadata: {
      type: "object",
      required: ["pipeline_id", "environment", "waited_ms"],
      additionalProperties: false,
      properties: {
        pipeline_id: { type: "string" },
        environment: { type: "string" },
        waited_ms: { type: "integer", minimum: 0 },
      },
    },
  },
  "approval.rejected": {
    category: "pipeline",
    description: "Somebody stopped a workflow that waited for consent.",
    metadata: {
      type: "object",
      required: ["pipeline_id", "environment", "waited_ms"],
      additionalProperties: false,
      properties: {
        pipeline_id: { type: "string" },
        environment: { type: "string" },
        waited_ms: { type: "integer", minimum: 0 },
      },
    },
  },
  "deployment.started": {
    category: "pipeline",
    description: "A version began to be rolled out.",
    metadata: {
      type: "object",
      required: ["pipeline_id", "environment", "version"],
      additionalProperties: false,
      properties: { pipeline_id: { type: "string" }, environment: { type: "string" }, version: { type: "string" } },
    },
  },
  "deployment.finished": {
    category: "pipeline",
    description: "A roll-out came to its end.",
    metadata: {
      type: "object",
      required: ["environment", "version", "status", "duration_ms"],
      additionalProperties: false,
      properties: {
        environment: { type: "string" },
        version: { type: "string" },
        status: { enum: ["succeeded", "failed"] },
        duration_ms: { type: "integer", minimum: 0 },
      },
    },
  },
  "deployment.rolled_back": {
    category: "pipeline",
    description: "An environment went back to an earlier version.",
    metadata: {
      type: "object",
      required: ["environment", "from_version", "to_version"],
      additionalProperties: false,
      properties: {
        environment: { type: "string" },
        from_version: { type: "string" },
        to_version: { type: "string" },
      },
    },
  },
  "policy.violated": {
    category: "pipeline",
    description: "A pipeline broke a rule, and was warned or refused.",
    metadata: {
      type: "object",
      required: ["kind", "enforcement", "pipeline_id"],
      additionalProperties: false,
      properties: {
        kind: { enum: ["allowed_images", "required_approval", "secret_access", "resource_limit"] },
        enforcement: { enum: ["warn", "refuse"] },
        pipeline_id: { type: "string" },
      },
    },
  },
  "artifact.stored": {
    category: "data",
    description: "A job left a file.",
    metadata: {
      type: "object",
      required: ["job_id", "bytes", "sha256"],
      additionalProperties: false,
      properties: {
        job_id: { type: "string" },
        bytes: { type: "integer", minimum: 0 },
        sha256: { type: "string", pattern: "^[0-9a-f]{64}$" },
      },
    },
  },
  "artifact.downloaded": {
    category: "data",
    description: "Somebody fetched a file that a job left.",
    metadata: {
      type: "object",
      required: ["bytes"],
      additionalProperties: false,
      properties: { bytes: { type: "integer", minimum: 0 } },
    },
  },
  "artifact.deleted": {
    category: "data",
    description: "A file that a job left was removed.",
    metadata: {
      type: "object",
      required: ["reason"],
      additionalProperties: false,
      properties: { reason: { enum: ["user", "retention"] } },
    },
  },
  "audit_log.exported": {
    category: "data",
    description: "Somebody took a copy of the audit log.",
    metadata: {
      type: "object",
      required: ["format", "events", "from", "to"],
      additionalProperties: false,
      properties: {
        format: { enum: ["ndjson", "csv"] },
        events: { type: "integer", minimum: 0 },
        from: { type: "string", format: "date-time" },
        to: { type: "string", format: "date-time" },
      },
    },
  },
} as const;
