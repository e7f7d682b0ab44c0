import { createHash } from "node:crypto";
import { HeadgateError } from "./errors.ts";
import type { JsonObject } from "./event.ts";

/** An object as a digest vouches for it. */
export interface DigestObject {
  /** Full key, prefix included. */
  readonly key: string;
  /** Hex, of the bytes as stored. */
  readonly sha1: string;
  /** Hex, of the bytes as stored. */
  readonly sha256: string;
  /** As stored. */
  readonly bytes: number;
  /** Events in it. */
  readonly count: number;
  /** Lowest sequence in it. */
  readonly first: number;
  /** Highest sequence in it. */
  readonly last: number;
}

/** Sequences that share what is said of them, both ends included. */
export type LabelledRange = readonly [from: number, to: number, label: string];

/**
 * What a stream's runner vouches for: that the sequences after `sequences.after`, up to `sequences.through`, are where it
 * says, and which objects it has stored since the digest before. `docs/reference/digest.md` has the format byte by byte.
 */
export interface Digest {
  readonly type: "headgate.digest";
  readonly version: 1;
  readonly organization: string;
  readonly stream: string;
  /** One life of the stream: deleted and made again, it begins another chain. */
  readonly chain: string;
  /** 1, 2, 3 … in the chain. */
  readonly number: number;
  /** Full key of this digest; null where the destination stores no files. */
  readonly key: string | null;
  /** RFC 3339, UTC, ms: `to` of the digest before; of the first, when the stream was created. */
  readonly from: string;
  /** RFC 3339, UTC, ms: when the digest was made. */
  readonly to: string;
  /** {@link digestHash} of the digest before; null for the first. */
  readonly previous: string | null;
  readonly sequences: { readonly after: number; readonly through: number };
  /** What has become of those sequences by now. The four add up to their number. */
  readonly counts: {
    readonly delivered: number;
    readonly quarantined: number;
    /** Left out by the stream's own filter. */
    readonly filtered: number;
    /** Given up by an operator's limit on pending age. */
    readonly lost: number;
  };
  /** Confirmed since the digest before, in that order; absent where the destination stores no files. */
  readonly objects?: readonly DigestObject[];
  /** Of these sequences, with the code of the reason. One may be delivered later, after all. */
  readonly quarantined: readonly LabelledRange[];
  /** Of these sequences, with the reason. */
  readonly lost: readonly LabelledRange[];
  /** Filter, privacy and format in force when it was made. */
  readonly filtered_by: JsonObject | null;
  /** The chain ends with it: its stream was deleted, or moved to another place. Absent in all others. */
  readonly final?: true;
}

/** The second line of a digest's file. */
export interface DigestSignature {
  readonly algorithm: "Ed25519";
  /** RFC 7638 thumbprint of the public key. */
  readonly key_id: string;
  /** base64url, of the bytes of the first line without its LF. */
  readonly signature: string;
}

/** A digest's file, read. `line` are the bytes that are signed and hashed. */
export interface DigestFile {
  readonly digest: Digest;
  readonly line: Uint8Array;
  readonly signature: DigestSignature;
}

/** The folder of digests under a stream's prefix. Readers of events skip names that begin with `_`. */
export const digestFolder = "_digests/";

/**
 * Where a digest is stored: by stream, chain and number, and by nothing else, so that two digests of one number, as a
 * store that was put back from a backup would make them, meet at one key. Keys of a chain sort by number.
 *
 * @example
 * ```ts
 * digestKey({ prefix: "headgate/", stream: "acme-s3", chain: "c1" }, 7); // headgate/_digests/acme-s3/c1/0000000007.json
 * ```
 */
export function digestKey(
  { prefix, stream, chain }: { readonly prefix: string; readonly stream: string; readonly chain: string },
  number: number,
): string {
  return `${prefix}${digestFolder}${stream}/${chain}/${String(number).padStart(10, "0")}.json`;
}

/** The first line of a digest's file, without LF. */
export function digestLine(digest: Digest): Uint8Array {
  return Buffer.from(JSON.stringify(digest));
}

/** Hex SHA-256 of a digest's first line: what the next one names as `previous`. */
export function digestHash(line: Uint8Array): string {
  return createHash("sha256").update(line).digest("hex");
}

/** The bytes of a digest's file. */
export function digestFile(line: Uint8Array, { algorithm, key_id, signature }: DigestSignature): Uint8Array {
  return Buffer.concat([line, Buffer.from(`\n${JSON.stringify({ algorithm, key_id, signature })}\n`)]);
}

/** Reads a digest's file. Says nothing of whether the signature is right. @throws `digest_invalid` */
export function parseDigestFile(bytes: Uint8Array): DigestFile {
  const lines = splitLines(bytes);
  if (lines === undefined) throw invalid("it must be two lines, each ended by LF");
  const [line, second] = lines;
  const digest = parsed(line, "line 1");
  const signature = parsed(second, "line 2");
  assertSignature(signature);
  // Nothing signs the second line: what is not said in the one way that it can be said is an alteration.
  if (!digestFile(line, signature).every((byte, i) => byte === bytes[i]))
    throw invalid("line 2 must be its three members and nothing else");
  assertDigest(digest);
  return { digest, line, signature };
}

function splitLines(bytes: Uint8Array): readonly [Uint8Array, Uint8Array] | undefined {
  const end = bytes.indexOf(0x0a);
  if (end < 0 || bytes.indexOf(0x0a, end + 1) !== bytes.length - 1) return undefined;
  return [bytes.subarray(0, end), bytes.subarray(end + 1, -1)];
}

function parsed(line: Uint8Array, where: string): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(line));
  } catch {
    throw invalid(`${where} is no JSON`);
  }
}

function assertSignature(value: unknown): asserts value is DigestSignature {
  const good =
    isObject(value) &&
    value["algorithm"] === "Ed25519" &&
    isText(value["key_id"]) &&
    isText(value["signature"]) &&
    // The last of 86 digits has four bits that no byte uses: zero, or it is not what was written.
    /^[A-Za-z0-9_-]{85}[AQgw]$/.test(value["signature"]);
  if (!good) throw invalid("line 2 must be an Ed25519 signature with its key_id");
}

function assertDigest(value: unknown): asserts value is Digest {
  if (!isObject(value) || value["type"] !== "headgate.digest") throw invalid("line 1 is no digest");
  if (value["version"] !== 1) throw invalid("it is of a version that this reader does not know");
  const wrong = Object.entries(members).find(([name, holds]) => !holds(value[name]));
  if (wrong !== undefined) throw invalid(`its ${wrong[0]} has a wrong form`);
  const { sequences, counts } = value as unknown as Digest;
  const sum = counts.delivered + counts.quarantined + counts.filtered + counts.lost;
  if (sequences.through - sequences.after !== sum) throw invalid("its counts do not add up to its sequences");
}

const members: Readonly<Record<string, (value: unknown) => boolean>> = {
  organization: isText,
  stream: isText,
  chain: isText,
  number: (value) => isCount(value) && value > 0,
  key: (value) => value === null || isText(value),
  from: isInstant,
  to: isInstant,
  previous: (value) => value === null || isHash(value, 64),
  sequences: (value) =>
    isObject(value) && isCount(value["after"]) && isCount(value["through"]) && value["through"] >= value["after"],
  counts: (value) =>
    isObject(value) && ["delivered", "quarantined", "filtered", "lost"].every((name) => isCount(value[name])),
  objects: (value) => value === undefined || (Array.isArray(value) && value.every(isObjectEntry)),
  quarantined: isLabelled,
  lost: isLabelled,
  filtered_by: (value) => value === null || isObject(value),
  final: (value) => value === undefined || value === true,
};

function isObjectEntry(value: unknown): boolean {
  return (
    isObject(value) &&
    isText(value["key"]) &&
    isHash(value["sha1"], 40) &&
    isHash(value["sha256"], 64) &&
    ["bytes", "count", "first", "last"].every((name) => isCount(value[name])) &&
    (value["first"] as number) <= (value["last"] as number)
  );
}

function isLabelled(value: unknown): boolean {
  return (
    Array.isArray(value) &&
    value.every(
      (range) =>
        Array.isArray(range) &&
        range.length === 3 &&
        isCount(range[0]) &&
        isCount(range[1]) &&
        range[0] <= range[1] &&
        isText(range[2]),
    )
  );
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isText(value: unknown): value is string {
  return typeof value === "string" && value !== "";
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function isHash(value: unknown, digits: number): boolean {
  return typeof value === "string" && value.length === digits && /^[0-9a-f]+$/.test(value);
}

function isInstant(value: unknown): boolean {
  return (
    typeof value === "string" &&
    /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/.test(value) &&
    !Number.isNaN(Date.parse(value))
  );
}

function invalid(why: string): HeadgateError {
  return new HeadgateError("digest_invalid", `The file is no valid digest: ${why}.`);
}
