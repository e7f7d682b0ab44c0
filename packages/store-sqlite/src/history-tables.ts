import type { DatabaseSync } from "node:sqlite";
import { numberOf, textOf } from "./columns.ts";
import { Failure } from "./failure.ts";
import type { DeliveryRow, Operations } from "./protocol.ts";

/** What of the protocol keeps deliveries and documents. */
export type HistoryTables = Pick<
  Operations,
  "addDeliveries" | "listDeliveries" | "trimDeliveries" | "getDocument" | "listDocuments" | "writeDocuments"
> & { readonly deleteDeliveries: (stream: string) => void };

/** Rows that one transaction trims: writers wait for no more than that. */
const trimmedAtOnce = 10_000;

/** Makes the tables' operations. */
export function historyTables(database: DatabaseSync, keptDeliveries: number): HistoryTables {
  const streamExists = database.prepare("SELECT 1 FROM streams WHERE id = ?");
  const newest = database.prepare("SELECT ordinal FROM deliveries WHERE stream = ? ORDER BY number DESC LIMIT 1");
  const insert = database.prepare("INSERT INTO deliveries(stream, ordinal, at, record) VALUES (?, ?, ?, ?)");
  const page = database.prepare(
    "SELECT number, record FROM deliveries WHERE stream = ? AND number < ? ORDER BY number DESC LIMIT ?",
  );
  const prune = database.prepare(
    `DELETE FROM deliveries WHERE stream = ?1 AND number <=
      (SELECT number FROM deliveries WHERE stream = ?1 ORDER BY number DESC LIMIT 1 OFFSET ?2)`,
  );
  const deleteOf = database.prepare("DELETE FROM deliveries WHERE stream = ?");
  const trim = database.prepare(
    "DELETE FROM deliveries WHERE number IN (SELECT number FROM deliveries WHERE at < ? ORDER BY at LIMIT ?)",
  );

  const document = database.prepare("SELECT key, value, version FROM documents WHERE collection = ? AND key = ?");
  // No text goes on with the byte FF, so everything that begins with the prefix comes before it. Each way the nearer of
  // both bounds is one value, so that a page is found in the index however far it is.
  const beyond = "?2 || CAST(x'FF' AS TEXT)";
  const ascending = database.prepare(
    `SELECT key, value, version FROM documents WHERE collection = ?1
      AND key >= max(?2, coalesce(?3, '')) AND key < ${beyond} AND key IS NOT ?3 ORDER BY key LIMIT ?4`,
  );
  const descending = database.prepare(
    `SELECT key, value, version FROM documents WHERE collection = ?1
      AND key >= ?2 AND key < min(${beyond}, coalesce(?3, ${beyond})) ORDER BY key DESC LIMIT ?4`,
  );
  const put = database.prepare("INSERT OR REPLACE INTO documents(collection, key, version, value) VALUES (?, ?, ?, ?)");
  const remove = database.prepare("DELETE FROM documents WHERE collection = ? AND key = ?");

  function add({ stream, at, record }: DeliveryRow): void {
    if (streamExists.get(stream) === undefined) return;
    const ordinal = numberOf(newest.get(stream) ?? { ordinal: 0 }, "ordinal") + 1;
    insert.run(stream, ordinal, at, record);
    // Now and then is enough, and each process sees the same ordinals: there are fewer than twice as many at any time.
    if (ordinal % keptDeliveries === 0) prune.run(stream, keptDeliveries);
  }

  return {
    addDeliveries: (rows) => rows.forEach(add),
    listDeliveries: (stream, before, limit) =>
      page
        .all(stream, before, limit)
        .map((row) => ({ number: numberOf(row, "number"), record: textOf(row, "record") })),
    trimDeliveries: (before) => Number(trim.run(before, trimmedAtOnce).changes) === trimmedAtOnce,
    deleteDeliveries: (stream) => void deleteOf.run(stream),

    getDocument(collection, key) {
      const row = document.get(collection, key);
      return row && { key, value: textOf(row, "value"), version: numberOf(row, "version") };
    },
    listDocuments(collection, { prefix, after, limit, descending: backwards }) {
      const rows = (backwards ? descending : ascending).all(collection, prefix, after ?? null, limit);
      return rows.map((row) => ({
        key: textOf(row, "key"),
        value: textOf(row, "value"),
        version: numberOf(row, "version"),
      }));
    },
    writeDocuments(changes) {
      // All is checked before anything is written: each change against what those before it would leave.
      const versions = new Map<string, number>();
      for (const { collection, key, value, expected } of changes) {
        const place = JSON.stringify([collection, key]);
        const version = versions.get(place) ?? numberOf(document.get(collection, key) ?? { version: 0 }, "version");
        if (expected !== undefined && expected !== version) {
          throw new Failure(
            "document_conflict",
            `The document "${key}" of ${collection} is at version ${version}, not ${expected}.`,
          );
        }
        versions.set(place, value === undefined ? 0 : version + 1);
      }
      for (const { collection, key, value } of changes) {
        if (value === undefined) remove.run(collection, key);
        else {
          const version = numberOf(document.get(collection, key) ?? { version: 0 }, "version") + 1;
          put.run(collection, key, version, value);
        }
      }
    },
  };
}
