import { deepStrictEqual, strictEqual } from "node:assert/strict";
import type { Documents } from "@headgate/core";
import * as fc from "fast-check";
import { rejectsWith, winners } from "../expect.ts";
import type { StoreCheck } from "../harness.ts";

const parts = fc.array(fc.constantFrom("a", "b", "/", "\u00fc", "\uff5e", "\u{1f512}"), { maxLength: 3 });
const anyKey = parts.map((letters) => letters.join(""));

/** More than any listing here has. */
const tooMany = 50;

/** Reads every page of a listing; gives up on one that does not end. */
async function pages(
  documents: Documents,
  page: { readonly prefix: string; readonly limit: number; readonly order: "ascending" | "descending" },
): Promise<readonly string[]> {
  const keys: string[] = [];
  for (let after: string | undefined; ;) {
    const found = await documents.list("c", { ...page, ...(after !== undefined && { after }) });
    keys.push(...found.map((document) => document.key));
    after = found.at(-1)?.key;
    if (found.length < page.limit || keys.length > tooMany) return keys;
  }
}

/** Small documents under keys. */
export const documentChecks: readonly StoreCheck[] = [
  {
    name: "documents: are kept as they were written, each write one version more",
    async run(harness) {
      await using store = await harness.open();
      const { documents } = store;
      strictEqual(await documents.get("c", "k"), undefined);
      await documents.write([{ collection: "c", key: "k", value: "one \u00fc\u{1f512} ' %" }]);
      deepStrictEqual(
        { ...(await documents.get("c", "k")) },
        { key: "k", value: "one \u00fc\u{1f512} ' %", version: 1 },
      );
      await documents.write([{ collection: "c", key: "k", value: "two" }]);
      deepStrictEqual({ ...(await documents.get("c", "k")) }, { key: "k", value: "two", version: 2 });
      strictEqual(await documents.get("other", "k"), undefined);
      await documents.write([
        { collection: "c", key: "k" },
        { collection: "c", key: "not there" },
      ]);
      strictEqual(await documents.get("c", "k"), undefined);
      await documents.write([{ collection: "c", key: "k", value: "anew" }]);
      strictEqual((await documents.get("c", "k"))?.version, 1);
    },
  },
  {
    name: "documents: are listed by the bytes of their keys, either way, by prefix and page",
    async run(harness) {
      await using store = await harness.open();
      // UTF-16 would put the last two the other way round.
      const keys = ["a", "a/", "a/1", "a/2", "a0", "b", "\u00fc", "\uff5e", "\u{1f512}"];
      await store.documents.write(keys.toReversed().map((key) => ({ collection: "c", key, value: `v${key}` })));
      await store.documents.write([{ collection: "d", key: "a/3", value: "" }]);
      const list = async (page?: Parameters<typeof store.documents.list>[1]): Promise<readonly string[]> =>
        (await store.documents.list("c", page)).map(({ key }) => key);
      deepStrictEqual(await list(), keys);
      deepStrictEqual(await list({ order: "descending" }), keys.toReversed());
      deepStrictEqual(await list({ prefix: "a/" }), ["a/", "a/1", "a/2"]);
      deepStrictEqual(await list({ prefix: "a/", order: "descending", limit: 2 }), ["a/2", "a/1"]);
      deepStrictEqual(await list({ prefix: "a/", after: "a/" }), ["a/1", "a/2"]);
      deepStrictEqual(await list({ prefix: "a/", after: "a/2", order: "descending" }), ["a/1", "a/"]);
      deepStrictEqual(await list({ after: "b", limit: 2 }), ["\u00fc", "\uff5e"]);
      deepStrictEqual(await list({ prefix: "%" }), []);
      deepStrictEqual(await list({ prefix: "\u{1f512}" }), ["\u{1f512}"]);
    },
  },
  {
    name: "documents: page after page gives each key with the prefix once, in order",
    async run(harness) {
      const listing = fc.record({
        keys: fc.uniqueArray(anyKey, { maxLength: 12 }),
        removed: fc.array(anyKey, { maxLength: 3 }),
        prefix: anyKey,
        after: anyKey,
        limit: fc.integer({ min: 1, max: 4 }),
        order: fc.constantFrom("ascending" as const, "descending" as const),
      });
      await fc.assert(
        fc.asyncProperty(listing, async ({ keys, removed, prefix, after, limit, order }) => {
          await using store = await harness.open();
          const { documents } = store;
          await documents.write(keys.map((name) => ({ collection: "c", key: name, value: name })));
          await documents.write(removed.map((name) => ({ collection: "c", key: name })));
          const compare = (a: string, b: string): number =>
            Buffer.compare(Buffer.from(a), Buffer.from(b)) * (order === "ascending" ? 1 : -1);
          const wanted = keys
            .filter((name) => name.startsWith(prefix) && !removed.includes(name))
            .toSorted((a, b) => compare(a, b));
          deepStrictEqual(await pages(documents, { prefix, limit, order }), wanted);
          // `after` need be no key that is there, nor one with the prefix.
          const beyond = await documents.list("c", { prefix, after, order });
          deepStrictEqual(
            beyond.map((document) => document.key),
            wanted.filter((name) => compare(name, after) > 0),
          );
        }),
        {
          numRuns: harness.schedules ?? 40,
          endOnFailure: false,
          // However few are tried: a page that ends on a key, and one that begins after it.
          examples: [[{ keys: ["a", "b", "c"], removed: [], prefix: "", after: "a", limit: 1, order: "ascending" }]],
        },
      );
    },
  },
  {
    name: "documents: a write that expects another version changes nothing at all",
    async run(harness) {
      await using store = await harness.open();
      const { documents } = store;
      await documents.write([{ collection: "c", key: "k", value: "one", expected: 0 }]);
      await rejectsWith("document_conflict", documents.write([{ collection: "c", key: "k", value: "x", expected: 0 }]));
      await rejectsWith(
        "document_conflict",
        documents.write([
          { collection: "c", key: "new", value: "x" },
          { collection: "c", key: "k", value: "x", expected: 7 },
        ]),
      );
      await rejectsWith("document_conflict", documents.write([{ collection: "c", key: "gone", expected: 1 }]));
      strictEqual(await documents.get("c", "new"), undefined);
      deepStrictEqual({ ...(await documents.get("c", "k")) }, { key: "k", value: "one", version: 1 });
      await documents.write([
        { collection: "c", key: "k", value: "two", expected: 1 },
        { collection: "c", key: "k", value: "three", expected: 2 },
        { collection: "c", key: "l", value: "new", expected: 0 },
      ]);
      strictEqual((await documents.get("c", "k"))?.value, "three");
      strictEqual((await documents.get("c", "k"))?.version, 3);
      strictEqual((await documents.get("c", "l"))?.version, 1);
      await documents.write([{ collection: "c", key: "k", expected: 3 }]);
      strictEqual(await documents.get("c", "k"), undefined);
    },
  },
  {
    name: "documents: of those who expect the same version one wins",
    async run(harness) {
      await using store = await harness.open();
      const attempt = (value: string, expected: number): Promise<void> =>
        store.documents.write([{ collection: "c", key: "k", value, expected }]);
      for (let version = 0; version < 5; version++) {
        const promises = Array.from({ length: 8 }, (_, i) => attempt(`${version}-${i}`, version));
        strictEqual(await winners("document_conflict", promises), 1);
      }
      strictEqual((await store.documents.get("c", "k"))?.version, 5);
    },
  },
  {
    name: "documents: another handle sees them, and only one of both wins",
    needs: ["second"],
    async run(harness) {
      await using store = await harness.open();
      await using other = await harness.second!(store);
      await store.documents.write([{ collection: "c", key: "k", value: "one" }]);
      strictEqual((await other.documents.get("c", "k"))?.value, "one");
      const write = { collection: "c", key: "k", value: "two", expected: 1 };
      const promises = [store, other, store, other].map((handle) => handle.documents.write([write]));
      strictEqual(await winners("document_conflict", promises), 1);
      strictEqual((await store.documents.get("c", "k"))?.version, 2);
    },
  },
];
