import { createHash } from "node:crypto";
import type { FileHandle } from "node:fs/promises";

/** How far a file has been read, as it is kept in the store. */
export interface FileCursor {
  readonly version: 1;
  /** Counts the files that stood at the path one after another, from 0. Part of derived ids. */
  readonly generation: number;
  /** Where the next line begins, in bytes; of the decompressed content where the file is compressed. */
  readonly offset: number;
  /** Lines before it. */
  readonly line: number;
  readonly inode: number;
  /** Tells whether it is still the same content: see {@link fingerprint}. */
  readonly fingerprint: string;
  readonly compressed: boolean;
}

const edge = 1024;

/** Reads what {@link FileCursor} was written as; undefined for anything else. */
export function parseCursor(text: string | undefined): FileCursor | undefined {
  if (text === undefined) return undefined;
  const cursor = JSON.parse(text) as FileCursor;
  return cursor.version === 1 ? cursor : undefined;
}

/**
 * SHA-256 over the first and the last 1024 bytes before `offset`. A file that grew keeps its fingerprint; one that was
 * truncated, replaced or rewritten has another one, unless it begins with the very same content.
 */
export async function fingerprint(file: FileHandle, offset: number): Promise<string> {
  const length = Math.min(edge, offset);
  const hash = createHash("sha256");
  for (const position of [0, offset - length]) {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, position);
    hash.update(buffer.subarray(0, bytesRead));
  }
  return hash.digest("base64url");
}
