import { HeadgateError, sleep, type Clock, type Cursors } from "@headgate/core";
import { watch } from "node:fs";
import { type FileHandle, open, readdir, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { type FileCursor, fingerprint, parseCursor } from "./file-cursor.ts";
import { decompressed, isGzip } from "./gzip.ts";
import { createLineSplitter } from "./line-splitter.ts";
import type { ReadTask } from "./read-input.ts";

/** Bytes read at a time. */
const chunkBytes = 128 * 1024;
/** The cursor is saved at most so often while there is more to read. What is read twice after a crash is told by its id. */
const saveEveryMs = 1000;

/** How to read the files that stand at a path one after another. */
export interface ReadFilesTask extends ReadTask {
  readonly cursors: Cursors;
  /** Under which the cursor is kept. */
  readonly key: string;
  readonly follow: boolean;
  readonly pollMs: number;
  readonly clock: Clock;
}

/** A place between two lines. */
type Place = Pick<FileCursor, "generation" | "offset" | "line">;

interface OpenFile extends AsyncDisposable {
  readonly handle: FileHandle;
  readonly inode: number;
  readonly compressed: boolean;
}

/** Reads the file at a path from where the cursor says, to its end or for ever. */
export async function readFiles(path: string, task: ReadFilesTask): Promise<void> {
  const saved = parseCursor(await task.cursors.get(task.key));
  let file = await openAt(path, task);
  if (file === undefined) return;
  let place: Place = { generation: 0, offset: 0, line: 0 };
  if (saved !== undefined) {
    if (await continues(file, saved)) place = saved;
    else {
      await using earlier = await findRotated(path, saved);
      if (earlier === undefined) {
        task.logger.warn("the file is another one than was read last time, and that one was not found beside it", {
          source: path,
        });
      } else await readFile(path, earlier, saved, { ...task, follow: false });
      place = { generation: saved.generation + 1, offset: 0, line: 0 };
    }
  }
  while (file !== undefined) {
    await using current: OpenFile = file;
    const next = await readFile(path, current, place, task);
    if (next === "end" || task.signal?.aborted === true) return;
    place = { generation: place.generation + 1, offset: 0, line: 0 };
    task.logger.info(next === "truncated" ? "the file was truncated" : "the file was rotated", { source: path });
    file = await openAt(path, task);
  }
}

/** Reads one file until its end, or until another one stands at its path. */
async function readFile(
  path: string,
  file: OpenFile,
  from: Place,
  task: ReadFilesTask,
): Promise<"end" | "rotated" | "truncated"> {
  const { intake, signal, clock } = task;
  const { generation } = from;
  let place: Place = from;
  let acknowledged: Place = from;
  let stored: Place | undefined;
  let savedAt = clock.now();
  let bytesRead = from.offset;

  intake.begin({
    identity: `${path}\n${generation}`,
    source: generation === 0 ? path : `${path}#${generation + 1}`,
    fleeting: false,
  });
  let start = from.offset;
  const splitter = createLineSplitter(task.maxLineBytes, (line) => {
    const begin = place.offset;
    place = { generation, offset: start + line.end, line: place.line + 1 };
    intake.take(line, begin, place.line);
  });

  async function commit(): Promise<void> {
    const upTo = place;
    const bytes = bytesRead - from.offset;
    const { size } = await file.handle.stat();
    await intake.commit(() => {
      acknowledged = upTo;
      task.progress({ bytes, totalBytes: Math.max(0, size - (file.compressed ? 0 : from.offset)) });
    });
    if (clock.now() - savedAt >= saveEveryMs) await save();
  }

  async function save(): Promise<void> {
    savedAt = clock.now();
    if (acknowledged.offset === stored?.offset) return;
    const reached = acknowledged;
    const cursor: FileCursor = {
      version: 1,
      ...reached,
      inode: file.inode,
      fingerprint: await printOf(file, reached.offset),
      compressed: file.compressed,
    };
    await task.cursors.set(task.key, JSON.stringify(cursor));
    stored = reached;
  }

  async function settle(): Promise<void> {
    await commit();
    await intake.settle();
    await save();
  }

  try {
    // The generation is on record before its first event is: after a crash the same lines get the same ids.
    if (from.offset === 0) await save();
    if (file.compressed) await readCompressed();
    else return await readPlain();
    // An aborted run has not seen the end of the last line.
    if (signal?.aborted !== true) splitter.end();
    await settle();
    return "end";
  } catch (error) {
    // Lines read before the fault are good. If saving them fails too, the first error is the one to tell.
    await settle().catch(() => {});
    await save().catch(() => {});
    throw error;
  }

  async function readCompressed(): Promise<void> {
    if (task.follow) {
      throw new HeadgateError(
        "source_failed",
        `The source ${path} is compressed, and a compressed file cannot be followed.`,
        {
          hint: "Follow the plain file, or read this one without follow.",
        },
      );
    }
    bytesRead = 0;
    const input = file.handle.createReadStream({ start: 0, autoClose: false, highWaterMark: chunkBytes });
    const counted = (async function* () {
      for await (const chunk of input as AsyncIterable<Buffer>) {
        bytesRead += chunk.length;
        yield chunk;
      }
    })();
    let skip = from.offset;
    for await (const chunk of decompressed(counted, path)) {
      const rest = chunk.subarray(Math.min(skip, chunk.length));
      skip -= chunk.length - rest.length;
      splitter.push(rest);
      if (intake.full) await commit();
      if (signal?.aborted === true) return;
    }
  }

  async function readPlain(): Promise<"end" | "rotated" | "truncated"> {
    const buffer = Buffer.alloc(chunkBytes);
    let leaving = false;
    for (;;) {
      // Reads at a position of its own, and the buffer anew each time: the splitter copies what it keeps.
      const { bytesRead: count } = await file.handle.read(buffer, 0, chunkBytes, bytesRead);
      bytesRead += count;
      splitter.push(buffer.subarray(0, count));
      if (signal?.aborted === true) {
        await settle();
        return "end";
      }
      if (count > 0) {
        if (intake.full) await commit();
        leaving = false;
        continue;
      }
      if (!task.follow || leaving) {
        splitter.end();
        await settle();
        return leaving ? "rotated" : "end";
      }
      await settle();
      const print = await printOf(file, place.offset);
      if (!(await wait(path, task))) continue;
      if ((await file.handle.stat()).size < bytesRead || (await printOf(file, place.offset)) !== print) {
        // What was read of a last line without its end is all there will ever be of it.
        splitter.end();
        await settle();
        return "truncated";
      }
      const standing = await stat(path).catch(() => undefined);
      // Whoever wrote to the earlier file may have written between the last look and the rename: one more look.
      leaving = standing !== undefined && standing.ino !== file.inode;
    }
  }
}

async function printOf(file: OpenFile, offset: number): Promise<string> {
  return file.compressed
    ? fingerprint(file.handle, Math.min(1024, (await file.handle.stat()).size))
    : fingerprint(file.handle, offset);
}

/** Opens the file; where it follows and there is none yet, waits for it. Undefined when the signal came first. */
async function openAt(path: string, task: ReadFilesTask): Promise<OpenFile | undefined> {
  let told = false;
  for (;;) {
    if (task.signal?.aborted === true) return undefined;
    try {
      return await openFile(path);
    } catch (error) {
      if (!task.follow || (error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    }
    if (!told) task.logger.info("waiting for the file to appear", { source: path });
    told = true;
    await wait(path, task);
  }
}

async function openFile(path: string): Promise<OpenFile> {
  const handle = await open(path, "r");
  try {
    const head = Buffer.alloc(2);
    const { bytesRead } = await handle.read(head, 0, 2, 0);
    const { ino } = await handle.stat();
    return {
      handle,
      inode: ino,
      compressed: isGzip(head.subarray(0, bytesRead)),
      [Symbol.asyncDispose]: async () => handle.close(),
    };
  } catch (error) {
    await handle.close();
    throw error;
  }
}

/** Whether the file is the one that the cursor speaks of, perhaps grown. Content decides: inodes change in copies and restores. */
async function continues(file: OpenFile, cursor: FileCursor): Promise<boolean> {
  if (file.compressed !== cursor.compressed) return false;
  if (!file.compressed && (await file.handle.stat()).size < cursor.offset) return false;
  return (await printOf(file, cursor.offset)) === cursor.fingerprint;
}

/** The file that the cursor speaks of, renamed: in the same folder, with the same inode and content. */
async function findRotated(path: string, cursor: FileCursor): Promise<OpenFile | undefined> {
  const folder = dirname(path);
  for (const name of await readdir(folder).catch(() => [])) {
    const candidate = join(folder, name);
    if (name === basename(path) || (await stat(candidate).catch(() => undefined))?.ino !== cursor.inode) continue;
    const file = await openFile(candidate).catch(() => undefined);
    if (file !== undefined && (await continues(file, cursor))) return file;
    await file?.[Symbol.asyncDispose]();
  }
  return undefined;
}

/** Waits for the next look at the file: the poll, or sooner where the system tells of a change. False when aborted. */
async function wait(path: string, task: ReadFilesTask): Promise<boolean> {
  const woken = new AbortController();
  const wake = (): void => woken.abort();
  let watcher: ReturnType<typeof watch> | undefined;
  try {
    watcher = watch(dirname(path), { persistent: false }, (_event, name) => {
      if (name === null || name === basename(path)) wake();
    });
    // A folder that cannot be watched is polled.
    watcher.on("error", () => {});
  } catch {}
  task.signal?.addEventListener("abort", wake, { once: true });
  try {
    if (task.signal?.aborted !== true) await sleep(task.clock, task.pollMs, woken.signal).catch(() => {});
  } finally {
    watcher?.close();
    task.signal?.removeEventListener("abort", wake);
  }
  return task.signal?.aborted !== true;
}
