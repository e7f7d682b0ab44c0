import { mkdir, open, readFile, rename, rm, stat } from "node:fs/promises";
import { dirname, join, resolve, sep } from "node:path";
import { HeadgateError } from "@headgate/core";
import { incompleteFolder, incompleteName, thisWriter } from "./incomplete.ts";

const fileMode = 0o640;
const folderMode = 0o750;
/** Between two slices the signal is looked at. */
const sliceBytes = 4 * 1024 * 1024;
/** What some network file systems answer to an fsync of a folder: they have no such thing, and need none. */
const noFolderSync = new Set(["EINVAL", "ENOTSUP", "EBADF"]);

/** A folder whose files are whole or not there, also after a kill or a power cut. */
export interface DurableFolder {
  /**
   * Writes a file that is durable, with its name, once this resolves. A file that is there already with the same size
   * is left as it is: names tell the content.
   * @throws the signal's reason, before anything shows; `object_damaged` where the file has another size; system errors
   */
  write(key: string, bytes: Uint8Array, signal: AbortSignal): Promise<"written" | "present">;
  /** The same where a key does not name its content: what is there stays, and may be something else. */
  writeOnce(key: string, bytes: Uint8Array, signal: AbortSignal): Promise<"written" | "present" | "other">;
}

let count = 0;

/** A path for a file in the making, unique among all processes. */
export function incompletePath(directory: string): string {
  return join(directory, incompleteFolder, incompleteName(thisWriter, count++));
}

/** Opens nothing. `directory` is absolute. */
export function durableFolder(directory: string): DurableFolder {
  const made = new Map<string, Promise<void>>();

  /** Makes a folder, once for all calls, and what is above it. */
  function ensureFolder(path: string): Promise<void> {
    const known = made.get(path);
    if (known !== undefined) return known;
    const making = makeFolder(directory, path);
    made.set(path, making);
    making.catch(() => made.delete(path));
    return making;
  }

  async function attempt(path: string, bytes: Uint8Array, signal: AbortSignal): Promise<void> {
    const incomplete = incompletePath(directory);
    await ensureFolder(dirname(incomplete));
    await ensureFolder(dirname(path));
    try {
      await writeAndSync(incomplete, bytes, signal);
      signal.throwIfAborted();
      await rename(incomplete, path);
    } catch (error) {
      await rm(incomplete, { force: true }).catch(() => {});
      throw error;
    }
    await syncFolder(dirname(path));
  }

  const self: DurableFolder = {
    async writeOnce(key, bytes, signal) {
      const path = pathOf(directory, key);
      const there = (await sizeOf(path)) === undefined ? undefined : await readFile(path);
      return there === undefined || there.equals(bytes) ? await self.write(key, bytes, signal) : "other";
    },
    async write(key, bytes, signal) {
      const path = pathOf(directory, key);
      const size = await sizeOf(path);
      signal.throwIfAborted();
      if (size !== undefined) {
        if (size !== bytes.length) throw damaged(path, size, bytes.length);
        // Whoever wrote it may have died before its name was durable.
        await ensureFolder(dirname(path));
        await syncFolder(dirname(path));
        return "present";
      }
      try {
        await attempt(path, bytes, signal);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
        // A folder that was made before has been removed since.
        made.clear();
        await attempt(path, bytes, signal);
      }
      return "written";
    },
  };
  return self;
}

/** Makes a folder and what is missing above it, so that the entry of each is durable. */
export async function makeFolder(directory: string, path: string): Promise<void> {
  const first = await makeMissing(path);
  // Also where all was there already: another process may have made it a moment ago and not synced it yet.
  const top = first !== undefined && first.length <= directory.length ? dirname(first) : directory;
  for (let above = dirname(path); above.length >= top.length; above = dirname(above)) {
    await syncFolder(above);
    if (above === dirname(above)) return;
  }
}

/**
 * Makes a folder and what is missing above it; resolves to the topmost one that was made. Node's own recursive `mkdir`
 * never ends where a file system answers ENOENT under a folder that exists (as /proc does), and hides EROFS.
 */
async function makeMissing(path: string): Promise<string | undefined> {
  if (await isFolder(path)) return undefined;
  const above = dirname(path);
  const top = above === path ? undefined : await makeMissing(above);
  try {
    await mkdir(path, { mode: folderMode });
  } catch (error) {
    // Another call, or another process, was quicker.
    if ((error as NodeJS.ErrnoException).code !== "EEXIST" || !(await isFolder(path))) throw error;
  }
  return top ?? path;
}

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return false;
    throw error;
  }
}

/** Writes a new file and resolves once its content is on the disk. */
export async function writeAndSync(path: string, bytes: Uint8Array, signal: AbortSignal): Promise<void> {
  const file = await open(path, "wx", fileMode);
  try {
    for (let at = 0; at < bytes.length;) {
      signal.throwIfAborted();
      const { bytesWritten } = await file.write(bytes, at, Math.min(sliceBytes, bytes.length - at));
      at += bytesWritten;
    }
    signal.throwIfAborted();
    await file.sync();
  } finally {
    // What is synced is safe whatever closing says, and what is not has failed already.
    await file.close().catch(() => {});
  }
}

/** Makes the entries of a folder durable. Windows has no such call: there a rename is what the system makes of it. */
export async function syncFolder(path: string): Promise<void> {
  if (process.platform === "win32") return;
  const folder = await open(path, "r");
  try {
    await folder.sync();
  } catch (error) {
    if (!noFolderSync.has((error as NodeJS.ErrnoException).code ?? "")) throw error;
  } finally {
    await folder.close();
  }
}

/** The path of a key. Options are checked before, but a sealed window may have been begun by another configuration. */
function pathOf(directory: string, key: string): string {
  const path = resolve(directory, key);
  const root = directory.endsWith(sep) ? directory : directory + sep;
  if (path.startsWith(root)) return path;
  throw new HeadgateError("sink_options_invalid", `The name ${key} leads out of ${directory}.`, {
    hint: "Correct the prefix of the stream.",
  });
}

async function sizeOf(path: string): Promise<number | undefined> {
  try {
    return (await stat(path)).size;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

function damaged(path: string, size: number, expected: number): HeadgateError {
  return new HeadgateError("object_damaged", `The file ${path} has ${size} bytes and should have ${expected}.`, {
    hint: "Something else wrote to it. Move it away to look into it; it is then written again.",
    details: { size, expected },
  });
}
