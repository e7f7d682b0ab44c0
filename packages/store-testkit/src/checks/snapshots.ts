import { deepStrictEqual, strictEqual } from "node:assert/strict";
import type { SnapshotPage, StreamSnapshot } from "@headgate/core";
import * as fc from "fast-check";
import { journalEvents } from "../events.ts";
import { checkpointOf, runningStream, streamHealth, streamRecord } from "../fixtures.ts";
import type { StoreCheck, StoreHarness } from "../harness.ts";

interface AccountHistory {
  /** Events appended before the streams begin. */
  readonly start: number;
  /** Events per append. */
  readonly appends: readonly number[];
  /** How many quarters of what is pending each commit settles, and how many of those as refused. */
  readonly commits: readonly { readonly part: number; readonly refused: number }[];
}

/**
 * Appends to an organization with two streams, of which one is delivered and one is not, and looks at both all the while:
 * what a snapshot says must hold by itself.
 */
async function keepsAccount(harness: StoreHarness, history: AccountHistory): Promise<void> {
  await using store = await harness.open();
  // From another handle, where there is one, looking truly goes on beside the writing.
  await using second = await harness.second?.(store);
  const { start } = history;
  if (start > 0) await store.journal.append("org_a", journalEvents("before", start));
  await store.streams.create(streamRecord("idle", { start }));
  await store.streams.create(streamRecord("s", { start }));
  const lease = await store.leases.acquire("l", "runner", 60_000);
  if (lease === undefined) throw new Error("a free lease was not given");
  const seen: (readonly StreamSnapshot[])[] = [];
  const appending = async (): Promise<void> => {
    for (const [i, count] of history.appends.entries()) {
      await store.journal.append("org_a", journalEvents(`e${i}-`, count));
    }
  };
  const committing = async (): Promise<void> => {
    let [position, quarantined] = [start, 0];
    for (const [i, { part, refused }] of history.commits.entries()) {
      const { lastSequence } = await store.journal.head("org_a");
      const settled = Math.ceil(((lastSequence - position) * part) / 4);
      position += settled;
      quarantined += Math.min(settled, refused);
      const delivered = position - start - quarantined;
      const checkpoint = checkpointOf("s", i + 1, { start, position, delivered, quarantined });
      await store.checkpoints.commit({ lease, checkpoint });
    }
  };
  const looking = async (): Promise<void> => {
    for (let i = 0; i < 12; i++) seen.push(await (second ?? store).streams.snapshots({ limit: 5 }));
  };
  await Promise.all([appending(), committing(), looking()]);
  seen.push(await store.streams.snapshots({ limit: 5 }));
  for (const both of seen) {
    strictEqual(both.length, 2);
    deepStrictEqual(both[0]?.head, both[1]?.head);
    for (const { record, checkpoint, head, position } of both) {
      const { delivered, quarantined } = checkpoint ?? { delivered: 0, quarantined: 0 };
      const pending = position.nextSequence === 0 ? 0 : head.lastSequence - position.nextSequence + 1;
      strictEqual(delivered + quarantined + pending, head.lastSequence - record.start);
      strictEqual(position.bytesBefore === head.totalBytes, pending === 0);
    }
  }
  const { lastSequence } = await store.journal.head("org_a");
  strictEqual(lastSequence, start + history.appends.reduce((sum, count) => sum + count, 0));
  deepStrictEqual(seen.at(-1)?.[1]?.checkpoint, await store.checkpoints.get("s"));
}

/** A stream that catches up with every append: a head older than its checkpoint shows, however few histories are tried. */
const caughtUpAgain: AccountHistory = {
  start: 3,
  appends: Array.from({ length: 12 }, () => 2),
  commits: Array.from({ length: 12 }, () => ({ part: 4, refused: 1 })),
};

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
    name: "snapshots: accepted is delivered, quarantined and pending, whatever is appended and committed meanwhile",
    async run(harness) {
      const history = fc.record({
        start: fc.nat({ max: 8 }),
        appends: fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 12 }),
        commits: fc.array(fc.record({ part: fc.nat({ max: 4 }), refused: fc.nat({ max: 3 }) }), { maxLength: 12 }),
      });
      await fc.assert(
        fc.asyncProperty(history, (one) => keepsAccount(harness, one)),
        { numRuns: harness.schedules ?? 40, endOnFailure: false, examples: [[caughtUpAgain]] },
      );
    },
  },
];
