/** Contexts, their secrets, and what projects keep for their jobs. Names of secrets, never values. */
export const secrets = {
  "context.created": {
    category: "configuration",
    description: "A context for sharing secrets between projects was made.",
    metadata: {
      type: "object",
      required: ["restricted_to"],
      additionalProperties: false,
      properties: { restricted_to: { enum: ["everyone", "groups", "projects"] } },
    },
  },
  "context.deleted": {
    category: "configuration",
    description: "A context was removed with its secrets.",
    metadata: {
      type: "object",
      required: ["secrets"],
      additionalProperties: false,
      properties: { secrets: { type: "integer", minimum: 0 } },
    },
  },
  "context.restriction.changed": {
    category: "configuration",
    description: "Who may use a context was changed.",
    metadata: {
      type: "object",
      required: ["from", "to"],
      additionalProperties: false,
      properties: {
        from: { enum: ["everyone", "groups", "projects"] },
        to: { enum: ["everyone", "groups", "projects"] },
      },
    },
  },
  "context.secret.stored": {
    category: "configuration",
    description: "A secret of a context was added or got a new value.",
    metadata: {
      type: "object",
      required: ["name", "replaced"],
      additionalProperties: false,
      properties: { name: { type: "string" }, replaced: { type: "boolean" } },
    },
  },
  "context.secret.removed": {
    category: "configuration",
    description: "A secret was taken out of a context.",
    metadata: {
      type: "object",
      required: ["name"],
      additionalProperties: false,
      properties: { name: { type: "string" } },
    },
  },
  "context.secrets.accessed": {
    category: "configuration",
    description: "A job read the secrets of a context, or was refused them.",
    metadata: {
      type: "object",
      required: ["job_id", "names"],
      additionalProperties: false,
      properties: {
        job_id: { type: "string" },
        names: { type: "array", minItems: 1, items: { type: "string" } },
        refused_by: { enum: ["restriction", "policy"] },
      },
    },
  },
  "project.variable.stored": {
    category: "configuration",
    description: "An environment variable of a project was added or got a new value.",
    metadata: {
      type: "object",
      required: ["name", "replaced", "masked"],
      additionalProperties: false,
      properties: { name: { type: "string" }, replaced: { type: "boolean" }, masked: { type: "boolean" } },
    },
  },
  "project.variable.removed": {
    category: "configuration",
    description: "An environment variable of a project was removed.",
    metadata: {
      type: "object",
      required: ["name"],
      additionalProperties: false,
      properties: { name: { type: "string" } },
    },
  },
  "project.ssh_key.added": {
    category: "configuration",
    description: "A project got an SSH key for its jobs.",
    metadata: {
      type: "object",
      required: ["fingerprint", "purpose"],
      additionalProperties: false,
      properties: {
        fingerprint: { type: "string", pattern: "^SHA256:[A-Za-z0-9+/]{43}$" },
        purpose: { enum: ["checkout", "deploy"] },
        host: { type: "string" },
      },
    },
  },
  "project.ssh_key.removed": {
    category: "configuration",
    description: "An SSH key was taken from a project.",
    metadata: {
      type: "object",
      required: ["fingerprint"],
      additionalProperties: false,
      properties: { fingerprint: { type: "string", pattern: "^SHA256:[A-Za-z0-9+/]{43}$" } },
    },
  },
} as const;
