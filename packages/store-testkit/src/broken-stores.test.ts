import type { Store } from "@headgate/core";
import { memoryStore } from "@headgate/core";
import { describe, expect, it } from "vitest";
import { storeChecks } from "./conformance.ts";
import { settableClock } from "./harness.ts";
import { brokenHistories } from "./testing/broken-histories.ts";
import { brokenJournals } from "./testing/broken-journals.ts";
import { brokenRecords } from "./testing/broken-records.ts";
import type { BrokenStore } from "./testing/broken-store.ts";

const brokenStores = [...brokenJournals, ...brokenRecords, ...brokenHistories];

/** The checks that fail on a store, by name. */
async function failures(broken: BrokenStore["breaks"]): Promise<readonly string[]> {
  const failed: string[] = [];
  for (const { name, needs = [], run } of storeChecks) {
    if (needs.includes("second") || needs.includes("reopen")) continue;
    const clock = settableClock();
    const open = async (): Promise<Store> => {
      const store = memoryStore({ clock });
      return { ...store, ...broken(store, clock) };
    };
    try {
      await run({ open, clock, schedules: 5 });
    } catch {
      failed.push(name);
    }
  }
  return failed;
}

describe("the kit", () => {
  it("finds nothing wrong with the store that the broken ones are made of", async () => {
    expect(await failures(() => ({}))).toEqual([]);
  });

  it.each(brokenStores)("catches a store that $defect", async ({ breaks, caughtBy }) => {
    expect(await failures(breaks)).toContain(caughtBy);
  });
});

describe("the kit, between two handles and over a reopening", () => {
  const clock = settableClock();
  /** A handle that shares the memory of another, as a second process would share its file. */
  const handle = (store: Store, replaced: Partial<Store> = {}): Store => ({
    ...store,
    [Symbol.asyncDispose]: async () => {},
    ...replaced,
  });
  const outcome = async (name: string, second: (store: Store) => Partial<Store>): Promise<string> => {
    const check = storeChecks.find((candidate) => candidate.name === name);
    try {
      await check?.run({
        clock,
        open: async () => memoryStore({ clock }),
        second: async (store) => handle(store, second(store)),
        reopen: async (store) => handle(store, second(store)),
      });
      return "passes";
    } catch {
      return "fails";
    }
  };
  const shared = storeChecks.filter(({ needs = [] }) => needs.includes("second") || needs.includes("reopen"));

  it.each(shared)("passes honest handles: $name", async ({ name }) => {
    expect(await outcome(name, () => ({}))).toBe("passes");
  });

  it.each(shared)("fails handles that share nothing: $name", async ({ name }) => {
    expect(await outcome(name, () => memoryStore({ clock }))).toBe("fails");
  });
});
