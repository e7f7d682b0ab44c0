import { describe, expect, it } from "vitest";
import type { Waiver } from "./conformance.ts";
import { sinkConformance } from "./conformance.ts";
import type { SinkHarness } from "./harness.ts";
import { memoryHarness } from "./memory-harness.ts";

const modest: SinkHarness = { ...memoryHarness, faults: ["busy"] };

function register(harness: SinkHarness, waivers: readonly Waiver[]) {
  const bodies = new Map<string, () => Promise<void>>();
  const entries = sinkConformance({ test: (name, body) => bodies.set(name, body), harness, waivers });
  return { bodies, entries };
}

describe("sinkConformance", () => {
  it("registers the checks that the harness can play, and says which it cannot", () => {
    const { bodies, entries } = register(modest, []);
    expect(bodies.size).toBe(entries.filter((entry) => entry.status === "checked").length);
    expect(entries.find((entry) => entry.check === "outcomes/busy")?.status).toBe("checked");
    expect(entries.find((entry) => entry.check === "outcomes/reset")).toMatchObject({
      status: "not_playable",
      note: "reset",
    });
  });

  it("expects a waived check to fail, and lists the reason", async () => {
    const asleep: SinkHarness = {
      ...modest,
      open: () => {
        throw new Error("no destination");
      },
    };
    const waiver = { check: "outcomes/busy", reason: "the protocol has no way to say so" };
    const { bodies, entries } = register(asleep, [waiver]);
    expect(entries.find((entry) => entry.check === waiver.check)).toMatchObject({
      status: "waived",
      note: waiver.reason,
    });
    await expect(bodies.get(`outcomes/busy: waived, ${waiver.reason}`)?.()).resolves.toBeUndefined();
  });

  it("fails a waiver that is no longer needed", async () => {
    const { bodies } = register(modest, [{ check: "outcomes/busy", reason: "not yet" }]);
    await expect(bodies.get("outcomes/busy: waived, not yet")?.()).rejects.toThrow(/not needed any more/);
  });

  it.each([
    [{ check: "outcomes/bussy", reason: "a slip of the pen" }, /There is no check "outcomes\/bussy"/],
    [{ check: "outcomes/reset", reason: "cannot be played" }, /is unused/],
    [{ check: "outcomes/busy", reason: " " }, /gives no reason/],
  ])("refuses the waiver %j", (waiver, says) => {
    expect(() => register(modest, [waiver])).toThrow(says);
  });
});
