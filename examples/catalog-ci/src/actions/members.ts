/** Who belongs to the organization, in which groups and roles. */
export const members = {
  "member.invited": {
    category: "access",
    description: "Somebody was invited to the organization.",
    metadata: {
      type: "object",
      required: ["role", "email_domain"],
      additionalProperties: false,
      properties: {
        role: { type: "string" },
        email_domain: { type: "string", description: "The part behind the @." },
      },
    },
  },
  "member.joined": {
    category: "access",
    description: "Somebody became a member.",
    metadata: {
      type: "object",
      required: ["via"],
      additionalProperties: false,
      properties: { via: { enum: ["invitation", "sso", "scim"] }, invited_by: { type: "string" } },
    },
  },
  "member.removed": {
    category: "access",
    description: "A member was taken out of the organization.",
    metadata: {
      type: "object",
      required: ["reason", "role"],
      additionalProperties: false,
      properties: { reason: { enum: ["administrator", "left", "scim"] }, role: { type: "string" } },
    },
  },
  "member.role.changed": {
    category: "access",
    description: "A member got another role.",
    metadata: {
      type: "object",
      required: ["from", "to"],
      additionalProperties: false,
      properties: { from: { type: "string" }, to: { type: "string" } },
    },
  },
  "group.created": {
    category: "access",
    description: "A group was made.",
    metadata: {
      type: "object",
      required: ["source"],
      additionalProperties: false,
      properties: { source: { enum: ["manual", "scim", "vcs_team"] } },
    },
  },
  "group.deleted": {
    category: "access",
    description: "A group was removed; its members lost what it gave them.",
    metadata: {
      type: "object",
      required: ["members"],
      additionalProperties: false,
      properties: { members: { type: "integer", minimum: 0 } },
    },
  },
  "group.member.added": {
    category: "access",
    description: "A member was put into a group.",
    metadata: {
      type: "object",
      required: ["source"],
      additionalProperties: false,
      properties: { source: { enum: ["manual", "scim", "vcs_team"] } },
    },
  },
  "group.member.removed": {
    category: "access",
    description: "A member was taken out of a group.",
    metadata: {
      type: "object",
      required: ["source"],
      additionalProperties: false,
      properties: { source: { enum: ["manual", "scim", "vcs_team"] } },
    },
  },
  "project.role.granted": {
    category: "access",
    description: "A member or group got a role in one project.",
    metadata: {
      type: "object",
      required: ["role", "grantee_type"],
      additionalProperties: false,
      properties: { role: { type: "string" }, grantee_type: { enum: ["user", "group", "service_account"] } },
    },
  },
  "project.role.withdrawn": {
    category: "access",
    description: "A member or group lost a role in one project.",
    metadata: {
      type: "object",
      required: ["role", "grantee_type"],
      additionalProperties: false,
      properties: { role: { type: "string" }, grantee_type: { enum: ["user", "group", "service_account"] } },
    },
  },
} as const;
