import { type AuditEvent, isHeadgateError, type Journal, type JournalGroup, type SkippedRange } from "@headgate/core";
import { type EventFilter, inTime, lineFilter, type StoredLine } from "./event-filter.ts";
import { sequenceBefore } from "./time-range.ts";

/** Which part of a journal is looked at, in which order. */
export interface SearchRange {
  /** Only beyond this sequence. @default 0 */
  readonly after?: number;
  /** Only up to this sequence. @default where the journal ends when the search begins */
  readonly through?: number;
  /** @default "ascending" */
  readonly order?: "ascending" | "descending";
}

/** A step of a search. */
export interface SearchStep {
  /** Absent where a stretch was looked at that holds nothing. Valid until the next step is asked for. */
  readonly found?: StoredLine;
  /** The search has been through everything up to here, in its order. */
  readonly sequence: number;
  /** Bytes of lines that were looked at since the step before. */
  readonly bytes: number;
}

/** Events whose index is looked at together, and of a search backwards whose lines are. */
const pageEvents = 20_000;
const backwardsEvents = 2000;
const backwardsBytes = 8 * 1024 * 1024;

const utf8 = new TextDecoder();

/**
 * Looks through an organization's events. Times come from the index, so that stretches without a match are not read.
 * Memory stays at one group, or backwards at some thousand lines. It goes on beside appends and trimming.
 */
export async function* searchSteps(
  journal: Journal,
  organization: string,
  filter: EventFilter,
  range: SearchRange = {},
): AsyncGenerator<SearchStep> {
  const { lastSequence } = await journal.head(organization);
  const through = Math.min(range.through ?? lastSequence, lastSequence);
  const first = await journal.firstSequence(organization);
  let after = Math.max(range.after ?? 0, first - 1);
  if (filter.from !== undefined && after < through) {
    after = await sequenceBefore(journal, organization, filter.from, { after, through });
  }
  const skips = await journal.skipped(organization, after);
  const search: Search = { journal, organization, filter, skips, matches: lineFilter(filter) };
  yield* range.order === "descending" ? backwards(search, after, through) : forwards(search, after, through);
}

/**
 * The events of a search in its order, for whoever wants no more than those.
 *
 * @example
 * ```ts
 * for await (const { line } of searchEvents(headgate.store.journal, "org_1", { actions: ["user.*"] })) process.stdout.write(line);
 * ```
 */
export async function* searchEvents(
  journal: Journal,
  organization: string,
  filter: EventFilter = {},
  range: SearchRange = {},
): AsyncGenerator<StoredLine> {
  for await (const { found } of searchSteps(journal, organization, filter, range)) if (found !== undefined) yield found;
}

interface Search {
  readonly journal: Journal;
  readonly organization: string;
  readonly filter: EventFilter;
  /** Sequences that were never given: there may be more of them than of the others. */
  readonly skips: readonly SkippedRange[];
  readonly matches: (stored: StoredLine) => boolean;
}

async function* forwards(search: Search, from: number, through: number): AsyncGenerator<SearchStep> {
  const { journal, organization } = search;
  for (let after = from; after < through;) {
    const skip = search.skips.find((one) => one.after <= after && after < one.through);
    if (skip !== undefined) {
      after = skip.through;
      continue;
    }
    try {
      for await (const step of forwardsPage(search, after, through)) {
        yield step;
        after = Math.max(after, step.sequence);
      }
    } catch (error) {
      // Retention may have taken away the beginning meanwhile. Then the search goes on where the journal now begins.
      const first = await journal.firstSequence(organization);
      if (!isHeadgateError(error, "store_corrupt") || first <= after + 1) throw error;
      after = first - 1;
    }
  }
}

async function* forwardsPage(search: Search, after: number, through: number): AsyncGenerator<SearchStep> {
  const { journal, organization, filter } = search;
  const end = Math.min(through, after + pageEvents);
  const timed = filter.from !== undefined || filter.to !== undefined;
  const range = timed
    ? within(await journal.index(organization, { after, through: end }), filter)
    : { after, through: end };
  if (range !== undefined) {
    for await (const group of journal.read(organization, range)) {
      let bytes = 0;
      for (const stored of linesOf(group, filter)) {
        bytes += stored.line.length;
        if (!search.matches(stored)) continue;
        yield { found: stored, sequence: stored.sequence, bytes };
        bytes = 0;
      }
      yield { sequence: group.firstSequence + group.lengths.length - 1, bytes };
    }
  }
  yield { sequence: end, bytes: 0 };
}

async function* backwards(search: Search, after: number, from: number): AsyncGenerator<SearchStep> {
  const { journal, organization } = search;
  for (let through = from; through > after;) {
    const skip = search.skips.find((one) => one.after < through && through <= one.through);
    if (skip !== undefined) {
      through = skip.after;
      continue;
    }
    const first = await journal.firstSequence(organization);
    const least = Math.max(after, first - 1, through - backwardsEvents);
    if (least >= through) return;
    try {
      const { found, start, bytes } = await readTail(search, least, through);
      let looked = bytes;
      for (const stored of found.toReversed()) {
        yield { found: stored, sequence: stored.sequence, bytes: looked };
        looked = 0;
      }
      yield { sequence: start + 1, bytes: looked };
      through = start;
    } catch (error) {
      // As forwards: what retention has taken away meanwhile ends the search sooner.
      const now = await journal.firstSequence(organization);
      if (!isHeadgateError(error, "store_corrupt") || now <= first) throw error;
    }
  }
}

/** The matches in the last events of a range, as many as may be held together, and the sequence that they begin after. */
async function readTail(
  { journal, organization, filter, matches }: Search,
  after: number,
  through: number,
): Promise<{ readonly found: readonly StoredLine[]; readonly start: number; readonly bytes: number }> {
  const index = await journal.index(organization, { after, through });
  const start = Math.max(after, tailStart(index));
  const inside = within(index, filter);
  const range = inside && { after: Math.max(start, inside.after), through: inside.through };
  const found: StoredLine[] = [];
  let bytes = 0;
  if (range !== undefined && range.after < range.through) {
    for await (const group of journal.read(organization, range)) {
      for (const stored of linesOf(group, filter)) {
        bytes += stored.line.length;
        // A group's bytes are gone with the next group.
        if (matches(stored)) found.push(storedLine(stored.sequence, stored.line.slice()));
      }
    }
  }
  return { found, start, bytes };
}

/** The sequence after which the last events of an index have no more bytes than may be held; one event always may. */
function tailStart(index: readonly JournalGroup[]): number {
  let bytes = 0;
  for (const { firstSequence, lengths } of index.toReversed()) {
    for (let i = lengths.length - 1; i >= 0; i--) {
      bytes += lengths[i] as number;
      if (bytes > backwardsBytes && bytes !== lengths[i]) return firstSequence + i;
    }
  }
  return 0;
}

/** The range of sequences between the first and the last event of the wanted time. */
function within(
  groups: readonly JournalGroup[],
  filter: EventFilter,
): { readonly after: number; readonly through: number } | undefined {
  let range: { readonly after: number; readonly through: number } | undefined;
  for (const { firstSequence, occurredAt } of groups) {
    for (let i = 0; i < occurredAt.length; i++) {
      if (!inTime(occurredAt[i] as number, filter)) continue;
      range = { after: range?.after ?? firstSequence + i - 1, through: firstSequence + i };
    }
  }
  return range;
}

function* linesOf(group: JournalGroup & { readonly body: Uint8Array }, filter: EventFilter): Generator<StoredLine> {
  const { firstSequence, occurredAt, lengths, body } = group;
  let at = 0;
  for (let i = 0; i < lengths.length; i++) {
    const line = body.subarray(at, at + (lengths[i] as number));
    at += line.length;
    if (inTime(occurredAt[i] as number, filter)) yield storedLine(firstSequence + i, line);
  }
}

function storedLine(sequence: number, line: Uint8Array): StoredLine {
  return { sequence, line, parse: () => JSON.parse(utf8.decode(line)) as AuditEvent };
}
