import type { Journal, Lease, Store } from "@headgate/core";
import { isHeadgateError, memoryStore } from "@headgate/core";
import { describe, expect, it } from "vitest";
import { storeChecks } from "./conformance.ts";
import type { SettableClock } from "./harness.ts";
import { settableClock } from "./harness.ts";

/** How a store goes wrong, and the check that must notice. */
interface Broken {
  readonly defect: string;
  readonly caughtBy: string;
  readonly breaks: (store: Store, clock: SettableClock) => Partial<Store>;
}

/** Another journal over the same store, with some methods replaced. */
const journal = (store: Store, replaced: Partial<Journal>): Partial<Store> => ({
  journal: { ...store.journal, ...replaced },
});

const everything = Number.MAX_SAFE_INTEGER;

const brokenStores: readonly Broken[] = [
  {
    defect: "skips a sequence",
    caughtBy: "append: concurrent appends get gapless sequences per organization",
    breaks: (store) =>
      journal(store, {
        async append(organization, events) {
          const result = await store.journal.append(organization, events);
          return { ...result, sequences: result.sequences.map((sequence) => (sequence > 3 ? sequence + 1 : sequence)) };
        },
      }),
  },
  {
    defect: "loses the last event of a large append",
    caughtBy: "append: concurrent appends get gapless sequences per organization",
    breaks: (store) =>
      journal(store, {
        async append(organization, events) {
          if (events.length < 5) return store.journal.append(organization, events);
          const { accepted, duplicates, sequences } = await store.journal.append(organization, events.slice(0, -1));
          return { accepted: accepted + 1, duplicates, sequences: [...sequences, (sequences.at(-1) ?? 0) + 1] };
        },
      }),
  },
  {
    defect: "acknowledges before it stores",
    caughtBy: "append: an event can be read as soon as its append has resolved",
    breaks: (store) =>
      journal(store, {
        async append(organization, events) {
          const { lastSequence } = await store.journal.head(organization);
          setTimeout(() => void store.journal.append(organization, events).catch(() => {}), 2);
          return { accepted: events.length, duplicates: 0, sequences: events.map((_, at) => lastSequence + at + 1) };
        },
      }),
  },
  {
    defect: "folds the case of organization ids",
    caughtBy: "append: organization ids are taken to the letter, and bad ones refused",
    breaks: (store) =>
      journal(store, {
        append: (organization, events) => store.journal.append(organization.toLowerCase(), events),
        read: (organization, range) => store.journal.read(organization.toLowerCase(), range),
      }),
  },
  {
    defect: "changes bytes",
    caughtBy: "bodies: stored bytes, lengths and times are those of joinGroup",
    breaks: (store) =>
      journal(store, {
        append: (organization, events) =>
          store.journal.append(
            organization,
            events.map((event) => ({
              ...event,
              stub: Buffer.from(Buffer.from(event.stub).toString().replace("kit.event", "kit.Event")),
            })),
          ),
      }),
  },
  {
    defect: "stores a duplicate id of the same batch",
    caughtBy: "idempotence: an id that stands twice in a batch is stored once",
    breaks: (store) =>
      journal(store, {
        async append(organization, events) {
          if (events.length > 100) return store.journal.append(organization, events);
          const results = [];
          for (const [at, event] of events.entries()) {
            const twin = events.findIndex(({ id }) => id === event.id) < at;
            results.push(
              await store.journal.append(organization, [twin ? { ...event, id: `${event.id}#${at}` } : event]),
            );
          }
          return {
            accepted: results.reduce((sum, { accepted }) => sum + accepted, 0),
            duplicates: results.reduce((sum, { duplicates }) => sum + duplicates, 0),
            sequences: results.flatMap(({ sequences }) => sequences),
          };
        },
      }),
  },
  {
    defect: "forgets ids from one append to the next",
    caughtBy: "idempotence: a repeat in a later append returns the first sequence and stores nothing",
    breaks: (store) => {
      let appends = 0;
      return journal(store, {
        append(organization, events) {
          appends += 1;
          return store.journal.append(
            organization,
            events.map((event) => ({ ...event, id: `${event.id}#${appends}` })),
          );
        },
      });
    },
  },
  {
    defect: "looks up given ids only among given ids",
    caughtBy: "idempotence: an id that Headgate minted is found when a caller repeats it",
    breaks: (store) =>
      journal(store, {
        append: (organization, events) =>
          store.journal.append(
            organization,
            events.map((event) => (event.idGiven ? event : { ...event, id: `minted ${event.id}` })),
          ),
      }),
  },
  {
    defect: "looks ids up over all organizations",
    caughtBy: "idempotence: the same id in another organization is another event",
    breaks: (store) => {
      const seen = new Map<string, number>();
      return journal(store, {
        async append(organization, events) {
          const fresh = events.filter(({ id }) => !seen.has(id));
          const { accepted, sequences } = await store.journal.append(organization, fresh);
          for (const [at, { id }] of fresh.entries()) seen.set(id, sequences[at] ?? 0);
          return {
            accepted,
            duplicates: events.length - accepted,
            sequences: events.map(({ id }) => seen.get(id) ?? 0),
          };
        },
      });
    },
  },
  {
    defect: "keeps ids after their events were trimmed",
    caughtBy: "idempotence: trimming frees the ids that left the journal, and no others",
    breaks: (store) => {
      const seen = new Map<string, number>();
      return journal(store, {
        async append(organization, events) {
          const fresh = events.filter(({ id }) => !seen.has(`${organization} ${id}`));
          const result = await store.journal.append(organization, fresh);
          for (const [at, { id }] of fresh.entries()) seen.set(`${organization} ${id}`, result.sequences[at] ?? 0);
          const sequences = events.map(({ id }) => seen.get(`${organization} ${id}`) ?? 0);
          return { accepted: result.accepted, duplicates: events.length - result.accepted, sequences };
        },
      });
    },
  },
  {
    defect: "ends an index one event early at a byte limit",
    caughtBy: "ranges: index and read are cut to what rangeEnd says, at every range",
    breaks: (store) =>
      journal(store, {
        index: (organization, range) =>
          store.journal.index(
            organization,
            range.maxBytes === undefined ? range : { ...range, maxBytes: range.maxBytes * 0.7 },
          ),
      }),
  },
  {
    defect: "gives nothing where the first event is above maxBytes",
    caughtBy: "ranges: index and read are cut to what rangeEnd says, at every range",
    breaks: (store) =>
      journal(store, {
        async *read(organization, range) {
          for await (const group of store.journal.read(organization, range)) {
            if (group.body.length <= (range.maxBytes ?? everything)) yield group;
          }
        },
      }),
  },
  {
    defect: "counts bytes before a position from the group's start",
    caughtBy: "ranges: position says what comes next and how many bytes lie before",
    breaks: (store) =>
      journal(store, {
        async position(organization, after) {
          const groups = await store.journal.index(organization, { after: 0 });
          const group = groups.findLast(({ firstSequence }) => firstSequence <= after + 1);
          const position = await store.journal.position(organization, after);
          if (group === undefined || position.nextSequence === 0) return position;
          const { bytesBefore } = await store.journal.position(organization, group.firstSequence - 1);
          return { ...position, bytesBefore };
        },
      }),
  },
  {
    defect: "skips what was trimmed in silence",
    caughtBy: "ranges: reading what the journal does not hold is refused, not skipped",
    breaks: (store) =>
      journal(store, {
        async *read(organization, range) {
          const after = Math.max(range.after, (await store.journal.firstSequence(organization)) - 1);
          yield* store.journal.read(organization, { ...range, after });
        },
      }),
  },
  {
    defect: "tells of one changed head at a time and moves the cursor past the others",
    caughtBy: "changes: without a cursor all heads, with one those that changed since",
    breaks: (store) =>
      journal(store, {
        async changes(cursor) {
          const changes = await store.journal.changes(cursor);
          return cursor === undefined ? changes : { ...changes, heads: changes.heads.slice(-1) };
        },
      }),
  },
  {
    defect: "never calls a subscriber that came late",
    caughtBy: "changes: a subscriber is told of an append, until it leaves",
    breaks: (store) =>
      journal(store, {
        subscribe(listener) {
          store.journal.subscribe(listener);
          return () => {};
        },
      }),
  },
  {
    defect: "trims beyond `through`",
    caughtBy: "trim: takes whole groups and nothing beyond `through`",
    breaks: (store) =>
      journal(store, {
        trim: (organization, through, before) =>
          store.journal.trim(organization, through === 0 ? 0 : through + 2, before),
      }),
  },
  {
    defect: "trims what a stream still lacks",
    caughtBy: "trim: leaves what a stream of the organization still lacks",
    breaks: (store) => ({
      streams: {
        ...store.streams,
        create: (record) => store.streams.create({ ...record, start: Number.MAX_SAFE_INTEGER }),
      },
    }),
  },
  {
    defect: "trims what is too young",
    caughtBy: "trim: leaves what was appended at or after `appendedBefore`, and all that follows it",
    breaks: (store) =>
      journal(store, {
        trim: (organization, through, before) => store.journal.trim(organization, through, before + 1),
      }),
  },
  {
    defect: "forgets the total after a trim",
    caughtBy: "trim: sequences, totals and heads go on as if nothing had been taken",
    breaks: (store) => {
      const lost = new Map<string, number>();
      return journal(store, {
        async trim(organization, through, before) {
          const first = await store.journal.trim(organization, through, before);
          const { bytesBefore } = await store.journal.position(organization, first - 1);
          lost.set(organization, bytesBefore);
          return first;
        },
        async head(organization) {
          const head = await store.journal.head(organization);
          return { ...head, totalBytes: head.totalBytes - (lost.get(organization) ?? 0) };
        },
      });
    },
  },
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
  {
    defect: "reads the head before the checkpoint, and gives others a turn between them",
    caughtBy: "snapshots: accepted is delivered, quarantined and pending, whatever is appended and committed meanwhile",
    breaks: (store) => ({
      streams: {
        ...store.streams,
        async snapshots(page) {
          const head = await store.journal.head("org_a");
          await new Promise((resolve) => setImmediate(resolve));
          return (await store.streams.snapshots(page)).map((snapshot) => ({ ...snapshot, head }));
        },
      },
    }),
  },
  {
    defect: "takes a searched text for a pattern",
    caughtBy:
      "snapshots: are listed by id, page by page, of one organization or all, by a text in id, name or organization",
    breaks: (store) => ({
      streams: {
        ...store.streams,
        snapshots: ({ search = "", ...page }) =>
          store.streams.snapshots({ ...page, search: search.replaceAll(/[%_.]/g, "") }),
      },
    }),
  },
  {
    defect: "counts what was appended at the instant itself as younger",
    caughtBy: "snapshots: tell up to where the journal is older than an instant",
    breaks: (store) => ({
      streams: {
        ...store.streams,
        snapshot: (id, before) => store.streams.snapshot(id, before === undefined ? undefined : before - 1),
      },
    }),
  },
  {
    defect: "forgets the checkpoint in a snapshot",
    caughtBy: "snapshots: hold what the single readings hold",
    breaks: (store) => ({
      streams: {
        ...store.streams,
        async snapshot(id, before) {
          const { checkpoint: _, ...rest } = (await store.streams.snapshot(id, before)) ?? {};
          return "record" in rest ? rest : undefined;
        },
      },
    }),
  },
  {
    defect: "takes every stream to begin with the journal",
    caughtBy: "snapshots: begin where the stream began while it has no checkpoint",
    breaks: (store) => ({
      streams: {
        ...store.streams,
        async snapshot(id, before) {
          const snapshot = await store.streams.snapshot(id, before);
          if (snapshot === undefined || snapshot.checkpoint !== undefined) return snapshot;
          return { ...snapshot, position: await store.journal.position(snapshot.record.organization, 0) };
        },
      },
    }),
  },
  {
    defect: "lists deliveries from the oldest",
    caughtBy: "deliveries: are kept whole and listed per stream, the newest first",
    breaks: (store) => ({
      deliveries: {
        ...store.deliveries,
        list: async (stream, page) => (await store.deliveries.list(stream, page)).toReversed(),
      },
    }),
  },
  {
    defect: "keeps the deliveries of a commit that it refuses",
    caughtBy: "deliveries: come with the commit that they led to, or not at all",
    breaks: (store) => ({
      checkpoints: {
        ...store.checkpoints,
        async commit({ deliveries = [], ...change }) {
          await store.deliveries.add(deliveries);
          await store.checkpoints.commit(change);
        },
      },
    }),
  },
  {
    defect: "keeps deliveries of streams that do not exist",
    caughtBy: "deliveries: of a stream that does not exist are not kept, and of one that is deleted they go",
    breaks: (store) => {
      const early: Parameters<Store["deliveries"]["add"]>[0][number][] = [];
      return {
        deliveries: {
          ...store.deliveries,
          async add(reports) {
            for (const report of reports)
              if ((await store.streams.get(report.stream)) === undefined) early.push(report);
            await store.deliveries.add(reports);
          },
          async list(stream, page) {
            await store.deliveries.add(early.splice(0));
            return store.deliveries.list(stream, page);
          },
        },
      };
    },
  },
  {
    defect: "keeps the newest deliveries of all streams together",
    caughtBy: "deliveries: the newest of each stream are kept, and not many more",
    breaks: (store) => {
      let added = 0;
      return {
        deliveries: {
          ...store.deliveries,
          async add(reports) {
            added += reports.length;
            await store.deliveries.add(reports);
          },
          list: async (stream, page) => (stream === "quiet" && added > 1000 ? [] : store.deliveries.list(stream, page)),
        },
      };
    },
  },
  {
    defect: "trims what ended at the instant itself",
    caughtBy: "deliveries: those that ended before an instant are trimmed",
    breaks: (store) => ({
      deliveries: { ...store.deliveries, trim: (before) => store.deliveries.trim(before + 1) },
    }),
  },
  {
    defect: "trims no further than to the first delivery that is young",
    caughtBy: "deliveries: are trimmed by when they ended, in whatever order they were entered",
    breaks: (store) => ({
      deliveries: {
        ...store.deliveries,
        async trim(before) {
          const oldest = (await store.deliveries.list("s")).at(-1);
          if (oldest !== undefined && oldest.at < before) await store.deliveries.trim(before);
        },
      },
    }),
  },
  {
    defect: "numbers deliveries by those that it still has",
    caughtBy: "deliveries: no number comes a second time",
    breaks: (store) => ({
      deliveries: {
        ...store.deliveries,
        async list(stream, page) {
          const all = await store.deliveries.list(stream, page);
          return all.map((delivery, i) => ({ ...delivery, number: all.length - i }));
        },
      },
    }),
  },
  {
    defect: "begins a page with the key that it was to begin after",
    caughtBy: "documents: page after page gives each key with the prefix once, in order",
    breaks: (store) => ({
      documents: {
        ...store.documents,
        async list(collection, page = {}) {
          const { after, prefix = "" } = page;
          const found = await store.documents.list(collection, page);
          const same = after === undefined ? undefined : await store.documents.get(collection, after);
          if (same === undefined || !same.key.startsWith(prefix)) return found;
          return [same, ...found];
        },
      },
    }),
  },
  {
    defect: "counts no versions",
    caughtBy: "documents: are kept as they were written, each write one version more",
    breaks: (store) => ({
      documents: {
        ...store.documents,
        async get(collection, key) {
          const document = await store.documents.get(collection, key);
          return document && { ...document, version: 1 };
        },
      },
    }),
  },
  {
    defect: "orders keys by UTF-16",
    caughtBy: "documents: are listed by the bytes of their keys, either way, by prefix and page",
    breaks: (store) => ({
      documents: {
        ...store.documents,
        async list(collection, page) {
          const sorted = (await store.documents.list(collection, page)).toSorted((a, b) => (a.key < b.key ? -1 : 1));
          return page?.order === "descending" ? sorted.toReversed() : sorted;
        },
      },
    }),
  },
  {
    defect: "writes change after change",
    caughtBy: "documents: a write that expects another version changes nothing at all",
    breaks: (store) => ({
      documents: {
        ...store.documents,
        async write(changes) {
          for (const change of changes) await store.documents.write([change]);
        },
      },
    }),
  },
  {
    defect: "compares versions before it waits",
    caughtBy: "documents: of those who expect the same version one wins",
    breaks: (store) => ({
      documents: {
        ...store.documents,
        async write(changes) {
          for (const { collection, key, expected } of changes) {
            const version = (await store.documents.get(collection, key))?.version ?? 0;
            if (expected !== undefined && version !== expected) return store.documents.write(changes);
          }
          return store.documents.write(
            changes.map(({ collection, key, value }) => ({ collection, key, ...(value !== undefined && { value }) })),
          );
        },
      },
    }),
  },
];

/** The checks that fail on a store, by name. */
async function failures(broken: Broken["breaks"]): Promise<readonly string[]> {
  const failed: string[] = [];
  for (const { name, needs = [], run } of storeChecks) {
    if (needs.includes("second") || needs.includes("reopen")) continue;
    const clock = settableClock();
    const open = async (): Promise<Store> => {
      const store = memoryStore({ clock });
      return { ...store, ...broken(store, clock) };
    };
    try {
      await run({ open, clock, schedules: 5 });
    } catch {
      failed.push(name);
    }
  }
  return failed;
}

describe("the kit", () => {
  it("finds nothing wrong with the store that the broken ones are made of", async () => {
    expect(await failures(() => ({}))).toEqual([]);
  });

  it.each(brokenStores)("catches a store that $defect", async ({ breaks, caughtBy }) => {
    expect(await failures(breaks)).toContain(caughtBy);
  });
});

describe("the kit, between two handles and over a reopening", () => {
  const clock = settableClock();
  /** A handle that shares the memory of another, as a second process would share its file. */
  const handle = (store: Store, replaced: Partial<Store> = {}): Store => ({
    ...store,
    [Symbol.asyncDispose]: async () => {},
    ...replaced,
  });
  const outcome = async (name: string, second: (store: Store) => Partial<Store>): Promise<string> => {
    const check = storeChecks.find((candidate) => candidate.name === name);
    try {
      await check?.run({
        clock,
        open: async () => memoryStore({ clock }),
        second: async (store) => handle(store, second(store)),
        reopen: async (store) => handle(store, second(store)),
      });
      return "passes";
    } catch {
      return "fails";
    }
  };
  const shared = storeChecks.filter(({ needs = [] }) => needs.includes("second") || needs.includes("reopen"));

  it.each(shared)("passes honest handles: $name", async ({ name }) => {
    expect(await outcome(name, () => ({}))).toBe("passes");
  });

  it.each(shared)("fails handles that share nothing: $name", async ({ name }) => {
    expect(await outcome(name, () => memoryStore({ clock }))).toBe("fails");
  });
});
