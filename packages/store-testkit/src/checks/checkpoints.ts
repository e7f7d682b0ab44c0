import { deepStrictEqual, strictEqual } from "node:assert/strict";
import type { Checkpoint } from "@headgate/core";
import { upTo } from "../events.ts";
import { rejectsWith, winners } from "../expect.ts";
import { checkpointOf, quarantineEntry, runningStream, streamRecord } from "../fixtures.ts";
import type { StoreCheck } from "../harness.ts";

const full: Checkpoint = checkpointOf("s", 1, {
  start: 3,
  position: 10,
  delivered: 6,
  quarantined: 1,
  window: {
    after: 10,
    through: 900,
    sealedAt: 1_750_000_000_123,
    plan: {
      partition: "hour",
      maxEvents: 100,
      maxBytes: 5_000_000,
      maxEventBytes: 1_000_000,
      encoding: '{"version":1}',
    },
    settled: {
      0: "all",
      2: [
        [0, 5],
        [7, 7],
      ],
    },
    settledCount: 107,
  },
  lastStreamed: { sequence: 10, occurredAt: 1_749_999_999_999, at: 1_750_000_000_100, receipt: "year=2025/\u00fc" },
});

/** Compare-and-set, fencing, and nothing in between. */
export const checkpointChecks: readonly StoreCheck[] = [
  {
    name: "checkpoints: are kept as they were committed",
    async run(harness) {
      await using store = await harness.open();
      const { lease } = await runningStream(store);
      strictEqual(await store.checkpoints.get("s"), undefined);
      await store.checkpoints.commit({ lease, checkpoint: full });
      deepStrictEqual(await store.checkpoints.get("s"), full);
      const { window: _window, ...open } = full;
      await store.checkpoints.commit({ lease, checkpoint: { ...open, version: 2 } });
      deepStrictEqual(await store.checkpoints.get("s"), { ...open, version: 2 });
    },
  },
  {
    name: "checkpoints: never pass to another stream of the same id",
    async run(harness) {
      await using store = await harness.open();
      const { lease } = await runningStream(store);
      await store.checkpoints.commit({ lease, checkpoint: checkpointOf("s", 1, { position: 5 }) });
      await store.streams.delete("s");
      await store.streams.create(streamRecord("s", { incarnation: "s-2" }));
      for (const version of [1, 2]) {
        await rejectsWith(
          "stream_unknown",
          store.checkpoints.commit({ lease, checkpoint: checkpointOf("s", version, { position: 5 }) }),
        );
      }
      strictEqual(await store.checkpoints.get("s"), undefined);
      await store.checkpoints.commit({ lease, checkpoint: checkpointOf("s", 1, { incarnation: "s-2" }) });
    },
  },
  {
    name: "checkpoints: a version that is not the next one is refused",
    async run(harness) {
      await using store = await harness.open();
      const { lease } = await runningStream(store);
      for (const version of [0, 2, 3]) {
        await rejectsWith(
          "checkpoint_conflict",
          store.checkpoints.commit({ lease, checkpoint: checkpointOf("s", version) }),
        );
      }
      for (const version of [1, 2, 3])
        await store.checkpoints.commit({ lease, checkpoint: checkpointOf("s", version) });
      for (const version of [1, 3, 5]) {
        await rejectsWith(
          "checkpoint_conflict",
          store.checkpoints.commit({ lease, checkpoint: checkpointOf("s", version) }),
        );
      }
      strictEqual((await store.checkpoints.get("s"))?.version, 3);
    },
  },
  {
    name: "checkpoints: a position never goes back",
    async run(harness) {
      await using store = await harness.open();
      const { lease } = await runningStream(store);
      await store.checkpoints.commit({ lease, checkpoint: checkpointOf("s", 1, { position: 10 }) });
      await rejectsWith(
        "checkpoint_conflict",
        store.checkpoints.commit({ lease, checkpoint: checkpointOf("s", 2, { position: 9 }) }),
      );
      await store.checkpoints.commit({ lease, checkpoint: checkpointOf("s", 2, { position: 10 }) });
      strictEqual((await store.checkpoints.get("s"))?.position, 10);
    },
  },
  {
    name: "checkpoints: a refused commit changes nothing at all",
    async run(harness) {
      await using store = await harness.open();
      const { lease } = await runningStream(store);
      const first = checkpointOf("s", 1, { position: 5 });
      await store.checkpoints.commit({ lease, checkpoint: first, quarantine: [quarantineEntry("s", 4)] });
      const stolen = {
        lease,
        checkpoint: checkpointOf("s", 1, { position: 6 }),
        quarantine: [quarantineEntry("s", 6)],
        released: [4],
      };
      await rejectsWith("checkpoint_conflict", store.checkpoints.commit(stolen));
      deepStrictEqual(await store.checkpoints.get("s"), first);
      deepStrictEqual(
        (await store.quarantine.list("s")).map(({ sequence }) => sequence),
        [4],
      );
    },
  },
  {
    name: "checkpoints: a lease that was lost commits nothing",
    async run(harness) {
      await using store = await harness.open();
      const { lease } = await runningStream(store);
      await store.checkpoints.commit({ lease, checkpoint: checkpointOf("s", 1) });
      await store.leases.release(lease);
      const late = { lease, checkpoint: checkpointOf("s", 2), quarantine: [quarantineEntry("s", 1)] };
      await rejectsWith("lease_lost", store.checkpoints.commit(late));
      const next = await store.leases.acquire(lease.name, "runner-2", 60_000);
      await rejectsWith("lease_lost", store.checkpoints.commit(late));
      await rejectsWith(
        "lease_lost",
        store.checkpoints.commit({ ...late, lease: { ...lease, token: (next?.token ?? 0) + 1 } }),
      );
      await rejectsWith("lease_lost", store.checkpoints.commit({ ...late, lease: { ...lease, name: "never given" } }));
      strictEqual((await store.checkpoints.get("s"))?.version, 1);
      deepStrictEqual(await store.quarantine.list("s"), []);
      if (next !== undefined) await store.checkpoints.commit({ ...late, lease: next });
      strictEqual((await store.checkpoints.get("s"))?.version, 2);
    },
  },
  {
    name: "checkpoints: a holder that comes back after another one is a new holder",
    async run(harness) {
      await using store = await harness.open();
      const { lease } = await runningStream(store);
      await store.leases.release(lease);
      const again = await store.leases.acquire(lease.name, lease.holder, 60_000);
      await rejectsWith("lease_lost", store.checkpoints.commit({ lease, checkpoint: checkpointOf("s", 1) }));
      if (again !== undefined) await store.checkpoints.commit({ lease: again, checkpoint: checkpointOf("s", 1) });
      strictEqual((await store.checkpoints.get("s"))?.version, 1);
    },
  },
  {
    name: "checkpoints: a stream that does not exist has none",
    async run(harness) {
      await using store = await harness.open();
      const { lease } = await runningStream(store);
      await rejectsWith("stream_unknown", store.checkpoints.commit({ lease, checkpoint: checkpointOf("other", 1) }));
      strictEqual(await store.checkpoints.get("other"), undefined);
    },
  },
  {
    name: "checkpoints: of concurrent commits of one version exactly one wins",
    async run(harness) {
      await using store = await harness.open();
      const { lease } = await runningStream(store);
      for (const version of [1, 2, 3]) {
        const tries = upTo(8).map((n) =>
          store.checkpoints.commit({ lease, checkpoint: checkpointOf("s", version, { delivered: n }) }),
        );
        strictEqual(await winners("checkpoint_conflict", tries), 1);
        strictEqual((await store.checkpoints.get("s"))?.version, version);
      }
    },
  },
  {
    name: "checkpoints: of two handles that commit the same version exactly one wins",
    needs: ["second"],
    async run(harness) {
      await using store = await harness.open();
      await using other = await harness.second!(store);
      const { lease } = await runningStream(store);
      for (const version of upTo(10)) {
        const tries = [store, other].map((handle, n) =>
          handle.checkpoints.commit({
            lease,
            checkpoint: checkpointOf("s", version, { delivered: n }),
            quarantine: [quarantineEntry("s", version * 2 + n)],
          }),
        );
        strictEqual(await winners("checkpoint_conflict", tries), 1);
        const winner = (await other.checkpoints.get("s"))?.delivered ?? 0;
        const entries = await store.quarantine.list("s");
        strictEqual(entries.length, version);
        strictEqual(entries.at(-1)?.sequence, version * 2 + winner);
      }
    },
  },
  {
    name: "checkpoints: are listed in pages by stream id",
    async run(harness) {
      await using store = await harness.open();
      const { lease } = await runningStream(store, "s3");
      const ids = ["s3", "a", "S", "z", "s10"];
      for (const id of ids.slice(1)) await store.streams.create(streamRecord(id));
      for (const id of ids) await store.checkpoints.commit({ lease, checkpoint: checkpointOf(id, 1) });
      const seen: string[] = [];
      for (;;) {
        const after = seen.at(-1);
        const page = await store.checkpoints.list({ limit: 2, ...(after === undefined ? {} : { after }) });
        seen.push(...page.map(({ stream }) => stream));
        if (page.length < 2) break;
      }
      deepStrictEqual(seen, ids.toSorted());
    },
  },
];
