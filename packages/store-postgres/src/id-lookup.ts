import { bigint, bytesOf, numberOf, type Row, uint32sOf } from "./columns.ts";
import type { Queries } from "./database.ts";
import type { IdHash } from "./id-hash.ts";
import { mintedAt } from "./minted-id.ts";
import { idOfLine } from "./stored-line.ts";

/** How far apart the ids of one group may have been minted for the group to be found by when they were; further apart, they are hashed. */
export const mintingSpanMs = 10_000;

/** Finds the sequences of ids that an organization's journal holds; to be called while its row is locked. */
export type IdLookup = (
  queries: Queries,
  journal: { readonly organization: number; readonly firstSequence: number },
  ids: readonly string[],
) => Promise<ReadonlyMap<string, number>>;

interface Lines {
  readonly firstSequence: number;
  readonly lastSequence: number;
  readonly lengths: Uint32Array;
  readonly body: Uint8Array;
}

interface Candidate {
  readonly id: string;
  /** Of the event, or 0 where only its group is known. */
  readonly sequence: number;
  readonly lastSequence: number;
  readonly appendedAt: number;
}

function* linesOf({ firstSequence, lengths, body }: Lines): Generator<readonly [sequence: number, line: Uint8Array]> {
  let at = 0;
  for (const [index, length] of lengths.entries()) {
    yield [firstSequence + index, body.subarray(at, at + length)];
    at += length;
  }
}

/**
 * Ids that callers chose are found by their hashes, a row each. Those that Headgate minted need none: they carry the
 * instant of their minting, and each group says which instants lie in it. Whatever is found this way is only a candidate:
 * the stored line decides, so a collision costs a reading and never an event.
 */
export function idLookup(schema: string, hash: IdHash): IdLookup {
  const s = `"${schema}"`;

  async function candidates(
    queries: Queries,
    organization: number,
    firstSequence: number,
    ids: readonly string[],
  ): Promise<readonly Candidate[]> {
    const named = (row: Row): string => ids[numberOf(row, "ordinal") - 1] ?? "";
    const hashed = await queries.query(
      `SELECT w.ordinal, i.sequence, i.appended_at
       FROM unnest($2::bigint[]) WITH ORDINALITY AS w(hash, ordinal)
       JOIN ${s}.journal_id i ON i.organization = $1 AND i.hash = w.hash WHERE i.sequence >= $3`,
      [organization, ids.map(hash), firstSequence],
    );
    const found: Candidate[] = hashed.rows.map((row) => ({
      id: named(row),
      sequence: numberOf(row, "sequence"),
      lastSequence: numberOf(row, "sequence"),
      appendedAt: numberOf(row, "appended_at"),
    }));
    const times = ids.map((id) => mintedAt(id) ?? null);
    if (times.every((time) => time === null)) return found;
    const minted = await queries.query(
      `SELECT w.ordinal, g.last_sequence, g.appended_at
       FROM unnest($2::text[], $3::bigint[]) WITH ORDINALITY AS w(id, minted, ordinal)
       JOIN ${s}.journal_group g ON g.organization = $1 AND g.minted_to >= w.minted
         AND g.minted_to <= w.minted + ${mintingSpanMs} AND g.minted_from <= w.minted
       WHERE w.minted IS NOT NULL AND g.last_sequence >= $4 AND position(convert_to(w.id, 'UTF8') IN g.body) > 0`,
      [organization, ids.map((id, at) => (times[at] === null ? "" : id)), times, firstSequence],
    );
    for (const row of minted.rows) {
      found.push({
        id: named(row),
        sequence: 0,
        lastSequence: numberOf(row, "last_sequence"),
        appendedAt: numberOf(row, "appended_at"),
      });
    }
    return found.toSorted((a, b) => a.lastSequence - b.lastSequence);
  }

  async function groupOf(
    queries: Queries,
    organization: number,
    { lastSequence, appendedAt }: Candidate,
  ): Promise<Lines | undefined> {
    const { rows } = await queries.query(
      `SELECT first_sequence, last_sequence, lengths, body FROM ${s}.journal_group
       WHERE organization = $1 AND appended_at = $2 AND last_sequence >= $3 ORDER BY last_sequence LIMIT 1`,
      [organization, bigint(appendedAt), bigint(lastSequence)],
    );
    const [row] = rows;
    return (
      row && {
        firstSequence: numberOf(row, "first_sequence"),
        lastSequence: numberOf(row, "last_sequence"),
        lengths: uint32sOf(row, "lengths"),
        body: bytesOf(row, "body"),
      }
    );
  }

  return async (queries, { organization, firstSequence }, ids) => {
    const known = new Map<string, number>();
    let group: Lines | undefined;
    for (const candidate of await candidates(queries, organization, firstSequence, ids)) {
      const { id, sequence, lastSequence } = candidate;
      if (group === undefined || lastSequence > group.lastSequence || lastSequence < group.firstSequence) {
        group = await groupOf(queries, organization, candidate);
      }
      if (group === undefined) continue;
      for (const [at, line] of linesOf(group)) {
        const meant =
          sequence === 0 ? Buffer.from(line.buffer, line.byteOffset, line.byteLength).includes(id) : at === sequence;
        if (meant && idOfLine(line) === id) known.set(id, at);
      }
    }
    return known;
  };
}
