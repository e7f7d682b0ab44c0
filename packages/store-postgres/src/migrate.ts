import { HeadgateError, type Logger } from "@headgate/core";
import { randomBytes } from "node:crypto";
import { numberOf, textOf } from "./columns.ts";
import type { Database, Queries } from "./database.ts";
import { sqlState } from "./failure.ts";
import { schemaStep, schemaVersion } from "./schema.ts";

/** What is fixed for a store when it is made. */
export interface StoreFacts {
  /** Hex; seeds the hashes of ids, so that ids cannot be chosen beforehand to collide. */
  readonly seed: string;
}

/** A server older than this lacks what the schema uses. https://www.postgresql.org/support/versioning/, read in November 2026. */
const oldestServer = 140_000;

/**
 * Brings the schema to the present version, one process at a time, and reads what is fixed.
 * @throws `store_version`, `store_restored`, `store_unavailable`
 */
export async function prepareSchema(
  database: Database,
  schema: string,
  { logger, create, restoring }: { readonly logger: Logger; readonly create: boolean; readonly restoring: boolean },
): Promise<StoreFacts> {
  await assertServer(database, logger);
  let version = await currentVersion(database.read, schema);
  if (version === 0 && !create) {
    throw new HeadgateError(
      "store_unavailable",
      `There is no store in the schema ${schema} of ${database.address.where}.`,
      {
        hint: "Start `headgate run`, or make it with `headgate migrate`; or mend the url or the schema.",
      },
    );
  }
  if (version < schemaVersion) {
    version = await database.transaction((queries) => migrate(queries, schema, database.address.where), {
      repeatable: true,
    });
    logger.info("the schema of the store was brought to its present version", { schema, version });
  }
  if (version > schemaVersion) {
    throw new HeadgateError(
      "store_version",
      `The schema ${schema} of ${database.address.where} is of version ${version}; this Headgate knows ${schemaVersion}.`,
      { hint: "Run the version of Headgate that wrote it, or a newer one." },
    );
  }
  await adoptChanges(database, schema);
  const { rows } = await database.read(`SELECT key, value FROM "${schema}".meta`);
  const meta = new Map(rows.map((row) => [textOf(row, "key"), textOf(row, "value")]));
  if (meta.has("restoring") && !restoring) {
    throw new HeadgateError(
      "store_restored",
      `The store ${database.address.where} is an older copy that is being made to go on.`,
      { hint: "Run headgate restore again, to its end." },
    );
  }
  return { seed: meta.get("seed") ?? "" };
}

async function assertServer({ read, address }: Database, logger: Logger): Promise<void> {
  const { rows } = await read(
    "SELECT current_setting('server_version_num') AS version, current_setting('server_encoding') AS encoding, current_setting('fsync') AS fsync, current_setting('full_page_writes') AS pages, pg_is_in_recovery() AS standby",
  );
  const [row] = rows;
  if (row === undefined) return;
  if (numberOf(row, "version") < oldestServer) {
    throw new HeadgateError("store_unavailable", `The database ${address.where} is older than PostgreSQL 14.`, {
      hint: "Upgrade the server.",
    });
  }
  if (textOf(row, "encoding") !== "UTF8") {
    throw new HeadgateError("store_unavailable", `The database ${address.where} is not encoded in UTF-8.`, {
      hint: "Create a database with ENCODING 'UTF8' for Headgate.",
    });
  }
  if (row["standby"] === true) {
    throw new HeadgateError(
      "store_unavailable",
      `The database ${address.where} is a standby, which cannot be written.`,
      {
        hint: "Let the url lead to the primary.",
      },
    );
  }
  if (textOf(row, "fsync") !== "on" || textOf(row, "pages") !== "on") {
    logger.warn("the database server may lose what it has acknowledged: fsync or full_page_writes is off", {
      database: address.where,
    });
  }
}

/**
 * A dump that was read into another cluster brings numbers of transactions along that this one has yet to reach: they
 * would be news for ever.
 */
async function adoptChanges(database: Database, schema: string): Promise<void> {
  const foreign = "changed >= pg_snapshot_xmax(pg_current_snapshot())";
  const { rows } = await database.read(`SELECT FROM "${schema}".organization WHERE ${foreign} LIMIT 1`);
  if (rows.length === 0) return;
  await database.transaction(
    (queries) => queries.query(`UPDATE "${schema}".organization SET changed = pg_current_xact_id() WHERE ${foreign}`),
    { repeatable: true },
  );
}

/** The version of the schema; 0 where there is none. */
async function currentVersion(read: Queries["query"], schema: string): Promise<number> {
  // Not to_regclass: after the wait for another migration it may answer from before it.
  const { rows } = await read(
    `SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE n.nspname = $1 AND c.relname = 'schema_version'`,
    [schema],
  );
  if (rows.length === 0) return 0;
  const found = await read(`SELECT coalesce(max(version), 0) AS version FROM "${schema}".schema_version`);
  return numberOf(found.rows[0] ?? { version: 0 }, "version");
}

async function migrate(queries: Queries, schema: string, where: string): Promise<number> {
  // Whoever comes second finds the work done.
  await queries.query("SELECT pg_advisory_xact_lock(1212629332, hashtext($1))", [schema]);
  let version = await currentVersion(queries.query, schema);
  try {
    if (version === 0) {
      const { rows } = await queries.query("SELECT FROM pg_namespace WHERE nspname = $1", [schema]);
      // The right to create schemas is not needed where an administrator made this one.
      if (rows.length === 0) await queries.query(`CREATE SCHEMA "${schema}"`);
      await queries.query(
        `CREATE TABLE "${schema}".schema_version(version bigint PRIMARY KEY, at timestamptz NOT NULL DEFAULT now())`,
      );
    }
    while (version < schemaVersion) {
      version += 1;
      await queries.query(schemaStep(version, schema));
      await queries.query(`INSERT INTO "${schema}".schema_version(version) VALUES ($1)`, [version]);
      if (version === 1) {
        const seed = randomBytes(16).toString("hex");
        await queries.query(`INSERT INTO "${schema}".meta(key, value) VALUES ('seed', $1)`, [seed]);
      }
    }
  } catch (error) {
    if (sqlState(error) !== "42501") throw error;
    throw new HeadgateError(
      "store_version",
      `The schema ${schema} of ${where} has to be brought to version ${schemaVersion}, and this role may not change it.`,
      { hint: "Run headgate migrate with a configuration whose role owns the schema." },
    );
  }
  return version;
}
