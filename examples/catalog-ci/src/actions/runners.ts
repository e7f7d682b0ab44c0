/** Machines that run jobs. */
export const runners = {
  "runner.registered": {
    category: "configuration",
    description: "A machine was added to those that run jobs.",
    metadata: {
      type: "object",
      required: ["resource_class", "version", "os"],
      additionalProperties: false,
      properties: {
        resource_class: { type: "string" },
        version: { type: "string" },
        os: { enum: ["linux", "macos", "windows"] },
      },
    },
  },
  "runner.updated": {
    category: "configuration",
    description: "A machine runs another version of the runner.",
    metadata: {
      type: "object",
      required: ["from_version", "to_version"],
      additionalProperties: false,
      properties: { from_version: { type: "string" }, to_version: { type: "string" } },
    },
  },
  "runner.removed": {
    category: "configuration",
    description: "A machine does not run jobs any more.",
    metadata: {
      type: "object",
      required: ["reason"],
      additionalProperties: false,
      properties: { reason: { enum: ["administrator", "scaled_down", "unreachable"] } },
    },
  },
  "runner.token.rotated": {
    category: "authentication",
    description: "The token with which the machines of a class sign in was renewed.",
    metadata: {
      type: "object",
      required: ["resource_class"],
      additionalProperties: false,
      properties: { resource_class: { type: "string" } },
    },
  },
} as const;
