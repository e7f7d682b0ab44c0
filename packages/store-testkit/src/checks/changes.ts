import { deepStrictEqual, strictEqual } from "node:assert/strict";
import type { JournalHead, Store } from "@headgate/core";
import { journalEvent, journalEvents, upTo } from "../events.ts";
import type { StoreCheck } from "../harness.ts";

const named = (heads: readonly JournalHead[]): readonly string[] =>
  heads.map(({ organization, lastSequence }) => `${organization}@${lastSequence}`).toSorted();

/** Appends from several handles at once while the watcher follows the changes; at the end it must know every head. */
async function follows(watcher: Store, appenders: readonly Store[]): Promise<void> {
  const known = new Map<string, number>();
  let cursor: string | undefined;
  const look = async (): Promise<void> => {
    const changes = await watcher.journal.changes(cursor);
    cursor = changes.cursor;
    for (const { organization, lastSequence } of changes.heads) known.set(organization, lastSequence);
  };
  await look();
  const appends = Promise.all(
    upTo(60).map(async (n) => {
      const store = appenders[n % appenders.length];
      await store?.journal.append(`org_${n % 5}`, journalEvents(`e${n}`, 2));
    }),
  );
  for (let round = 0; round < 10; round++) await look();
  await appends;
  await look();
  for (const n of [0, 1, 2, 3, 4]) strictEqual(known.get(`org_${n}`), 24);
}

/** How readers learn of appends. */
export const changeChecks: readonly StoreCheck[] = [
  {
    name: "changes: without a cursor all heads, with one those that changed since",
    async run(harness) {
      await using store = await harness.open();
      const { journal } = store;
      await journal.append("org_a", journalEvents("a", 2));
      await journal.append("org_b", journalEvents("b", 1));
      const first = await journal.changes();
      deepStrictEqual(named(first.heads), ["org_a@2", "org_b@1"]);
      const none = await journal.changes(first.cursor);
      deepStrictEqual(none.heads, []);
      await journal.append("org_b", [journalEvent("more")]);
      await journal.append("org_c", [journalEvent("c")]);
      deepStrictEqual(named((await journal.changes(none.cursor)).heads), ["org_b@2", "org_c@1"]);
      deepStrictEqual(named((await journal.changes(first.cursor)).heads), ["org_b@2", "org_c@1"]);
      deepStrictEqual(named((await journal.changes()).heads), ["org_a@2", "org_b@2", "org_c@1"]);
    },
  },
  {
    name: "changes: following the cursor sees every append",
    async run(harness) {
      await using store = await harness.open();
      await follows(store, [store]);
    },
  },
  {
    name: "changes: following the cursor sees the appends of a second handle",
    needs: ["second"],
    async run(harness) {
      await using store = await harness.open();
      await using other = await harness.second!(store);
      await follows(store, [store, other]);
    },
  },
  {
    name: "changes: a subscriber is told of an append, until it leaves",
    async run(harness) {
      await using store = await harness.open();
      const told = Promise.withResolvers<void>();
      const leave = store.journal.subscribe(() => told.resolve());
      await store.journal.append("org_a", [journalEvent("e")]);
      await told.promise;
      leave();
      let late = 0;
      store.journal.subscribe(() => (late += 1))();
      await store.journal.append("org_a", [journalEvent("f")]);
      await store.journal.head("org_a");
      strictEqual(late, 0);
    },
  },
];
