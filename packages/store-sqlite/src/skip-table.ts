import type { DatabaseSync } from "node:sqlite";
import { type Row, numberOf } from "./columns.ts";

/** Sequences after `after`, up to `through`, that were never given. */
export interface Skip {
  readonly after: number;
  readonly through: number;
}

/** The ranges of an organization's sequences that were never given: a store that was put back from a backup makes them. */
export interface SkipTable {
  add(org: number, skip: Skip): void;
  /** The range that a sequence lies in. */
  at(org: number, sequence: number): Skip | undefined;
  /** What of them comes after a sequence, ascending. */
  beyond(org: number, after: number): readonly Skip[];
}

export function skipTable(database: DatabaseSync): SkipTable {
  const insert = database.prepare("INSERT INTO skips(org, after, through) VALUES (?, ?, ?)");
  const extend = database.prepare("UPDATE skips SET through = ?3 WHERE org = ?1 AND through = ?2");
  const containing = database.prepare(
    "SELECT after, through FROM skips WHERE org = ?1 AND after < ?2 AND through >= ?2 LIMIT 1",
  );
  const later = database.prepare("SELECT after, through FROM skips WHERE org = ? AND through > ? ORDER BY after");
  const skipOf = (row: Row): Skip => ({ after: numberOf(row, "after"), through: numberOf(row, "through") });
  return {
    add(org, { after, through }) {
      // Two in a row are one.
      if (extend.run(org, after, through).changes === 0) insert.run(org, after, through);
    },
    at(org, sequence) {
      const row = containing.get(org, sequence);
      return row && skipOf(row);
    },
    beyond: (org, after) =>
      Array.from(later.iterate(org, after), (row) => {
        const skip = skipOf(row);
        return { ...skip, after: Math.max(skip.after, after) };
      }),
  };
}
