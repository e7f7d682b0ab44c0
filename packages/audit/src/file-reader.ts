import { closeSync, createReadStream, openSync, readSync, statSync } from "node:fs";
import { readFile } from "node:fs/promises";
import type { StoredBytes } from "./place.ts";

/** Larger files are streamed. */
const wholeBytes = 1024 * 1024;
const slowMs = 2;
const slowReads = 4;
const readsAside = 256;

/**
 * Reads files, small ones into one buffer over and over: their bytes are valid until the next call. A disk that answers at
 * once is asked on this thread, since handing a read over costs more than the read; after a few answers running that took long, reads
 * go to other threads for a while, so that several wait at a time.
 */
export function createFileReader(now: () => number = () => performance.now()): (path: string) => StoredBytes {
  const buffer = new Uint8Array(wholeBytes + 1);
  let aside = 0;
  let slow = 0;
  return (path: string): StoredBytes => {
    if (aside > 0) {
      aside--;
      const size = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
      return size <= wholeBytes ? readFile(path) : createReadStream(path);
    }
    const began = now();
    const length = readInto(buffer, path);
    slow = now() - began > slowMs ? slow + 1 : 0;
    // A few may be a busy machine's, not the disk's.
    if (slow >= slowReads) [slow, aside] = [0, readsAside];
    return length > wholeBytes ? createReadStream(path) : buffer.subarray(0, length);
  };
}

/** How many bytes of a file there are, or as many as there is room for. */
function readInto(buffer: Uint8Array, path: string): number {
  const file = openSync(path, "r");
  try {
    let length = 0;
    // A read may be short; only one of nothing is the end.
    for (let read = -1; read !== 0 && length < buffer.length; length += read) {
      read = readSync(file, buffer, length, buffer.length - length, null);
    }
    return length;
  } finally {
    closeSync(file);
  }
}
