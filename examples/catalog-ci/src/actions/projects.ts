/** Projects, what they are connected to, and when they run by themselves. */
export const projects = {
  "project.created": {
    category: "configuration",
    description: "A repository was set up as a project.",
    metadata: {
      type: "object",
      required: ["repository", "default_branch"],
      additionalProperties: false,
      properties: { repository: { type: "string" }, default_branch: { type: "string" } },
    },
  },
  "project.settings.updated": {
    category: "configuration",
    description: "Settings of a project were changed.",
    metadata: {
      type: "object",
      required: ["setting", "from", "to"],
      additionalProperties: false,
      properties: { setting: { type: "string" }, from: { type: "string" }, to: { type: "string" } },
    },
  },
  "project.visibility.changed": {
    category: "configuration",
    description: "A project became visible to more or fewer people.",
    metadata: {
      type: "object",
      required: ["from", "to"],
      additionalProperties: false,
      properties: {
        from: { enum: ["private", "internal", "public"] },
        to: { enum: ["private", "internal", "public"] },
      },
    },
  },
  "project.deleted": {
    category: "configuration",
    description: "A project was removed; its history stays for the retention.",
    metadata: {
      type: "object",
      required: ["pipelines"],
      additionalProperties: false,
      properties: { pipelines: { type: "integer", minimum: 0 } },
    },
  },
  "webhook.created": {
    category: "configuration",
    description: "A project tells another system of its events.",
    metadata: {
      type: "object",
      required: ["host", "events"],
      additionalProperties: false,
      properties: { host: { type: "string" }, events: { type: "array", minItems: 1, items: { type: "string" } } },
    },
  },
  "webhook.updated": {
    category: "configuration",
    description: "A webhook was changed.",
    metadata: {
      type: "object",
      required: ["host", "changed"],
      additionalProperties: false,
      properties: {
        host: { type: "string" },
        changed: { type: "array", minItems: 1, items: { enum: ["url", "events", "signing_secret"] } },
      },
    },
  },
  "webhook.deleted": {
    category: "configuration",
    description: "A webhook was removed.",
    metadata: {
      type: "object",
      required: ["host"],
      additionalProperties: false,
      properties: { host: { type: "string" } },
    },
  },
  "schedule.created": {
    category: "configuration",
    description: "A project runs by itself from now on.",
    metadata: {
      type: "object",
      required: ["cron", "branch"],
      additionalProperties: false,
      properties: { cron: { type: "string" }, branch: { type: "string" } },
    },
  },
  "schedule.updated": {
    category: "configuration",
    description: "A schedule was changed.",
    metadata: {
      type: "object",
      required: ["cron_from", "cron_to"],
      additionalProperties: false,
      properties: { cron_from: { type: "string" }, cron_to: { type: "string" } },
    },
  },
  "schedule.deleted": {
    category: "configuration",
    description: "A project does not run by itself any more.",
    metadata: {
      type: "object",
      required: ["cron"],
      additionalProperties: false,
      properties: { cron: { type: "string" } },
    },
  },
} as const;
