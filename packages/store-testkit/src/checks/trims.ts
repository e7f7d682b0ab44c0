import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { journalEvent, journalEvents, readEvents, upTo } from "../events.ts";
import { checkpointOf, streamRecord } from "../fixtures.ts";
import type { StoreCheck } from "../harness.ts";

const ever = Number.MAX_SAFE_INTEGER;

/** What trimming may take, and what it must leave. */
export const trimChecks: readonly StoreCheck[] = [
  {
    name: "trim: takes whole groups and nothing beyond `through`",
    async run(harness) {
      await using store = await harness.open();
      const { journal } = store;
      for (const n of upTo(6)) await journal.append("org_a", journalEvents(`g${n}`, 3));
      for (const [through, first] of [
        [0, 1],
        [2, 1],
        [3, 4],
        [8, 7],
        [9, 10],
        [3, 10],
        [17, 16],
      ] as const) {
        strictEqual(await journal.trim("org_a", through, ever), first);
        strictEqual(await journal.firstSequence("org_a"), first);
        deepStrictEqual(
          (await readEvents(store, "org_a", { after: first - 1 })).map(({ sequence }) => sequence),
          upTo(18).slice(first - 1),
        );
      }
    },
  },
  {
    name: "trim: leaves what a stream of the organization still lacks",
    async run(harness) {
      await using store = await harness.open();
      const { journal, streams, checkpoints, leases } = store;
      for (const n of upTo(6)) await journal.append("org_a", journalEvents(`g${n}`, 2));
      await streams.create(streamRecord("other", { organization: "org_b", start: 0 }));
      await streams.create(streamRecord("s", { start: 4 }));
      strictEqual(await journal.trim("org_a", 12, ever), 5);
      await streams.create(streamRecord("t", { start: 6 }));
      const lease = await leases.acquire("delivery", "kit", 60_000);
      ok(lease !== undefined);
      await checkpoints.commit({ lease, checkpoint: checkpointOf("s", 1, { start: 4, position: 10 }) });
      strictEqual(await journal.trim("org_a", 12, ever), 7);
      await streams.delete("t");
      strictEqual(await journal.trim("org_a", 12, ever), 11);
      await streams.delete("s");
      strictEqual(await journal.trim("org_a", 12, ever), 13);
    },
  },
  {
    name: "trim: leaves other organizations alone",
    async run(harness) {
      await using store = await harness.open();
      await store.journal.append("org_a", journalEvents("a", 3));
      await store.journal.append("org_b", journalEvents("b", 3));
      strictEqual(await store.journal.trim("org_a", 3, ever), 4);
      strictEqual((await readEvents(store, "org_b")).length, 3);
      strictEqual(await store.journal.trim("org_never", 10, ever), 1);
    },
  },
  {
    name: "trim: leaves what was appended at or after `appendedBefore`, and all that follows it",
    needs: ["clock"],
    async run(harness) {
      await using store = await harness.open();
      const clock = harness.clock!;
      const start = clock.now();
      // The clock goes back once: the third group looks older than the second.
      for (const [name, offset] of [
        ["one", 0],
        ["two", 5000],
        ["three", 1000],
        ["four", 6000],
      ] as const) {
        clock.set(start + offset);
        await store.journal.append("org_a", journalEvents(name, 2));
      }
      strictEqual(await store.journal.trim("org_a", 8, start), 1);
      strictEqual(await store.journal.trim("org_a", 8, start + 5000), 3);
      strictEqual(await store.journal.trim("org_a", 8, start + 5001), 7);
      strictEqual((await readEvents(store, "org_a", { after: 6 })).length, 2);
    },
  },
  {
    name: "trim: sequences, totals and heads go on as if nothing had been taken",
    async run(harness) {
      await using store = await harness.open();
      const { journal } = store;
      await journal.append("org_a", journalEvents("old", 5));
      const before = await journal.head("org_a");
      strictEqual(await journal.trim("org_a", 5, ever), 6);
      deepStrictEqual({ ...(await journal.head("org_a")) }, { ...before });
      deepStrictEqual(
        { ...(await journal.position("org_a", 5)) },
        { nextSequence: 0, appendedAt: 0, bytesBefore: before.totalBytes, skipped: 0 },
      );
      strictEqual(await journal.firstSequence("org_a"), 6);
      deepStrictEqual(await journal.index("org_a", { after: 5 }), []);
      const { sequences } = await journal.append("org_a", [journalEvent("new")]);
      deepStrictEqual([...sequences], [6]);
      const after = await journal.head("org_a");
      const line = (await readEvents(store, "org_a", { after: 5 }))[0]?.line ?? "";
      strictEqual(after.totalBytes, before.totalBytes + Buffer.byteLength(line));
      strictEqual((await journal.position("org_a", 5)).bytesBefore, before.totalBytes);
      ok(
        (await journal.changes()).heads.some(
          ({ organization, lastSequence }) => organization === "org_a" && lastSequence === 6,
        ),
      );
    },
  },
  {
    name: "trim: a journal that was trimmed empty goes on after a reopening",
    needs: ["reopen"],
    async run(harness) {
      const before = await harness.open();
      await before.journal.append("org_a", journalEvents("old", 4));
      await before.journal.trim("org_a", 4, ever);
      const head = await before.journal.head("org_a");
      await using store = await harness.reopen!(before);
      deepStrictEqual({ ...(await store.journal.head("org_a")) }, { ...head });
      const { sequences } = await store.journal.append("org_a", journalEvents("old", 1));
      deepStrictEqual([...sequences], [5]);
    },
  },
];
