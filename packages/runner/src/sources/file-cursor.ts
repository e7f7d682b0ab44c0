import { type ContentPrint, edgesOf, emptyPrint, printOf } from "./content-print.ts";
import type { FileState, OpenFile } from "./open-file.ts";

/** Between two lines of the files that stood at a path one after another. */
export interface Place {
  /** Counts these files, from 0. Part of derived ids. */
  readonly generation: number;
  /** Where the next line begins, in bytes; of the decompressed content where the file is compressed. */
  readonly offset: number;
  /** Lines before it. */
  readonly line: number;
}

/** A place, and what was read to get there. */
export interface Reached extends Place {
  readonly print: ContentPrint;
}

/** How far a file has been read, as it is kept in the store. */
export interface FileCursor extends Place {
  readonly version: 2;
  readonly inode: number;
  /** CRC-32 of the bytes before the offset, as they were when they were read. */
  readonly crc: number;
  /** {@link edgesOf} the same bytes. */
  readonly edges: string;
  /** Of the file before the last read. */
  readonly size: number;
  /** {@link FileState.times} before the last read; absent where the file was too fresh for them to tell anything. */
  readonly times?: string;
}

/** Up to this size, what was read is compared byte by byte with every file that was written to since. */
const alwaysCompared = 256 * 1024 * 1024;
/** File systems count time in steps: within this, a second write may leave the times as they are. In ms. */
const fresh = 2000;

/** Where a file begins. */
export function beginning(generation: number): Reached {
  return { generation, offset: 0, line: 0, print: emptyPrint };
}

/** Reads what a {@link FileCursor} was written as; undefined for anything else. */
export function parseCursor(text: string | undefined): FileCursor | undefined {
  if (text === undefined) return undefined;
  const cursor = JSON.parse(text) as FileCursor;
  return cursor.version === 2 ? cursor : undefined;
}

/** The cursor of a file at a place. `before` is what the file system said before the last read, at the time `now`. */
export function cursorAt(
  { print, ...place }: Reached,
  file: OpenFile,
  before: { readonly state: FileState; readonly now: number },
): FileCursor {
  const { size, times, changedAt } = before.state;
  return {
    version: 2,
    ...place,
    inode: file.inode,
    crc: print.crc,
    edges: edgesOf(print),
    size,
    ...(before.now - changedAt > fresh && { times }),
  };
}

/**
 * Whether a file is the one that the cursor speaks of, perhaps grown, compressed or copied: then the place to go on from.
 * Content decides, as inodes change in copies and restores; it is not looked through where nobody wrote to the file, and
 * of large files that grew the edges must do.
 */
export async function resumed(file: OpenFile, cursor: FileCursor): Promise<Reached | undefined> {
  const { generation, offset, line, crc } = cursor;
  if (offset === 0) return file.inode === cursor.inode ? beginning(generation) : undefined;
  const { size, times } = await file.state();
  if (!file.compressed) {
    if (size < offset) return undefined;
    const untouched = file.inode === cursor.inode && size === cursor.size && times === cursor.times;
    if (untouched || (size !== cursor.size && offset > alwaysCompared)) {
      const edges = await file.edges(offset);
      return edgesOf(edges) === cursor.edges
        ? { generation, offset, line, print: { bytes: offset, crc, ...edges } }
        : undefined;
    }
  }
  // Damaged compressed data is not what was read.
  const print = await printOf(file.content(), offset).catch(() => undefined);
  return print?.crc === crc && edgesOf(print) === cursor.edges ? { generation, offset, line, print } : undefined;
}
