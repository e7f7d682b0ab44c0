/** Credentials of programs. Never the credential itself: its id, kind and scopes. */
export const tokens = {
  "token.created": {
    category: "authentication",
    description: "An API token was issued.",
    metadata: {
      type: "object",
      required: ["kind", "scopes"],
      additionalProperties: false,
      properties: {
        kind: { enum: ["personal", "project", "service_account"] },
        scopes: { type: "array", minItems: 1, uniqueItems: true, items: { type: "string" } },
        expires_at: { type: "string", format: "date-time", description: "Absent where it never does." },
      },
    },
  },
  "token.rotated": {
    category: "authentication",
    description: "A token got a new value; the old one runs out.",
    metadata: {
      type: "object",
      required: ["kind", "overlap_seconds"],
      additionalProperties: false,
      properties: {
        kind: { enum: ["personal", "project", "service_account"] },
        overlap_seconds: { type: "integer", minimum: 0 },
      },
    },
  },
  "token.revoked": {
    category: "authentication",
    description: "A token was made useless before its time.",
    metadata: {
      type: "object",
      required: ["kind", "reason"],
      additionalProperties: false,
      properties: {
        kind: { enum: ["personal", "project", "service_account"] },
        reason: { enum: ["user", "leaked", "offboarding", "unused"] },
        last_used_days_ago: { type: "integer", minimum: 0 },
      },
    },
  },
  "token.refused": {
    category: "authentication",
    description: "A request came with a token that was expired, revoked or not allowed to do this.",
    metadata: {
      type: "object",
      required: ["reason", "route"],
      additionalProperties: false,
      properties: {
        reason: { enum: ["expired", "revoked", "scope_missing", "ip_not_allowed"] },
        route: { type: "string", description: "The route's pattern, without its values." },
      },
    },
  },
  "oidc.token.issued": {
    category: "authentication",
    description: "A job got a short-lived identity token for a cloud.",
    metadata: {
      type: "object",
      required: ["job_id", "audience", "ttl_seconds"],
      additionalProperties: false,
      properties: {
        job_id: { type: "string" },
        audience: { type: "string" },
        ttl_seconds: { type: "integer", minimum: 1 },
      },
    },
  },
  "oauth_app.authorized": {
    category: "authentication",
    description: "A user let an application act in their name.",
    metadata: {
      type: "object",
      required: ["scopes"],
      additionalProperties: false,
      properties: { scopes: { type: "array", minItems: 1, items: { type: "string" } } },
    },
  },
  "oauth_app.revoked": {
    category: "authentication",
    description: "An application lost the right to act in a user's name.",
    metadata: {
      type: "object",
      required: ["reason"],
      additionalProperties: false,
      properties: { reason: { enum: ["user", "administrator", "unused"] } },
    },
  },
} as const;
