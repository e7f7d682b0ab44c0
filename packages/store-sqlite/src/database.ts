import { randomBytes } from "node:crypto";
import { accessSync, closeSync, constants, openSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { Failure, isBusy, isForeign } from "./failure.ts";
import { fileBirth } from "./file-birth.ts";
import type { Mark } from "./high-water-mark.ts";
import { markLeft, markPath, readMark } from "./high-water-mark.ts";
import { applicationId, laterSchema, pageSize, schema, schemaVersion } from "./schema.ts";

/** An opened file. */
export interface OpenedDatabase {
  readonly database: DatabaseSync;
  /** Names this store, for its mark. */
  readonly store: string;
  readonly seed: readonly [number, number];
  /** Number of the last group. */
  readonly changed: number;
}

/** Up to this size, opening checks the structure of the whole file. */
const structureCheckBytes = 64 * 1024 * 1024;
const walPages = (64 * 1024 * 1024) / pageSize;

const restore = "Keep a copy of all its files, then restore a backup.";

function sizeOf(path: string): number | undefined {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat?.isDirectory()) {
    throw new Failure("store_unavailable", `The store ${path} is a folder.`, "Name a file in it.");
  }
  return stat?.size;
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "unknown";
}

/** Creates the file for its owner alone, or makes sure that an existing one can be written. SQLite gives its two companions the same mode. */
function claimFile(path: string): void {
  const folder = dirname(path);
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() !== true) {
    throw new Failure(
      "store_unavailable",
      `The folder ${folder} of the store does not exist.`,
      "Create it, or name another path.",
    );
  }
  try {
    closeSync(openSync(path, "ax", 0o600));
    return;
  } catch (error) {
    if (codeOf(error) === "ENOSPC")
      throw new Failure("store_full", `There is no room on the disk for the store ${path}.`, "Free disk space.");
    if (codeOf(error) !== "EEXIST") {
      throw new Failure(
        "store_unavailable",
        `The store ${path} cannot be created (${codeOf(error)}).`,
        "The process needs to write in its folder.",
      );
    }
  }
  try {
    accessSync(path, constants.R_OK | constants.W_OK);
    accessSync(folder, constants.W_OK);
  } catch (error) {
    throw new Failure(
      "store_unavailable",
      `The store ${path} cannot be written (${codeOf(error)}).`,
      "The process needs to write the file and its folder, where SQLite keeps two more files beside it.",
    );
  }
}

/**
 * What is no database at all, SQLite says of the first statement. It is asked, and the file not looked at by other means:
 * closing a descriptor of a process's own would drop the locks that its other connections have on the file.
 */
function refuseForeignFile<Result>(path: string, body: () => Result): Result {
  try {
    return body();
  } catch (error) {
    if (!isForeign(error)) throw error;
    throw new Failure(
      "store_corrupt",
      `The file ${path} is no Headgate store.`,
      `Name another path. If it was one, it is damaged: ${restore}`,
    );
  }
}

function refuseLoss(path: string, what: string): never {
  throw new Failure(
    "store_corrupt",
    `The store ${path} has lost acknowledged events: ${what}.`,
    "Put all its files back, the one that ends in -wal too. If an older copy is all that is left, `headgate restore` goes on with it, and gives no sequence twice.",
  );
}

function numberOf(database: DatabaseSync, sql: string): number {
  const row = database.prepare(sql).get();
  return Number(Object.values(row ?? {})[0] ?? 0);
}

/** Number of the last group. */
export function lastChange(database: DatabaseSync): number {
  return numberOf(database, "SELECT max(changed) FROM heads");
}

/** Whether the file is ours; false where it is empty. */
function recognise(database: DatabaseSync, path: string): boolean {
  const owner = numberOf(database, "PRAGMA application_id");
  const version = numberOf(database, "PRAGMA user_version");
  const tables = numberOf(database, "SELECT count(*) FROM sqlite_schema");
  if (owner === 0 && version === 0 && tables === 0) return false;
  if (owner !== applicationId) {
    throw new Failure(
      "store_corrupt",
      `The database ${path} is no Headgate store: it belongs to another program.`,
      "Name another path.",
    );
  }
  if (version !== schemaVersion) {
    throw new Failure(
      "store_version",
      `The store ${path} has format ${version}; this Headgate reads format ${schemaVersion}.`,
      "Use the version of Headgate that wrote it, or a later one.",
    );
  }
  return true;
}

/** Reads everything from one moment of the file: another process may be creating it just now. */
function inOneRead<Result>(database: DatabaseSync, read: () => Result): Result {
  database.exec("BEGIN");
  try {
    return read();
  } finally {
    if (database.isTransaction) database.exec("COMMIT");
  }
}

/** Writes the schema into an empty file. Before the switch to a write-ahead log, so that the file itself says whose it is. */
function initialise(database: DatabaseSync, path: string): void {
  database.exec(`PRAGMA page_size = ${pageSize}`);
  database.exec("BEGIN EXCLUSIVE");
  try {
    if (!recognise(database, path)) {
      database.exec(`${schema}; PRAGMA application_id = ${applicationId}; PRAGMA user_version = ${schemaVersion}`);
      const insert = database.prepare("INSERT INTO meta(key, value) VALUES (?, ?)");
      insert.run("store", randomBytes(8).toString("hex"));
      insert.run("seed", randomBytes(8).toString("hex"));
      // In the file itself, not in a log that a copy of the file may lack.
      recordBirth(database, path);
    }
    database.exec("COMMIT");
  } catch (error) {
    // A full disk has rolled back already.
    if (database.isTransaction) database.exec("ROLLBACK");
    throw error;
  }
}

/** Each statement makes what it names or does nothing; a file that has all is not written to. */
function addLaterTables(database: DatabaseSync): void {
  const wanted = [...laterSchema.matchAll(/IF NOT EXISTS (\w+)/g)];
  const known = database.prepare("SELECT 1 FROM sqlite_schema WHERE name = ?");
  if (wanted.every(([, name = ""]) => known.get(name) !== undefined)) return;
  database.exec(`BEGIN IMMEDIATE; ${laterSchema}; COMMIT`);
}

/** Repeats what SQLite refuses without waiting while another process opens the same file. */
function patiently<Result>(timeoutMs: number, body: () => Result): Result {
  const pause = 10;
  for (let waited = 0; ; waited += pause) {
    try {
      return body();
    } catch (error) {
      if (!isBusy(error) || waited >= timeoutMs) throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, pause);
    }
  }
}

function metaOf(database: DatabaseSync, key: string): string {
  const value = database.prepare("SELECT value FROM meta WHERE key = ?").get(key)?.["value"];
  return typeof value === "string" ? value : "";
}

/** What can be told without reading bodies: each head ends where its last group ends, or what was left out after it. */
function checkHeads(database: DatabaseSync, path: string): void {
  const skips = database.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'skips'").get() !== undefined;
  const skipped = skips ? "coalesce((SELECT max(through) FROM skips WHERE org = heads.org), 0)" : "0";
  const wrong = database
    .prepare(
      `SELECT name FROM heads WHERE
        max(coalesce((SELECT g.first + g.count - 1 FROM groups g WHERE g.org = heads.org ORDER BY g.first DESC LIMIT 1), heads.first - 1), ${skipped}) <> last
        OR coalesce((SELECT min(g.first) FROM groups g WHERE g.org = heads.org), heads.last + 1) <> first
      LIMIT 1`,
    )
    .get();
  if (wrong !== undefined) {
    throw new Failure(
      "store_corrupt",
      `The store ${path} is damaged: the journal of ${String(wrong["name"])} does not end where it should.`,
      restore,
    );
  }
}

/** The whole structure and all indexes, where the file is small; a large one is checked as it is read, or by `check()`. */
function checkStructure(database: DatabaseSync, path: string): void {
  if (numberOf(database, "PRAGMA page_count") * numberOf(database, "PRAGMA page_size") > structureCheckBytes) return;
  const said = database.prepare("PRAGMA integrity_check(1)").get()?.["integrity_check"];
  if (said !== "ok") throw new Failure("store_corrupt", `The store ${path} is damaged: ${String(said)}.`, restore);
}

/** A copy lacks what came after it: to go on with it as if nothing were missing would give those sequences again. */
function refuseCopy(database: DatabaseSync, path: string): void {
  const copiedAt = metaOf(database, "copied_at");
  if (copiedAt === "") return;
  throw new Failure(
    "store_restored",
    `The store ${path} is a backup of ${new Date(Number(copiedAt)).toISOString()}.`,
    "`headgate restore` makes it a store that goes on, and gives no sequence twice.",
  );
}

/** Writes down which file this is, so that a copy made by other means than a backup can be told from it. False where it is known. */
export function recordBirth(database: DatabaseSync, path: string): boolean {
  const birth = fileBirth(path);
  if (birth === undefined || metaOf(database, "birth") === birth) return false;
  database.prepare("INSERT OR REPLACE INTO meta(key, value) VALUES ('birth', ?)").run(birth);
  return true;
}

/** A file that was copied may lack what the original, or another copy, went on with. Only who copied it knows. */
function refuseOtherFile(database: DatabaseSync, path: string): void {
  const [birth, known] = [fileBirth(path), metaOf(database, "birth")];
  if (birth === undefined || known === "" || known === birth) return;
  throw new Failure(
    "store_restored",
    `The store ${path} is a copy: the file that it was last opened as is another one.`,
    "`headgate restore` makes it a store that goes on, and gives no sequence twice. If it was only moved, so that nothing has run on the files of before since they were copied, use `headgate restore --moved`.",
  );
}

function compareMark(path: string, store: string, changed: number, mark: Mark | undefined): void {
  if (mark?.store === store && mark.changed > changed) {
    refuseLoss(path, `appends up to number ${mark.changed} were acknowledged, the file holds them up to ${changed}`);
  }
}

/**
 * Opens the file, creates it where there is none, and refuses what is foreign, damaged, a backup, behind its mark, or a copy
 * that is none of these. To be restored, it may be a backup or behind; moved, it may be another file than before.
 */
export function openDatabase(
  path: string,
  busyTimeoutMs: number,
  {
    markPath: markAt = markPath(path),
    restoring = false,
    moved = false,
  }: { readonly markPath?: string; readonly restoring?: boolean; readonly moved?: boolean } = {},
): OpenedDatabase {
  const mark = restoring ? undefined : readMark(markAt);
  if (restoring && !sizeOf(path))
    throw new Failure(
      "store_unavailable",
      `There is no store at ${path}, or an empty file.`,
      "Name a backup that is whole.",
    );
  if (!sizeOf(path) && mark !== undefined && mark.changed > 0) refuseLoss(path, "the file is empty or missing");
  claimFile(path);
  const database = new DatabaseSync(path, { timeout: busyTimeoutMs, enableForeignKeyConstraints: false });
  try {
    patiently(busyTimeoutMs, () => {
      if (!refuseForeignFile(path, () => inOneRead(database, () => recognise(database, path))))
        initialise(database, path);
    });
    const mode = patiently(busyTimeoutMs, () => database.prepare("PRAGMA journal_mode = WAL").get()?.["journal_mode"]);
    if (mode !== "wal") {
      throw new Failure(
        "store_unavailable",
        `The store ${path} cannot use a write-ahead log here.`,
        "Put it on a local disk: network file systems lack the shared memory that SQLite needs.",
      );
    }
    // FULL: a commit is synced to the disk before it is acknowledged.
    database.exec(
      `PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = ${walPages}; PRAGMA journal_size_limit = ${walPages * pageSize}`,
    );
    database.exec("PRAGMA cache_size = -16384; PRAGMA trusted_schema = OFF");
    checkStructure(database, path);
    checkHeads(database, path);
    const store = metaOf(database, "store");
    // Before the number that it is held against: others append, and close.
    const left = restoring ? undefined : markLeft(markAt, store);
    const changed = lastChange(database);
    if (!restoring) refuseCopy(database, path);
    compareMark(path, store, changed, mark);
    compareMark(path, store, changed, left);
    if (!restoring) {
      if (!moved) refuseOtherFile(database, path);
      // At once into the file: of a store at work it is copied without its log, too.
      if (patiently(busyTimeoutMs, () => recordBirth(database, path))) database.exec("PRAGMA wal_checkpoint(PASSIVE)");
    }
    patiently(busyTimeoutMs, () => addLaterTables(database));
    const seed = Number.parseInt(metaOf(database, "seed").slice(0, 8), 16);
    return { database, store, changed, seed: [seed, Number.parseInt(metaOf(database, "seed").slice(8), 16)] };
  } catch (error) {
    database.close();
    throw error;
  }
}
