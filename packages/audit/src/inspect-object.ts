import { createHash } from "node:crypto";
import { type Compression, formatTimestamp, hourOf, isHeadgateError } from "@headgate/core";
import { decompressGzip } from "./gzip-members.ts";
import { createLineSplitter } from "./line-splitter.ts";
import { compressionOf, type ObjectKey, parseObjectKey } from "./object-key.ts";
import type { ListedFile } from "./place.ts";
import { type AuditedEvent, readEvent } from "./read-event.ts";
import { decompressZstd } from "./zstd-frames.ts";

/** An object as the reader of a place gives it. */
export interface AuditableObject extends ListedFile {
  /** The bytes as stored, at once or as they come. May be called more than once. */
  read(): AsyncIterable<Uint8Array> | Promise<Uint8Array>;
}

/** What became of one object. */
export interface Inspection {
  readonly events: number;
  /** Lowest and highest sequence; 0 where it holds no events. */
  readonly first: number;
  readonly last: number;
  /** Hex, of the bytes as stored; undefined where they could not be read to the end. */
  readonly sha256: string | undefined;
  /** Whose they are: one, where the object is good. */
  readonly organizations: readonly string[];
  /** Everything that is wrong with it; empty for a good one. */
  readonly reasons: readonly string[];
}

// Longer than any event that core takes; keeps memory bounded whatever stands in an object.
const maxLineBytes = 64 * 1024 * 1024;
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
  let hashes = createHashes();
  let unreadable: { readonly error: unknown } | undefined;
  const counted = async function* (): AsyncGenerator<Uint8Array> {
    try {
      for await (const chunk of chunksOf(object)) {
        hashes.update(chunk);
        yield chunk;
      }
    } catch (error) {
      unreadable = { error };
      throw error;
    }
  };
  let whole = true;
  try {
    for await (const chunk of decompressed(counted(), key?.compression ?? compressionOf(object.key))) lines.push(chunk);
  } catch (error) {
    if (unreadable !== undefined)
      return { ...lines.counted(), sha256: undefined, reasons: [...reasons, readFailure(unreadable.error)] };
    reasons.push(`cannot be decoded (${(error as Error).message})`);
    whole = false;
  }
  if (whole) reasons.push(...lines.end());
  try {
    if (!whole) {
      hashes = createHashes();
      for await (const chunk of chunksOf(object)) hashes.update(chunk);
    }
  } catch (error) {
    return { ...lines.counted(), sha256: undefined, reasons: [...reasons, readFailure(error)] };
  }
  const { sha1, sha256, bytes } = hashes.end();
  if (key !== undefined && sha1 !== key.sha1)
    reasons.unshift(`the SHA-1 of its bytes is ${sha1}, not the one in its name`);
  if (bytes !== object.size) reasons.push(`has ${bytes} bytes where the listing says ${object.size}`);
  return { ...lines.counted(), sha256, reasons };
}

interface Hashes {
  update(chunk: Uint8Array): void;
  end(): { readonly sha1: string; readonly sha256: string; readonly bytes: number };
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

async function* chunksOf(object: AuditableObject): AsyncGenerator<Uint8Array> {
  const bytes = object.read();
  if (bytes instanceof Promise) yield await bytes;
  else yield* bytes;
}

function decompressed(source: AsyncIterable<Uint8Array>, compression: Compression): AsyncIterable<Uint8Array> {
  switch (compression) {
    case "none":
      return source;
    case "gzip":
      return decompressGzip(source);
    case "zstd":
      return decompressZstd(source);
  }
}

interface LineCheck {
  push(chunk: Uint8Array): void;
  counted(): Omit<Inspection, "reasons" | "sha256">;
  /** What only the whole object tells. */
  end(): readonly string[];
}

function createLineCheck(
  key: ObjectKey | undefined,
  onEvent: (event: AuditedEvent) => void,
  report: (reason: string) => void,
): LineCheck {
  let line = 0;
  let count = 0;
  let earliest = Number.POSITIVE_INFINITY;
  const organizations = new Set<string>();
  let last = 0;
  let [lowest, highest] = [Number.POSITIVE_INFINITY, 0];

  const splitter = createLineSplitter(maxLineBytes, (bytes) => {
    line++;
    const found = readEvent(bytes);
    if (typeof found === "string") return report(`line ${line} ${found}`);
    count++;
    earliest = Math.min(earliest, found.occurredAt);
    if (key !== undefined && hourOf(found.occurredAt) !== key.hour)
      report(`line ${line} occurred at ${formatTimestamp(found.occurredAt)}, outside the hour of the key`);
    if (found.fault !== undefined) report(`line ${line} ${found.fault}`);
    organizations.add(found.organization);
    if (organizations.size > 1) report("holds events of several organizations");
    else if (found.sequence <= last) report(`line ${line} is out of sequence order`);
    last = found.sequence;
    lowest = Math.min(lowest, last);
    highest = Math.max(highest, last);
    onEvent(found);
  });

  return {
    push: (chunk) => splitter.push(chunk),
    counted: () => ({
      events: count,
      first: count === 0 ? 0 : lowest,
      last: highest,
      organizations: [...organizations],
    }),
    end() {
      const reasons: string[] = [];
      if (splitter.end().length > 0) reasons.push("ends in the middle of a line");
      if (line === 0) reasons.push("holds no events");
      if (key === undefined) return reasons;
      if (hourOf(key.time) !== key.hour) reasons.push("the time in its name is outside the hour of its folders");
      if (count > 0 && Math.floor(earliest / 1000) * 1000 !== key.time) {
        reasons.push(`its earliest event is of ${formatTimestamp(earliest)}, not of the time in its name`);
      }
      return reasons;
    },
  };
}
