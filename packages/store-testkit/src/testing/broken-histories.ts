import type { Store } from "@headgate/core";
import type { BrokenStore } from "./broken-store.ts";

/** How snapshots, deliveries and documents of a store go wrong. */
export const brokenHistories: readonly BrokenStore[] = [
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
