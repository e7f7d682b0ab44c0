import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { keptDeliveries } from "@headgate/core";
import { rejectsWith } from "../expect.ts";
import { checkpointOf, deliveryReport, runningStream, streamRecord } from "../fixtures.ts";
import type { StoreCheck } from "../harness.ts";

/** The history of requests. */
export const deliveryChecks: readonly StoreCheck[] = [
  {
    name: "deliveries: are kept whole and listed per stream, the newest first",
    async run(harness) {
      await using store = await harness.open();
      await store.streams.create(streamRecord("s"));
      await store.streams.create(streamRecord("t"));
      const failed = deliveryReport("s", 30, {
        status: "retry",
        events: 0,
        error: { code: "destination_busy", message: "Busy.", hint: "Wait.", vendorCode: "9" },
      });
      await store.deliveries.add([deliveryReport("s", 10), deliveryReport("t", 20), failed]);
      await store.deliveries.add([deliveryReport("s", 40)]);
      const all = await store.deliveries.list("s");
      deepStrictEqual(
        all,
        [deliveryReport("s", 40), failed, deliveryReport("s", 10)].map((report, i) => ({
          ...report,
          number: all[i]?.number,
        })),
      );
      const [newest, second, third] = all.map(({ number }) => number);
      ok(newest !== undefined && second !== undefined && third !== undefined && newest > second && second > third);
      deepStrictEqual(await store.deliveries.list("s", { limit: 1 }), all.slice(0, 1));
      deepStrictEqual(await store.deliveries.list("s", { before: newest, limit: 1 }), all.slice(1, 2));
      deepStrictEqual(await store.deliveries.list("s", { before: third }), []);
      deepStrictEqual(await store.deliveries.list("other"), []);
    },
  },
  {
    name: "deliveries: come with the commit that they led to, or not at all",
    async run(harness) {
      await using store = await harness.open();
      const { lease } = await runningStream(store);
      await store.checkpoints.commit({ lease, checkpoint: checkpointOf("s", 1), deliveries: [deliveryReport("s", 1)] });
      const late = { lease, checkpoint: checkpointOf("s", 1), deliveries: [deliveryReport("s", 2)] };
      await rejectsWith("checkpoint_conflict", store.checkpoints.commit(late));
      deepStrictEqual(
        (await store.deliveries.list("s")).map(({ at }) => at),
        [1],
      );
    },
  },
  {
    name: "deliveries: of a stream that does not exist are not kept, and of one that is deleted they go",
    async run(harness) {
      await using store = await harness.open();
      await store.deliveries.add([deliveryReport("s", 1)]);
      await store.streams.create(streamRecord("s"));
      deepStrictEqual(await store.deliveries.list("s"), []);
      await store.deliveries.add([deliveryReport("s", 2)]);
      await store.streams.delete("s");
      await store.streams.create(streamRecord("s"));
      deepStrictEqual(await store.deliveries.list("s"), []);
    },
  },
  {
    name: "deliveries: the newest of each stream are kept, and not many more",
    async run(harness) {
      await using store = await harness.open();
      await store.streams.create(streamRecord("busy"));
      await store.streams.create(streamRecord("quiet"));
      await store.deliveries.add([deliveryReport("quiet", 1)]);
      const count = 3 * keptDeliveries;
      for (let at = 0; at < count; at += 100) {
        await store.deliveries.add(Array.from({ length: 100 }, (_, i) => deliveryReport("busy", at + i)));
      }
      const kept = await store.deliveries.list("busy");
      ok(kept.length >= keptDeliveries && kept.length <= 2 * keptDeliveries);
      deepStrictEqual(
        kept.map(({ at }) => at),
        Array.from({ length: kept.length }, (_, i) => count - 1 - i),
      );
      strictEqual((await store.deliveries.list("quiet")).length, 1);
    },
  },
  {
    name: "deliveries: those that ended before an instant are trimmed",
    async run(harness) {
      await using store = await harness.open();
      await store.streams.create(streamRecord("s"));
      await store.streams.create(streamRecord("t"));
      await store.deliveries.add([10, 20, 30].flatMap((at) => [deliveryReport("s", at), deliveryReport("t", at)]));
      await store.deliveries.trim(20);
      deepStrictEqual(
        (await store.deliveries.list("s")).map(({ at }) => at),
        [30, 20],
      );
      await store.deliveries.trim(1000);
      deepStrictEqual(await store.deliveries.list("t"), []);
      await store.deliveries.add([deliveryReport("s", 2000)]);
      strictEqual((await store.deliveries.list("s")).length, 1);
    },
  },
  {
    name: "deliveries: are trimmed by when they ended, in whatever order they were entered",
    async run(harness) {
      await using store = await harness.open();
      await store.streams.create(streamRecord("s"));
      await store.deliveries.add([50, 10, 40, 5].map((at) => deliveryReport("s", at)));
      await store.deliveries.trim(20);
      deepStrictEqual(
        (await store.deliveries.list("s")).map(({ at }) => at),
        [40, 50],
      );
    },
  },
  {
    name: "deliveries: no number comes a second time",
    async run(harness) {
      await using store = await harness.open();
      await store.streams.create(streamRecord("s"));
      await store.streams.create(streamRecord("t"));
      const enter = async (stream: string, at: number): Promise<number> => {
        await store.deliveries.add([deliveryReport(stream, at)]);
        return (await store.deliveries.list(stream))[0]?.number ?? 0;
      };
      const numbers = [await enter("s", 10), await enter("t", 20), await enter("s", 30)];
      await store.deliveries.trim(1000);
      numbers.push(await enter("t", 2000));
      await store.streams.delete("t");
      numbers.push(await enter("s", 3000));
      for (const [i, number] of numbers.entries()) ok(number > (numbers[i - 1] ?? 0), `${number} after others`);
    },
  },
  {
    name: "deliveries: two handles that take turns keep the newest, and not many more",
    needs: ["second"],
    async run(harness) {
      await using store = await harness.open();
      await using other = await harness.second!(store);
      await store.streams.create(streamRecord("s"));
      const portion = Math.floor(keptDeliveries * 0.9);
      for (let turn = 0; turn < 4; turn++) {
        const reports = Array.from({ length: portion }, (_, i) => deliveryReport("s", turn * portion + i));
        await (turn % 2 === 0 ? store : other).deliveries.add(reports);
        const kept = (await other.deliveries.list("s")).length;
        ok(kept >= Math.min(keptDeliveries, (turn + 1) * portion) && kept <= 2 * keptDeliveries, `${kept} are kept`);
      }
      deepStrictEqual(await store.deliveries.list("s"), await other.deliveries.list("s"));
    },
  },
];
