import type { StreamStatus } from "@headgate/core";
import { describe, expect, it } from "vitest";
import { pendingText } from "./run.ts";

const left = (pending: number, health: Partial<StreamStatus["health"]>): StreamStatus =>
  ({ id: "s", pending, health: { state: "active", consecutiveFailures: 0, ...health } }) as StreamStatus;

describe("pendingText", () => {
  it("speaks of the destination only where it failed", () => {
    expect(pendingText([left(1, {})])).toBe("1 event is still pending on s. It is kept: run again to deliver it.");
    expect(pendingText([left(1200, {})])).toBe(
      "1,200 events are still pending on s. They are kept: run again to deliver them.",
    );
    for (const health of [{ state: "blocked" }, { consecutiveFailures: 1 }] as const) {
      expect(pendingText([left(2, health)])).toBe(
        "2 events are still pending on s. They are kept: mend the destination, then run again.",
      );
    }
  });
});
