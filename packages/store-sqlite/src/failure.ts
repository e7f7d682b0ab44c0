import type { ErrorCode } from "@headgate/core";
import type { WireError } from "./protocol.ts";

/** An error of the worker, on its way to become a `HeadgateError` in the main thread: the worker loads nothing of core. */
export class Failure extends Error {
  readonly code: ErrorCode;
  readonly hint: string | undefined;

  constructor(code: ErrorCode, message: string, hint?: string) {
    super(message);
    this.code = code;
    this.hint = hint;
  }
}

/** Primary result codes of SQLite: https://www.sqlite.org/rescode.html, read in November 2026. */
const resultCode = {
  perm: 3,
  busy: 5,
  locked: 6,
  readonly: 8,
  ioerr: 10,
  corrupt: 11,
  full: 13,
  cantopen: 14,
  notadb: 26,
} as const;

/** The primary result code of an error from SQLite, or undefined for any other error. */
function primaryCode(error: unknown): number | undefined {
  if (!(error instanceof Error) || !("errcode" in error) || typeof error.errcode !== "number") return undefined;
  return error.errcode & 0xff;
}

/** Whether another process holds the file. */
export function isBusy(error: unknown): boolean {
  const code = primaryCode(error);
  return code === resultCode.busy || code === resultCode.locked;
}

/** Whether the file is no database. */
export function isForeign(error: unknown): boolean {
  return primaryCode(error) === resultCode.notadb;
}

/**
 * Whether an error would meet every part of a transaction alike, so that trying them one by one only costs time. After a
 * sync that failed it would even be wrong: the next one may succeed without having written what the first one lost.
 */
export function concernsAll(error: unknown): boolean {
  return isBusy(error) || primaryCode(error) === resultCode.ioerr;
}

/** What an error of SQLite, or of the file system, means for the user. */
export function explain(error: unknown, path: string): WireError {
  if (error instanceof Failure) {
    return { code: error.code, message: error.message, ...(error.hint === undefined ? {} : { hint: error.hint }) };
  }
  const said = error instanceof Error ? error.message : String(error);
  switch (primaryCode(error)) {
    case resultCode.busy:
    case resultCode.locked:
      return {
        code: "store_busy",
        message: `Another process is writing to the store ${path} and did not let go in time.`,
        hint: "Try again; if it persists, look for a process that hangs in a transaction, or raise busyTimeoutMs.",
      };
    case resultCode.full:
      return {
        code: "store_full",
        message: `The store ${path} is full: the disk, or the limit set by maxBytes.`,
        hint: "Nothing of the failed call was stored. Free disk space or raise the limit, or let trimming take delivered events.",
      };
    case resultCode.corrupt:
    case resultCode.notadb:
      return {
        code: "store_corrupt",
        message: `The store ${path} is damaged or is no Headgate store: ${said}.`,
        hint: "Keep a copy of all its files, then restore a backup.",
      };
    case resultCode.perm:
    case resultCode.readonly:
    case resultCode.cantopen:
      return {
        code: "store_unavailable",
        message: `The store ${path} cannot be opened for writing: ${said}.`,
        hint: "The process needs to write the file and its folder, where SQLite keeps two more files beside it.",
      };
    case resultCode.ioerr:
      return {
        code: "store_unavailable",
        message: `The disk reported an error for the store ${path}: ${said}.`,
        hint: "Look at the system's log for the disk, or for a file system that was unmounted.",
      };
    default:
      return { code: "internal", message: `The store ${path} failed: ${said}.` };
  }
}
