import { statSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { HeadgateError } from "@headgate/core";
import { createFileReader } from "./file-reader.ts";
import type { AuditPlace, ListedFile } from "./place.ts";

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
  const read = createFileReader();
  return {
    prefix: "",
    list: () => walk(directory),
    read: (key) => read(`${directory}/${key}`),
  };
}

/** A file's size in bytes. @throws `file_unreadable` */
export function sizeOf(path: string): number {
  try {
    return statSync(path).size;
  } catch (error) {
    throw unreadable(path, error);
  }
}

async function* walk(directory: string): AsyncGenerator<ListedFile> {
  const open = [{ prefix: "", names: await namesIn(directory), at: 0 }];
  for (let folder = open.at(-1); folder !== undefined; folder = open.at(-1)) {
    const name = folder.names[folder.at++];
    if (name === undefined) {
      open.pop();
      continue;
    }
    const key = folder.prefix + name;
    if (name.endsWith("/")) open.push({ prefix: key, names: await namesIn(join(directory, key)), at: 0 });
    else yield { key, size: sizeOf(`${directory}/${key}`) };
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
