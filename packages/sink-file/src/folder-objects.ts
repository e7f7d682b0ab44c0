import { createReadStream } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { HeadgateError } from "@headgate/core";

/** A file of a folder, seen as an object of a bucket. */
export interface FolderObject {
  /** Path from the folder, with `/` between its parts on every system. */
  readonly key: string;
  /** In bytes, as stored. */
  readonly size: number;
  /** The bytes as stored. Opens the file once the stream is read, and fails with the system's error where it cannot. */
  read(): Readable;
}

/**
 * The files that a file sink has written to a folder, in the order in which S3 would list their keys: by the bytes of the
 * key. Names that begin with `.` or `_` are skipped, at every depth, and so are links. Memory grows with the largest
 * folder of the tree, not with the tree.
 * @throws `file_unreadable` where a folder cannot be listed
 *
 * @example
 * ```ts
 * for await (const object of folderObjects("./out")) console.log(object.key, object.size);
 * ```
 */
export async function* folderObjects(directory: string): AsyncIterable<FolderObject> {
  yield* walk(directory, "");
}

async function* walk(directory: string, prefix: string): AsyncIterable<FolderObject> {
  for (const { name, isFolder } of await list(join(directory, prefix))) {
    if (isFolder) {
      yield* walk(directory, prefix + name);
      continue;
    }
    const key = prefix + name;
    const path = join(directory, key);
    yield { key, size: await sizeOf(path), read: () => createReadStream(path) };
  }
}

/** Folders carry a slash at the end of their name, as they do in keys: `a.b` comes before `a/c`. */
async function list(path: string): Promise<{ readonly name: string; readonly isFolder: boolean }[]> {
  try {
    const entries = await readdir(path, { withFileTypes: true });
    return entries
      .filter((entry) => !/^[._]/.test(entry.name) && (entry.isFile() || entry.isDirectory()))
      .map((entry) => ({ name: entry.isDirectory() ? `${entry.name}/` : entry.name, isFolder: entry.isDirectory() }))
      .sort((a, b) => Buffer.compare(Buffer.from(a.name), Buffer.from(b.name)));
  } catch (error) {
    throw unreadable(path, error);
  }
}

async function sizeOf(path: string): Promise<number> {
  try {
    return (await stat(path)).size;
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
