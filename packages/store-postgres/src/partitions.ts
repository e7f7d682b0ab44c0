import { isHeadgateError } from "@headgate/core";
import type { DatabaseClock } from "./clock-column.ts";
import { numberOf, textOf } from "./columns.ts";
import type { Database, Queries } from "./database.ts";

/** Length of a partition, in ms. */
export const weekMs = 604_800_000;

/** The partition that an instant lies in. */
export const weekOf = (instant: number): number => Math.floor(instant / weekMs);

/** Partitions of the journal. */
export interface Partitions {
  /** Makes those of the present week and the next one, so that no append has to. */
  prepare(): Promise<void>;
  /** Makes that of an instant, in the caller's transaction, unless this process knows that it is there. */
  ensure(queries: Queries, instant: number): Promise<void>;
  /** Forgets what it knows: a transaction that made one failed, or one was missing after all. */
  forget(): void;
  /**
   * Takes away what is trimmed and lies in weeks that ended before an instant: whole weeks where nothing else is in them,
   * rows otherwise.
   */
  sweep(before: number): Promise<void>;
}

const groupsAtOnce = 500;
const idsAtOnce = 20_000;

/** Makes and drops them. */
export function partitions(database: Database, schema: string, clock: DatabaseClock): Partitions {
  const ready = new Set<number>();
  const s = `"${schema}"`;

  async function weeks(): Promise<readonly number[]> {
    const { rows } = await database.read(
      `SELECT c.relname AS name FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
       WHERE i.inhparent = '${s}.journal_group'::regclass`,
    );
    return rows
      .map((row) => /_(\d{4})(\d\d)(\d\d)$/.exec(textOf(row, "name")))
      .flatMap((found) =>
        found === null ? [] : weekOf(Date.UTC(Number(found[1]), Number(found[2]) - 1, Number(found[3]))),
      )
      .toSorted((a, b) => a - b);
  }

  /** Whether it is gone; undefined where it is in use, and another sweep has to see. */
  async function drop(week: number): Promise<boolean | undefined> {
    try {
      return await database.transaction(
        async (queries) => {
          // Everybody else waits behind this for as long as it waits itself.
          await queries.query("SET LOCAL lock_timeout = 1000");
          const { rows } = await queries.query(`SELECT ${s}.drop_partition($1) AS gone`, [week]);
          return rows[0]?.["gone"] === true;
        },
        { repeatable: true },
      );
    } catch (error) {
      if (isHeadgateError(error, "store_busy")) return undefined;
      throw error;
    }
  }

  /** What is trimmed of a week in which something is held, so many rows per transaction. */
  async function deleteTrimmed(week: number): Promise<void> {
    const range = [week * weekMs, (week + 1) * weekMs];
    const thin = async (statement: string, atOnce: number): Promise<void> => {
      const once = (queries: Queries) => queries.query(statement, [...range, atOnce]);
      while ((await database.transaction(once, { repeatable: true })).count === atOnce);
    };
    await thin(
      `DELETE FROM ${s}.journal_group WHERE (organization, appended_at, last_sequence) IN (
         SELECT g.organization, g.appended_at, g.last_sequence
         FROM ${s}.journal_group g JOIN ${s}.organization o ON o.id = g.organization
         WHERE g.appended_at >= $1 AND g.appended_at < $2 AND g.last_sequence < o.first_sequence LIMIT $3)
       AND appended_at >= $1 AND appended_at < $2`,
      groupsAtOnce,
    );
    await thin(
      `DELETE FROM ${s}.journal_id WHERE (tableoid, ctid) IN (
         SELECT i.tableoid, i.ctid FROM ${s}.journal_id i JOIN ${s}.organization o ON o.id = i.organization
         WHERE i.appended_at >= $1 AND i.appended_at < $2 AND i.sequence < o.first_sequence LIMIT $3)
       AND appended_at >= $1 AND appended_at < $2`,
      idsAtOnce,
    );
  }

  async function ensureWeek(queries: Queries, week: number): Promise<void> {
    if (ready.has(week)) return;
    await queries.query(`SELECT ${s}.ensure_partition($1)`, [week]);
    ready.add(week);
  }

  return {
    async prepare() {
      await database.transaction(
        async (queries) => {
          const { rows } = await queries.query(`SELECT ${clock.at(1)} AS now`, [clock.value()]);
          const week = weekOf(numberOf(rows[0] ?? {}, "now"));
          ready.clear();
          await ensureWeek(queries, week);
          await ensureWeek(queries, week + 1);
        },
        { repeatable: true },
      );
    },
    ensure: (queries, instant) => ensureWeek(queries, weekOf(instant)),
    forget: () => ready.clear(),
    async sweep(before) {
      const [row] = (await database.read("SELECT floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint AS now"))
        .rows;
      const until = Math.min(before, row === undefined ? 0 : numberOf(row, "now"));
      for (const week of await weeks()) {
        if ((week + 1) * weekMs > until) return;
        const gone = await drop(week);
        if (gone === true) ready.delete(week);
        else if (gone === false) await deleteTrimmed(week);
      }
    },
  };
}
