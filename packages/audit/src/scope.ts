import type { Ledger } from "./ledger.ts";
import type { ListedFile } from "./place.ts";

/** A file that is read. */
export interface FileInScope extends ListedFile {
  readonly id: number;
  /** Whether it is judged; others are read because they may be what is missed elsewhere. */
  readonly judged: boolean;
}

/** What of a place an audit reads, once it is listed and its digests are in the ledger. */
export interface Scope {
  readonly files: number;
  /** As stored. */
  readonly bytes: number;
  /** Objects that are there, and of which a stream's audit says nothing. */
  readonly others: number;
  /** In the order of the listing. */
  each(): AsyncIterable<FileInScope>;
}

/** All objects, or those from an hour on, those of one stream, and those that its digests name. */
export function scopeOf(
  ledger: Ledger,
  { from, stream }: { readonly from: number | undefined; readonly stream: string | undefined },
): Scope {
  const whole = from === undefined && stream === undefined;
  if (!whole) ledger.run("CREATE INDEX named_sha1 ON named (sha1)");
  // Digests name full keys, and a copy of a bucket may begin anywhere: the name itself is what both have.
  const named = "EXISTS (SELECT 1 FROM named n WHERE n.sha1 = file.sha1)";
  const recent = from === undefined ? "TRUE" : `(hour IS NULL OR hour >= ${from} OR ${named})`;
  // What stands under a stream's prefix is its own, unless another one has signed for it.
  const own =
    stream === undefined
      ? "TRUE"
      : `(EXISTS (SELECT 1 FROM root r WHERE substr(file.key, 1, length(r.start)) = r.start)
          AND (${named} OR NOT EXISTS (SELECT 1 FROM other o WHERE o.key = file.key)))`;
  const judged = `(${own} AND ${recent})`;
  const scope = whole ? "TRUE" : `(${judged} OR ${named})`;
  const totals = ledger.one(
    `SELECT count(*) FILTER (WHERE ${scope}) AS files, coalesce(sum(size) FILTER (WHERE ${scope}), 0) AS bytes,
      count(*) FILTER (WHERE NOT ${own}) AS others FROM file`,
  );
  return {
    files: Number(totals?.["files"]),
    bytes: Number(totals?.["bytes"]),
    others: Number(totals?.["others"]),
    async *each() {
      const rows = ledger.rows(`SELECT id, key, size, ${judged} AS judged FROM file WHERE ${scope} ORDER BY id`);
      for (const { id, key, size, judged: isJudged } of rows)
        yield { id: Number(id), key: String(key), size: Number(size), judged: isJudged === 1 };
    },
  };
}
