import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import type { Store } from "@headgate/core";
import { journalEvent, journalEvents, readEvents } from "../events.ts";
import { rejectsWith } from "../expect.ts";
import {
  checkpointOf,
  deliveryReport,
  quarantineEntry,
  rejectedRecord,
  runningStream,
  streamHealth,
  streamRecord,
} from "../fixtures.ts";
import type { StoreCheck } from "../harness.ts";

/** Everything that a store holds, in a form that can be compared. */
async function contents(store: Store): Promise<unknown> {
  return {
    heads: (await store.journal.changes()).heads,
    events: await readEvents(store, "org_a"),
    checkpoint: await store.checkpoints.get("s"),
    streams: await store.streams.list(),
    health: await store.streams.health("s"),
    quarantine: await store.quarantine.list("s"),
    rejected: await store.quarantine.rejected(),
    cursor: await store.cursors.get("f"),
    deliveries: await store.deliveries.list("s"),
    documents: (await store.documents.list("c")).map((document) => ({ ...document })),
    snapshot: await store.streams.snapshot("s", 1e15),
  };
}

/** What outlives a closing, and what does not. */
export const lifetimeChecks: readonly StoreCheck[] = [
  {
    name: "lifetimes: everything is there after a reopening",
    needs: ["reopen"],
    async run(harness) {
      const before = await harness.open();
      await before.journal.append("org_a", journalEvents("e", 30, { note: "\u00fc\u{1f512}" }));
      await before.journal.append("org_a", journalEvents("f", 2, { given: false }));
      const { lease } = await runningStream(before);
      const quarantine = [quarantineEntry("s", 1), quarantineEntry("s", 2)];
      const deliveries = [deliveryReport("s", 1)];
      await before.checkpoints.commit({
        lease,
        checkpoint: checkpointOf("s", 1, { position: 2 }),
        quarantine,
        deliveries,
      });
      await before.deliveries.add([deliveryReport("s", 2, { status: "retry", events: 0 })]);
      await before.documents.write([{ collection: "c", key: "k", value: "v" }]);
      await before.quarantine.mark("s", 2, "discarded");
      await before.streams.saveHealth("s", streamHealth({ state: "degraded" }));
      await before.quarantine.reject([rejectedRecord("f", 3)]);
      await before.cursors.set("f", "42");
      const wanted = await contents(before);
      await using store = await harness.reopen!(before);
      deepStrictEqual(await contents(store), wanted);
      await store.checkpoints.commit({ lease, checkpoint: checkpointOf("s", 2, { position: 2 }) });
      strictEqual((await store.checkpoints.get("s"))?.version, 2);
    },
  },
  {
    name: "lifetimes: a second handle sees what the first wrote, and the other way round",
    needs: ["second"],
    async run(harness) {
      await using store = await harness.open();
      await using other = await harness.second!(store);
      await store.journal.append("org_a", journalEvents("e", 3));
      await other.journal.append("org_a", journalEvents("f", 3));
      await store.streams.create(streamRecord("s"));
      await other.streams.saveHealth("s", streamHealth());
      await other.cursors.set("f", "1");
      deepStrictEqual(await contents(store), await contents(other));
      strictEqual((await readEvents(store, "org_a")).length, 6);
    },
  },
  {
    name: "lifetimes: a closed store says so",
    async run(harness) {
      const store = await harness.open();
      const { lease } = await runningStream(store);
      await store[Symbol.asyncDispose]();
      for (const attempt of [
        store.journal.append("org_a", [journalEvent("e")]),
        store.journal.head("org_a"),
        store.journal.changes(),
        store.journal.trim("org_a", 1, 1),
        readEvents(store, "org_a"),
        store.checkpoints.commit({ lease, checkpoint: checkpointOf("s", 1) }),
        store.streams.list(),
        store.quarantine.list("s"),
        store.leases.acquire("l", "h", 1000),
        store.cursors.set("f", "1"),
        store.streams.snapshot("s"),
        store.streams.snapshots({ limit: 1 }),
        store.deliveries.add([deliveryReport("s", 1)]),
        store.deliveries.list("s"),
        store.deliveries.trim(1),
        store.documents.get("c", "k"),
        store.documents.list("c"),
        store.documents.write([{ collection: "c", key: "k", value: "v" }]),
      ]) {
        await rejectsWith("store_closed", attempt);
      }
      await store[Symbol.asyncDispose]();
    },
  },
  {
    name: "lifetimes: appends that were not yet acknowledged at closing are stored whole or refused",
    needs: ["reopen"],
    async run(harness) {
      const before = await harness.open();
      const appends = Array.from({ length: 20 }, (_, n) => before.journal.append("org_a", journalEvents(`e${n}`, 3)));
      const [settled, store] = await Promise.all([Promise.allSettled(appends), harness.reopen!(before)]);
      await using after = store;
      const stored = new Set((await readEvents(after, "org_a")).map(({ id }) => id));
      for (const [n, { status }] of settled.entries()) {
        const found = journalEvents(`e${n}`, 3).filter(({ id }) => stored.has(id)).length;
        ok(found === 3 || (found === 0 && status === "rejected"), `append ${n}: ${status}, ${found} of 3 stored`);
      }
    },
  },
];
