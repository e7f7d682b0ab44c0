import { createHash } from "node:crypto";
import { createGunzip } from "node:zlib";
import { type Compression, formatTimestamp, hourOf, isHeadgateError, parseTimestamp } from "@headgate/core";
import { createLineSplitter } from "./line-splitter.ts";
import { type ObjectKey, parseObjectKey } from "./object-key.ts";
import { transformed } from "./transformed.ts";
import { decompressZstd } from "./zstd-frames.ts";

/** An object as the reader of a place gives it. */
export interface AuditableObject {
  readonly key: string;
  /** Bytes as stored. */
  readonly size: number;
  /** The bytes as stored, at once or as they come. May be called more than once. */
  read(): AsyncIterable<Uint8Array> | Promise<Uint8Array>;
}

/** One event as an audit needs it. */
export interface AuditedEvent {
  readonly organization: string;
  readonly sequence: number;
  readonly id: string;
}

/** What became of one object. */
export interface Inspection {
  readonly events: number;
  /** Everything that is wrong with it; empty for a good one. */
  readonly reasons: readonly string[];
}

// Longer than any event that core takes; keeps memory bounded whatever stands in an object.
const maxLineBytes = 64 * 1024 * 1024;
const maxReasons = 5;
const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/**
 * Checks one object from its first byte to its last: name against bytes, each line, hour, earliest time, order. Holds
 * one line at a time. Events are told to `onEvent` also where the object is bad: what is there counts as there.
 */
export async function inspectObject(
  object: AuditableObject,
  onEvent: (event: AuditedEvent) => void,
): Promise<Inspection> {
  const key = parseObjectKey(object.key);
  if (key === undefined)
    return { events: 0, reasons: ["the key does not follow the layout year=…/month=…/day=…/hour=…/<time>_<sha1>"] };
  const reasons: string[] = [];
  const lines = createLineCheck(key, onEvent, (reason) => {
    if (reasons.length < maxReasons && !reasons.includes(reason)) reasons.push(reason);
  });
  const hash = createHash("sha1");
  let stored = 0;
  let unreadable: { readonly error: unknown } | undefined;
  const counted = async function* (): AsyncGenerator<Uint8Array> {
    try {
      for await (const chunk of chunksOf(object)) {
        hash.update(chunk);
        stored += chunk.length;
        yield chunk;
      }
    } catch (error) {
      unreadable = { error };
      throw error;
    }
  };
  let whole = true;
  try {
    for await (const chunk of decompressed(counted(), key.compression)) lines.push(chunk);
  } catch (error) {
    if (unreadable !== undefined)
      return { events: lines.count(), reasons: [...reasons, readFailure(unreadable.error)] };
    reasons.push(`cannot be decoded (${(error as Error).message})`);
    whole = false;
  }
  if (whole) reasons.push(...lines.end());
  try {
    const sha1 = whole ? hash.digest("hex") : await sha1Of(object);
    if (sha1 !== key.sha1) reasons.unshift(`the SHA-1 of its bytes is ${sha1}, not the one in its name`);
  } catch (error) {
    reasons.push(readFailure(error));
  }
  if (whole && stored !== object.size) reasons.push(`has ${stored} bytes where the listing says ${object.size}`);
  return { events: lines.count(), reasons };
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

async function sha1Of(object: AuditableObject): Promise<string> {
  const hash = createHash("sha1");
  for await (const chunk of chunksOf(object)) hash.update(chunk);
  return hash.digest("hex");
}

function decompressed(source: AsyncIterable<Uint8Array>, compression: Compression): AsyncIterable<Uint8Array> {
  switch (compression) {
    case "none":
      return source;
    case "gzip":
      return transformed(source, createGunzip());
    case "zstd":
      return decompressZstd(source);
  }
}

interface LineCheck {
  push(chunk: Uint8Array): void;
  count(): number;
  /** What only the whole object tells. */
  end(): readonly string[];
}

function createLineCheck(
  key: ObjectKey,
  onEvent: (event: AuditedEvent) => void,
  report: (reason: string) => void,
): LineCheck {
  let line = 0;
  let count = 0;
  let earliest = Number.POSITIVE_INFINITY;
  let organization: string | undefined;
  let last = 0;

  const splitter = createLineSplitter(maxLineBytes, (bytes) => {
    line++;
    const found = readEvent(bytes);
    if (typeof found === "string") return report(`line ${line} ${found}`);
    count++;
    earliest = Math.min(earliest, found.occurredAt);
    if (hourOf(found.occurredAt) !== key.hour)
      report(`line ${line} occurred at ${formatTimestamp(found.occurredAt)}, outside the hour of the key`);
    organization ??= found.organization;
    if (found.organization !== organization) report("holds events of more than one organization");
    else if (found.sequence <= last) report(`line ${line} is out of sequence order`);
    last = found.sequence;
    onEvent(found);
  });

  return {
    push: (chunk) => splitter.push(chunk),
    count: () => count,
    end() {
      const reasons: string[] = [];
      if (splitter.end().length > 0) reasons.push("ends in the middle of a line");
      if (line === 0) reasons.push("holds no events");
      if (hourOf(key.time) !== key.hour) reasons.push("the time in its name is outside the hour of its folders");
      if (count > 0 && Math.floor(earliest / 1000) * 1000 !== key.time) {
        reasons.push(`its earliest event is of ${formatTimestamp(earliest)}, not of the time in its name`);
      }
      return reasons;
    },
  };
}

function readEvent(bytes: Uint8Array): (AuditedEvent & { readonly occurredAt: number }) | string {
  let value: unknown;
  try {
    value = JSON.parse(text.decode(bytes));
  } catch {
    return "is not valid JSON";
  }
  if (typeof value !== "object" || value === null) return "is not a JSON object";
  const { id, sequence, organization, occurred_at: occurred } = value as Readonly<Record<string, unknown>>;
  const owner = (organization as { readonly id?: unknown } | null | undefined)?.id;
  const occurredAt = typeof occurred === "string" ? parseTimestamp(occurred) : undefined;
  if (typeof owner !== "string") return "has no organization id";
  if (typeof sequence !== "number" || !Number.isSafeInteger(sequence) || sequence < 1) return "has no valid sequence";
  if (typeof id !== "string") return "has no id";
  if (occurredAt === undefined) return "has no valid occurred_at";
  return { organization: owner, sequence, id, occurredAt };
}
