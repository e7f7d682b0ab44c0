import { deepStrictEqual, strictEqual } from "node:assert/strict";
import type { QuarantineRecord } from "@headgate/core";
import { checkpointOf, quarantineEntry, rejectedRecord, runningStream, streamRecord } from "../fixtures.ts";
import type { StoreCheck } from "../harness.ts";

const sequencesOf = (records: readonly QuarantineRecord[]): readonly number[] =>
  records.map(({ sequence }) => sequence);

/** Events and records that are set apart. */
export const quarantineChecks: readonly StoreCheck[] = [
  {
    name: "quarantine: entries are kept whole and listed by sequence",
    async run(harness) {
      await using store = await harness.open();
      const { lease } = await runningStream(store);
      const entry = quarantineEntry("s", 100);
      const quarantine = [entry, quarantineEntry("s", 9), quarantineEntry("s", 20)];
      await store.checkpoints.commit({ lease, checkpoint: checkpointOf("s", 1), quarantine });
      deepStrictEqual(sequencesOf(await store.quarantine.list("s")), [9, 20, 100]);
      deepStrictEqual(sequencesOf(await store.quarantine.list("s", { after: 9, limit: 1 })), [20]);
      deepStrictEqual(await store.quarantine.list("other"), []);
      const { line, ...rest } = (await store.quarantine.get("s", 100)) ?? { line: new Uint8Array() };
      const { line: wanted, ...restWanted } = entry;
      deepStrictEqual({ ...rest }, { ...restWanted, state: "held" });
      strictEqual(Buffer.compare(line, wanted), 0);
      strictEqual(await store.quarantine.get("s", 1), undefined);
    },
  },
  {
    name: "quarantine: an entry of the same sequence is replaced, not doubled",
    async run(harness) {
      await using store = await harness.open();
      const { lease } = await runningStream(store);
      await store.checkpoints.commit({
        lease,
        checkpoint: checkpointOf("s", 1),
        quarantine: [quarantineEntry("s", 1)],
      });
      await store.quarantine.mark("s", 1, "retry");
      await store.checkpoints.commit({
        lease,
        checkpoint: checkpointOf("s", 2),
        quarantine: [quarantineEntry("s", 1, "second")],
      });
      const [only, ...others] = await store.quarantine.list("s");
      deepStrictEqual(others, []);
      strictEqual(only?.reason.message, "second");
      strictEqual(only?.state, "held");
    },
  },
  {
    name: "quarantine: released entries leave it with the commit",
    async run(harness) {
      await using store = await harness.open();
      const { lease } = await runningStream(store);
      const quarantine = [1, 2, 3].map((sequence) => quarantineEntry("s", sequence));
      await store.checkpoints.commit({ lease, checkpoint: checkpointOf("s", 1), quarantine });
      await store.checkpoints.commit({ lease, checkpoint: checkpointOf("s", 2), released: [1, 3, 77] });
      deepStrictEqual(sequencesOf(await store.quarantine.list("s")), [2]);
    },
  },
  {
    name: "quarantine: marks are kept; a discarded entry loses its line and cannot come back",
    async run(harness) {
      await using store = await harness.open();
      const { lease } = await runningStream(store);
      await store.streams.create(streamRecord("t"));
      const quarantine = [1, 2, 3].map((sequence) => quarantineEntry("s", sequence));
      await store.checkpoints.commit({ lease, checkpoint: checkpointOf("s", 1), quarantine });
      await store.checkpoints.commit({
        lease,
        checkpoint: checkpointOf("t", 1),
        quarantine: [quarantineEntry("t", 1)],
      });
      deepStrictEqual(await store.quarantine.retrying(), []);
      strictEqual(await store.quarantine.nextRetry("s"), undefined);
      strictEqual(await store.quarantine.mark("s", 1, "retry"), true);
      strictEqual(await store.quarantine.mark("s", 2, "retry"), true);
      strictEqual(await store.quarantine.mark("t", 1, "retry"), true);
      strictEqual(await store.quarantine.mark("s", 9, "retry"), false);
      deepStrictEqual([...(await store.quarantine.retrying())].toSorted(), ["s", "t"]);
      strictEqual((await store.quarantine.nextRetry("s"))?.sequence, 1);
      strictEqual((await store.quarantine.nextRetry("s"))?.line.length, quarantine[0]?.line.length);
      strictEqual((await store.quarantine.nextRetry("t"))?.sequence, 1);
      strictEqual(await store.quarantine.mark("s", 1, "held"), true);
      strictEqual((await store.quarantine.nextRetry("s"))?.sequence, 2);
      strictEqual(await store.quarantine.mark("s", 2, "discarded"), true);
      strictEqual(await store.quarantine.mark("s", 2, "retry"), false);
      strictEqual(await store.quarantine.mark("s", 2, "discarded"), false);
      deepStrictEqual(
        (await store.quarantine.list("s")).map(({ state, line }) => `${state} ${line.length > 0}`),
        ["held true", "discarded false", "held true"],
      );
      strictEqual(await store.quarantine.nextRetry("s"), undefined);
      deepStrictEqual(await store.quarantine.retrying(), ["t"]);
    },
  },
  {
    name: "quarantine: a line does not follow what the caller does with its buffer afterwards",
    async run(harness) {
      await using store = await harness.open();
      const { lease } = await runningStream(store);
      const entry = quarantineEntry("s", 1);
      await store.checkpoints.commit({ lease, checkpoint: checkpointOf("s", 1), quarantine: [entry] });
      const record = rejectedRecord("file", 1, { content: new Uint8Array([1, 2, 3]) });
      await store.quarantine.reject([record]);
      entry.line.fill(0);
      record.content.fill(0);
      strictEqual((await store.quarantine.get("s", 1))?.line[0], 0x7b);
      deepStrictEqual(Array.from((await store.quarantine.rejected())[0]?.content ?? []), [1, 2, 3]);
    },
  },
  {
    name: "rejected: a record entered twice is one, by source and line",
    async run(harness) {
      await using store = await harness.open();
      const { quarantine } = store;
      await quarantine.reject([rejectedRecord("b", 1), rejectedRecord("b", 2)]);
      await quarantine.reject([rejectedRecord("b", 2), rejectedRecord("a", 2), rejectedRecord("b:1", 1)]);
      await quarantine.reject([rejectedRecord("c", 1, { organization: "org_b" })]);
      const places = async (page?: Parameters<typeof quarantine.rejected>[0]): Promise<readonly string[]> =>
        (await quarantine.rejected(page)).map(({ source, line }) => `${source}/${line}`);
      deepStrictEqual((await places()).toSorted(), ["a/2", "b/1", "b/2", "b:1/1", "c/1"]);
      deepStrictEqual(await places({ organization: "org_b" }), ["c/1"]);
      const pages = [await places({ limit: 2 }), await places({ offset: 2, limit: 2 }), await places({ offset: 4 })];
      deepStrictEqual(pages.flat(), await places());
      deepStrictEqual(
        Array.from((await quarantine.rejected({ organization: "org_b" }))[0]?.content ?? []),
        [0, 255, 1],
      );
    },
  },
  {
    name: "rejected: a discarded record is gone",
    async run(harness) {
      await using store = await harness.open();
      await store.quarantine.reject([rejectedRecord("f", 1), rejectedRecord("f", 2)]);
      strictEqual(await store.quarantine.discardRejected("f", 1), true);
      strictEqual(await store.quarantine.discardRejected("f", 1), false);
      strictEqual(await store.quarantine.discardRejected("g", 2), false);
      deepStrictEqual(
        (await store.quarantine.rejected()).map(({ line }) => line),
        [2],
      );
    },
  },
];
