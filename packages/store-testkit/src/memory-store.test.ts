import { storeConformance, settableClock } from "./index.ts";
import { describe, expect, it, test } from "vitest";
import { memoryStore } from "@headgate/core";

describe("memoryStore", () => {
  const clock = settableClock();
  storeConformance({ test, harness: { clock, open: async () => memoryStore({ clock }), schedules: 150 } });

  it("needs no opening, but takes it", async () => {
    await using store = memoryStore();
    await store.open();
    expect(await store.streams.list()).toEqual([]);
  });
});
