import { beginning, parseCursor, type Reached, resumed } from "./file-cursor.ts";
import { type OpenFile, openFile } from "./open-file.ts";
import { readFile, type ReadFileTask } from "./read-file.ts";
import { findEarlier, rotatedBetween } from "./rotated-files.ts";
import { waitForChange } from "./wait-for-change.ts";

/** Reads the files that stand at a path one after another, from where the cursor says, to the end or for ever. */
export async function readFiles(path: string, task: ReadFileTask): Promise<void> {
  const stopped = (): boolean => task.signal?.aborted === true;
  const opened = await openAt(path, task);
  if (opened === undefined) return;
  let file = opened;
  try {
    let from = await firstPlace(path, file, task);
    for (;;) {
      // A run that ends early leaves the cursor in the file that it has not finished.
      if (stopped()) return;
      const end = await readFile(path, file, from, task);
      if (end === "end" || stopped()) return;
      task.logger.info(end === "truncated" ? "the file was truncated" : "the file was rotated", { source: path });
      const next = await openAt(path, task);
      if (next === undefined) return;
      await using earlier = file;
      file = next;
      const generation = from.generation + 1;
      from = beginning(end === "truncated" ? generation : await readBetween(path, earlier, file, generation, task));
    }
  } finally {
    await file[Symbol.asyncDispose]();
  }
}

/** Where to begin in the file at the path, after what was rotated away from it since the last time has been read. */
async function firstPlace(path: string, file: OpenFile, task: ReadFileTask): Promise<Reached> {
  const cursor = parseCursor(await task.cursors.get(task.key));
  if (cursor === undefined) return beginning(0);
  const reached = await resumed(file, cursor);
  if (reached !== undefined) return reached;
  const generation = cursor.generation + 1;
  const earlier = await findEarlier(path, cursor);
  if (earlier === undefined) {
    task.logger.warn(
      "the file is another one than was read last time, and that one was not found beside it; what was written in between may have been missed",
      { source: path },
    );
    return beginning(generation);
  }
  await using rest = earlier.file;
  await readFile(path, rest, earlier.reached, { ...task, follow: false, final: true });
  return beginning(await readBetween(path, rest, file, generation, task));
}

/** Reads what was rotated away between two files. Returns the next generation. */
async function readBetween(
  path: string,
  earlier: OpenFile,
  standing: OpenFile,
  first: number,
  task: ReadFileTask,
): Promise<number> {
  let generation = first;
  for (const between of await rotatedBetween(path, earlier, standing)) {
    if (task.signal?.aborted === true) break;
    const opened = await openFile(between).catch(() => undefined);
    if (opened === undefined) {
      task.logger.warn("a rotated file cannot be opened; what it holds is missed", { source: path, file: between });
      continue;
    }
    await using file = opened;
    await readFile(path, file, beginning(generation), { ...task, follow: false, final: true });
    generation++;
  }
  return generation;
}

/** Opens the file; where it follows and there is none yet, waits for it. Undefined when the signal came first. */
async function openAt(path: string, task: ReadFileTask): Promise<OpenFile | undefined> {
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
    await waitForChange(path, task);
  }
}
