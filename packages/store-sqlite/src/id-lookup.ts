import type { DatabaseSync } from "node:sqlite";
import { crc32 } from "node:zlib";
import { blobOf, numberOf, uint32s } from "./columns.ts";
import { Failure } from "./failure.ts";
import type { IdTable, IdTableSizes } from "./id-table.ts";
import { idTable } from "./id-table.ts";

/** Finds the sequence of an id that the journal holds. */
export interface IdLookup {
  /** Reads what the table lacks. Once outside a transaction, where it may be much, then inside, where it settles what counts. */
  catchUp(): void;
  /** Forgets what was read of groups: another process may have trimmed them meanwhile. */
  begin(): void;
  /** The sequence of the event with this hash whose stored line satisfies `same`, or 0. */
  find(org: number, high: number, low: number, same: (line: Uint8Array) => boolean): number;
  /** Takes over groups that were committed, unless the table has not been needed yet or lacks earlier ones. */
  added(group: number, hashes: Uint32Array): void;
}

interface Hashes {
  readonly id: number;
  readonly org: number;
  readonly first: number;
  readonly hashes: Uint32Array;
}

interface Lines {
  readonly ends: Uint32Array;
  readonly body: Uint8Array;
}

/**
 * The table of ids is kept by each process and rebuilt from the hashes that stand with each group, at the first append
 * that needs a look-up: whoever lets Headgate mint the ids never pays for it. A hit is confirmed by the stored line, so
 * a collision of hashes costs a reading and never an event.
 */
export function idLookup(database: DatabaseSync, path: string, sizes: IdTableSizes = {}): IdLookup {
  let table: IdTable | undefined;
  const later = database.prepare("SELECT id, hashes, hashes_crc FROM groups WHERE id > ? ORDER BY id");
  const oldest = database.prepare("SELECT min(id) AS id FROM groups");
  const between = database.prepare(
    "SELECT id, org, first, hashes FROM groups WHERE id >= ? AND id < ? ORDER BY id DESC",
  );
  const lines = database.prepare("SELECT lengths, body FROM groups WHERE id = ?");

  let ranges = new Map<number, readonly Hashes[]>();
  let bodies = new Map<number, Lines>();

  function hashesBetween(from: number, to: number): readonly Hashes[] {
    const known = ranges.get(from);
    if (known !== undefined) return known;
    if (ranges.size >= 16) ranges = new Map();
    const read = between.all(from, to).map((row) => ({
      id: numberOf(row, "id"),
      org: numberOf(row, "org"),
      first: numberOf(row, "first"),
      hashes: uint32s(blobOf(row, "hashes")),
    }));
    ranges.set(from, read);
    return read;
  }

  function linesOf(group: number): Lines {
    const known = bodies.get(group);
    if (known !== undefined) return known;
    if (bodies.size >= 4) bodies = new Map();
    const row = lines.get(group);
    const ends = row === undefined ? new Uint32Array() : uint32s(blobOf(row, "lengths"));
    for (let index = 1; index < ends.length; index++) ends[index] = (ends[index] ?? 0) + (ends[index - 1] ?? 0);
    const read = { ends, body: row === undefined ? new Uint8Array() : blobOf(row, "body") };
    bodies.set(group, read);
    return read;
  }

  return {
    catchUp() {
      table ??= idTable(database, sizes);
      for (const row of later.iterate(table.through)) {
        const hashes = blobOf(row, "hashes");
        if (crc32(hashes) !== numberOf(row, "hashes_crc")) {
          throw new Failure(
            "store_corrupt",
            `The store ${path} is damaged: the ids of group ${numberOf(row, "id")} do not match their checksum.`,
          );
        }
        table.add(numberOf(row, "id"), uint32s(hashes));
        if (!database.isTransaction) table.spill();
      }
      if (!database.isTransaction) table.spill();
    },
    begin() {
      ranges.clear();
      bodies.clear();
      const first = oldest.get();
      if (first !== undefined && first["id"] !== null) table?.dropBefore(numberOf(first, "id"));
    },
    find(org, high, low, same) {
      let sequence = 0;
      table?.find(high, low, (from, to) => {
        for (const group of hashesBetween(from, to)) {
          if (group.org !== org) continue;
          for (let at = 0; at < group.hashes.length; at += 2) {
            if (group.hashes[at] !== high || group.hashes[at + 1] !== low) continue;
            const index = at / 2;
            const { ends, body } = linesOf(group.id);
            if (!same(body.subarray(index === 0 ? 0 : ends[index - 1], ends[index]))) continue;
            sequence = group.first + index;
            return true;
          }
        }
        return false;
      });
      return sequence;
    },
    added(group, hashes) {
      if (table !== undefined && table.through === group - 1) table.add(group, hashes);
    },
  };
}
