import type { DatabaseSync } from "node:sqlite";
import { crc32 } from "node:zlib";
import { numberOf } from "./columns.ts";
import type { IdLookup } from "./id-lookup.ts";
import type { PackedEvents } from "./packed-events.ts";
import { unpackEvents } from "./packed-events.ts";
import type { AppendReply, AppendRequest, Operations } from "./protocol.ts";
import type { SkipTable } from "./skip-table.ts";

/** A group is no longer than this, unless one event is. Small enough for a reader's memory, long enough to be worth a row. */
const maxGroupBytes = 1024 * 1024;
const maxGroupEvents = 8192;
/** Trimming gives other writers a turn after so many bytes. */
const trimBytes = 32 * 1024 * 1024;

const tailStart = Buffer.from(',"sequence":');
const brace = 0x7d;
const lineFeed = 0x0a;
const zero = 0x30;

/** Writes the journal, inside transactions that the caller begins and ends. */
export interface JournalWriter {
  /** To be called before the transaction of an append: does there what need not be done in it. */
  prepare(requests: readonly AppendRequest[]): void;
  /** Several appends at once, in their order, each whole. */
  append(requests: readonly AppendRequest[]): readonly AppendReply[];
  readonly trim: Operations["trim"];
  readonly skip: Operations["skip"];
  readonly beginAfter: Operations["beginAfter"];
  /** To be called once the transaction is committed. Returns the number of the last group it added, or 0. Never throws. */
  committed(): number;
  /** To be called once it is rolled back. */
  rolledBack(): void;
}

/** The new events of one organization in one transaction: which append, and which of its events. */
interface NewEvents {
  readonly sources: Append[];
  readonly indexes: number[];
}

/** The events of one append, and where the stub of each begins. */
interface Append extends PackedEvents {
  readonly starts: Uint32Array;
}

function unpack({ packed, count }: AppendRequest): Append {
  const events = unpackEvents(packed, count);
  const starts = new Uint32Array(count);
  for (let index = 1; index < count; index++)
    starts[index] = (starts[index - 1] ?? 0) + (events.lengths[index - 1] ?? 0);
  return { ...events, starts };
}

function stubOf(append: Append, index: number): Uint8Array {
  const start = append.starts[index] ?? 0;
  return append.stubs.subarray(start, start + (append.lengths[index] ?? 0));
}

const looksUp = ({ packed, count }: AppendRequest): boolean => unpackEvents(packed, count).given.includes(1);

function idOf(json: string): unknown {
  const event: unknown = JSON.parse(json);
  return typeof event === "object" && event !== null && "id" in event ? event.id : undefined;
}

/** Whether a line, or a stub, is of the event that the stub is of. Most repeats are the same to the byte. */
function sameEvent(stub: Uint8Array, line: Uint8Array): boolean {
  if (line.length >= stub.length && Buffer.compare(stub, line.subarray(0, stub.length)) === 0) return true;
  const text = Buffer.from(line.buffer, line.byteOffset, line.byteLength).toString();
  const stubText = Buffer.from(stub.buffer, stub.byteOffset, stub.byteLength).toString();
  return idOf(`${stubText}}`) === idOf(text.endsWith("}\n") ? text : `${text}}`);
}

/** Ids of events that are new in this transaction, found by their hashes: an open-addressing table of ordinals. */
class NewIds {
  readonly #slots: Int32Array;
  readonly #hashes: Uint32Array;

  constructor(capacity: number) {
    let size = 16;
    while (size < 2 * capacity) size *= 2;
    this.#slots = new Int32Array(size);
    this.#hashes = new Uint32Array(2 * capacity);
  }

  /** The ordinal of an event with this hash that satisfies `same`, or -1. */
  find(high: number, low: number, same: (ordinal: number) => boolean): number {
    const mask = this.#slots.length - 1;
    for (let place = high & mask; ; place = (place + 1) & mask) {
      const ordinal = (this.#slots[place] ?? 0) - 1;
      if (ordinal < 0) return -1;
      if (this.#hashes[2 * ordinal] === high && this.#hashes[2 * ordinal + 1] === low && same(ordinal)) return ordinal;
    }
  }

  add(ordinal: number, high: number, low: number): void {
    const mask = this.#slots.length - 1;
    let place = high & mask;
    while (this.#slots[place] !== 0) place = (place + 1) & mask;
    this.#slots[place] = ordinal + 1;
    this.#hashes[2 * ordinal] = high;
    this.#hashes[2 * ordinal + 1] = low;
  }
}

/** Makes the writer. */
export function journalWriter(
  database: DatabaseSync,
  ids: IdLookup,
  skips: SkipTable,
  /** What goes with an organization's events that come before a sequence. */
  trimObjects: (organization: string, before: number) => void,
): JournalWriter {
  const headOf = database.prepare("SELECT org, first, last, total_bytes FROM heads WHERE name = ?");
  const lastChange = database.prepare("SELECT max(changed) AS changed FROM heads");
  const insertHead = database.prepare(
    "INSERT INTO heads(name, first, last, total_bytes, appended_at, changed) VALUES (?1, ?2 + 1, ?2, 0, 0, ?3) RETURNING org",
  );
  const beginning = database.prepare("SELECT value FROM meta WHERE key = 'begins_after'");
  const beginLater = database.prepare(
    "INSERT INTO meta(key, value) VALUES ('begins_after', ?1) ON CONFLICT(key) DO UPDATE SET value = max(CAST(value AS INTEGER), CAST(?1 AS INTEGER))",
  );
  const updateHead = database.prepare(
    "UPDATE heads SET last = ?, total_bytes = ?, appended_at = ?, changed = ? WHERE org = ?",
  );
  const insertGroup = database.prepare(
    `INSERT INTO groups(id, org, first, count, appended_at, bytes, bytes_before, index_crc, hashes_crc, body_crc, lengths, occurred_at, hashes, body)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  const oldestGroups = database.prepare(
    "SELECT id, first, count, appended_at, bytes FROM groups WHERE org = ? AND first >= ? ORDER BY first LIMIT 32",
  );
  const deleteGroup = database.prepare("DELETE FROM groups WHERE id = ?");
  const leastClaim = database.prepare(
    `SELECT MIN(COALESCE(checkpoints.position, streams.start)) AS least
     FROM streams LEFT JOIN checkpoints ON checkpoints.stream = streams.id WHERE streams.organization = ?`,
  );
  const skipHead = database.prepare("UPDATE heads SET last = ?, changed = ? WHERE org = ?");
  const updateFirst = database.prepare("UPDATE heads SET first = ? WHERE org = ?");

  // One group is put together at a time, in buffers that live as long as the writer.
  let body = Buffer.allocUnsafeSlow(maxGroupBytes + 64 * 1024);
  const lengths = new Uint32Array(maxGroupEvents);
  const occurredAt = new Float64Array(maxGroupEvents);
  const hashes = new Uint32Array(2 * maxGroupEvents);
  let added: { readonly group: number; readonly hashes: Uint32Array }[] = [];

  const lastGroup = (): number => Number(lastChange.get()?.["changed"] ?? 0);

  /** Which events of the appends are new; `replies` gets the sequences of all. */
  function decide(appends: readonly Append[], org: number, last: number, replies: AppendReply[]): NewEvents {
    const total = appends.reduce((sum, { lengths: all }) => sum + all.length, 0);
    const fresh = appends.some(({ given }) => given.includes(1)) ? new NewIds(total) : undefined;
    const sources: Append[] = [];
    const indexes: number[] = [];
    for (const append of appends) {
      const before = sources.length;
      let sequences: Float64Array<ArrayBuffer> | undefined;
      for (let index = 0; index < append.lengths.length; index++) {
        let known = 0;
        const high = append.hashes[2 * index] ?? 0;
        const low = append.hashes[2 * index + 1] ?? 0;
        if (fresh !== undefined && append.given[index] === 1) {
          const same = (line: Uint8Array): boolean => sameEvent(stubOf(append, index), line);
          const twin = fresh.find(high, low, (at) => same(stubOf(sources[at] ?? append, indexes[at] ?? 0)));
          known = twin >= 0 ? last + twin + 1 : ids.find(org, high, low, same);
        }
        if (known !== 0 && sequences === undefined) {
          sequences = new Float64Array(append.lengths.length);
          for (let earlier = 0; earlier < index; earlier++) sequences[earlier] = last + before + earlier + 1;
        }
        if (known === 0) {
          fresh?.add(sources.length, high, low);
          indexes.push(index);
          known = last + sources.push(append);
        }
        if (sequences !== undefined) sequences[index] = known;
      }
      replies.push({ accepted: sources.length - before, sequences: sequences ?? last + before + 1 });
    }
    return { sources, indexes };
  }

  /** Writes the line of an event behind what the group holds already; returns its length. */
  function writeLine(at: number, stub: Uint8Array, sequence: number): number {
    const { length } = stub;
    let digits = 1;
    for (let rest = sequence; rest >= 10; rest = Math.floor(rest / 10)) digits += 1;
    const size = length + tailStart.length + digits + 2;
    if (at + size > body.length) {
      const larger = Buffer.allocUnsafeSlow(at + size);
      body.copy(larger, 0, 0, at);
      body = larger;
    }
    body.set(stub, at);
    body.set(tailStart, at + length);
    let rest = sequence;
    for (let place = at + size - 3; digits > 0; digits--, place--) {
      const next = Math.floor(rest / 10);
      body[place] = zero + (rest - 10 * next);
      rest = next;
    }
    body[at + size - 2] = brace;
    body[at + size - 1] = lineFeed;
    return size;
  }

  /** Stores new events as groups and moves the head. */
  function store(org: number, { sources, indexes }: NewEvents, last: number, bytes: number, now: number): void {
    let id = lastGroup();
    let total = bytes;
    let count = 0;
    let used = 0;
    const flush = (through: number): void => {
      if (count === 0) return;
      id += 1;
      const lines = body.subarray(0, used);
      const lineLengths = lengths.subarray(0, count);
      const times = occurredAt.subarray(0, count);
      const groupHashes = hashes.slice(0, 2 * count);
      const indexCrc = crc32(bytesOf(times), crc32(bytesOf(lineLengths)));
      const hashesCrc = crc32(bytesOf(groupHashes));
      insertGroup.run(
        id,
        org,
        through - count + 1,
        count,
        now,
        used,
        total,
        indexCrc,
        hashesCrc,
        crc32(lines),
        bytesOf(lineLengths),
        bytesOf(times),
        bytesOf(groupHashes),
        lines,
      );
      added.push({ group: id, hashes: groupHashes });
      total += used;
      count = 0;
      used = 0;
    };
    let sequence = last;
    for (const [ordinal, events] of sources.entries()) {
      const index = indexes[ordinal] ?? 0;
      const length = events.lengths[index] ?? 0;
      if (count === maxGroupEvents || (count > 0 && used + length + 40 > maxGroupBytes)) flush(sequence);
      sequence += 1;
      const size = writeLine(used, stubOf(events, index), sequence);
      lengths[count] = size;
      occurredAt[count] = events.occurredAt[index] ?? 0;
      hashes[2 * count] = events.hashes[2 * index] ?? 0;
      hashes[2 * count + 1] = events.hashes[2 * index + 1] ?? 0;
      used += size;
      count += 1;
    }
    flush(sequence);
    updateHead.run(sequence, total, now, id, org);
    // A giant line must not keep its memory for ever.
    if (body.length > 8 * maxGroupBytes) body = Buffer.allocUnsafeSlow(maxGroupBytes + 64 * 1024);
  }

  function appendTo(organization: string, requests: readonly AppendRequest[]): AppendReply[] {
    const appends = requests.map(unpack);
    const head = headOf.get(organization);
    const replies: AppendReply[] = [];
    const last = head === undefined ? Number(beginning.get()?.["value"] ?? 0) : numberOf(head, "last");
    const news = decide(appends, head === undefined ? 0 : numberOf(head, "org"), last, replies);
    if (news.sources.length === 0) return replies;
    const org =
      head === undefined ? Number(insertHead.get(organization, last, lastGroup() + 1)?.["org"]) : numberOf(head, "org");
    if (head === undefined && last > 0) skips.add(org, { after: 0, through: last });
    const now = Math.max(...requests.map((request) => request.now));
    store(org, news, last, head === undefined ? 0 : numberOf(head, "total_bytes"), now);
    return replies;
  }

  return {
    prepare(requests) {
      if (requests.some(looksUp)) ids.catchUp();
    },
    append(requests) {
      if (requests.some(looksUp)) {
        ids.catchUp();
        ids.begin();
      }
      const byOrganization = Map.groupBy(requests.keys(), (at) => requests[at]?.organization ?? "");
      const replies: AppendReply[] = [];
      for (const [organization, places] of byOrganization) {
        const own = appendTo(
          organization,
          places.map((at) => requests[at]).filter((request) => request !== undefined),
        );
        for (const [index, at] of places.entries()) replies[at] = own[index] ?? { accepted: 0, sequences: 0 };
      }
      return replies;
    },
    trim(organization, through, appendedBefore) {
      const head = headOf.get(organization);
      if (head === undefined) return { first: 1, more: false };
      const org = numberOf(head, "org");
      const before = numberOf(head, "first");
      // In the transaction of the deletions, so that no stream can be created in between and lose what it begins with.
      const claim = leastClaim.get(organization)?.["least"];
      const free = typeof claim === "number" ? Math.min(through, claim) : through;
      let first = before;
      let bytes = 0;
      let stopped = false;
      while (!stopped && bytes < trimBytes) {
        const groups = oldestGroups.all(org, first);
        stopped = groups.length === 0;
        for (const group of groups) {
          const next = numberOf(group, "first") + numberOf(group, "count");
          stopped = next - 1 > free || numberOf(group, "appended_at") >= appendedBefore;
          if (stopped || bytes >= trimBytes) break;
          deleteGroup.run(numberOf(group, "id"));
          bytes += numberOf(group, "bytes");
          first = next;
        }
      }
      // A journal begins with what it holds, or with what comes next.
      first = (skips.at(org, first)?.through ?? first - 1) + 1;
      if (first !== before) {
        updateFirst.run(first, org);
        trimObjects(organization, first);
      }
      return { first, more: !stopped };
    },
    skip(organization, through) {
      const head = headOf.get(organization);
      if (head === undefined || through <= numberOf(head, "last")) return;
      const [org, last, first] = [numberOf(head, "org"), numberOf(head, "last"), numberOf(head, "first")];
      skips.add(org, { after: last, through });
      if (first > last) updateFirst.run(through + 1, org);
      // The number of a group that is never stored: readers see by it that the head has changed.
      skipHead.run(through, lastGroup() + 1, org);
    },
    beginAfter: (through) => void beginLater.run(String(through)),
    committed() {
      const last = added.at(-1)?.group ?? 0;
      for (const { group, hashes: all } of added) ids.added(group, all);
      added = [];
      return last;
    },
    rolledBack() {
      added = [];
    },
  };
}

function bytesOf(array: Uint32Array | Float64Array): Uint8Array {
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
}
