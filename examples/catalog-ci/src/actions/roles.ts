/** What roles and the accounts of programs may do. */
export const roles = {
  "role.created": {
    category: "access",
    description: "A role of the organization's own was defined.",
    metadata: {
      type: "object",
      required: ["permissions"],
      additionalProperties: false,
      properties: { permissions: { type: "array", minItems: 1, uniqueItems: true, items: { type: "string" } } },
    },
  },
  "role.updated": {
    category: "access",
    description: "A role's permissions were changed.",
    metadata: {
      type: "object",
      required: ["added", "removed"],
      additionalProperties: false,
      properties: {
        added: { type: "array", items: { type: "string" } },
        removed: { type: "array", items: { type: "string" } },
      },
    },
  },
  "role.deleted": {
    category: "access",
    description: "A role was removed.",
    metadata: {
      type: "object",
      required: ["reassigned_to", "holders"],
      additionalProperties: false,
      properties: { reassigned_to: { type: "string" }, holders: { type: "integer", minimum: 0 } },
    },
  },
  "service_account.created": {
    category: "access",
    description: "An account for a program was made.",
    metadata: {
      type: "object",
      required: ["role"],
      additionalProperties: false,
      properties: { role: { type: "string" }, purpose: { type: "string" } },
    },
  },
  "service_account.disabled": {
    category: "access",
    description: "A program's account was shut.",
    metadata: {
      type: "object",
      required: ["reason"],
      additionalProperties: false,
      properties: {
        reason: { enum: ["unused", "replaced", "leaked"] },
        tokens_revoked: { type: "integer", minimum: 0 },
      },
    },
  },
} as const;
