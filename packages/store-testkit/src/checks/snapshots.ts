import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import type { SnapshotPage, StreamSnapshot } from "@headgate/core";
import { journalEvents } from "../events.ts";
import { checkpointOf, runningStream, streamHealth, streamRecord } from "../fixtures.ts";
import type { StoreCheck } from "../harness.ts";

/** Streams with all that is stored of them. */
export const snapshotChecks: readonly StoreCheck[] = [
  {
    name: "snapshots: hold what the single readings hold",
    async run(harness) {
      await using store = await harness.open();
      const { lease } = await runningStream(store);
      await store.journal.append("org_a", journalEvents("e", 5));
      await store.journal.append("org_a", journalEvents("f", 3));
      const bare = await store.streams.snapshot("s");
      deepStrictEqual(bare?.record, await store.streams.get("s"));
      strictEqual(bare?.health, undefined);
      strictEqual(bare?.checkpoint, undefined);
      deepStrictEqual(bare?.position, await store.journal.position("org_a", 0));
      await store.streams.saveHealth("s", streamHealth({ state: "degraded" }));
      await store.checkpoints.commit({ lease, checkpoint: checkpointOf("s", 1, { position: 6 }) });
      const full = await store.streams.snapshot("s");
      deepStrictEqual(full?.health, await store.streams.health("s"));
      deepStrictEqual(full?.checkpoint, await store.checkpoints.get("s"));
      deepStrictEqual(full?.head, await store.journal.head("org_a"));
      deepStrictEqual(full?.position, await store.journal.position("org_a", 6));
      strictEqual(await store.streams.snapshot("other"), undefined);
      deepStrictEqual(await store.streams.snapshots({ limit: 10 }), [full]);
    },
  },
  {
    name: "snapshots: begin where the stream began while it has no checkpoint",
    async run(harness) {
      await using store = await harness.open();
      await store.journal.append("org_a", journalEvents("e", 5));
      await store.streams.create(streamRecord("s", { start: 3 }));
      deepStrictEqual((await store.streams.snapshot("s"))?.position, await store.journal.position("org_a", 3));
      await store.streams.create(streamRecord("quiet", { organization: "org_quiet" }));
      const quiet = await store.streams.snapshot("quiet", 1e15);
      strictEqual(quiet?.head.lastSequence, 0);
      strictEqual(quiet?.position.nextSequence, 0);
      strictEqual(quiet?.overdueThrough, 0);
    },
  },
  {
    name: "snapshots: tell up to where the journal is older than an instant",
    needs: ["clock"],
    async run(harness) {
      const { clock } = harness;
      if (clock === undefined) return;
      await using store = await harness.open();
      await store.streams.create(streamRecord("s"));
      const start = clock.now();
      const appends = [3, 1, 4, 1, 5, 9, 2];
      for (const [i, count] of appends.entries()) {
        clock.set(start + i * 1000);
        await store.journal.append("org_a", journalEvents(`e${i}-`, count));
        await store.journal.append("org_b", journalEvents(`e${i}-`, 2));
      }
      const through = async (before: number): Promise<number | undefined> =>
        (await store.streams.snapshot("s", before))?.overdueThrough;
      strictEqual(await through(start - 1), 0);
      let sum = 0;
      for (const [i, count] of appends.entries()) {
        sum += count;
        strictEqual(await through(start + i * 1000), sum);
        strictEqual(await through(start + i * 1000 + 999), sum);
        strictEqual(
          (await store.streams.snapshots({ limit: 1, overdueBefore: start + i * 1000 }))[0]?.overdueThrough,
          sum,
        );
      }
      strictEqual((await store.streams.snapshot("s"))?.overdueThrough, 0);
    },
  },
  {
    name: "snapshots: are listed by id, page by page, of one organization or all, by a text in id, name or organization",
    async run(harness) {
      await using store = await harness.open();
      const add = (id: string, organization: string, name?: string): Promise<void> =>
        store.streams.create(streamRecord(id, { organization, ...(name !== undefined && { name }) }));
      await add("b-stream", "org_a", "Security Lake");
      await add("a-stream", "org_b");
      await add("c-stream", "org_a", "100%_sure");
      await add("d-lake", "org_c");
      const ids = async (page: Partial<SnapshotPage>): Promise<string> =>
        (await store.streams.snapshots({ limit: 100, ...page })).map(({ record }) => record.id[0]).join("");
      strictEqual(await ids({}), "abcd");
      strictEqual(await ids({ limit: 2 }), "ab");
      strictEqual(await ids({ limit: 2, after: "b-stream" }), "cd");
      strictEqual(await ids({ organization: "org_a" }), "bc");
      strictEqual(await ids({ organization: "org_a", after: "b-stream" }), "c");
      strictEqual(await ids({ search: "LAKE" }), "bd");
      strictEqual(await ids({ search: "lake", organization: "org_a" }), "b");
      strictEqual(await ids({ search: "org_C" }), "d");
      // No text is a pattern.
      strictEqual(await ids({ search: "%" }), "c");
      strictEqual(await ids({ search: "_sure" }), "c");
      strictEqual(await ids({ search: "a.stream" }), "");
      strictEqual(await ids({ search: "'" }), "");
    },
  },
  {
    name: "snapshots: are true together while events are appended and checkpoints committed",
    async run(harness) {
      await using store = await harness.open();
      const { lease } = await runningStream(store);
      const seen: StreamSnapshot[] = [];
      const appending = async (): Promise<void> => {
        for (let i = 0; i < 30; i++) await store.journal.append("org_a", journalEvents(`e${i}-`, 3));
      };
      const committing = async (): Promise<void> => {
        for (let version = 1; version <= 30; version++) {
          const { lastSequence } = await store.journal.head("org_a");
          const checkpoint = checkpointOf("s", version, { position: lastSequence, delivered: lastSequence });
          await store.checkpoints.commit({ lease, checkpoint });
        }
      };
      const looking = async (): Promise<void> => {
        for (let i = 0; i < 60; i++) seen.push(...(await store.streams.snapshots({ limit: 5 })));
      };
      await Promise.all([appending(), committing(), looking()]);
      strictEqual(seen.length, 60);
      for (const { checkpoint, head, position } of seen) {
        const at = checkpoint?.position ?? 0;
        ok(at <= head.lastSequence);
        strictEqual(position.nextSequence, at < head.lastSequence ? at + 1 : 0);
        strictEqual(checkpoint?.delivered ?? 0, at);
      }
    },
  },
];
