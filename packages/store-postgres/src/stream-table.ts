import {
  type Checkpoint,
  type DocumentWrite,
  HeadgateError,
  type StreamHealth,
  type StreamRecord,
  type Streams,
  type StreamSnapshot,
} from "@headgate/core";
import { bigint, jsonOf, numberOf, type Row, textOrNone } from "./columns.ts";
import type { Attempt, Database, Queries } from "./database.ts";
import { writeDocuments } from "./document-table.ts";
import { headIn, nextGroup, positionColumns, positionIn } from "./journal-reader.ts";

const noHead = { id: 0, first_sequence: 1, last_sequence: 0, total_bytes: 0, appended_at: 0, skipped: 0 };

function snapshotIn(row: Row): StreamSnapshot {
  const record = jsonOf(row, "record") as StreamRecord;
  const { organization } = record;
  const head: Row = row["organization_id"] === null ? noHead : row;
  const after = numberOf(row, "after");
  return {
    record,
    ...(textOrNone(row, "health") !== undefined && { health: jsonOf(row, "health") as StreamHealth }),
    ...(textOrNone(row, "checkpoint") !== undefined && { checkpoint: jsonOf(row, "checkpoint") as Checkpoint }),
    head: headIn(organization, head),
    position: positionIn(head, after),
    overdueThrough: numberOf(row, "overdue"),
  };
}

/** The configured streams. */
export function streamTable(database: Database, schema: string): Streams {
  const s = `"${schema}"`;
  const table = `${s}.stream`;

  const unknown = (id: string): HeadgateError => new HeadgateError("stream_unknown", `There is no stream ${id}.`);

  function rowOf(record: StreamRecord): readonly unknown[] {
    const { id, incarnation, organization, name = "", start } = record;
    return [id, incarnation, organization, name.replaceAll("\0", ""), bigint(start), JSON.stringify(record)];
  }

  /** Trimming waits until the stream is there, or is done before: what a stream begins with is not taken away meanwhile. */
  async function holdJournal(queries: Queries, { organization }: StreamRecord): Promise<void> {
    await queries.query(`SELECT FROM ${s}.organization WHERE name = $1 FOR KEY SHARE`, [organization]);
  }

  /** Whether an earlier try, whose answer was lost, has written the record. */
  async function isWritten(queries: Queries, record: StreamRecord, { lost }: Attempt): Promise<boolean> {
    if (!lost) return false;
    const { rows } = await queries.query(`SELECT record FROM ${table} WHERE id = $1 FOR UPDATE`, [record.id]);
    return rows[0]?.["record"] === JSON.stringify(record);
  }

  const create = async (
    queries: Queries,
    record: StreamRecord,
    documents: readonly DocumentWrite[],
    attempt: Attempt,
  ): Promise<void> => {
    if (await isWritten(queries, record, attempt)) return;
    await holdJournal(queries, record);
    const { count } = await queries.query(
      `INSERT INTO ${table}(id, incarnation, organization, name, start, record) VALUES ($1, $2, $3, $4, $5, $6)
       ON CONFLICT DO NOTHING`,
      rowOf(record),
    );
    if (count === 0) throw new HeadgateError("stream_exists", `There is a stream ${record.id} already.`);
    await writeDocuments(queries, schema, documents);
  };

  const update = async (
    queries: Queries,
    record: StreamRecord,
    documents: readonly DocumentWrite[],
    attempt: Attempt,
  ): Promise<void> => {
    if (await isWritten(queries, record, attempt)) return;
    await holdJournal(queries, record);
    const { count } = await queries.query(
      `UPDATE ${table} SET incarnation = $2, organization = $3, name = $4, start = $5, record = $6 WHERE id = $1`,
      rowOf(record),
    );
    if (count === 0) throw unknown(record.id);
    await writeDocuments(queries, schema, documents);
  };

  // One statement, so that all of it is of one moment.
  const snapshots = `SELECT t.record, t.health, c.record AS checkpoint, coalesce(c.position, t.start) AS after,
      o.id AS organization_id, o.first_sequence, o.last_sequence, o.total_bytes, o.appended_at, ${positionColumns},
      coalesce(v.last_sequence, 0) AS overdue
    FROM ${table} t LEFT JOIN ${s}.checkpoint c ON c.stream = t.id LEFT JOIN ${s}.organization o ON o.name = t.organization
    ${nextGroup(schema, "coalesce(c.position, t.start)")}
    LEFT JOIN LATERAL (
      SELECT last_sequence FROM ${s}.journal_group
      WHERE organization = o.id AND appended_at <= $1::bigint AND last_sequence >= o.first_sequence
      ORDER BY appended_at DESC, last_sequence DESC LIMIT 1) v ON true`;

  return {
    create: (record, documents = []) =>
      database.transaction((queries, attempt) => create(queries, record, documents, attempt), { repeatable: true }),
    update: (record, documents = []) =>
      database.transaction((queries, attempt) => update(queries, record, documents, attempt), {
        // Without documents, twice is as good as once; with them, another one's change may have come between.
        repeatable: documents.length === 0,
      }),
    async get(id) {
      const { rows } = await database.read(`SELECT record FROM ${table} WHERE id = $1`, [id]);
      return rows[0] && (jsonOf(rows[0], "record") as StreamRecord);
    },
    async list({ organization, after = "", limit } = {}) {
      const { rows } = await database.read(
        `SELECT record FROM ${table} WHERE id > $1 AND ($2::text IS NULL OR organization = $2) ORDER BY id LIMIT $3`,
        [after, organization ?? null, limit ?? null],
      );
      return rows.map((row) => jsonOf(row, "record") as StreamRecord);
    },
    async delete(id) {
      await database.transaction(
        async (queries, { lost }) => {
          const { count } = await queries.query(`DELETE FROM ${table} WHERE id = $1`, [id]);
          if (count === 0 && !lost) throw unknown(id);
        },
        { repeatable: true },
      );
    },
    async saveHealth(id, health) {
      await database.transaction(
        (queries) => queries.query(`UPDATE ${table} SET health = $2 WHERE id = $1`, [id, JSON.stringify(health)]),
        { repeatable: true },
      );
    },
    async health(id) {
      const { rows } = await database.read(`SELECT health FROM ${table} WHERE id = $1 AND health IS NOT NULL`, [id]);
      return rows[0] && (jsonOf(rows[0], "health") as StreamHealth);
    },
    async snapshot(id, overdueBefore) {
      const before = overdueBefore === undefined ? null : bigint(overdueBefore);
      const { rows } = await database.read(`${snapshots} WHERE t.id = $2`, [before, id]);
      return rows[0] && snapshotIn(rows[0]);
    },
    async snapshots({ organization, search = "", after = "", limit, overdueBefore }) {
      const { rows } = await database.read(
        `${snapshots} WHERE t.id > $2 AND ($3::text IS NULL OR t.organization = $3)
           AND ($4 = '' OR position(lower($4 COLLATE "C") IN lower(t.id)) > 0
             OR position(lower($4 COLLATE "C") IN lower(t.organization)) > 0
             OR position(lower($4 COLLATE "C") IN lower(t.name)) > 0)
         ORDER BY t.id LIMIT $5`,
        [overdueBefore === undefined ? null : bigint(overdueBefore), after, organization ?? null, search, limit],
      );
      return rows.map(snapshotIn);
    },
  };
}
