import { deepStrictEqual } from "node:assert/strict";
import type { StoredObject } from "@headgate/core";
import { journalEvents } from "../events.ts";
import { rejectsWith } from "../expect.ts";
import { checkpointOf, runningStream } from "../fixtures.ts";
import type { StoreCheck } from "../harness.ts";

function storedObject(number: number, ...sequences: (readonly [number, number])[]): StoredObject {
  return {
    number,
    key: `k${number}`,
    sha1: "0".repeat(40),
    sha256: "1".repeat(64),
    bytes: 10,
    count: sequences.reduce((sum, [from, to]) => sum + to - from + 1, 0),
    sequences,
    encoding: "e",
    at: number,
  };
}

/** The objects that a stream has stored. */
export const objectChecks: readonly StoreCheck[] = [
  {
    name: "objects: come with the commit that they led to, whole and in order, or not at all",
    async run(harness) {
      await using store = await harness.open();
      const { lease } = await runningStream(store);
      const [first, second] = [storedObject(1, [1, 2], [5, 5]), storedObject(2, [3, 4])];
      await store.checkpoints.commit({ lease, checkpoint: checkpointOf("s", 1), objects: [first, second] });
      const late = { lease, checkpoint: checkpointOf("s", 1), objects: [storedObject(3, [6, 6])] };
      await rejectsWith("checkpoint_conflict", store.checkpoints.commit(late));
      deepStrictEqual(await store.objects.list("s"), [first, second]);
      deepStrictEqual(await store.objects.list("s", { after: 1 }), [second]);
      deepStrictEqual(await store.objects.list("s", { limit: 1 }), [first]);
      deepStrictEqual(await store.objects.list("s", { from: 5, to: 9 }), [first]);
      deepStrictEqual(await store.objects.list("s", { from: 3, to: 3 }), [first, second]);
      deepStrictEqual(await store.objects.list("s", { from: 6 }), []);
      deepStrictEqual(await store.objects.list("other"), []);
    },
  },
  {
    name: "objects: go with their stream",
    async run(harness) {
      await using store = await harness.open();
      const { lease } = await runningStream(store);
      await store.checkpoints.commit({ lease, checkpoint: checkpointOf("s", 1), objects: [storedObject(1, [1, 1])] });
      await store.streams.delete("s");
      deepStrictEqual(await store.objects.list("s"), []);
    },
  },
  {
    name: "objects: go when their events are trimmed, and a digest names them where there are digests",
    async run(harness) {
      await using store = await harness.open();
      const { lease } = await runningStream(store);
      await store.journal.append("org_a", journalEvents("a", 3));
      await store.journal.append("org_a", journalEvents("b", 3));
      const objects = [
        storedObject(1, [1, 2]),
        storedObject(2, [3, 4]),
        storedObject(3, [1, 1]),
        storedObject(4, [5, 6]),
      ];
      const chain = { id: "c", number: 1, hash: "h", to: 1, madeAt: 1, through: 2, objects: 2 };
      const done = { ...checkpointOf("s", 1), position: 6, delivered: 6, chain };
      await store.checkpoints.commit({ lease, checkpoint: done, objects });
      await store.journal.trim("org_a", 3, Number.MAX_SAFE_INTEGER);
      deepStrictEqual(
        (await store.objects.list("s")).map(({ number }) => number),
        [2, 3, 4],
      );
      const { chain: _, ...chainless } = done;
      await store.checkpoints.commit({ lease, checkpoint: { ...chainless, version: 2 } });
      await store.journal.trim("org_a", 6, Number.MAX_SAFE_INTEGER);
      deepStrictEqual(await store.objects.list("s"), []);
    },
  },
];
