import {
  HeadgateError,
  type Journal,
  type JournalGroup,
  type JournalHead,
  type JournalPosition,
  type JournalRange,
  sliceGroup,
} from "@headgate/core";
import { bigint, bytesOf, float64sOf, numberOf, type Row, textOf, uint32sOf } from "./columns.ts";
import type { Database } from "./database.ts";
import { givenFrom, skippedAfter } from "./skipped-ranges.ts";

/** What of the journal only reads. */
export type JournalReader = Pick<
  Journal,
  "head" | "changes" | "position" | "index" | "read" | "firstSequence" | "skipped"
>;

/** One answer of the database: so many groups, or the bodies of so many bytes. */
const groupsAtOnce = 1000;
const bytesAtOnce = 2 * 1024 * 1024;

/** A head where there is none yet. */
const none: Row = { id: 0, first_sequence: 1, last_sequence: 0, total_bytes: 0, appended_at: 0 };

/** The head in a row, of an organization that has appended nothing too. */
export function headIn(organization: string, row: Row): JournalHead {
  return {
    organization,
    lastSequence: numberOf(row, "last_sequence"),
    totalBytes: numberOf(row, "total_bytes"),
    appendedAt: numberOf(row, "appended_at"),
  };
}

/**
 * The group that holds what comes after a sequence, joined to a row `o` of the organization: at most one row `g`, with
 * the lengths of those of its events that come before. What was trimmed may still be there, but is not held.
 */
export function nextGroup(schema: string, after: string): string {
  return `LEFT JOIN LATERAL (
      SELECT n.first_sequence, n.last_sequence, n.appended_at, n.bytes_before,
        substring(n.lengths FOR (4 * greatest(0, greatest(${after} + 1, o.first_sequence) - n.first_sequence))::integer) AS before
      FROM "${schema}".journal_group n
      WHERE n.organization = o.id AND n.last_sequence >= greatest(${after} + 1, o.first_sequence)
      ORDER BY n.last_sequence LIMIT 1) g ON true
    LEFT JOIN LATERAL (
      SELECT coalesce(sum(k.through - greatest(k.after, ${after})), 0) AS skipped
      FROM "${schema}".skip k WHERE k.organization = o.id AND k.through > ${after}) k ON true`;
}

/** Columns of {@link nextGroup}, for {@link positionIn}. */
export const positionColumns =
  "g.first_sequence AS next_first, g.appended_at AS next_appended_at, g.bytes_before, g.before, k.skipped";

/** What comes after a sequence, from a row of {@link nextGroup} with the head's columns. */
export function positionIn(row: Row, after: number): JournalPosition {
  const skipped = numberOf({ skipped: row["skipped"] ?? 0 }, "skipped");
  if (row["next_first"] === null || row["next_first"] === undefined) {
    return { nextSequence: 0, appendedAt: 0, bytesBefore: numberOf(row, "total_bytes"), skipped };
  }
  const before = uint32sOf(row, "before").reduce((sum, length) => sum + length, 0);
  return {
    nextSequence: Math.max(after + 1, numberOf(row, "first_sequence"), numberOf(row, "next_first")),
    appendedAt: numberOf(row, "next_appended_at"),
    bytesBefore: numberOf(row, "bytes_before") + before,
    skipped,
  };
}

/** Makes the reader. */
export function journalReader({ read, address }: Database, schema: string): JournalReader {
  const s = `"${schema}"`;
  const head = `SELECT id, first_sequence, last_sequence, total_bytes, appended_at FROM ${s}.organization WHERE name = $1`;

  const headRow = async (organization: string): Promise<Row> => (await read(head, [organization])).rows[0] ?? none;

  function groupIn(row: Row): JournalGroup {
    return {
      firstSequence: numberOf(row, "first_sequence"),
      appendedAt: numberOf(row, "appended_at"),
      lengths: uint32sOf(row, "lengths"),
      occurredAt: float64sOf(row, "occurred_at"),
    };
  }

  /** Where a range ends by all but its bytes. */
  function endOf(row: Row, { after, through, maxEvents }: JournalRange): number {
    const most = after + Math.max(1, maxEvents ?? Number.POSITIVE_INFINITY);
    return Math.min(through ?? Number.POSITIVE_INFINITY, most, numberOf(row, "last_sequence"));
  }

  /** The part of a group that a range still has room for; `room` is in bytes, and the first event of a range always fits. */
  function fitting<G extends JournalGroup>(
    group: G,
    range: { after: number; end: number },
    room: number,
    first: boolean,
  ): G | undefined {
    const part = sliceGroup(group, range.after, range.end);
    if (part === undefined || room === Number.POSITIVE_INFINITY) return part;
    let bytes = 0;
    let fits = 0;
    for (const length of part.lengths) {
      bytes += length;
      if (bytes > room && !(first && fits === 0)) break;
      fits += 1;
    }
    return sliceGroup(part, 0, part.firstSequence + fits - 1);
  }

  /** Groups of a range in order, cut to it; `page` reads the next ones after a sequence. */
  async function* cut<G extends JournalGroup>(
    range: JournalRange,
    end: number,
    page: (after: number, end: number) => Promise<readonly G[]>,
  ): AsyncGenerator<G> {
    let room = range.maxBytes ?? Number.POSITIVE_INFINITY;
    let first = true;
    for (let after = range.after; after < end;) {
      const groups = await page(after, end);
      if (groups.length === 0) return;
      for (const group of groups) {
        const last = group.firstSequence + group.lengths.length - 1;
        const part = fitting(group, { after: range.after, end }, room, first);
        if (part !== undefined) {
          first = false;
          room -= part.lengths.reduce((sum, length) => sum + length, 0);
          yield part;
        }
        const whole = part !== undefined && part.firstSequence + part.lengths.length - 1 === Math.min(last, end);
        if (!whole || room <= 0) return;
        after = last;
      }
    }
  }

  const indexPage =
    (id: number, columns: string) =>
    async (after: number, end: number): Promise<readonly Row[]> =>
      (
        await read(
          `SELECT ${columns} FROM ${s}.journal_group
           WHERE organization = $1 AND last_sequence > $2 AND first_sequence <= $3 ORDER BY last_sequence LIMIT ${groupsAtOnce}`,
          [id, bigint(after), bigint(end)],
        )
      ).rows;

  /** As many bodies as fit one answer, and one at least. */
  const bodyPage =
    (id: number) =>
    async (after: number, end: number): Promise<readonly (JournalGroup & { readonly body: Uint8Array })[]> => {
      const { rows } = await read(
        `SELECT first_sequence, appended_at, lengths, occurred_at, body FROM (
           SELECT g.*, sum(bytes) OVER (ORDER BY last_sequence) - bytes AS earlier FROM (
             SELECT * FROM ${s}.journal_group
             WHERE organization = $1 AND last_sequence > $2 AND first_sequence <= $3
             ORDER BY last_sequence LIMIT ${groupsAtOnce}) g) p
         WHERE earlier < ${bytesAtOnce} ORDER BY last_sequence`,
        [id, bigint(after), bigint(end)],
      );
      return rows.map((row) => ({ ...groupIn(row), body: bytesOf(row, "body") }));
    };

  function damaged(organization: string, sequence: number): HeadgateError {
    return new HeadgateError(
      "store_corrupt",
      `The store ${address.where} is damaged: the journal of ${organization} lacks sequence ${sequence}.`,
      { hint: "Stop the runners, keep a copy of the database, and restore a backup." },
    );
  }

  async function* readRange(
    organization: string,
    range: JournalRange,
  ): AsyncGenerator<JournalGroup & { readonly body: Uint8Array }> {
    const { after, through = 0 } = range;
    const row = await headRow(organization);
    const [id, first, last] = [numberOf(row, "id"), numberOf(row, "first_sequence"), numberOf(row, "last_sequence")];
    const skips = await skippedAfter(read, schema, id, after);
    const beyond = Number.isFinite(through) && through > last;
    let next = givenFrom(skips, after + 1);
    if (beyond || (next < first && after < last)) {
      throw new HeadgateError(
        "store_corrupt",
        `The journal of ${organization} holds ${first} to ${last}, not all of what was asked for.`,
        { hint: `The range began after ${after}${beyond ? ` and went through ${through}` : ""}.` },
      );
    }
    const end = endOf(row, range);
    let [bytes, events] = [0, 0];
    for await (const group of cut(range, end, bodyPage(id))) {
      if (group.firstSequence !== next) throw damaged(organization, next);
      next = givenFrom(skips, next + group.lengths.length);
      bytes += group.body.length;
      events += group.lengths.length;
      yield group;
    }
    // A limit of bytes ends a range early, but not before its first event.
    const limited = events > 0 && range.maxBytes !== undefined && bytes > 0;
    if (next <= end && !limited) throw damaged(organization, next);
  }

  return {
    head: async (organization) => headIn(organization, await headRow(organization)),
    async changes(cursor) {
      // One snapshot for both: what it does not see is what the next call asks for.
      const seen = "$1::text::pg_snapshot";
      const news = `o.changed >= pg_snapshot_xmin(${seen}) AND NOT pg_visible_in_snapshot(o.changed, ${seen})`;
      const { rows } = await read(
        `SELECT pg_current_snapshot()::text AS cursor, o.name, o.last_sequence, o.total_bytes, o.appended_at
         FROM (SELECT) c LEFT JOIN ${s}.organization o ON ${cursor === undefined ? "true" : news}`,
        cursor === undefined ? [] : [cursor],
      );
      return {
        cursor: textOf(rows[0] ?? {}, "cursor"),
        heads: rows.flatMap((row) => (row["name"] === null ? [] : headIn(textOf(row, "name"), row))),
      };
    },
    async position(organization, after) {
      const { rows } = await read(
        `SELECT o.first_sequence, o.total_bytes, ${positionColumns}
         FROM ${s}.organization o ${nextGroup(schema, "$2::bigint")} WHERE o.name = $1`,
        [organization, bigint(after)],
      );
      return positionIn(rows[0] ?? none, after);
    },
    async index(organization, range) {
      const row = await headRow(organization);
      const page = indexPage(numberOf(row, "id"), "first_sequence, appended_at, lengths, occurred_at");
      const groups: JournalGroup[] = [];
      const held = Math.max(range.after, numberOf(row, "first_sequence") - 1);
      const pages = async (after: number, end: number): Promise<readonly JournalGroup[]> =>
        (await page(Math.max(after, held), end)).map(groupIn);
      for await (const group of cut(range, endOf(row, range), pages)) groups.push(group);
      return groups;
    },
    read: readRange,
    firstSequence: async (organization) => numberOf(await headRow(organization), "first_sequence"),
    async skipped(organization, after) {
      return skippedAfter(read, schema, numberOf(await headRow(organization), "id"), after);
    },
  };
}
