import type { Quarantine, QuarantineEntry, QuarantineRecord, RejectedRecord } from "@headgate/core";
import { asBytes, bigint, bytesOf, jsonOf, type Row, textOf } from "./columns.ts";
import type { Database } from "./database.ts";

function entryIn(row: Row): QuarantineRecord {
  const entry = jsonOf(row, "record") as Omit<QuarantineEntry, "line">;
  return { ...entry, line: bytesOf(row, "line"), state: textOf(row, "state") as QuarantineRecord["state"] };
}

function rejectedIn(row: Row): RejectedRecord {
  return { ...(jsonOf(row, "record") as Omit<RejectedRecord, "content">), content: bytesOf(row, "content") };
}

/** What is set apart. */
export function quarantineTable(database: Database, schema: string): Quarantine {
  const [entries, rejects] = [`"${schema}".quarantine`, `"${schema}".rejected`];
  const columns = "SELECT state, record, line";
  return {
    async list(stream, { after = 0, limit } = {}) {
      const { rows } = await database.read(
        `${columns} FROM ${entries} WHERE stream = $1 AND sequence > $2 ORDER BY sequence LIMIT $3`,
        [stream, bigint(after), limit ?? null],
      );
      return rows.map(entryIn);
    },
    async get(stream, sequence) {
      const { rows } = await database.read(`${columns} FROM ${entries} WHERE stream = $1 AND sequence = $2`, [
        stream,
        bigint(sequence),
      ]);
      return rows[0] && entryIn(rows[0]);
    },
    async mark(stream, sequence, state) {
      const { count } = await database.transaction(
        (queries) =>
          queries.query(
            `UPDATE ${entries} SET state = $3, line = CASE WHEN $3 = 'discarded' THEN ''::bytea ELSE line END
             WHERE stream = $1 AND sequence = $2 AND state <> 'discarded'`,
            [stream, bigint(sequence), state],
          ),
        // A discarded entry cannot be discarded again: the answer would be wrong.
        { repeatable: state !== "discarded" },
      );
      return count === 1;
    },
    async retrying() {
      const { rows } = await database.read(
        `SELECT DISTINCT stream FROM ${entries} WHERE state = 'retry' ORDER BY stream`,
      );
      return rows.map((row) => textOf(row, "stream"));
    },
    async nextRetry(stream) {
      const { rows } = await database.read(
        `${columns} FROM ${entries} WHERE stream = $1 AND state = 'retry' ORDER BY sequence LIMIT 1`,
        [stream],
      );
      return rows[0] && entryIn(rows[0]);
    },
    async reject(records) {
      const rows = records.map(({ content, ...record }) => [
        record.source,
        bigint(record.line),
        record.organization,
        JSON.stringify(record),
        asBytes(content.slice()),
      ]);
      await database.transaction(
        async (queries) => {
          for (const row of rows) {
            await queries.query(
              `INSERT INTO ${rejects}(source, line, organization, record, content) VALUES ($1, $2, $3, $4, $5)
               ON CONFLICT DO NOTHING`,
              row,
            );
          }
        },
        { repeatable: true },
      );
    },
    async rejected({ organization, offset = 0, limit } = {}) {
      const { rows } = await database.read(
        `SELECT record, content FROM ${rejects} WHERE $1::text IS NULL OR organization = $1
         ORDER BY number LIMIT $2 OFFSET $3`,
        [organization ?? null, limit ?? null, offset],
      );
      return rows.map(rejectedIn);
    },
    async discardRejected(source, line) {
      const { count } = await database.transaction(
        (queries) => queries.query(`DELETE FROM ${rejects} WHERE source = $1 AND line = $2`, [source, bigint(line)]),
        { repeatable: false },
      );
      return count === 1;
    },
  };
}
