import { describe, expect, it } from "vitest";
import { play } from "./scenario.ts";
import { withoutPostgres } from "../database/cluster.ts";
import { postgresScenarios, scenarios } from "./scenarios.ts";

const available = process.env["RGW_ENDPOINT"] !== undefined;
if (!available && process.env["HEADGATE_REQUIRE_SERVICES"] === "1") {
  throw new Error("RGW_ENDPOINT is not set, and HEADGATE_REQUIRE_SERVICES asks for the S3 server.");
}

// A short version; `tests/crash/long.ts` plays the same at length.
describe.skipIf(!available)("headgate run, killed and restarted against a real S3 server", () => {
  const size = { events: 6000, kills: 3, organizations: 5, seed: Number(process.env["HEADGATE_SEED"] ?? 1) };
  const all = available ? [...scenarios(size), ...(withoutPostgres ? [] : postgresScenarios(size))] : [];
  for (const scenario of all) {
    it(`has every event exactly once in the bucket: ${scenario.name}`, async () => {
      const result = await play(scenario);
      expect(result.events).toBeGreaterThanOrEqual(size.events);
      expect(result.surprises).toEqual([]);
    });
  }
});
