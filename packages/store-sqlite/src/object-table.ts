import type { DatabaseSync } from "node:sqlite";
import { textOf } from "./columns.ts";
import type { ObjectRow, Operations } from "./protocol.ts";

/** The objects that streams have stored. */
export interface ObjectTable extends Pick<Operations, "listObjects"> {
  readonly addObjects: (stream: string, rows: readonly ObjectRow[]) => void;
  readonly deleteObjects: (stream: string) => void;
  /** Removes those of an organization whose events all come before a sequence, and that a digest names where there are digests. */
  readonly trimObjects: (organization: string, before: number) => void;
}

/** Makes the table's operations. */
export function objectTable(database: DatabaseSync): ObjectTable {
  const insert = database.prepare("INSERT INTO objects(stream, number, first, last, record) VALUES (?, ?, ?, ?, ?)");
  const page = database.prepare(
    "SELECT record FROM objects WHERE stream = ?1 AND number > ?2 AND last >= ?4 AND first <= ?5 ORDER BY number LIMIT ?3",
  );
  const deleteOf = database.prepare("DELETE FROM objects WHERE stream = ?");
  const streams = database.prepare(
    `SELECT s.id, json_extract(c.record, '$.chain.objects') AS named
     FROM streams s LEFT JOIN checkpoints c ON c.stream = s.id WHERE s.organization = ?`,
  );
  const trim = database.prepare("DELETE FROM objects WHERE stream = ? AND last < ? AND number <= ?");
  return {
    addObjects(stream, rows) {
      for (const { number, first, last, record } of rows) insert.run(stream, number, first, last, record);
    },
    listObjects: (stream, { after, limit, from, to }) =>
      page.all(stream, after, limit, from, to).map((row) => textOf(row, "record")),
    deleteObjects: (stream) => void deleteOf.run(stream),
    trimObjects(organization, before) {
      for (const row of streams.all(organization)) {
        const { named } = row;
        trim.run(textOf(row, "id"), before, typeof named === "number" ? named : Number.MAX_SAFE_INTEGER);
      }
    },
  };
}
