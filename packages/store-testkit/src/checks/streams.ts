import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { rejectsWith, winners } from "../expect.ts";
import { checkpointOf, quarantineEntry, runningStream, streamHealth, streamRecord } from "../fixtures.ts";
import type { StoreCheck } from "../harness.ts";

/** The configured streams, and where sources stand. */
export const streamChecks: readonly StoreCheck[] = [
  {
    name: "streams: are created, read, replaced and deleted by id",
    async run(harness) {
      await using store = await harness.open();
      const record = streamRecord("s", { flush: { maxAgeMs: 5 } });
      await store.streams.create(record);
      deepStrictEqual(await store.streams.get("s"), record);
      await rejectsWith("stream_exists", store.streams.create({ ...record, paused: true }));
      strictEqual((await store.streams.get("s"))?.paused, false);
      await store.streams.update({ ...record, paused: true });
      strictEqual((await store.streams.get("s"))?.paused, true);
      await rejectsWith("stream_unknown", store.streams.update(streamRecord("t")));
      strictEqual(await store.streams.get("t"), undefined);
      await store.streams.delete("s");
      strictEqual(await store.streams.get("s"), undefined);
      await rejectsWith("stream_unknown", store.streams.delete("s"));
    },
  },
  {
    name: "streams: are written with documents, all or nothing",
    async run(harness) {
      await using store = await harness.open();
      const { streams, documents } = store;
      const record = streamRecord("s");
      const write = (value: string, expected: number) => ({ collection: "c", key: "k", value, expected });
      const stored = async (): Promise<unknown> => [await streams.get("s"), (await documents.get("c", "k"))?.value];
      await rejectsWith("document_conflict", streams.create(record, [write("early", 1)]));
      deepStrictEqual(await stored(), [undefined, undefined]);
      await streams.create(record, [write("one", 0)]);
      deepStrictEqual(await stored(), [record, "one"]);
      const changed = { ...record, paused: true };
      await rejectsWith("document_conflict", streams.update(changed, [write("late", 0)]));
      await rejectsWith("stream_exists", streams.create(changed, [write("again", 1)]));
      await rejectsWith("stream_unknown", streams.update(streamRecord("t"), [write("nobody", 1)]));
      deepStrictEqual(await stored(), [record, "one"]);
      await streams.update(changed, [write("two", 1)]);
      deepStrictEqual(await stored(), [changed, "two"]);
    },
  },
  {
    name: "streams: of those who write a document with theirs one wins",
    needs: ["second"],
    async run(harness) {
      await using store = await harness.open();
      await using other = await harness.second!(store);
      const write = { collection: "c", key: "k", value: "mine", expected: 0 };
      const create = (handle: typeof store, index: number): Promise<void> =>
        handle.streams.create(streamRecord(`s${index}`), [write]);
      strictEqual(await winners("document_conflict", [store, other, store, other].map(create)), 1);
      strictEqual((await store.streams.list()).length, 1);
    },
  },
  {
    name: "streams: are listed by id, in pages, of all organizations or one",
    async run(harness) {
      await using store = await harness.open();
      const ids = ["b", "a", "B", "a1", "z"];
      for (const [index, id] of ids.entries()) {
        await store.streams.create(streamRecord(id, { organization: index % 2 === 0 ? "org_a" : "org_b" }));
      }
      const list = async (page?: Parameters<typeof store.streams.list>[0]): Promise<readonly string[]> =>
        (await store.streams.list(page)).map(({ id }) => id);
      deepStrictEqual(await list(), ids.toSorted());
      deepStrictEqual(await list({ limit: 2 }), ["B", "a"]);
      deepStrictEqual(await list({ after: "a", limit: 2 }), ["a1", "b"]);
      deepStrictEqual(await list({ after: "z" }), []);
      deepStrictEqual(await list({ organization: "org_b" }), ["a", "a1"]);
      deepStrictEqual(await list({ organization: "org_b", after: "a", limit: 5 }), ["a1"]);
    },
  },
  {
    name: "streams: deleting one takes its checkpoint, health and quarantine along, and no other's",
    async run(harness) {
      await using store = await harness.open();
      const { lease } = await runningStream(store);
      await store.streams.create(streamRecord("t"));
      for (const id of ["s", "t"]) {
        await store.checkpoints.commit({
          lease,
          checkpoint: checkpointOf(id, 1),
          quarantine: [quarantineEntry(id, 1)],
        });
        await store.streams.saveHealth(id, streamHealth());
      }
      await store.streams.delete("s");
      const left = async (id: string): Promise<readonly boolean[]> => [
        (await store.checkpoints.get(id)) !== undefined,
        (await store.streams.health(id)) !== undefined,
        (await store.quarantine.list(id)).length > 0,
      ];
      deepStrictEqual(await left("s"), [false, false, false]);
      deepStrictEqual(await left("t"), [true, true, true]);
      await store.streams.saveHealth("s", streamHealth());
      await store.streams.create(streamRecord("s"));
      deepStrictEqual(await left("s"), [false, false, false]);
    },
  },
  {
    name: "streams: health is kept as it was saved last",
    async run(harness) {
      await using store = await harness.open();
      await store.streams.create(streamRecord("s"));
      strictEqual(await store.streams.health("s"), undefined);
      const error = { code: "access_denied", message: "no", hint: "ask", vendorCode: "AccessDenied", at: 1 } as const;
      const blocked = streamHealth({ state: "blocked", consecutiveFailures: 3, lastError: error, nextAttemptAt: 9 });
      await store.streams.saveHealth("s", blocked);
      deepStrictEqual(await store.streams.health("s"), blocked);
      await store.streams.saveHealth("s", streamHealth());
      deepStrictEqual(await store.streams.health("s"), streamHealth());
      await store.streams.update(streamRecord("s", { paused: true }));
      deepStrictEqual(await store.streams.health("s"), streamHealth());
    },
  },
  {
    name: "cursors: hold what was set last, by source",
    async run(harness) {
      await using store = await harness.open();
      strictEqual(await store.cursors.get("f"), undefined);
      await store.cursors.set("f", "1");
      await store.cursors.set("F", "other");
      await store.cursors.set("f", '{"offset":2,"\u00fc":"\u{1f512}"}');
      strictEqual(await store.cursors.get("f"), '{"offset":2,"\u00fc":"\u{1f512}"}');
      strictEqual(await store.cursors.get("F"), "other");
    },
  },
];
