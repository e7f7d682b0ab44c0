import { createHeadgate, memoryStore, silentLogger, type Store } from "@headgate/core";
import { describe, expect, it } from "vitest";
import { createApi } from "./create-api.ts";
import { manualClock } from "./testing/manual-clock.ts";

/** An API on a store that can be away: silent, as behind a cut cable, or refusing. */
function apiOn(clock = manualClock(Date.now())) {
  const store = memoryStore({ clock });
  let state: "well" | "silent" | "refusing" = "well";
  let asked = 0;
  let answer = Promise.withResolvers<undefined>();
  const cursors: Store["cursors"] = {
    ...store.cursors,
    async get(key) {
      if (key !== "headgate:ready") return await store.cursors.get(key);
      asked += 1;
      if (state === "refusing") throw new Error("it is away");
      return state === "silent" ? await answer.promise : undefined;
    },
  };
  const headgate = createHeadgate({ store: { ...store, cursors }, sinks: [], clock, logger: silentLogger });
  const api = createApi({ headgate, clock });
  return {
    clock,
    ask: async (path: string) => (await api.fetch(new Request(`http://localhost${path}`))).status,
    asked: () => asked,
    become(next: typeof state) {
      state = next;
      if (next === "silent") answer = Promise.withResolvers<undefined>();
      else answer.resolve(undefined);
    },
    async [Symbol.asyncDispose]() {
      await api.close();
      await headgate[Symbol.asyncDispose]();
    },
  };
}

describe("/readyz", () => {
  it("says no while the store refuses, and /healthz says yes all the same", async () => {
    await using api = apiOn();
    expect(await api.ask("/readyz")).toBe(200);
    api.become("refusing");
    expect([await api.ask("/readyz"), await api.ask("/healthz")]).toEqual([503, 200]);
    api.become("well");
    expect(await api.ask("/readyz")).toBe(200);
  });

  it("does not wait for a store that says nothing, and does not ask it again for every probe", async () => {
    await using api = apiOn();
    expect(await api.ask("/readyz")).toBe(200);
    api.become("silent");
    for (let probes = 0; probes < 3; probes++) {
      const answer = api.ask("/readyz");
      await expect.poll(() => api.asked()).toBe(2);
      // Nothing tells that the probe has begun to wait, so time passes until it has an answer.
      let over = false;
      void answer.finally(() => (over = true));
      await expect.poll(() => (api.clock.advance(2000), over)).toBe(true);
      expect(await answer).toBe(503);
    }
    expect(api.asked()).toBe(2);
    api.become("well");
    await expect.poll(() => api.ask("/readyz")).toBe(200);
  });
});
