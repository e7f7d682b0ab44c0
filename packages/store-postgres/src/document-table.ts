import { type Documents, type DocumentWrite, HeadgateError, type StoredDocument } from "@headgate/core";
import { numberOf, type Row, textOf } from "./columns.ts";
import type { Database, Queries } from "./database.ts";

const documentIn = (row: Row): StoredDocument => ({
  key: textOf(row, "key"),
  value: textOf(row, "value"),
  version: numberOf(row, "version"),
});

/** Makes the changes of documents inside a transaction of the caller's. @throws `document_conflict` */
export async function writeDocuments(
  queries: Queries,
  schema: string,
  changes: readonly DocumentWrite[],
): Promise<void> {
  const table = `"${schema}".document`;
  if (changes.length > 1) {
    // In one order, so that two writers of the same documents wait for each other instead of both for ever.
    await queries.query(
      `SELECT FROM ${table} d JOIN unnest($1::text[], $2::text[]) AS w(collection, key) USING (collection, key)
       ORDER BY d.collection, d.key FOR UPDATE OF d`,
      [changes.map(({ collection }) => collection), changes.map(({ key }) => key)],
    );
  }
  for (const { collection, key, value, expected } of changes) {
    const place = [collection, key];
    const written =
      value === undefined
        ? await remove(queries, table, place, expected)
        : await put(queries, table, [...place, value], expected);
    if (written) continue;
    const { rows } = await queries.query(`SELECT version FROM ${table} WHERE collection = $1 AND key = $2`, place);
    throw new HeadgateError(
      "document_conflict",
      `The document "${key}" of ${collection} is at version ${numberOf(rows[0] ?? { version: 0 }, "version")}, not ${expected ?? 0}.`,
    );
  }
}

/** Whether the document was as expected, and is written. */
async function put(
  queries: Queries,
  table: string,
  document: readonly string[],
  expected: number | undefined,
): Promise<boolean> {
  const insert = `INSERT INTO ${table} AS d(collection, key, value, version) VALUES ($1, $2, $3, 1)`;
  if (expected === undefined) {
    const update = "ON CONFLICT (collection, key) DO UPDATE SET value = excluded.value, version = d.version + 1";
    await queries.query(`${insert} ${update}`, document);
    return true;
  }
  const { count } =
    expected === 0
      ? await queries.query(`${insert} ON CONFLICT DO NOTHING`, document)
      : await queries.query(
          `UPDATE ${table} SET value = $3, version = version + 1 WHERE collection = $1 AND key = $2 AND version = $4`,
          [...document, expected],
        );
  return count === 1;
}

async function remove(
  queries: Queries,
  table: string,
  place: readonly string[],
  expected: number | undefined,
): Promise<boolean> {
  const at = "WHERE collection = $1 AND key = $2";
  if (expected === 0) return (await queries.query(`SELECT FROM ${table} ${at}`, place)).count === 0;
  const { count } = await queries.query(`DELETE FROM ${table} ${at} AND version = coalesce($3::bigint, version)`, [
    ...place,
    expected ?? null,
  ]);
  return expected === undefined || count === 1;
}

/** Small documents in collections. */
export function documentTable(database: Database, schema: string): Documents {
  const table = `"${schema}".document`;
  return {
    async get(collection, key) {
      const { rows } = await database.read(
        `SELECT key, value, version FROM ${table} WHERE collection = $1 AND key = $2`,
        [collection, key],
      );
      return rows[0] && documentIn(rows[0]);
    },
    async list(collection, { prefix = "", after, limit, order = "ascending" } = {}) {
      const [beyond, direction] = order === "ascending" ? [">", "ASC"] : ["<", "DESC"];
      const { rows } = await database.read(
        `SELECT key, value, version FROM ${table}
         WHERE collection = $1 AND key LIKE $2 AND ($3::text IS NULL OR key ${beyond} $3)
         ORDER BY key ${direction} LIMIT $4`,
        [collection, `${prefix.replaceAll(/[\\%_]/g, String.raw`\$&`)}%`, after ?? null, limit ?? null],
      );
      return rows.map(documentIn);
    },
    write: (changes) =>
      database.transaction((queries) => writeDocuments(queries, schema, changes), { repeatable: false }),
  };
}
