import { createHash, hash } from "node:crypto";
import { type Compression, isHeadgateError } from "@headgate/core";
import { decompressGzip } from "./gzip-members.ts";
import { createLineCheck, type LineCheck, type LineCounts } from "./line-check.ts";
import { compressionOf, parseObjectKey } from "./object-key.ts";
import type { ListedFile, StoredBytes } from "./place.ts";
import type { AuditedEvent } from "./read-event.ts";
import { decompressWhole } from "./whole-bytes.ts";
import { decompressZstd } from "./zstd-frames.ts";

/** An object as the reader of a place gives it. */
export interface AuditableObject extends ListedFile {
  /** May be called more than once. */
  read(): StoredBytes;
}

/** What became of one object. */
export interface Inspection extends LineCounts {
  /** Hex, of the bytes as stored; undefined where they could not be read to the end. */
  readonly sha256: string | undefined;
  /** Everything that is wrong with it; empty for a good one. */
  readonly reasons: readonly string[];
}

const maxReasons = 5;

/**
 * Checks one object from its first byte to its last: name against bytes, each line, hour, earliest time, order. Holds
 * one line at a time. Events are told to `onEvent` also where the object is bad: what is there counts as there.
 */
export async function inspectObject(
  object: AuditableObject,
  onEvent: (event: AuditedEvent) => void,
): Promise<Inspection> {
  const key = parseObjectKey(object.key);
  const reasons: string[] = [];
  const lines = createLineCheck(key, onEvent, (reason) => {
    if (reasons.length < maxReasons && !reasons.includes(reason)) reasons.push(reason);
  });
  if (key === undefined) reasons.push("the key does not follow the layout year=…/month=…/day=…/hour=…/<time>_<sha1>");
  const compression = key?.compression ?? compressionOf(object.key);
  const read = await readThrough(object, compression, lines, reasons);
  if (typeof read === "string") return { ...lines.counted(), sha256: undefined, reasons: [...reasons, read] };
  const { sha1, sha256, bytes } = read;
  if (key !== undefined && sha1 !== key.sha1)
    reasons.unshift(`the SHA-1 of its bytes is ${sha1}, not the one in its name`);
  if (bytes !== object.size) reasons.push(`has ${bytes} bytes where the listing says ${object.size}`);
  return { ...lines.counted(), sha256, reasons };
}

/** Gives an object's lines to their check; why it cannot be read, where it cannot. */
async function readThrough(
  object: AuditableObject,
  compression: Compression,
  lines: LineCheck,
  reasons: string[],
): Promise<Hashed | string> {
  try {
    const given = object.read();
    const stored = given instanceof Promise ? await given : given;
    if (!(stored instanceof Uint8Array)) return await readPieces(object, stored, compression, lines, reasons);
    // Nothing is awaited up to the copy: bytes that came at once are another object's by then.
    const bytes = stored.length;
    const hashed = { sha1: hash("sha1", stored, "hex"), sha256: hash("sha256", stored, "hex"), bytes };
    const content = decompressWhole(stored, compression);
    if (content !== undefined) reasons.push(...checkAll(content, lines));
    else reasons.push(...(await decode([stored.slice()], compression, lines)).faults);
    return hashed;
  } catch (error) {
    return readFailure(error);
  }
}

function checkAll(content: Uint8Array, lines: LineCheck): readonly string[] {
  try {
    lines.push(content);
    return lines.end();
  } catch (error) {
    return [undecodable(error)];
  }
}

async function readPieces(
  object: AuditableObject,
  stored: AsyncIterable<Uint8Array>,
  compression: Compression,
  lines: LineCheck,
  reasons: string[],
): Promise<Hashed> {
  const hashes = createHashes();
  let unreadable: { readonly error: unknown } | undefined;
  const counted = async function* (): AsyncGenerator<Uint8Array> {
    try {
      for await (const chunk of stored) {
        hashes.update(chunk);
        yield chunk;
      }
    } catch (error) {
      unreadable = { error };
      throw error;
    }
  };
  const { faults, whole } = await decode(counted(), compression, lines);
  if (unreadable !== undefined) throw unreadable.error;
  reasons.push(...faults);
  if (whole) return hashes.end();
  // The decoder stopped before the end; the hashes are of all that is there.
  const anew = createHashes();
  for await (const chunk of piecesOf(object.read())) anew.update(chunk);
  return anew.end();
}

interface Hashed {
  readonly sha1: string;
  readonly sha256: string;
  readonly bytes: number;
}

interface Hashes {
  update(chunk: Uint8Array): void;
  end(): Hashed;
}

function createHashes(): Hashes {
  const [sha1, sha256] = [createHash("sha1"), createHash("sha256")];
  let bytes = 0;
  return {
    update(chunk) {
      sha1.update(chunk);
      sha256.update(chunk);
      bytes += chunk.length;
    },
    end: () => ({ sha1: sha1.digest("hex"), sha256: sha256.digest("hex"), bytes }),
  };
}

function readFailure(error: unknown): string {
  if (isHeadgateError(error)) return `cannot be read: ${error.message}`;
  const { code, message } = error as NodeJS.ErrnoException;
  return `cannot be read (${code ?? message})`;
}

async function* piecesOf(given: StoredBytes): AsyncGenerator<Uint8Array> {
  if (given instanceof Uint8Array) yield given.slice();
  else if (given instanceof Promise) yield await given;
  else yield* given;
}

/** Reads lines piece by piece, up to where they cannot be decoded. */
async function decode(
  stored: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
  compression: Compression,
  lines: LineCheck,
): Promise<{ readonly faults: readonly string[]; readonly whole: boolean }> {
  try {
    for await (const chunk of decompressed(stored, compression)) lines.push(chunk);
    return { faults: lines.end(), whole: true };
  } catch (error) {
    return { faults: [undecodable(error)], whole: false };
  }
}

function undecodable(error: unknown): string {
  return `cannot be decoded (${(error as Error).message})`;
}

function decompressed(
  given: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
  compression: Compression,
): AsyncIterable<Uint8Array> {
  const source = asyncOf(given);
  switch (compression) {
    case "none":
      return source;
    case "gzip":
      return decompressGzip(source);
    case "zstd":
      return decompressZstd(source);
  }
}

async function* asyncOf<T>(items: Iterable<T> | AsyncIterable<T>): AsyncGenerator<T> {
  yield* items;
}
