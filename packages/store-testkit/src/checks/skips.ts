import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { journalEvents, readEvents, upTo } from "../events.ts";
import { checkpointOf, streamRecord } from "../fixtures.ts";
import type { StoreCheck } from "../harness.ts";

const ever = Number.MAX_SAFE_INTEGER;

/** Sequences that are left out, because another life of the store may have given them. */
export const skipChecks: readonly StoreCheck[] = [
  {
    name: "skip: the next event gets the sequence after what was left out, and readings pass over it",
    async run(harness) {
      await using store = await harness.open();
      const { journal } = store;
      await journal.append("org_a", journalEvents("a", 3));
      await journal.append("org_b", journalEvents("b", 1));
      const { cursor } = await journal.changes();
      await journal.skip("org_a", 1000);
      deepStrictEqual(
        (await journal.changes(cursor)).heads.map(({ organization, lastSequence }) => [organization, lastSequence]),
        [["org_a", 1000]],
      );
      strictEqual((await journal.position("org_a", 3)).nextSequence, 0);
      const { sequences } = await journal.append("org_a", journalEvents("c", 2));
      deepStrictEqual(sequences, [1001, 1002]);
      deepStrictEqual((await journal.append("org_b", journalEvents("d", 1))).sequences, [2]);
      const read = async (after: number, through?: number): Promise<readonly number[]> =>
        (await readEvents(store, "org_a", { after, ...(through !== undefined && { through }) })).map(
          ({ sequence }) => sequence,
        );
      deepStrictEqual(await read(0), [1, 2, 3, 1001, 1002]);
      deepStrictEqual(await read(2, 1001), [3, 1001]);
      deepStrictEqual(await read(500), [1001, 1002]);
      deepStrictEqual(await read(1, 700), [2, 3]);
      const index = await journal.index("org_a", { after: 2 });
      deepStrictEqual(
        index.map(({ firstSequence, lengths }) => [firstSequence, lengths.length]),
        [
          [3, 1],
          [1001, 2],
        ],
      );
      // An id that was appended before is known still.
      deepStrictEqual((await journal.append("org_a", journalEvents("a", 1))).sequences, [1]);
    },
  },
  {
    name: "skip: says what was left out after a sequence",
    async run(harness) {
      await using store = await harness.open();
      const { journal } = store;
      await journal.append("org_a", journalEvents("a", 3));
      // Two in a row are one.
      await journal.skip("org_a", 7);
      await journal.skip("org_a", 10);
      await journal.append("org_a", journalEvents("b", 1));
      await journal.skip("org_a", 20);
      const all = [
        { after: 3, through: 10 },
        { after: 11, through: 20 },
      ];
      deepStrictEqual(await journal.skipped("org_a", 0), all);
      deepStrictEqual(await journal.skipped("org_a", 7), [{ after: 7, through: 10 }, all[1]]);
      deepStrictEqual(await journal.skipped("org_a", 10), all.slice(1));
      deepStrictEqual(await journal.skipped("org_a", 20), []);
      deepStrictEqual(await journal.skipped("org_b", 0), []);
      const { bytesBefore, nextSequence, skipped } = await journal.position("org_a", 3);
      const { totalBytes } = await journal.head("org_a");
      deepStrictEqual([nextSequence, skipped], [11, 16]);
      ok(bytesBefore > 0 && bytesBefore < totalBytes);
      strictEqual((await journal.position("org_a", 5)).bytesBefore, bytesBefore);
      strictEqual((await journal.position("org_a", 20)).skipped, 0);
    },
  },
  {
    name: "skip: leaves alone what was given, and organizations without a journal",
    async run(harness) {
      await using store = await harness.open();
      const { journal } = store;
      await journal.append("org_a", journalEvents("a", 5));
      for (const through of [0, 4, 5]) await journal.skip("org_a", through);
      await journal.skip("org_new", 100);
      deepStrictEqual(await journal.skipped("org_a", 0), []);
      deepStrictEqual((await journal.append("org_a", journalEvents("b", 1))).sequences, [6]);
      deepStrictEqual((await journal.append("org_new", journalEvents("b", 1))).sequences, [1]);
    },
  },
  {
    name: "skip: organizations without a journal begin after what was said, once for all",
    async run(harness) {
      await using store = await harness.open();
      const { journal } = store;
      await journal.append("org_a", journalEvents("a", 1));
      await journal.beginAfter(1000);
      await journal.beginAfter(20);
      deepStrictEqual((await journal.append("org_a", journalEvents("b", 1))).sequences, [2]);
      deepStrictEqual((await journal.append("org_b", journalEvents("b", 2))).sequences, [1001, 1002]);
      deepStrictEqual(await journal.skipped("org_b", 0), [{ after: 0, through: 1000 }]);
      strictEqual(await journal.firstSequence("org_b"), 1001);
      deepStrictEqual(
        (await readEvents(store, "org_b")).map(({ sequence }) => sequence),
        [1001, 1002],
      );
      strictEqual((await journal.head("org_c")).lastSequence, 0);
    },
  },
  {
    name: "skip: trimming passes over it, and snapshots count what is there",
    async run(harness) {
      await using store = await harness.open();
      const { journal, streams, checkpoints, leases } = store;
      await streams.create(streamRecord("s", { start: 0 }));
      await journal.append("org_a", journalEvents("a", 2));
      await journal.skip("org_a", 100);
      for (const n of upTo(3)) await journal.append("org_a", journalEvents(`b${n}`, 1));
      const snapshot = await streams.snapshot("s", ever);
      deepStrictEqual(
        [snapshot?.head.lastSequence, snapshot?.position.skipped, snapshot?.overdueThrough],
        [103, 98, 103],
      );
      const lease = await leases.acquire("delivery", "kit", 60_000);
      ok(lease !== undefined);
      await checkpoints.commit({ lease, checkpoint: checkpointOf("s", 1, { position: 2 }) });
      strictEqual(await journal.trim("org_a", ever, ever), 101);
      await checkpoints.commit({ lease, checkpoint: checkpointOf("s", 2, { position: 102 }) });
      strictEqual((await streams.snapshot("s"))?.position.skipped, 0);
      strictEqual(await journal.trim("org_a", ever, ever), 103);
    },
  },
  {
    name: "skip: outlives the store's closing, also where nothing else is held",
    needs: ["reopen"],
    async run(harness) {
      const before = await harness.open();
      await before.journal.append("org_a", journalEvents("a", 2));
      await before.journal.trim("org_a", ever, ever);
      await before.journal.skip("org_a", 50);
      await before.journal.append("org_b", journalEvents("b", 2));
      await before.journal.skip("org_b", 60);
      const reopened = await harness.reopen?.(before);
      ok(reopened !== undefined);
      await using store = reopened;
      strictEqual(await store.journal.firstSequence("org_a"), 51);
      deepStrictEqual((await store.journal.append("org_a", journalEvents("c", 1))).sequences, [51]);
      deepStrictEqual((await store.journal.append("org_b", journalEvents("c", 1))).sequences, [61]);
    },
  },
];
