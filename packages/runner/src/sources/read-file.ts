import { type Clock, type Cursors, HeadgateError } from "@headgate/core";
import { stat } from "node:fs/promises";
import { advance, type ContentPrint } from "./content-print.ts";
import { cursorAt, type Place, type Reached } from "./file-cursor.ts";
import { createLineSplitter } from "./line-splitter.ts";
import { chunkBytes, hasContent, hasEdges, type OpenFile } from "./open-file.ts";
import type { ReadTask } from "./read-input.ts";
import type { IncompleteLine } from "./source.ts";
import { waitForChange } from "./wait-for-change.ts";

/** The cursor is saved at most so often while there is more to read. What is read twice after a crash is told by its id. */
const saveEveryMs = 1000;

/** How to read a file. */
export interface ReadFileTask extends ReadTask {
  readonly cursors: Cursors;
  /** Under which the cursor is kept. */
  readonly key: string;
  /** Names the path in rejected records. */
  readonly label: string;
  readonly follow: boolean;
  /** Nobody will write to the file any more: a last line without its end is all there will ever be of it. @default false */
  readonly final?: boolean;
  readonly pollMs: number;
  readonly clock: Clock;
  /** Told of a last line that was left, because it has no end and is no whole record. */
  readonly onIncomplete: (line: IncompleteLine) => void;
}

/** Reads one file until its end, or until another one stands at its path. */
export async function readFile(
  path: string,
  file: OpenFile,
  from: Reached,
  task: ReadFileTask,
): Promise<"end" | "rotated" | "truncated"> {
  const { intake, signal, clock } = task;
  const { generation } = from;
  let place: Place = from;
  /** Of everything that was read, and of what stands before `place`. */
  let readPrint: ContentPrint = from.print;
  let placePrint: ContentPrint = from.print;
  let acknowledged: Reached = from;
  let stored: Reached | undefined;
  let savedAt = clock.now();
  let bytesRead = from.offset;
  // Of before the read, so that a write beside it shows.
  const look = async (): Promise<Parameters<typeof cursorAt>[2]> => ({ state: await file.state(), now: clock.now() });
  let before = await look();

  intake.begin({
    identity: `${path}\n${generation}`,
    source: generation === 0 ? task.label : `${task.label}#${generation + 1}`,
    by: "place",
  });
  const splitter = createLineSplitter(task.maxLineBytes, (line) => {
    const begin = place.offset;
    place = { generation, offset: from.offset + line.end, line: place.line + 1 };
    intake.take(line, begin, place.line);
  });

  function push(chunk: Buffer): void {
    const start = readPrint.bytes;
    const last = place.offset;
    splitter.push(chunk);
    if (place.offset !== last) {
      readPrint = placePrint = advance(readPrint, chunk.subarray(0, place.offset - start));
      readPrint = advance(readPrint, chunk.subarray(place.offset - start));
    } else readPrint = advance(readPrint, chunk);
  }

  function endLine(): void {
    splitter.end();
    placePrint = readPrint;
  }

  async function commit(): Promise<void> {
    const upTo: Reached = { ...place, print: placePrint };
    const bytes = bytesRead - from.offset;
    const { size } = await file.state();
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
    await task.cursors.set(task.key, JSON.stringify(cursorAt(reached, file, before)));
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
    if (!file.compressed) return await readPlain();
    await readCompressed();
    // An aborted run has not seen the end of the last line.
    if (signal?.aborted !== true) endLine();
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
    let skip = from.offset;
    bytesRead = 0;
    for await (const chunk of file.content((bytes) => (bytesRead += bytes))) {
      const rest = chunk.subarray(Math.min(skip, chunk.length));
      skip -= chunk.length - rest.length;
      push(rest);
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
      push(buffer.subarray(0, count));
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
        if (leaving || task.final === true || isWhole(splitter.rest)) endLine();
        else task.onIncomplete({ line: place.line + 1, bytes: bytesRead - place.offset });
        await settle();
        return leaving ? "rotated" : "end";
      }
      await settle();
      if (!(await waitForChange(path, task))) continue;
      if (await rewritten()) {
        // What was read of a last line without its end is all there will ever be of it.
        endLine();
        await settle();
        return "truncated";
      }
      const standing = await stat(path).catch(() => undefined);
      // Whoever wrote to the earlier file may have written between the last look and the rename: one more look.
      leaving = standing !== undefined && standing.ino !== file.inode;
    }
  }

  /** Whether the file no longer begins with what was read of it. An append leaves the edges; without one, all is compared. */
  async function rewritten(): Promise<boolean> {
    const earlier = before.state;
    before = await look();
    const { size, times } = before.state;
    if (size < bytesRead || !(await hasEdges(file, readPrint))) return true;
    return size === earlier.size && times !== earlier.times && !(await hasContent(file, readPrint));
  }
}

/** Whether a last line without a line feed is a record all the same: half of one is no JSON object. Nothing is, too. */
function isWhole(rest: { readonly content: Buffer; readonly tooLong: boolean } | undefined): boolean {
  if (rest === undefined) return true;
  if (rest.tooLong) return false;
  try {
    const text = rest.content.toString("utf8").replace(/^\uFEFF/, "");
    return text.trim() === "" || typeof JSON.parse(text) === "object";
  } catch {
    return false;
  }
}
