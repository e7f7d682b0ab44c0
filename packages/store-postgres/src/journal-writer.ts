import { type AppendResult, HeadgateError, joinGroup, lastSequence, type PreparedEvent } from "@headgate/core";
import type { DatabaseClock } from "./clock-column.ts";
import { asBytes, bigint, numberOf } from "./columns.ts";
import type { Queries } from "./database.ts";
import type { IdHash } from "./id-hash.ts";
import { type IdLookup, mintingSpanMs } from "./id-lookup.ts";
import { mintedAt } from "./minted-id.ts";
import type { Partitions } from "./partitions.ts";

/** A group is no longer than this, unless one event is. Small enough for a reader's memory, long enough to be worth a row. */
const maxGroupBytes = 1024 * 1024;
const maxGroupEvents = 8192;
/** A sequence, its name and the end of the line. */
const tailBytes = 40;

/** Writes events of one organization in a transaction that the caller begins and ends. */
export type JournalWriter = (
  queries: Queries,
  organization: string,
  appends: readonly (readonly PreparedEvent[])[],
  choice: {
    /** Looks for the ids that Headgate minted too: they may have been written by a commit whose answer was lost. */
    readonly repeated: boolean;
  },
) => Promise<readonly AppendResult[]>;

interface Head {
  readonly organization: number;
  readonly firstSequence: number;
  readonly last: number;
  readonly totalBytes: number;
  readonly appendedAt: number;
}

/** Makes the writer. */
export function journalWriter({
  schema,
  clock,
  hash,
  lookUp,
  partitions,
}: {
  readonly schema: string;
  readonly clock: DatabaseClock;
  readonly hash: IdHash;
  readonly lookUp: IdLookup;
  readonly partitions: Partitions;
}): JournalWriter {
  const s = `"${schema}"`;
  // Only appends of the same organization wait for each other, and whoever trims it or leaves sequences out.
  const lock = `SELECT id, first_sequence, last_sequence, total_bytes,
      greatest(appended_at, ${clock.at(2)}) AS appended_at FROM ${s}.organization WHERE name = $1 FOR NO KEY UPDATE`;

  async function lockHead(queries: Queries, organization: string): Promise<Head> {
    const now = clock.value();
    let { rows } = await queries.query(lock, [organization, now]);
    if (rows.length === 0) {
      const { rows: made } = await queries.query(
        `INSERT INTO ${s}.organization(name, first_sequence, last_sequence, total_bytes, appended_at, changed)
         SELECT $1, b.after + 1, b.after, 0, 0, pg_current_xact_id() FROM (
           SELECT coalesce((SELECT value::bigint FROM ${s}.meta WHERE key = 'begins_after'), 0) AS after) b
         ON CONFLICT DO NOTHING RETURNING id, last_sequence`,
        [organization],
      );
      const [row] = made;
      if (row !== undefined && numberOf(row, "last_sequence") > 0) {
        await queries.query(`INSERT INTO ${s}.skip(organization, after, through) VALUES ($1, 0, $2)`, [
          row["id"],
          row["last_sequence"],
        ]);
      }
      ({ rows } = await queries.query(lock, [organization, now]));
    }
    const [row] = rows;
    // Made by another transaction after this one's snapshot was taken: repeatable read cannot see it.
    if (row === undefined)
      throw new HeadgateError("store_busy", "The organization's journal was begun meanwhile.", {
        hint: "Repeat the whole transaction.",
      });
    return {
      organization: numberOf(row, "id"),
      firstSequence: numberOf(row, "first_sequence"),
      last: numberOf(row, "last_sequence"),
      totalBytes: numberOf(row, "total_bytes"),
      appendedAt: numberOf(row, "appended_at"),
    };
  }

  async function store(queries: Queries, head: Head, events: readonly PreparedEvent[]): Promise<void> {
    const { organization, appendedAt } = head;
    await partitions.ensure(queries, appendedAt);
    let { last, totalBytes } = head;
    const hashes: string[] = [];
    const sequences: string[] = [];
    for (const part of groupsOf(events)) {
      const group = joinGroup(last + 1, appendedAt, part);
      const minting = mintingOf(part);
      for (const [index, event] of part.entries()) {
        if (minting !== undefined && isMinted(event)) continue;
        hashes.push(hash(event.id));
        sequences.push(String(last + 1 + index));
      }
      await queries.query(
        `INSERT INTO ${s}.journal_group(organization, first_sequence, last_sequence, appended_at, bytes, bytes_before,
           minted_from, minted_to, lengths, occurred_at, body) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
        [
          organization,
          last + 1,
          lastSequence(group),
          bigint(appendedAt),
          group.body.length,
          bigint(totalBytes),
          minting?.from ?? null,
          minting?.to ?? null,
          asBytes(group.lengths),
          asBytes(group.occurredAt),
          asBytes(group.body),
        ],
      );
      last = lastSequence(group);
      totalBytes += group.body.length;
    }
    const move = `UPDATE ${s}.organization SET last_sequence = $2, total_bytes = $3, appended_at = $4,
      changed = pg_current_xact_id() WHERE id = $1`;
    const head2 = [organization, bigint(last), bigint(totalBytes), bigint(appendedAt)];
    if (hashes.length === 0) {
      await queries.query(move, head2);
      return;
    }
    await queries.query(
      `WITH ids AS (INSERT INTO ${s}.journal_id(organization, hash, sequence, appended_at)
         SELECT $1, i.hash, i.sequence, $4 FROM unnest($5::bigint[], $6::bigint[]) AS i(hash, sequence)) ${move}`,
      [...head2, hashes, sequences],
    );
  }

  return async (queries, organization, appends, { repeated }) => {
    const head = await lockHead(queries, organization);
    const asked = new Set<string>();
    for (const { id, idGiven } of appends.flat()) if (idGiven || repeated) asked.add(id);
    const known = new Map(asked.size === 0 ? [] : await lookUp(queries, head, [...asked]));
    const fresh: PreparedEvent[] = [];
    const results = appends.map((events) => {
      const before = fresh.length;
      const sequences = events.map((event) => {
        const first = known.get(event.id);
        if (first !== undefined && asked.has(event.id)) return first;
        const sequence = head.last + fresh.push(event);
        known.set(event.id, sequence);
        return sequence;
      });
      const accepted = fresh.length - before;
      return { accepted, duplicates: events.length - accepted, sequences };
    });
    if (fresh.length > 0) await store(queries, head, fresh);
    return results;
  };
}

const isMinted = (event: PreparedEvent): boolean => !event.idGiven && mintedAt(event.id) !== undefined;

/** When the ids that Headgate minted were minted, unless that is too long a time to find them by, or there are none. */
function mintingOf(events: readonly PreparedEvent[]): { readonly from: number; readonly to: number } | undefined {
  let [from, to] = [Number.POSITIVE_INFINITY, 0];
  for (const { idGiven, id } of events) {
    const at = idGiven ? undefined : mintedAt(id);
    if (at !== undefined) [from, to] = [Math.min(from, at), Math.max(to, at)];
  }
  return to === 0 || to - from > mintingSpanMs ? undefined : { from, to };
}

/** Events cut to groups. */
function* groupsOf(events: readonly PreparedEvent[]): Generator<readonly PreparedEvent[]> {
  let start = 0;
  let bytes = 0;
  for (const [index, { stub }] of events.entries()) {
    const size = stub.length + tailBytes;
    if (index > start && (index - start === maxGroupEvents || bytes + size > maxGroupBytes)) {
      yield events.slice(start, index);
      start = index;
      bytes = 0;
    }
    bytes += size;
  }
  yield events.slice(start);
}
