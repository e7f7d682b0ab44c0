import { bigint, numberOf } from "./columns.ts";
import type { Database } from "./database.ts";

/** Moves the ends of journals without an append. */
export interface JournalEnds {
  /** Resolves to the first sequence still held, or the next to be given. What is before it is gone for readers at once. */
  readonly trim: (organization: string, through: number, appendedBefore: number) => Promise<number>;
  readonly skip: (organization: string, through: number) => Promise<void>;
  readonly beginAfter: (through: number) => Promise<void>;
}

/**
 * Trimming moves a mark on the organization's row; the rows themselves are taken away by the week, which costs nothing, or
 * in portions where something of a week has to stay.
 */
export function journalEnds(database: Database, schema: string): JournalEnds {
  const s = `"${schema}"`;
  // Streams that are being created hold the row shared: they are seen by the next statement, or come after the trimming.
  const lock = `SELECT id, first_sequence, last_sequence FROM ${s}.organization WHERE name = $1 FOR UPDATE`;

  return {
    trim: (organization, through, appendedBefore) =>
      database.transaction(
        async (queries) => {
          const [head] = (await queries.query(lock, [organization])).rows;
          if (head === undefined) return 1;
          const [id, before] = [numberOf(head, "id"), numberOf(head, "first_sequence")];
          const [claim] = (
            await queries.query(
              `SELECT least($2::bigint, min(coalesce(c.position, t.start))) AS free
               FROM ${s}.stream t LEFT JOIN ${s}.checkpoint c ON c.stream = t.id WHERE t.organization = $1`,
              [organization, bigint(through)],
            )
          ).rows;
          const free = numberOf(claim ?? {}, "free");
          // The first group that has to stay: because something in it is lacked, or because it is too young.
          const [held] = (
            await queries.query(
              `SELECT least(
                 (SELECT first_sequence FROM ${s}.journal_group
                  WHERE organization = $1 AND last_sequence > greatest($2, $4::bigint - 1) ORDER BY last_sequence LIMIT 1),
                 (SELECT first_sequence FROM ${s}.journal_group
                  WHERE organization = $1 AND appended_at >= $3 AND last_sequence >= $4
                  ORDER BY appended_at, last_sequence LIMIT 1)) AS first`,
              [id, bigint(free), bigint(appendedBefore), before],
            )
          ).rows;
          const stays = held?.["first"] ?? null;
          const first = stays === null ? numberOf(head, "last_sequence") + 1 : Number(stays);
          if (first > before) {
            await queries.query(`UPDATE ${s}.organization SET first_sequence = $2 WHERE id = $1`, [id, first]);
            await queries.query(
              `DELETE FROM ${s}.object b USING ${s}.stream t LEFT JOIN ${s}.checkpoint c ON c.stream = t.id
               WHERE t.organization = $1 AND b.stream = t.id AND b.last < $2
                 AND b.number <= coalesce(c.named_objects, b.number)`,
              [organization, first],
            );
          }
          return Math.max(first, before);
        },
        { repeatable: true },
      ),

    skip: (organization, through) =>
      database.transaction(
        async (queries) => {
          const [head] = (await queries.query(lock, [organization])).rows;
          if (head === undefined || through <= numberOf(head, "last_sequence")) return;
          const range = [head["id"], head["last_sequence"], bigint(through)];
          // Two in a row are one.
          const { count } = await queries.query(
            `UPDATE ${s}.skip SET through = $3 WHERE organization = $1 AND through = $2`,
            range,
          );
          if (count === 0) {
            await queries.query(`INSERT INTO ${s}.skip(organization, after, through) VALUES ($1, $2, $3)`, range);
          }
          await queries.query(
            `UPDATE ${s}.organization SET last_sequence = $2, changed = pg_current_xact_id(),
               first_sequence = CASE WHEN first_sequence > last_sequence THEN $2::bigint + 1 ELSE first_sequence END
             WHERE id = $1`,
            [head["id"], bigint(through)],
          );
        },
        { repeatable: true },
      ),

    async beginAfter(through) {
      await database.transaction(
        (queries) =>
          queries.query(
            `INSERT INTO ${s}.meta AS m(key, value) VALUES ('begins_after', $1)
             ON CONFLICT (key) DO UPDATE SET value = greatest(m.value::bigint, excluded.value::bigint)::text`,
            [bigint(through)],
          ),
        { repeatable: true },
      );
    },
  };
}
