import type { DatabaseSync } from "node:sqlite";
import { numberOf, type Row, textOf } from "./columns.ts";
import type { Head, JournalReader } from "./journal-reader.ts";
import type { Operations, SnapshotRow } from "./protocol.ts";
import type { SkipTable } from "./skip-table.ts";

/** The journal's head from a joined row; of an organization that has appended nothing, the empty one. */
function headIn(row: Row): Head {
  if (row["org"] === null) return { org: 0, first: 1, last: 0, totalBytes: 0, appendedAt: 0 };
  return {
    org: numberOf(row, "org"),
    first: numberOf(row, "first"),
    last: numberOf(row, "last"),
    totalBytes: numberOf(row, "total_bytes"),
    appendedAt: numberOf(row, "appended_at"),
  };
}

/** Reads streams with all that is stored of them: each call from one moment of the file, whatever other processes write. */
export function streamSnapshots(
  database: DatabaseSync,
  { positionIn }: JournalReader,
  skips: SkipTable,
): Pick<Operations, "snapshot" | "snapshots"> {
  const columns = `SELECT s.organization, s.start, s.record, s.health, c.record AS checkpoint, c.position,
      h.org, h.first, h.last, h.total_bytes, h.appended_at
    FROM streams s LEFT JOIN checkpoints c ON c.stream = s.id LEFT JOIN heads h ON h.name = s.organization`;
  // SQLite's lower() folds ASCII letters alone.
  const matching = `(?2 = '' OR instr(lower(s.id), lower(?2)) > 0 OR instr(lower(s.organization), lower(?2)) > 0
    OR instr(lower(coalesce(s.record ->> '$.name', '')), lower(?2)) > 0)`;
  const one = database.prepare(`${columns} WHERE s.id = ?`);
  const all = database.prepare(`${columns} WHERE s.id > ?1 AND ${matching} ORDER BY s.id LIMIT ?3`);
  const ofOrganization = database.prepare(
    `${columns} WHERE s.organization = ?4 AND s.id > ?1 AND ${matching} ORDER BY s.id LIMIT ?3`,
  );
  const groupAt = database.prepare(
    "SELECT first, count, appended_at FROM groups WHERE org = ? AND first <= ? ORDER BY first DESC LIMIT 1",
  );

  /** Groups were appended in order of their sequences, so that halving finds the last old enough. */
  function appendedThrough({ org, first, last, appendedAt }: Head, before: number): number {
    let found = 0;
    if (last >= first && appendedAt <= before) return last;
    for (let low = first, high = last; low <= high;) {
      const middle = low + Math.floor((high - low) / 2);
      const skip = skips.at(org, middle);
      if (skip !== undefined && skip.after < low) {
        low = skip.through + 1;
        continue;
      }
      const group = groupAt.get(org, skip?.after ?? middle);
      if (group === undefined) return found;
      const end = numberOf(group, "first") + numberOf(group, "count") - 1;
      if (numberOf(group, "appended_at") <= before) {
        found = end;
        low = end + 1;
      } else high = numberOf(group, "first") - 1;
    }
    return found;
  }

  function reader(overdueBefore: number | undefined): (row: Row) => SnapshotRow {
    const known = new Map<string, number>();
    return (row) => {
      const organization = textOf(row, "organization");
      const head = headIn(row);
      let overdueThrough = overdueBefore === undefined ? 0 : known.get(organization);
      if (overdueThrough === undefined) {
        overdueThrough = appendedThrough(head, overdueBefore ?? 0);
        known.set(organization, overdueThrough);
      }
      const { health, checkpoint } = row;
      return {
        record: textOf(row, "record"),
        health: typeof health === "string" ? health : undefined,
        checkpoint: typeof checkpoint === "string" ? checkpoint : undefined,
        head: { organization, lastSequence: head.last, totalBytes: head.totalBytes, appendedAt: head.appendedAt },
        position: positionIn(organization, head, numberOf(row, checkpoint === null ? "start" : "position")),
        overdueThrough,
      };
    };
  }

  function atOneMoment<Result>(read: () => Result): Result {
    database.exec("BEGIN");
    try {
      return read();
    } finally {
      if (database.isTransaction) database.exec("COMMIT");
    }
  }

  return {
    snapshot: (id, overdueBefore) =>
      atOneMoment(() => {
        const row = one.get(id);
        return row && reader(overdueBefore)(row);
      }),
    snapshots: ({ organization, search, after, limit, overdueBefore }) =>
      atOneMoment(() => {
        const rows =
          organization === undefined
            ? all.all(after, search, limit)
            : ofOrganization.all(after, search, limit, organization);
        return rows.map(reader(overdueBefore));
      }),
  };
}
