import { appendFileSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { HeadgateError } from "@headgate/core";

/** Two events of one organization that carry the same id. */
export interface RepeatedId {
  readonly organization: string;
  readonly sequences: readonly [number, number];
}

/** Finds ids that stand under more than one sequence, whatever their number. */
export interface IdIndex extends Disposable {
  add(organization: string, id: string, sequence: number): void;
  /** At most `limit` of them, and how many there are. Ends the index. */
  repeated(limit: number): { readonly total: number; readonly found: readonly RepeatedId[] };
}

/** Settings of {@link createIdIndex}; for tests. */
export interface IdIndexOptions {
  /** Ids held in memory before they go to files, 20 bytes each. @default 131_072 */
  readonly held?: number;
  /** @default the system's folder for temporary files */
  readonly directory?: string;
}

const bucketCount = 256;
const words = 5;

/**
 * Keeps a 64-bit fingerprint of each id (two of 10⁸ are alike by chance once in 3,700 audits) with its sequence, in 256
 * buckets by fingerprint. Full buckets go to temporary files, 20 bytes an event, and are compared one at a time: memory
 * stays at some 5 MB, and 20 bytes for each 256 events.
 */
export function createIdIndex(options: IdIndexOptions = {}): IdIndex {
  const { held: maxHeld = 131_072, directory = tmpdir() } = options;
  const buckets = Array.from({ length: bucketCount }, () => ({ records: new Uint32Array(64 * words), used: 0 }));
  const organizations: string[] = [];
  const numbers = new Map<string, number>();
  // Unforeseeable, so that nobody chooses ids whose fingerprints are alike.
  const seeds = crypto.getRandomValues(new Uint32Array(2));
  let held = 0;
  let folder: string | undefined;

  function spill(): void {
    try {
      folder ??= mkdtempSync(join(directory, "headgate-audit-"));
      for (const [index, bucket] of buckets.entries()) {
        appendFileSync(join(folder, String(index)), new Uint8Array(bucket.records.buffer, 0, bucket.used * 4));
        bucket.used = 0;
      }
    } catch (cause) {
      throw new HeadgateError(
        "file_unwritable",
        `The ids of the events do not fit into ${folder ?? directory} (${(cause as Error).message}).`,
        {
          hint: "Set TMPDIR to a folder with 20 bytes of room for each event, or leave the ids out with --skip-ids.",
          cause,
        },
      );
    }
    held = 0;
  }

  function all(index: number): Uint32Array {
    const { records, used } = buckets[index] as (typeof buckets)[number];
    if (folder === undefined) return records.subarray(0, used);
    const bytes = readFileSync(join(folder, String(index)));
    const joined = new Uint32Array(bytes.length / 4 + used);
    new Uint8Array(joined.buffer).set(bytes);
    joined.set(records.subarray(0, used), bytes.length / 4);
    return joined;
  }

  return {
    add(organization, id, sequence) {
      let number = numbers.get(organization);
      if (number === undefined) {
        number = organizations.push(organization) - 1;
        numbers.set(organization, number);
      }
      const [a, b] = fingerprint(id, (seeds[0] as number) ^ number, seeds[1] as number);
      const bucket = buckets[a >>> 24] as (typeof buckets)[number];
      if (bucket.used === bucket.records.length) {
        const grown = new Uint32Array(bucket.used * 2);
        grown.set(bucket.records);
        bucket.records = grown;
      }
      bucket.records.set([a, b, number, Math.floor(sequence / 2 ** 32), sequence >>> 0], bucket.used);
      bucket.used += words;
      if (++held >= maxHeld) spill();
    },

    repeated(limit) {
      const found: RepeatedId[] = [];
      let total = 0;
      for (let index = 0; index < bucketCount; index++) {
        for (const [organization, first, second] of repeats(all(index))) {
          if (total++ < limit)
            found.push({ organization: organizations[organization] as string, sequences: [first, second] });
        }
      }
      return { total, found };
    },

    [Symbol.dispose]() {
      if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Two words over the text, each stirred its own way. */
function fingerprint(text: string, seedA: number, seedB: number): readonly [number, number] {
  let a = seedA;
  let b = seedB;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    a = Math.imul(((a << 13) | (a >>> 19)) ^ code, 0x9e3779b1);
    b = Math.imul(b ^ code, 0x85ebca77);
    b = (b << 15) | (b >>> 17);
  }
  a = Math.imul(a ^ (a >>> 15), 0x2c1b3c6d);
  b = Math.imul(b ^ (b >>> 16), 0x297a2d39);
  return [(a ^ (a >>> 12)) >>> 0, (b ^ (b >>> 15)) >>> 0];
}

/** Records with the same fingerprint and organization under another sequence: organization, first and other sequence. */
function* repeats(records: Uint32Array): Generator<readonly [organization: number, first: number, second: number]> {
  const count = records.length / words;
  const slots = new Int32Array(2 ** Math.ceil(Math.log2(Math.max(2, count * 2)))).fill(-1);
  const word = (record: number, at: number): number => records[record * words + at] as number;
  const sequenceOf = (record: number): number => word(record, 3) * 2 ** 32 + word(record, 4);
  for (let record = 0; record < count; record++) {
    let slot = word(record, 1) & (slots.length - 1);
    for (; (slots[slot] as number) >= 0; slot = (slot + 1) & (slots.length - 1)) {
      const other = slots[slot] as number;
      if ([0, 1, 2].some((at) => word(record, at) !== word(other, at))) continue;
      // The same event twice is a duplicate sequence, and is told as that.
      if (sequenceOf(record) !== sequenceOf(other)) yield [word(record, 2), sequenceOf(other), sequenceOf(record)];
      break;
    }
    if ((slots[slot] as number) < 0) slots[slot] = record;
  }
}
