import { gunzipSync, gzipSync, zstdCompressSync, zstdDecompressSync } from "node:zlib";
import { type Digest, parseDigestFile } from "@headgate/core";
import type { Finding } from "../finding.ts";
import { readEvent } from "../read-event.ts";
import type { Files } from "./honest-chain.ts";

/** What a stream's bucket holds before it is damaged, told without any of the audit's own accounting. */
export interface BucketModel {
  readonly stream: string;
  readonly digests: readonly { readonly key: string; readonly digest: Digest }[];
  readonly objects: readonly ModelObject[];
}

/** An object that a digest names. */
export interface ModelObject {
  readonly key: string;
  /** Of its digest. */
  readonly number: number;
  readonly sequences: readonly number[];
}

/** What is to be found, exactly. */
export type Expected = Pick<Finding, "kind" | "digests" | "sequences" | "key" | "belongs">;

/** Reads a stream's model from its files. */
export function modelOf(files: Files, stream: string): BucketModel {
  const digests = [...files.keys()]
    .filter((key) => key.includes(`_digests/${stream}/`))
    .sort()
    .map((key) => ({ key, digest: parseDigestFile(bytesAt(files, key)).digest }));
  const objects = digests.flatMap(({ digest: { number, objects: named = [] } }) =>
    named.map(({ key }) => ({ key, number, sequences: linesOf(files, key).map(sequenceOf) })),
  );
  return { stream, digests, objects };
}

export function bytesAt(files: Files, key: string): Uint8Array {
  return files.get(key) as Uint8Array;
}

/** An object's lines, decompressed, each with its LF. */
export function linesOf(files: Files, key: string): readonly string[] {
  const stored = bytesAt(files, key);
  const bytes = key.endsWith(".gz") ? gunzipSync(stored) : key.endsWith(".zst") ? zstdDecompressSync(stored) : stored;
  return (
    Buffer.from(bytes)
      .toString()
      .match(/[^\n]*\n/g) ?? []
  );
}

/** Lines compressed as an object's key says. */
export function storedLines(key: string, lines: readonly string[]): Uint8Array {
  const bytes = Buffer.from(lines.join(""));
  return key.endsWith(".gz") ? gzipSync(bytes) : key.endsWith(".zst") ? zstdCompressSync(bytes) : bytes;
}

function sequenceOf(line: string): number {
  const event = readEvent(Buffer.from(line.slice(0, -1)));
  if (typeof event === "string") throw new Error(event);
  return event.sequence;
}

/** The lowest and highest of sequences that are in order. */
export function boundsOf(sequences: readonly number[]): readonly [number, number] {
  return [sequences[0] as number, sequences.at(-1) as number];
}

/** What is to be found of a named object, and where. */
export function about({ key, number, sequences }: ModelObject): Pick<Expected, "key" | "digests" | "sequences"> {
  return { key, digests: [number, number], sequences: boundsOf(sequences) };
}

/** What a damage has taken from a bucket. */
export interface Gone {
  /** Objects that are not there any more, or events of them. */
  readonly objects?: ReadonlySet<string>;
  readonly sequences?: ReadonlySet<number>;
  /** Numbers of digests. */
  readonly digests?: ReadonlySet<number>;
}

/** Which digests and sequences are then to be told of as missing, from the model alone. */
export function missingOf(
  { digests, objects }: BucketModel,
  { objects: gone = new Set(), sequences: without = new Set(), digests: goneDigests = new Set() }: Gone,
): {
  readonly expected: readonly Expected[];
  readonly gaps: readonly (readonly [number, number])[];
  readonly missing: number;
} {
  const expected: Expected[] = [];
  const gaps: (readonly [number, number])[] = [];
  let missing = 0;
  const there = objects.filter(({ key }) => !gone.has(key));
  const named = new Set(
    there
      .filter(({ number }) => !goneDigests.has(number))
      .flatMap(({ sequences }) => sequences)
      .filter((sequence) => !without.has(sequence)),
  );
  const all = new Set(there.flatMap(({ sequences }) => sequences));
  let position: number | undefined;
  for (const { digest } of digests.filter(({ digest: { number } }) => !goneDigests.has(number))) {
    const { number, counts, quarantined, lost } = digest;
    const { after, through } = digest.sequences;
    const hole = numbersIn(position ?? after, after).filter((sequence) => !all.has(sequence));
    gaps.push(...rangesOf(hole));
    missing += hole.length;
    position = through;
    const apart = new Set([...quarantined, ...lost].flatMap(([first, last]) => numbersIn(first - 1, last)));
    const open = numbersIn(after, through).filter((sequence) => !named.has(sequence) && !apart.has(sequence));
    if (open.length <= counts.filtered) continue;
    expected.push({ kind: "sequences_missing", digests: [number, number], sequences: boundsOf(open) });
    gaps.push(...rangesOf(open));
    missing += open.length - counts.filtered;
  }
  return { expected, gaps, missing };
}

/** What is to be found where digests are gone and their objects, but for `objects`, are still there. */
export function withoutDigests(
  model: BucketModel,
  gone: ReadonlySet<number>,
  objects: ReadonlySet<string>,
): Expected[] {
  const left = model.digests.map(({ digest }) => digest).filter(({ number }) => !gone.has(number));
  const [first, last] = [left[0] as Digest, left.at(-1) as Digest];
  const expected: Expected[] = [];
  if (first.number > 1) expected.push({ kind: "chain_cut_at_head", digests: [1, first.number - 1] });
  for (const [i, digest] of left.slice(1).entries()) {
    const before = left[i] as Digest;
    if (before.number + 1 === digest.number) continue;
    const sequences = [before.sequences.through + 1, digest.sequences.after] as const;
    const digests = [before.number + 1, digest.number - 1] as const;
    expected.push({ kind: "digest_missing", digests, ...(sequences[0] <= sequences[1] && { sequences }) });
  }
  if (last.number < model.digests.length)
    expected.push({ kind: "chain_cut_at_tail", digests: [last.number, last.number] });
  for (const { key, number, sequences } of model.objects) {
    if (!gone.has(number) || objects.has(key)) continue;
    // The next digest could name it.
    if ((sequences[0] as number) > last.sequences.through) continue;
    expected.push({ kind: "object_unnamed", key, sequences: boundsOf(sequences) });
  }
  return expected;
}

function numbersIn(after: number, through: number): number[] {
  return Array.from({ length: Math.max(0, through - after) }, (_, i) => after + 1 + i);
}

function rangesOf(sequences: readonly number[]): readonly (readonly [number, number])[] {
  const ranges: [number, number][] = [];
  for (const sequence of sequences) {
    const open = ranges.at(-1);
    if (open !== undefined && open[1] + 1 === sequence) open[1] = sequence;
    else ranges.push([sequence, sequence]);
  }
  return ranges;
}
