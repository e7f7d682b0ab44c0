import { type Checkpoint, type CheckpointCommit, type Checkpoints, HeadgateError } from "@headgate/core";
import { asBytes, bigint, jsonOf, numberOf } from "./columns.ts";
import type { Attempt, Database, Queries } from "./database.ts";
import { addDeliveries } from "./delivery-table.ts";
import { assertHeld } from "./lease-table.ts";

/**
 * Checkpoints, and what comes with their commits. Locks are taken in one order: lease, stream, checkpoint, the rest; so
 * commits wait for each other, but never in a ring.
 */
export function checkpointTable(database: Database, schema: string): Checkpoints {
  const s = `"${schema}"`;

  /** Moves the checkpoint if it stands where it must. */
  async function move(
    queries: Queries,
    { stream, version, position, chain }: Checkpoint,
    record: string,
  ): Promise<boolean> {
    const values = [stream, bigint(version), bigint(position), chain?.objects ?? null, record];
    const { count } =
      version === 1
        ? await queries.query(
            `INSERT INTO ${s}.checkpoint(stream, version, position, named_objects, record)
             VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING`,
            values,
          )
        : await queries.query(
            `UPDATE ${s}.checkpoint SET version = $2, position = $3, named_objects = $4, record = $5
             WHERE stream = $1 AND version = $2::bigint - 1 AND position <= $3`,
            values,
          );
    return count === 1;
  }

  async function writeRest(
    queries: Queries,
    { checkpoint: { stream }, quarantine = [], released = [], deliveries = [], objects = [] }: CheckpointCommit,
  ): Promise<void> {
    if (released.length > 0) {
      await queries.query(`DELETE FROM ${s}.quarantine WHERE stream = $1 AND sequence = ANY($2::bigint[])`, [
        stream,
        released.map(bigint),
      ]);
    }
    for (const { line, ...entry } of quarantine) {
      await queries.query(
        `INSERT INTO ${s}.quarantine(stream, sequence, state, record, line) VALUES ($1, $2, 'held', $3, $4)
         ON CONFLICT (stream, sequence) DO UPDATE SET state = 'held', record = excluded.record, line = excluded.line`,
        [stream, bigint(entry.sequence), JSON.stringify(entry), asBytes(line)],
      );
    }
    if (objects.length > 0) {
      await queries.query(
        `INSERT INTO ${s}.object(stream, number, first, last, record)
         SELECT $1, b.* FROM unnest($2::bigint[], $3::bigint[], $4::bigint[], $5::text[]) AS b(number, first, last, record)`,
        [
          stream,
          objects.map(({ number }) => bigint(number)),
          objects.map(({ sequences }) => bigint(sequences[0]?.[0] ?? 0)),
          objects.map(({ sequences }) => bigint(sequences.at(-1)?.[1] ?? 0)),
          objects.map((object) => JSON.stringify(object)),
        ],
      );
    }
    await addDeliveries(queries, schema, deliveries);
  }

  async function commit(queries: Queries, change: CheckpointCommit, record: string, { lost }: Attempt): Promise<void> {
    const { lease, checkpoint } = change;
    const { stream, incarnation, version, position } = checkpoint;
    if (lost) {
      // Waits for the earlier try, should the server still be at it, and sees what became of it.
      const { rows } = await queries.query(`SELECT record FROM ${s}.checkpoint WHERE stream = $1 FOR UPDATE`, [stream]);
      if (rows[0]?.["record"] === record) return;
    }
    await assertHeld(queries, schema, lease);
    const [known] = (await queries.query(`SELECT incarnation FROM ${s}.stream WHERE id = $1 FOR KEY SHARE`, [stream]))
      .rows;
    if (known === undefined) throw new HeadgateError("stream_unknown", `There is no stream ${stream}.`);
    if (known["incarnation"] !== incarnation) {
      throw new HeadgateError("stream_unknown", `The stream ${stream} is another one by now.`);
    }
    if (await move(queries, checkpoint, record)) return writeRest(queries, change);
    const [stored] = (await queries.query(`SELECT version, position FROM ${s}.checkpoint WHERE stream = $1`, [stream]))
      .rows;
    const at = stored ?? { version: 0, position: 0 };
    throw new HeadgateError(
      "checkpoint_conflict",
      `The checkpoint of ${stream} stands at version ${numberOf(at, "version")} and position ${numberOf(at, "position")}; version ${version} at ${position} does not follow.`,
    );
  }

  return {
    async get(stream) {
      const { rows } = await database.read(`SELECT record FROM ${s}.checkpoint WHERE stream = $1`, [stream]);
      return rows[0] && (jsonOf(rows[0], "record") as Checkpoint);
    },
    async list({ after = "", limit }) {
      const { rows } = await database.read(
        `SELECT record FROM ${s}.checkpoint WHERE stream > $1 ORDER BY stream LIMIT $2`,
        [after, limit],
      );
      return rows.map((row) => jsonOf(row, "record") as Checkpoint);
    },
    commit(change) {
      const record = JSON.stringify(change.checkpoint);
      // The caller may use its buffers for something else while this waits and is tried again.
      const quarantine = change.quarantine?.map((entry) => ({ ...entry, line: entry.line.slice() })) ?? [];
      return database.transaction((queries, attempt) => commit(queries, { ...change, quarantine }, record, attempt), {
        repeatable: true,
      });
    },
  };
}
