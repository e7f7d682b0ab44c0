import { closeSync, fsyncSync, openSync, renameSync, rmSync, statSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { backup, DatabaseSync } from "node:sqlite";
import { HeadgateError } from "@headgate/core";
import { openDatabase } from "./database.ts";
import { explain, Failure } from "./failure.ts";

/** Pages that are copied at a time: others of the process get their turn between. */
const stepPages = 2048;

/** What {@link backupSqliteStore} takes. */
export interface SqliteBackupOptions {
  /** The store's file. Runners and others may use it meanwhile. */
  readonly path: string;
  /** The file to make. There must be none yet. */
  readonly to: string;
  /** @default the machine's time */
  readonly now?: number;
  /** How much of it is copied, from 0 to 1. */
  readonly onProgress?: (share: number) => void;
}

/**
 * Copies a store into one file, as it stands at one moment, beside whoever uses it. The copy says of itself that it is one:
 * opened as a store it is refused with `store_restored` until `restoring` has made it one that goes on, because what was
 * appended after the copy is not in it and its sequences were given.
 *
 * @returns the size of the file in bytes
 * @throws `store_unavailable`, `store_corrupt`, `store_version`, `store_full`, `file_unwritable`
 * @example
 * ```ts
 * await backupSqliteStore({ path: "headgate.db", to: "headgate-2026-11-27.backup" });
 * ```
 */
export async function backupSqliteStore(options: SqliteBackupOptions): Promise<{ readonly bytes: number }> {
  const { now = Date.now(), onProgress } = options;
  const [path, to] = [resolve(options.path), resolve(options.to)];
  const part = `${to}.part`;
  claim(path, to, part);
  try {
    const { database } = openDatabase(path, 10_000);
    try {
      // The copy is of the moment of this reading, however long it takes and whatever is appended meanwhile.
      database.exec("BEGIN; SELECT key FROM meta");
      await backup(database, part, {
        rate: stepPages,
        progress: ({ totalPages, remainingPages }) => onProgress?.(1 - remainingPages / Math.max(1, totalPages)),
      });
    } finally {
      database.close();
    }
    markAsCopy(part, now);
    renameSync(part, to);
    syncFile(dirname(to));
    onProgress?.(1);
    return { bytes: statSync(to).size };
  } catch (error) {
    for (const ending of ["", "-wal", "-shm", "-journal"]) rmSync(part + ending, { force: true });
    if (error instanceof HeadgateError) throw error;
    const { code, message, hint } = explain(error, path);
    throw new HeadgateError(code, message, hint === undefined ? {} : { hint });
  }
}

function claim(path: string, to: string, part: string): void {
  if (statSync(path, { throwIfNoEntry: false })?.isFile() !== true)
    throw new HeadgateError("store_unavailable", `There is no store at ${path}.`);
  if (statSync(to, { throwIfNoEntry: false }) !== undefined)
    throw new HeadgateError("file_unwritable", `There is a file at ${to} already.`, { hint: "Name another one." });
  try {
    // For its owner alone, as the store is. What another backup to this name left behind when it was killed is written over.
    rmSync(part, { force: true });
    closeSync(openSync(part, "wx", 0o600));
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code ?? "unknown error";
    throw new HeadgateError("file_unwritable", `The backup ${to} cannot be written (${code}).`, { cause });
  }
}

/** One file without a write-ahead log, which says what it is. */
function markAsCopy(path: string, now: number): void {
  const database = new DatabaseSync(path);
  try {
    database.exec("PRAGMA journal_mode = DELETE; PRAGMA synchronous = FULL");
    database.prepare("INSERT OR REPLACE INTO meta(key, value) VALUES ('copied_at', ?)").run(String(now));
    const said = database.prepare("PRAGMA quick_check(1)").get()?.["quick_check"];
    if (said !== "ok") throw new Failure("store_corrupt", `The backup is damaged: ${String(said)}.`);
  } finally {
    database.close();
  }
  syncFile(path);
}

function syncFile(path: string): void {
  const file = openSync(path, "r");
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}
