/** Who came in, how, and what kept them out. */
export const signIns = {
  "user.signed_in": {
    category: "authentication",
    description: "A user signed in, or tried to: the outcome tells.",
    metadata: {
      type: "object",
      required: ["method", "mfa"],
      additionalProperties: false,
      properties: {
        method: { enum: ["password", "sso", "passkey", "vcs_oauth"] },
        mfa: { type: "boolean", description: "Whether a second factor was asked for and given." },
        session_id: { type: "string", description: "Absent where no session began." },
        failure_reason: { enum: ["wrong_password", "mfa_failed", "account_locked", "sso_required", "ip_not_allowed"] },
      },
    },
  },
  "user.signed_out": {
    category: "authentication",
    description: "A session ended.",
    metadata: {
      type: "object",
      required: ["session_id", "reason"],
      additionalProperties: false,
      properties: {
        session_id: { type: "string" },
        reason: { enum: ["user", "idle", "expired"] },
        duration_seconds: { type: "integer", minimum: 0 },
      },
    },
  },
  "user.session.revoked": {
    category: "authentication",
    description: "An administrator ended somebody's session.",
    metadata: {
      type: "object",
      required: ["session_id", "reason"],
      additionalProperties: false,
      properties: { session_id: { type: "string" }, reason: { enum: ["offboarding", "suspicious", "policy"] } },
    },
  },
  "user.password.reset_requested": {
    category: "authentication",
    description: "Somebody asked for a link to set a new password.",
    metadata: {
      type: "object",
      required: ["delivery"],
      additionalProperties: false,
      properties: { delivery: { enum: ["email"] } },
    },
  },
  "user.password.changed": {
    category: "authentication",
    description: "A user set a new password.",
    metadata: {
      type: "object",
      required: ["trigger"],
      additionalProperties: false,
      properties: {
        trigger: { enum: ["user", "reset", "expired"] },
        sessions_ended: { type: "integer", minimum: 0 },
      },
    },
  },
  "user.account.locked": {
    category: "authentication",
    description: "An account was locked after too many failed sign-ins.",
    metadata: {
      type: "object",
      required: ["failed_attempts", "locked_for_seconds"],
      additionalProperties: false,
      properties: {
        failed_attempts: { type: "integer", minimum: 1 },
        locked_for_seconds: { type: "integer", minimum: 1 },
      },
    },
  },
  "user.account.unlocked": {
    category: "authentication",
    description: "A locked account was opened again.",
    metadata: {
      type: "object",
      required: ["by"],
      additionalProperties: false,
      properties: { by: { enum: ["timeout", "administrator"] } },
    },
  },
} as const;
