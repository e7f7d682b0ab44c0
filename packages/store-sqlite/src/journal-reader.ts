import type { JournalPosition, JournalRange } from "@headgate/core";
import type { DatabaseSync } from "node:sqlite";
import { crc32 } from "node:zlib";
import type { Row } from "./columns.ts";
import { blobOf, float64s, numberOf, textOf, uint32s } from "./columns.ts";
import { Failure } from "./failure.ts";
import type { BodyGroup, IndexGroup, Operations } from "./protocol.ts";
import type { SkipTable } from "./skip-table.ts";

/** What of the protocol reads the journal. */
export type JournalOperations = Pick<
  Operations,
  "head" | "changes" | "position" | "index" | "read" | "firstSequence" | "skipped"
>;

/** What of an organization's journal is known without looking at its groups. */
export interface Head {
  readonly org: number;
  readonly first: number;
  readonly last: number;
  readonly totalBytes: number;
  readonly appendedAt: number;
}

/** Reads the journal. */
export interface JournalReader {
  readonly operations: JournalOperations;
  /** A position where the head has been read already. */
  readonly positionIn: (organization: string, head: Head, after: number) => JournalPosition;
}

/** Bodies of one reply: a group more may be read, so this is half of what a reading holds at a time. */
const replyBytes = 2 * 1024 * 1024;

/** Makes the reader. */
export function journalReader(database: DatabaseSync, path: string, skips: SkipTable): JournalReader {
  const headRow = database.prepare("SELECT org, first, last, total_bytes, appended_at FROM heads WHERE name = ?");
  const changed = database.prepare(
    "SELECT name, last, total_bytes, appended_at, changed FROM heads WHERE changed > ? ORDER BY changed",
  );
  const groupsOf =
    "FROM groups WHERE org = ?1 AND first >= coalesce((SELECT max(first) FROM groups WHERE org = ?1 AND first <= ?2), 0) AND first <= ?3 ORDER BY first";
  const sizes = database.prepare(`SELECT id, first, count, bytes ${groupsOf}`);
  const indexes = database.prepare(`SELECT first, count, appended_at, index_crc, lengths, occurred_at ${groupsOf}`);
  const bodies = database.prepare(
    `SELECT first, count, appended_at, index_crc, lengths, occurred_at, body_crc, body ${groupsOf}`,
  );
  const lengthsOf = database.prepare("SELECT lengths FROM groups WHERE id = ?");
  const groupAt = database.prepare(
    "SELECT first, count, appended_at, bytes_before, lengths FROM groups WHERE org = ? AND first <= ? ORDER BY first DESC LIMIT 1",
  );

  function headOf(organization: string): Head {
    const row = headRow.get(organization);
    if (row === undefined) return { org: 0, first: 1, last: 0, totalBytes: 0, appendedAt: 0 };
    return {
      org: numberOf(row, "org"),
      first: numberOf(row, "first"),
      last: numberOf(row, "last"),
      totalBytes: numberOf(row, "total_bytes"),
      appendedAt: numberOf(row, "appended_at"),
    };
  }

  function damaged(organization: string, sequence: number): Failure {
    return new Failure(
      "store_corrupt",
      `The store ${path} is damaged: the journal of ${organization} cannot be read at sequence ${sequence}.`,
      "Keep a copy of all its files, then restore a backup.",
    );
  }

  /** The last sequence of a range: as core's `rangeEnd`, but looking into a group only where the limits end in it. */
  function endOf(head: Head, { after, through, maxBytes, maxEvents }: JournalRange): number {
    const last = Math.min(
      through ?? Number.POSITIVE_INFINITY,
      after + Math.max(1, maxEvents ?? Number.POSITIVE_INFINITY),
      head.last,
    );
    if (maxBytes === undefined || maxBytes === Number.POSITIVE_INFINITY) return Math.max(last, after);
    let bytes = 0;
    let end = after;
    for (const group of sizes.iterate(head.org, after + 1, last)) {
      const first = numberOf(group, "first");
      const groupEnd = first + numberOf(group, "count") - 1;
      if (first > after && groupEnd <= last && bytes + numberOf(group, "bytes") <= maxBytes) {
        bytes += numberOf(group, "bytes");
        end = groupEnd;
        continue;
      }
      const lengths = uint32s(blobOf(lengthsOf.get(numberOf(group, "id")) ?? {}, "lengths"));
      for (let sequence = Math.max(first, after + 1); sequence <= Math.min(groupEnd, last); sequence++) {
        bytes += lengths[sequence - first] ?? 0;
        if (bytes > maxBytes && sequence > after + 1) return end;
        end = sequence;
      }
    }
    return end;
  }

  /** A group cut to a range. A slice gets buffers of its own, so that what is handed on is no larger than what was asked for. */
  function cut(
    organization: string,
    row: Row,
    after: number,
    through: number,
  ): IndexGroup & { readonly start: number; readonly end: number } {
    const first = numberOf(row, "first");
    const lengthBytes = blobOf(row, "lengths");
    const timeBytes = blobOf(row, "occurred_at");
    if (crc32(timeBytes, crc32(lengthBytes)) !== numberOf(row, "index_crc")) throw damaged(organization, first);
    const [lengths, occurredAt] = [uint32s(lengthBytes), float64s(timeBytes)];
    const from = Math.max(0, after + 1 - first);
    const to = Math.min(lengths.length, through + 1 - first);
    let start = 0;
    for (let index = 0; index < from; index++) start += lengths[index] ?? 0;
    let end = start;
    for (let index = from; index < to; index++) end += lengths[index] ?? 0;
    const whole = from === 0 && to === lengths.length;
    return {
      firstSequence: first + from,
      appendedAt: numberOf(row, "appended_at"),
      lengths: whole ? lengths : lengths.slice(from, to),
      occurredAt: whole ? occurredAt : occurredAt.slice(from, to),
      start,
      end,
    };
  }

  /** The first sequence from `sequence` on that was given, or will be. */
  function givenFrom(org: number, sequence: number): number {
    const skip = skips.at(org, sequence);
    return skip === undefined ? sequence : skip.through + 1;
  }

  function positionIn(organization: string, head: Head, after: number): JournalPosition {
    const next = givenFrom(head.org, Math.max(after + 1, head.first));
    const skipped = skips.beyond(head.org, after).reduce((sum, skip) => sum + skip.through - skip.after, 0);
    if (next > head.last) return { nextSequence: 0, appendedAt: 0, bytesBefore: head.totalBytes, skipped };
    const row = groupAt.get(head.org, next);
    if (row === undefined) throw damaged(organization, next);
    const before = uint32s(blobOf(row, "lengths")).subarray(0, next - numberOf(row, "first"));
    return {
      nextSequence: next,
      appendedAt: numberOf(row, "appended_at"),
      bytesBefore: before.reduce((sum, length) => sum + length, numberOf(row, "bytes_before")),
      skipped,
    };
  }

  const operations: JournalOperations = {
    head(organization) {
      const { last, totalBytes, appendedAt } = headOf(organization);
      return { organization, lastSequence: last, totalBytes, appendedAt };
    },
    changes(since) {
      const rows = changed.all(since);
      const heads = rows.map((row) => ({
        organization: textOf(row, "name"),
        lastSequence: numberOf(row, "last"),
        totalBytes: numberOf(row, "total_bytes"),
        appendedAt: numberOf(row, "appended_at"),
      }));
      const newest = rows.at(-1);
      return { changed: newest === undefined ? since : numberOf(newest, "changed"), heads };
    },
    position: (organization, after) => positionIn(organization, headOf(organization), after),
    index(organization, range) {
      const head = headOf(organization);
      const through = endOf(head, range);
      const groups: IndexGroup[] = [];
      for (const row of indexes.iterate(head.org, range.after + 1, through)) {
        const { start: _start, end: _end, ...group } = cut(organization, row, range.after, through);
        if (group.lengths.length > 0) groups.push(group);
      }
      return groups;
    },
    read(organization, range) {
      const head = headOf(organization);
      const { after, through = 0 } = range;
      const beyond = Number.isFinite(through) && through > head.last;
      if (beyond || (givenFrom(head.org, after + 1) < head.first && after < head.last)) {
        throw new Failure(
          "store_corrupt",
          `The journal of ${organization} holds ${head.first} to ${head.last}, not all of what was asked for.`,
          `The range began after ${after}${beyond ? ` and went through ${through}` : ""}.`,
        );
      }
      const end = endOf(head, range);
      const groups: BodyGroup[] = [];
      let next = givenFrom(head.org, after + 1);
      let bytes = 0;
      for (const row of end > after ? bodies.iterate(head.org, after + 1, end) : []) {
        const { start, end: bodyEnd, ...group } = cut(organization, row, after, end);
        // The one before a sequence that was never given.
        if (group.lengths.length === 0) continue;
        const body = blobOf(row, "body");
        if (group.firstSequence !== next || crc32(body) !== numberOf(row, "body_crc"))
          throw damaged(organization, next);
        groups.push({ ...group, body: bodyEnd - start === body.length ? body : body.slice(start, bodyEnd) });
        next = givenFrom(head.org, next + group.lengths.length);
        bytes += bodyEnd - start;
        if (bytes >= replyBytes) break;
      }
      if (next <= end && bytes < replyBytes) throw damaged(organization, next);
      return { groups, through: end };
    },
    firstSequence: (organization) => headOf(organization).first,
    skipped: (organization, after) => skips.beyond(headOf(organization).org, after),
  };
  return { operations, positionIn };
}
