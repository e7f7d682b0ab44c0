import { deepStrictEqual, strictEqual } from "node:assert/strict";
import type { AppendResult, PreparedEvent, Store } from "@headgate/core";
import { journalEvent, journalEvents, readEvents, upTo } from "../events.ts";
import type { StoreCheck } from "../harness.ts";

function isResult(result: AppendResult, accepted: number, sequences: readonly number[]): void {
  strictEqual(result.accepted, accepted);
  strictEqual(result.duplicates, sequences.length - accepted);
  deepStrictEqual([...result.sequences], [...sequences]);
}

/** Each id once, in the order of its first append. */
async function holdsOnce(store: Store, organization: string, events: readonly PreparedEvent[]): Promise<void> {
  const stored = await readEvents(store, organization);
  deepStrictEqual(
    stored.map(({ id }) => id),
    events.map(({ id }) => id),
  );
  deepStrictEqual(
    stored.map(({ sequence }) => sequence),
    upTo(events.length),
  );
}

/** What is appended twice is stored once. */
export const idempotenceChecks: readonly StoreCheck[] = [
  {
    name: "idempotence: an id that stands twice in a batch is stored once",
    async run(harness) {
      await using store = await harness.open();
      const [a, b] = [journalEvent("a"), journalEvent("b")];
      isResult(await store.journal.append("org_a", [a, b, a, a]), 2, [1, 2, 1, 1]);
      await holdsOnce(store, "org_a", [a, b]);
    },
  },
  {
    name: "idempotence: a repeat in a later append returns the first sequence and stores nothing",
    async run(harness) {
      await using store = await harness.open();
      const events = journalEvents("e", 50);
      await store.journal.append("org_a", events);
      const head = await store.journal.head("org_a");
      isResult(await store.journal.append("org_a", events), 0, upTo(50));
      deepStrictEqual({ ...(await store.journal.head("org_a")) }, { ...head });
      const more = journalEvents("f", 2);
      const mixed = [...events.slice(7, 9), ...more.slice(0, 1), ...events.slice(0, 1), ...more.slice(1)];
      isResult(await store.journal.append("org_a", mixed), 2, [8, 9, 51, 1, 52]);
      await holdsOnce(store, "org_a", [...events, ...more]);
    },
  },
  {
    name: "idempotence: a repeat with other content keeps the first content",
    async run(harness) {
      await using store = await harness.open();
      await store.journal.append("org_a", [journalEvent("e", { note: "first" })]);
      isResult(await store.journal.append("org_a", [journalEvent("e", { note: "second" })]), 0, [1]);
      strictEqual((await readEvents(store, "org_a"))[0]?.line.includes("first"), true);
    },
  },
  {
    name: "idempotence: an id that Headgate minted is found when a caller repeats it",
    async run(harness) {
      await using store = await harness.open();
      const minted = journalEvents("e", 20, { given: false });
      await store.journal.append("org_a", minted);
      isResult(await store.journal.append("org_a", journalEvents("e", 20)), 0, upTo(20));
      await holdsOnce(store, "org_a", minted);
    },
  },
  {
    name: "idempotence: the same id in another organization is another event",
    async run(harness) {
      await using store = await harness.open();
      isResult(await store.journal.append("org_a", [journalEvent("e")]), 1, [1]);
      isResult(await store.journal.append("org_b", [journalEvent("e")]), 1, [1]);
    },
  },
  {
    name: "idempotence: concurrent appends of the same ids store each once",
    async run(harness) {
      await using store = await harness.open();
      const events = journalEvents("e", 30);
      const results = await Promise.all(upTo(12).map(() => store.journal.append("org_a", events)));
      strictEqual(
        results.reduce((sum, { accepted }) => sum + accepted, 0),
        30,
      );
      for (const { sequences } of results) deepStrictEqual([...sequences], upTo(30));
      await holdsOnce(store, "org_a", events);
    },
  },
  {
    name: "idempotence: thousands of ids are told apart and found again",
    async run(harness) {
      await using store = await harness.open();
      const events = journalEvents("event", 6000);
      const appends = upTo(20).map((part) => store.journal.append("org_a", events.slice(part * 300 - 300, part * 300)));
      for (const { accepted } of await Promise.all(appends)) strictEqual(accepted, 300);
      isResult(await store.journal.append("org_a", events), 0, upTo(6000));
    },
  },
  {
    name: "idempotence: a second handle knows the ids of the first",
    needs: ["second"],
    async run(harness) {
      await using first = await harness.open();
      await using second = await harness.second!(first);
      const events = journalEvents("e", 10);
      isResult(await first.journal.append("org_a", events.slice(0, 5)), 5, upTo(5));
      isResult(await second.journal.append("org_a", events), 5, upTo(10));
      isResult(await first.journal.append("org_a", events), 0, upTo(10));
    },
  },
  {
    name: "idempotence: holds over a reopening",
    needs: ["reopen"],
    async run(harness) {
      const before = await harness.open();
      const events = journalEvents("e", 100, { given: false });
      await before.journal.append("org_a", events);
      await using store = await harness.reopen!(before);
      isResult(await store.journal.append("org_a", journalEvents("e", 100)), 0, upTo(100));
      isResult(await store.journal.append("org_a", [journalEvent("new")]), 1, [101]);
    },
  },
  {
    name: "idempotence: trimming frees the ids that left the journal, and no others",
    async run(harness) {
      await using store = await harness.open();
      await store.journal.append("org_a", journalEvents("old", 3));
      await store.journal.append("org_a", journalEvents("new", 3));
      strictEqual(await store.journal.trim("org_a", 3, Number.MAX_SAFE_INTEGER), 4);
      isResult(await store.journal.append("org_a", journalEvents("new", 3)), 0, [4, 5, 6]);
      isResult(await store.journal.append("org_a", journalEvents("old", 3)), 3, [7, 8, 9]);
    },
  },
];
