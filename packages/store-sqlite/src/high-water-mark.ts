import { closeSync, openSync, readdirSync, readFileSync, rmSync, writeSync } from "node:fs";
import { basename, dirname, join } from "node:path";

/** How far a store is known to have come, kept in a file of its own. */
export interface Mark {
  /** Which store it speaks of. */
  readonly store: string;
  /** Number of the last group that was acknowledged. */
  readonly changed: number;
}

const width = 64;

/** The file that holds the mark, unless another one is named. */
export function markPath(path: string): string {
  return `${path}-mark`;
}

/** Reads the mark; undefined where there is none, or none that can be read. */
export function readMark(file: string): Mark | undefined {
  let text: string;
  try {
    text = readFileSync(file, "latin1");
  } catch {
    return undefined;
  }
  const [, store = "", changed = ""] = /^headgate ([0-9a-f]{16}) (\d+) *\n$/.exec(text) ?? [];
  return store === "" ? undefined : { store, changed: Number(changed) };
}

/** Writes the mark of a store. Writing never throws. */
export interface MarkWriter {
  write(changed: number): void;
  close(): void;
}

/**
 * Opens the mark for writing. SQLite takes a write-ahead log that was cut off, or is missing, for one that ended there,
 * and acknowledged events would be gone without a word. The mark is written after each commit, so it is never ahead of
 * what was acknowledged, and it is not synced: it may lag after a power failure, which only makes it notice less.
 */
export function openMark(file: string, store: string, changed: number): MarkWriter {
  closeSync(openSync(file, "a", 0o600));
  const handle = openSync(file, "r+");
  const write = (now: number): void => {
    writeSync(handle, `${`headgate ${store} ${now}`.padEnd(width - 1)}\n`, 0, "latin1");
  };
  write(changed);
  return {
    write(now) {
      try {
        write(now);
      } catch {
        // The events are stored; a mark that lags notices less, and that is all.
      }
    },
    close: () => closeSync(handle),
  };
}

/**
 * How far a store had come when it was last opened or closed, by the names of empty files beside the mark. A copy that is
 * written over the files that are there takes the mark along, and leaves a file whose name it does not have.
 */
export function markLeft(file: string, store: string): Mark | undefined {
  const furthest = leftBeside(file, store).reduce((most, [, changed]) => Math.max(most, changed), 0);
  return furthest === 0 ? undefined : { store, changed: furthest };
}

/** Leaves such a file, and removes those of before; those that are further, too, where the store goes on from less. Never throws. */
export function leaveMark(file: string, store: string, changedBy: () => number, goesBack = false): void {
  try {
    const changed = changedBy();
    if (changed > 0) closeSync(openSync(`${file}-${store}-${changed}`, "a", 0o600));
    for (const [path, there] of leftBeside(file, store))
      if (there < changed || (goesBack && there > changed)) rmSync(path, { force: true });
  } catch {
    // As with the mark: it notices less.
  }
}

function leftBeside(file: string, store: string): readonly (readonly [path: string, changed: number])[] {
  const [folder, start] = [dirname(file), `${basename(file)}-${store}-`];
  try {
    return readdirSync(folder)
      .filter((name) => name.startsWith(start) && /^\d+$/.test(name.slice(start.length)))
      .map((name) => [join(folder, name), Number(name.slice(start.length))]);
  } catch {
    return [];
  }
}
