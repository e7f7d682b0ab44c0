/** Plans, payment and who looked at the bills. */
export const billing = {
  "billing.plan.changed": {
    category: "billing",
    description: "The organization took another plan.",
    metadata: {
      type: "object",
      required: ["from", "to"],
      additionalProperties: false,
      properties: { from: { enum: ["free", "team", "scale"] }, to: { enum: ["free", "team", "scale"] } },
    },
  },
  "billing.payment_method.updated": {
    category: "billing",
    description: "The organization pays in another way.",
    metadata: {
      type: "object",
      required: ["kind"],
      additionalProperties: false,
      properties: { kind: { enum: ["card", "invoice", "direct_debit"] } },
    },
  },
  "billing.invoice.downloaded": {
    category: "billing",
    description: "Somebody fetched a bill.",
    metadata: {
      type: "object",
      required: ["period"],
      additionalProperties: false,
      properties: { period: { type: "string", pattern: "^[0-9]{4}-[0-9]{2}$" } },
    },
  },
  "billing.spend_limit.changed": {
    category: "billing",
    description: "The most that may be spent in a month was changed.",
    metadata: {
      type: "object",
      required: ["from_credits", "to_credits"],
      additionalProperties: false,
      properties: {
        from_credits: { type: "integer", minimum: 0 },
        to_credits: { type: "integer", minimum: 0 },
      },
    },
  },
} as const;
