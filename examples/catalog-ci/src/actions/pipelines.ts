/** Pipelines, their workflows and jobs: what ran, for whom, for how long. */
export const pipelines = {
  "pipeline.started": {
    category: "pipeline",
    description: "A pipeline began.",
    metadata: {
      type: "object",
      required: ["number", "trigger", "branch", "commit"],
      additionalProperties: false,
      properties: {
        number: { type: "integer", minimum: 1 },
        trigger: { enum: ["push", "pull_request", "schedule", "api", "manual", "rerun"] },
        branch: { type: "string" },
        commit: { type: "string", pattern: "^[0-9a-f]{40}$" },
        rerun_of: { type: "string" },
      },
    },
  },
  "pipeline.finished": {
    category: "pipeline",
    description: "A pipeline came to its end.",
    metadata: {
      type: "object",
      required: ["number", "status", "duration_ms"],
      additionalProperties: false,
      properties: {
        number: { type: "integer", minimum: 1 },
        status: { enum: ["succeeded", "failed"] },
        duration_ms: { type: "integer", minimum: 0 },
      },
    },
  },
  "pipeline.cancelled": {
    category: "pipeline",
    description: "A pipeline was stopped before its end.",
    metadata: {
      type: "object",
      required: ["number", "reason", "duration_ms"],
      additionalProperties: false,
      properties: {
        number: { type: "integer", minimum: 1 },
        reason: { enum: ["user", "superseded"] },
        duration_ms: { type: "integer", minimum: 0 },
      },
    },
  },
  "pipeline.rerun_requested": {
    category: "pipeline",
    description: "Somebody asked to run a pipeline again.",
    metadata: {
      type: "object",
      required: ["from"],
      additionalProperties: false,
      properties: { from: { enum: ["start", "failed"] } },
    },
  },
  "workflow.started": {
    category: "pipeline",
    description: "A workflow of a pipeline began.",
    metadata: {
      type: "object",
      required: ["pipeline_id", "jobs"],
      additionalProperties: false,
      properties: { pipeline_id: { type: "string" }, jobs: { type: "integer", minimum: 1 } },
    },
  },
  "workflow.finished": {
    category: "pipeline",
    description: "A workflow of a pipeline came to its end.",
    metadata: {
      type: "object",
      required: ["pipeline_id", "status", "duration_ms"],
      additionalProperties: false,
      properties: {
        pipeline_id: { type: "string" },
        status: { enum: ["succeeded", "failed", "cancelled"] },
        duration_ms: { type: "integer", minimum: 0 },
      },
    },
  },
  "job.started": {
    category: "pipeline",
    description: "A runner took a job.",
    metadata: {
      type: "object",
      required: ["workflow_id", "runner_id", "resource_class", "queued_ms"],
      additionalProperties: false,
      properties: {
        workflow_id: { type: "string" },
        runner_id: { type: "string" },
        resource_class: { type: "string" },
        queued_ms: { type: "integer", minimum: 0 },
      },
    },
  },
  "job.finished": {
    category: "pipeline",
    description: "A job came to its end.",
    metadata: {
      type: "object",
      required: ["workflow_id", "status", "exit_code", "duration_ms"],
      additionalProperties: false,
      properties: {
        workflow_id: { type: "string" },
        status: { enum: ["succeeded", "failed", "timed_out"] },
        exit_code: { type: "integer", minimum: 0, maximum: 255 },
        duration_ms: { type: "integer", minimum: 0 },
      },
    },
  },
  "job.cancelled": {
    category: "pipeline",
    description: "A job was stopped before its end.",
    metadata: {
      type: "object",
      required: ["workflow_id", "duration_ms"],
      additionalProperties: false,
      properties: { workflow_id: { type: "string" }, duration_ms: { type: "integer", minimum: 0 } },
    },
  },
  "job.ssh_session.opened": {
    category: "access",
    description: "Somebody logged in to the machine of a running job.",
    metadata: {
      type: "object",
      required: ["runner_id", "key_fingerprint"],
      additionalProperties: false,
      properties: {
        runner_id: { type: "string" },
        key_fingerprint: { type: "string", pattern: "^SHA256:[A-Za-z0-9+/]{43}$" },
      },
    },
  },
} as const;
