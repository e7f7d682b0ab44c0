import type { Scenario } from "./scenario.ts";
import { event } from "./world.ts";

/** Health, events and tokens. */
export const frameScenario: Scenario = {
  steps: [
    { operation: "getHealth", status: 200, as: "nobody" },
    { operation: "getReadiness", status: 200, as: "nobody" },
    { operation: "getOpenapi", status: 200, as: "nobody" },
    { operation: "getDigestKeys", status: 200, as: "nobody" },
    { operation: "getMetrics", status: 200, as: "operator" },
    { operation: "getMe", status: 200 },
    {
      operation: "appendEvents",
      status: 202,
      asked: () => ({ body: [event("e-1"), event("e-2", { metadata: { n: 1 } })] }),
    },
    { operation: "queryEvents", status: 200, query: "?action=user.*&limit=1&order=desc" },
    {
      operation: "createToken",
      status: 201,
      asked: () => ({ body: { name: "billing", role: "ingest", expires_at: "2999-01-01T00:00:00Z" } }),
      after: (body, notes) => notes.set("token", (body as { id: string }).id),
    },
    { operation: "listTokens", status: 200, query: "?limit=1" },
    { operation: "revokeToken", status: 204, path: (notes) => ({ token: notes.get("token") ?? "" }) },
    {
      operation: "createAnyToken",
      status: 201,
      as: "operator",
      asked: () => ({ body: { name: "on call", role: "operator" } }),
      after: (body, notes) => notes.set("operator token", (body as { id: string }).id),
    },
    { operation: "listAllTokens", status: 200, as: "operator" },
    {
      operation: "revokeAnyToken",
      status: 204,
      as: "operator",
      path: (notes) => ({ token: notes.get("operator token") ?? "" }),
    },
  ],
};
