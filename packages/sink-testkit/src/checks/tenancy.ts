import assert from "node:assert/strict";
import type { Check } from "../check.ts";

/** The identity at the destination that one organization may use, where there is one. */
export const tenancy: readonly Check[] = [
  {
    id: "tenancy/stable",
    title: "names one identity for options as they are given and as they are stored, without a secret",
    async run({ harness: { tenancy: tried, secrets } }) {
      if (tried === undefined) return;
      const { definition, options } = tried;
      const identity = definition.tenancy?.(options);
      assert.ok(identity !== undefined && identity !== "", "The harness's options have no tenancy.");
      assert.equal(definition.tenancy?.(options), identity, "The tenancy changes from call to call.");
      // As the store keeps them: JSON, a secret redacted.
      const stored = JSON.parse(JSON.stringify(options)) as object;
      assert.equal(definition.tenancy?.(stored), identity, "Stored options have another tenancy than those given.");
      for (const secret of secrets) assert.ok(!identity.includes(secret), "The tenancy holds a secret.");
    },
  },
];
