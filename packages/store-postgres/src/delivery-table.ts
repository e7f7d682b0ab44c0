import { type Deliveries, type DeliveryReport, keptDeliveries } from "@headgate/core";
import { bigint, jsonOf, numberOf } from "./columns.ts";
import type { Database, Queries } from "./database.ts";

/** Rows that one transaction trims: writers wait for no more than that. */
const trimmedAtOnce = 10_000;

/** Adds to the history of streams inside a transaction of the caller's; those of streams that do not exist are left out. */
export async function addDeliveries(
  queries: Queries,
  schema: string,
  reports: readonly DeliveryReport[],
): Promise<void> {
  if (reports.length === 0) return;
  const s = `"${schema}"`;
  const byStream = Map.groupBy(reports, ({ stream }) => stream);
  for (const stream of [...byStream.keys()].toSorted()) {
    const own = byStream.get(stream) ?? [];
    // The stream stays until its history is written, or is gone with all of it.
    const { rows } = await queries.query(
      `INSERT INTO ${s}.delivery(stream, ordinal, at, record)
       SELECT t.id, coalesce((SELECT ordinal FROM ${s}.delivery WHERE stream = $1 ORDER BY number DESC LIMIT 1), 0) + r.place,
         r.at, r.record
       FROM (SELECT id FROM ${s}.stream WHERE id = $1 FOR KEY SHARE) t,
         unnest($2::bigint[], $3::text[]) WITH ORDINALITY AS r(at, record, place) ORDER BY r.place RETURNING ordinal`,
      [stream, own.map(({ at }) => bigint(at)), own.map((report) => JSON.stringify(report))],
    );
    // Now and then is enough: there are fewer than twice as many at any time.
    const ordinals = rows.map((row) => numberOf(row, "ordinal"));
    if (!ordinals.some((ordinal) => ordinal % keptDeliveries === 0)) continue;
    await queries.query(
      `DELETE FROM ${s}.delivery WHERE stream = $1 AND number <=
         (SELECT number FROM ${s}.delivery WHERE stream = $1 ORDER BY number DESC LIMIT 1 OFFSET $2)`,
      [stream, keptDeliveries],
    );
  }
}

/** The history of requests. */
export function deliveryTable(database: Database, schema: string): Deliveries {
  const table = `"${schema}".delivery`;
  return {
    add: (reports) => database.transaction((queries) => addDeliveries(queries, schema, reports), { repeatable: false }),
    async list(stream, { before = Number.MAX_SAFE_INTEGER, limit } = {}) {
      const { rows } = await database.read(
        `SELECT number, record FROM ${table} WHERE stream = $1 AND number < $2 ORDER BY number DESC LIMIT $3`,
        [stream, bigint(before), limit ?? null],
      );
      return rows.map((row) => ({ ...(jsonOf(row, "record") as DeliveryReport), number: numberOf(row, "number") }));
    },
    async trim(before) {
      const once = (queries: Queries) =>
        queries.query(
          `DELETE FROM ${table} WHERE number IN (SELECT number FROM ${table} WHERE at < $1 ORDER BY at LIMIT ${trimmedAtOnce})`,
          [bigint(before)],
        );
      while ((await database.transaction(once, { repeatable: true })).count === trimmedAtOnce);
    },
  };
}
