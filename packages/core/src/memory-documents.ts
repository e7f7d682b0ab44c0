import { HeadgateError } from "./errors.ts";
import type { DocumentWrite, StoredDocument } from "./store.ts";

/** Documents in memory. Keys are compared as UTF-8 bytes, as the store's contract promises. */
export interface MemoryDocuments {
  readonly get: (collection: string, key: string) => StoredDocument | undefined;
  readonly list: (
    collection: string,
    page?: {
      readonly prefix?: string;
      readonly after?: string;
      readonly limit?: number;
      readonly order?: "ascending" | "descending";
    },
  ) => readonly StoredDocument[];
  readonly write: (changes: readonly DocumentWrite[]) => void;
}

/** Makes empty collections. */
export function memoryDocuments(): MemoryDocuments {
  const collections = new Map<string, Map<string, StoredDocument>>();

  const get = (collection: string, key: string): StoredDocument | undefined => collections.get(collection)?.get(key);

  return {
    get,
    list(collection, { prefix = "", after, limit, order = "ascending" } = {}) {
      const sign = order === "ascending" ? 1 : -1;
      return [...(collections.get(collection)?.values() ?? [])]
        .filter(({ key }) => key.startsWith(prefix) && (after === undefined || sign * compareBytes(key, after) > 0))
        .toSorted((a, b) => sign * compareBytes(a.key, b.key))
        .slice(0, limit);
    },
    write(changes) {
      // Looked at in order, each after those before it, and nothing is kept unless all of them can be.
      const next = new Map<string, StoredDocument | undefined>();
      const at = ({ collection, key }: DocumentWrite): string => JSON.stringify([collection, key]);
      for (const change of changes) {
        const { collection, key, value, expected } = change;
        const place = at(change);
        const stored = next.has(place) ? next.get(place) : get(collection, key);
        const version = stored?.version ?? 0;
        if (expected !== undefined && expected !== version) {
          throw new HeadgateError(
            "document_conflict",
            `The document "${key}" of ${collection} is at version ${version}, not ${expected}.`,
          );
        }
        next.set(place, value === undefined ? undefined : { key, value, version: version + 1 });
      }
      for (const change of changes) {
        const { collection, key } = change;
        const document = next.get(at(change));
        const kept = collections.get(collection) ?? new Map<string, StoredDocument>();
        collections.set(collection, kept);
        if (document === undefined) kept.delete(key);
        else kept.set(key, document);
      }
    },
  };
}

/** UTF-16 order, which `<` gives, differs from it above the basic plane. */
function compareBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}
