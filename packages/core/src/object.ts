import { createHash } from "node:crypto";
import { promisify } from "node:util";
import { constants, gzip, zstdCompress } from "node:zlib";
import type { Chunk, DeliveryResult } from "./sink.ts";

/** How an object's body is compressed. */
export type Compression = "none" | "gzip" | "zstd";

/**
 * How the object's time is written in its key: `iso` is the default, `2025-07-16T09:52:30`; `basic` has no colons,
 * `20250716T095230Z`, for readers of the Hadoop family.
 */
export type KeyLayout = "iso" | "basic";

/** What decides an object's key and bytes, beside its events. */
export interface ObjectLayout {
  /** Put before `year=…`, as it is. @default "" */
  readonly prefix?: string;
  /** @default "iso" */
  readonly layout?: KeyLayout;
  /** @default "none" */
  readonly compression?: Compression;
  /** Compression level. @default 6 for gzip, 3 for zstd */
  readonly level?: number;
}

/** An object ready to be stored. */
export interface EncodedObject {
  /** Full key, prefix included. */
  readonly key: string;
  readonly bytes: Uint8Array;
  /** Hex SHA-1 of `bytes`: the object's identity in its key, not a defence. */
  readonly sha1: string;
  /** Hex SHA-256 of `bytes`. */
  readonly sha256: string;
  readonly contentType: "application/x-ndjson";
  /** For `x-amz-meta-…` headers; names without that prefix. */
  readonly metadata: Readonly<Record<string, string>>;
}

/** Raise when the same events would get another key or other bytes. Readers find it in the object's metadata. */
export const layoutVersion = 1;

const extension = { none: "", gzip: ".json.gz", zstd: ".json.zst" } as const;

/**
 * Between two of these the codec waits for its turn on the main thread, and its tables leave the cache: at Node's 16 KiB
 * zstd takes up to twice its CPU time beside a busy main thread. What zstd writes may depend on it, so it is part of the layout.
 */
const outputStep = (body: Uint8Array): number => Math.min(1024 * 1024, Math.max(64 * 1024, body.length));

const compressors = {
  none: async (body: Uint8Array): Promise<Uint8Array> => body,
  gzip: (body: Uint8Array, level: number): Promise<Uint8Array> =>
    promisify(gzip)(body, { level, chunkSize: outputStep(body) }),
  zstd: (body: Uint8Array, level: number): Promise<Uint8Array> =>
    promisify(zstdCompress)(body, {
      params: { [constants.ZSTD_c_compressionLevel]: level },
      chunkSize: outputStep(body),
    }),
} as const;

/**
 * The codec that this process compresses with. Another zlib, or another processor family, may turn the same events into
 * other bytes, and so another key: a window sealed with one codec is never finished with another.
 */
function codec(compression: Compression): string {
  if (compression === "none") return "none";
  const version = compression === "gzip" ? process.versions["zlib"] : process.versions["zstd"];
  return `${compression}-${version ?? "unknown"}-${process.arch}`;
}

interface FrozenLayout {
  readonly version: number;
  readonly prefix: string;
  readonly layout: KeyLayout;
  readonly compression: Compression;
  readonly level: number;
  readonly codec: string;
}

/** The layout as one string, for `Sink.encoding`. */
export function objectEncoding(options: ObjectLayout): string {
  const compression = options.compression ?? "none";
  const frozen: FrozenLayout = {
    version: layoutVersion,
    prefix: options.prefix ?? "",
    layout: options.layout ?? "iso",
    compression,
    level: compression === "none" ? 0 : (options.level ?? (compression === "gzip" ? 6 : 3)),
    codec: codec(compression),
  };
  return JSON.stringify(frozen);
}

/** Whether this process writes the very bytes that the encoding stands for; another kind of sink's never. For `Sink.canEncode`. */
export function canEncodeObject(encoding: string): boolean {
  let frozen: Partial<FrozenLayout> | null;
  try {
    frozen = JSON.parse(encoding) as Partial<FrozenLayout> | null;
  } catch {
    return false;
  }
  const compression = frozen?.compression;
  if (frozen?.version !== layoutVersion || compression === undefined) return false;
  return Object.hasOwn(compressors, compression) && frozen.codec === codec(compression);
}

/**
 * Whether readers of the Hadoop family, Athena and Headgate's own find what is stored under a prefix: they skip files and
 * folders whose names begin with `.` or `_`. What follows the last slash is the beginning of a name, and counts too.
 */
export function readerSafePrefix(prefix: string): boolean {
  return !/(^|\/)[._]/.test(prefix);
}

/** What a sink answers where a chunk would become another object than it was before; undefined where it does not. */
export function anotherObject(chunk: Chunk, { key }: Pick<EncodedObject, "key">): DeliveryResult | undefined {
  if (chunk.expectedKey === undefined || chunk.expectedKey === key) return undefined;
  const message = "The events would be stored as another object than before, and so a second time.";
  const error = { code: "object_damaged", message } as const;
  return { status: "rejected", indexes: Array.from(chunk.sequences.keys()), error };
}

/** `YYYY-MM-DDTHH:MM:SS` or `YYYYMMDDTHHMMSSZ`, UTC, of an instant in Unix ms. */
export function keyTime(instant: number, layout: KeyLayout): string {
  const iso = new Date(instant).toISOString().slice(0, 19);
  return layout === "iso" ? iso : `${iso.replaceAll(/[-:]/g, "")}Z`;
}

/** `year=%Y/month=%m/day=%d/hour=%H/`, UTC, of an instant in Unix ms. */
export function hourPartition(instant: number): string {
  const iso = new Date(instant).toISOString();
  return `year=${iso.slice(0, 4)}/month=${iso.slice(5, 7)}/day=${iso.slice(8, 10)}/hour=${iso.slice(11, 13)}/`;
}

/**
 * Turns a chunk into the object that stands for it. Depends on nothing but the chunk and the encoding in it: not on the
 * time, the time zone, the process or the attempt. Compression runs in the thread pool.
 */
export async function encodeObject(chunk: Chunk): Promise<EncodedObject> {
  const frozen = JSON.parse(chunk.encoding) as FrozenLayout;
  const bytes = await compressors[frozen.compression](chunk.body, frozen.level);
  // The layout names objects by SHA-1. It is an identity here: integrity rests on the SHA-256.
  const sha1 = createHash("sha1").update(bytes).digest("hex");
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  const name = `${keyTime(chunk.earliest, frozen.layout)}_${sha1}${extension[frozen.compression]}`;
  return {
    key: `${frozen.prefix}${hourPartition(chunk.earliest)}${name}`,
    bytes,
    sha1,
    sha256,
    contentType: "application/x-ndjson",
    metadata: {
      "headgate-layout": String(frozen.version),
      "headgate-stream": encodeURIComponent(chunk.stream),
      "headgate-first-sequence": String(chunk.firstSequence),
      "headgate-last-sequence": String(chunk.lastSequence),
      "headgate-count": String(chunk.count),
      "headgate-bytes": String(chunk.body.length),
    },
  };
}
