import { createReadStream, statSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { HeadgateError } from "@headgate/core";
import type { AuditPlace, ListedFile } from "./place.ts";

/** Larger files are streamed; one read each is three times as fast for small ones. */
const wholeBytes = 1024 * 1024;

/**
 * A folder's files at every depth, links left out. Keys are paths from the folder, in the order in which S3 would list
 * them. Memory grows with the largest folder of the tree, not with the tree.
 *
 * @example
 * ```ts
 * const report = await audit(folderPlace("./out"));
 * console.log(report.complete, report.proven);
 * ```
 */
export function folderPlace(directory: string): AuditPlace {
  return {
    prefix: "",
    list: () => walk(directory, ""),
    read: (key) => readPath(join(directory, key)),
  };
}

/** The bytes of a file, whole where it is small. */
export function readPath(path: string): AsyncIterable<Uint8Array> | Promise<Uint8Array> {
  const size = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  return size <= wholeBytes ? readFile(path) : createReadStream(path);
}

/** A file's size in bytes. @throws `file_unreadable` */
export function sizeOf(path: string): number {
  try {
    return statSync(path).size;
  } catch (error) {
    throw unreadable(path, error);
  }
}

async function* walk(directory: string, prefix: string): AsyncGenerator<ListedFile> {
  for (const name of await namesIn(join(directory, prefix))) {
    const key = prefix + name;
    if (name.endsWith("/")) yield* walk(directory, key);
    else yield { key, size: sizeOf(join(directory, key)) };
  }
}

/** Folders carry a slash at the end of their name, as they do in keys: `a.b` comes before `a/c`. */
async function namesIn(path: string): Promise<readonly string[]> {
  try {
    const entries = await readdir(path, { withFileTypes: true });
    return entries
      .filter((entry) => entry.isFile() || entry.isDirectory())
      .map((entry) => (entry.isDirectory() ? `${entry.name}/` : entry.name))
      .sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  } catch (error) {
    throw unreadable(path, error);
  }
}

function unreadable(path: string, cause: unknown): HeadgateError {
  const code = (cause as NodeJS.ErrnoException).code ?? "unknown error";
  return new HeadgateError("file_unreadable", `Cannot read ${path} (${code}).`, {
    hint: "Check that it exists and that this user may read it.",
    cause,
  });
}
