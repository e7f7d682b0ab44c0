import type { Lease, Store } from "@headgate/core";
import { isHeadgateError } from "@headgate/core";
import type { BrokenStore } from "./broken-store.ts";

/** How what a store keeps beside the journal goes wrong: checkpoints, leases, quarantine, streams, cursors. */
export const brokenRecords: readonly BrokenStore[] = [
  {
    defect: "lets the checkpoint go back",
    caughtBy: "checkpoints: a position never goes back",
    breaks: (store) => {
      const positions = new Map<string, number>();
      return {
        checkpoints: {
          ...store.checkpoints,
          async commit(change) {
            const stored = await store.checkpoints.get(change.checkpoint.stream);
            const position = Math.max(change.checkpoint.position, stored?.position ?? 0);
            await store.checkpoints.commit({ ...change, checkpoint: { ...change.checkpoint, position } });
            positions.set(change.checkpoint.stream, change.checkpoint.position);
          },
        },
      };
    },
  },
  {
    defect: "passes a checkpoint on to another stream of the same id",
    caughtBy: "checkpoints: never pass to another stream of the same id",
    breaks: (store) => ({
      checkpoints: {
        ...store.checkpoints,
        async commit(change) {
          const incarnation = (await store.streams.get(change.checkpoint.stream))?.incarnation ?? "";
          await store.checkpoints.commit({ ...change, checkpoint: { ...change.checkpoint, incarnation } });
        },
      },
    }),
  },
  {
    defect: "ignores the fencing token",
    caughtBy: "checkpoints: a lease that was lost commits nothing",
    breaks: (store) => ({
      checkpoints: {
        ...store.checkpoints,
        async commit(change) {
          const current = await store.leases.current(change.lease.name);
          const forged = current ?? (await store.leases.acquire(change.lease.name, "forger", 1)) ?? change.lease;
          await store.checkpoints.commit({ ...change, lease: forged });
        },
      },
    }),
  },
  {
    defect: "checks the version before it waits, and writes after",
    caughtBy: "checkpoints: of concurrent commits of one version exactly one wins",
    breaks: (store) => ({
      checkpoints: {
        ...store.checkpoints,
        async commit(change) {
          const version = (await store.checkpoints.get(change.checkpoint.stream))?.version ?? 0;
          if (change.checkpoint.version !== version + 1) return store.checkpoints.commit(change);
          await store.checkpoints.commit(change).catch((error: unknown) => {
            if (!isHeadgateError(error, "checkpoint_conflict") || change.checkpoint.position !== 0) throw error;
          });
        },
      },
    }),
  },
  {
    defect: "enters the quarantine of a commit that it refuses",
    caughtBy: "checkpoints: a refused commit changes nothing at all",
    breaks: (store) => ({
      checkpoints: {
        ...store.checkpoints,
        async commit(change) {
          try {
            await store.checkpoints.commit(change);
          } catch (error) {
            const stored = await store.checkpoints.get(change.checkpoint.stream);
            if (isHeadgateError(error, "checkpoint_conflict") && stored !== undefined) {
              await store.checkpoints.commit({ ...change, checkpoint: { ...stored, version: stored.version + 1 } });
            }
            throw error;
          }
        },
      },
    }),
  },
  {
    defect: "reuses a token",
    caughtBy: "leases: the token grows with every change of hands",
    breaks: (store) => {
      const fixed = (lease: Lease | undefined): Lease | undefined =>
        lease === undefined ? undefined : { ...lease, token: 1 };
      return {
        leases: { ...store.leases, acquire: async (...args) => fixed(await store.leases.acquire(...args)) },
      };
    },
  },
  {
    defect: "gives a new token at renewal",
    caughtBy: "leases: the holder's own is renewed and keeps its token",
    breaks: (store) => ({
      leases: {
        ...store.leases,
        async acquire(name, holder, ttl) {
          const current = await store.leases.current(name);
          if (current?.holder === holder) await store.leases.release(current);
          return store.leases.acquire(name, holder, ttl);
        },
      },
    }),
  },
  {
    defect: "lets leases run for ever",
    caughtBy: "leases: run out after their time",
    breaks: (store, clock) => ({
      leases: {
        ...store.leases,
        async acquire(name, holder) {
          const lease = await store.leases.acquire(name, holder, 1e12);
          return lease === undefined ? undefined : { ...lease, expiresAt: clock.now() + 1000 };
        },
      },
    }),
  },
  {
    defect: "renews a lease that was given up",
    caughtBy: "leases: release frees at once, and a lease given up cannot be renewed",
    breaks: (store) => ({
      leases: {
        ...store.leases,
        renew: (lease, ttl) =>
          store.leases.renew(lease, ttl).catch(() => ({ ...lease, expiresAt: lease.expiresAt + ttl })),
      },
    }),
  },
  {
    defect: "drops the lines of the quarantine",
    caughtBy: "quarantine: entries are kept whole and listed by sequence",
    breaks: (store) => ({
      quarantine: {
        ...store.quarantine,
        async get(stream, sequence) {
          const entry = await store.quarantine.get(stream, sequence);
          return entry === undefined ? undefined : { ...entry, line: new Uint8Array() };
        },
      },
    }),
  },
  {
    defect: "keeps what was released",
    caughtBy: "quarantine: released entries leave it with the commit",
    breaks: (store) => ({
      checkpoints: { ...store.checkpoints, commit: (change) => store.checkpoints.commit({ ...change, released: [] }) },
    }),
  },
  {
    defect: "brings discarded entries back",
    caughtBy: "quarantine: marks are kept; a discarded entry loses its line and cannot come back",
    breaks: (store) => ({
      quarantine: {
        ...store.quarantine,
        mark: async (...args) => (await store.quarantine.mark(...args)) || args[1] === 2,
      },
    }),
  },
  {
    defect: "enters a rejected record again",
    caughtBy: "rejected: a record entered twice is one, by source and line",
    breaks: (store) => {
      let calls = 0;
      return {
        quarantine: {
          ...store.quarantine,
          reject: (records) =>
            store.quarantine.reject(
              records.map((record) => ({ ...record, source: `${record.source}${calls++ > 2 ? "'" : ""}` })),
            ),
        },
      };
    },
  },
  {
    defect: "leaves the checkpoint of a deleted stream behind",
    caughtBy: "streams: deleting one takes its checkpoint, health and quarantine along, and no other's",
    breaks: (store) => {
      const kept = new Map<string, Awaited<ReturnType<Store["checkpoints"]["get"]>>>();
      return {
        streams: {
          ...store.streams,
          async delete(id) {
            kept.set(id, await store.checkpoints.get(id));
            await store.streams.delete(id);
          },
        },
        checkpoints: { ...store.checkpoints, get: async (id) => (await store.checkpoints.get(id)) ?? kept.get(id) },
      };
    },
  },
  {
    defect: "writes a stream's documents after the stream",
    caughtBy: "streams: are written with documents, all or nothing",
    breaks: (store) => ({
      streams: {
        ...store.streams,
        async create(record, documents = []) {
          await store.streams.create(record);
          await store.documents.write(documents);
        },
      },
    }),
  },
  {
    defect: "knows nothing of a stream's documents",
    caughtBy: "streams: are written with documents, all or nothing",
    breaks: (store) => ({ streams: { ...store.streams, update: (record) => store.streams.update(record) } }),
  },
  {
    defect: "does not page",
    caughtBy: "streams: are listed by id, in pages, of all organizations or one",
    breaks: (store) => ({ streams: { ...store.streams, list: () => store.streams.list() } }),
  },
  {
    defect: "keeps the first value of a cursor",
    caughtBy: "cursors: hold what was set last, by source",
    breaks: (store) => ({
      cursors: {
        ...store.cursors,
        async set(source, value) {
          if ((await store.cursors.get(source)) === undefined) await store.cursors.set(source, value);
        },
      },
    }),
  },
  {
    defect: "goes on after it was closed",
    caughtBy: "lifetimes: a closed store says so",
    breaks: () => ({ [Symbol.asyncDispose]: async () => {} }),
  },
];
