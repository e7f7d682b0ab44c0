import { type Clock, HeadgateError } from "@headgate/core";
import { describe, expect, it } from "vitest";
import { runTraffic } from "./traffic.ts";

function* numbers(): Generator<number, never, void> {
  for (let i = 0; ; i++) yield i;
}

/** A clock on which waiting takes no time, and which ends the test after a while. */
function quickClock(endsAfterMs: number): { readonly clock: Clock; readonly signal: AbortSignal } {
  const controller = new AbortController();
  let now = 0;
  const after: Clock["after"] = (ms, callback) => {
    const handle = setImmediate(() => {
      now += ms;
      if (now >= endsAfterMs) controller.abort(new Error("the end"));
      callback();
    });
    return () => clearImmediate(handle);
  };
  return { clock: { now: () => now, after }, signal: controller.signal };
}

describe("runTraffic", () => {
  it("appends about as many events as the rate says, each once and in order", async () => {
    const appended: number[] = [];
    await runTraffic({
      events: numbers(),
      append: async (events) => void appended.push(...events),
      rate: () => 50,
      onTrouble: () => {},
      random: Math.random,
      ...quickClock(60_000),
    });
    expect(appended).toEqual(appended.map((_, i) => i));
    expect(appended.length).toBeGreaterThan(2000);
    expect(appended.length).toBeLessThan(4000);
  });

  it("tries again what was refused, and tells of it", async () => {
    const appended: number[] = [];
    const told: (string | undefined)[] = [];
    let calls = 0;
    await runTraffic({
      events: numbers(),
      async append(events) {
        if (++calls % 3 === 0) throw new HeadgateError("store_full", "The store is full.");
        appended.push(...events);
      },
      rate: () => 20,
      onTrouble: (trouble) => void told.push(trouble?.code),
      random: () => 0.5,
      ...quickClock(20_000),
    });
    expect(appended).toEqual(appended.map((_, i) => i));
    expect(told).toContain("store_full");
    expect(told.at(-1)).toBeUndefined();
  });

  it("ends on a defect", async () => {
    const broken = runTraffic({
      events: numbers(),
      append: async () => Promise.reject(new HeadgateError("event_invalid", "No such action.")),
      rate: () => 20,
      onTrouble: () => {},
      random: () => 0.5,
      ...quickClock(20_000),
    });
    await expect(broken).rejects.toThrow("No such action.");
  });
});
