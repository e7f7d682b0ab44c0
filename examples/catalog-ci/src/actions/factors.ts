/** Second factors and single sign-on. */
export const factors = {
  "user.mfa.enrolled": {
    category: "authentication",
    description: "A user added a second factor.",
    metadata: {
      type: "object",
      required: ["factor"],
      additionalProperties: false,
      properties: { factor: { enum: ["totp", "passkey", "security_key"] } },
    },
  },
  "user.mfa.removed": {
    category: "authentication",
    description: "A second factor was removed, by its user or by an administrator.",
    metadata: {
      type: "object",
      required: ["factor", "remaining_factors"],
      additionalProperties: false,
      properties: {
        factor: { enum: ["totp", "passkey", "security_key"] },
        remaining_factors: { type: "integer", minimum: 0 },
      },
    },
  },
  "user.mfa.challenged": {
    category: "authentication",
    description: "A user was asked for a second factor before a sensitive step.",
    metadata: {
      type: "object",
      required: ["factor", "for"],
      additionalProperties: false,
      properties: {
        factor: { enum: ["totp", "passkey", "security_key"] },
        for: { enum: ["sign_in", "secret_access", "token_creation", "deletion"] },
      },
    },
  },
  "user.recovery_codes.regenerated": {
    category: "authentication",
    description: "A user replaced the recovery codes of an account.",
    metadata: {
      type: "object",
      required: ["count"],
      additionalProperties: false,
      properties: { count: { type: "integer", minimum: 1 } },
    },
  },
  "sso.connection.created": {
    category: "configuration",
    description: "A single sign-on connection was set up.",
    metadata: {
      type: "object",
      required: ["protocol", "domain"],
      additionalProperties: false,
      properties: { protocol: { enum: ["saml", "oidc"] }, domain: { type: "string" } },
    },
  },
  "sso.connection.updated": {
    category: "configuration",
    description: "A single sign-on connection was changed.",
    metadata: {
      type: "object",
      required: ["protocol", "changed"],
      additionalProperties: false,
      properties: {
        protocol: { enum: ["saml", "oidc"] },
        changed: { type: "array", minItems: 1, items: { enum: ["certificate", "metadata_url", "attribute_mapping"] } },
      },
    },
  },
  "sso.connection.deleted": {
    category: "configuration",
    description: "A single sign-on connection was removed.",
    metadata: {
      type: "object",
      required: ["protocol", "domain"],
      additionalProperties: false,
      properties: { protocol: { enum: ["saml", "oidc"] }, domain: { type: "string" } },
    },
  },
  "sso.enforcement.changed": {
    category: "configuration",
    description: "Single sign-on became required, or optional again.",
    metadata: {
      type: "object",
      required: ["from", "to"],
      additionalProperties: false,
      properties: {
        from: { enum: ["off", "optional", "required"] },
        to: { enum: ["off", "optional", "required"] },
        grace_days: { type: "integer", minimum: 0 },
      },
    },
  },
} as const;
