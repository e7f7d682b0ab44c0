import type { Journal, JournalGroup, JournalRange, PreparedEvent, Store } from "@headgate/core";

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** What may be chosen of an event of the kit. */
export interface EventChoice {
  /** Whether the caller chose the id. @default true */
  readonly given?: boolean;
  /** Unix ms. @default 1750000000000 */
  readonly occurredAt?: number;
  /** Stands in the metadata: makes the line longer, or stranger. */
  readonly note?: string;
}

/** A prepared event with this id, as core would make it. */
export function journalEvent(id: string, choice: EventChoice = {}): PreparedEvent {
  const { given = true, occurredAt = 1_750_000_000_000, note = "" } = choice;
  const line = JSON.stringify({
    schema_version: 1,
    id,
    occurred_at: new Date(occurredAt).toISOString(),
    action: "kit.event.appended",
    actor: { type: "kit", id: "kit" },
    metadata: { note },
  });
  return { id, idGiven: given, occurredAt, stub: encoder.encode(line.slice(0, -1)) };
}

/** Prepared events with the ids `prefix-0` to `prefix-{count - 1}`. */
export function journalEvents(prefix: string, count: number, choice: EventChoice = {}): readonly PreparedEvent[] {
  return Array.from({ length: count }, (_, index) => journalEvent(`${prefix}-${index}`, choice));
}

/** What the kit wants to know of a line. */
export interface ReadEvent {
  readonly id: string;
  readonly sequence: number;
  readonly occurredAt: number;
  /** The line as it is stored, LF included. */
  readonly line: string;
}

/** Takes a group apart, by its lengths. */
export function eventsOf(group: JournalGroup & { readonly body: Uint8Array }): readonly ReadEvent[] {
  let at = 0;
  return Array.from(group.lengths, (length, index) => {
    const line = decoder.decode(group.body.subarray(at, at + length));
    at += length;
    const { id, sequence } = JSON.parse(line) as { readonly id: string; readonly sequence: number };
    return { id, sequence, occurredAt: group.occurredAt[index] ?? Number.NaN, line };
  });
}

/** Reads a range to its end. */
export async function readGroups(
  journal: Journal,
  organization: string,
  range: JournalRange = { after: 0 },
): Promise<readonly (JournalGroup & { readonly body: Uint8Array })[]> {
  const groups = [];
  // A body is valid until the next group is asked for.
  for await (const group of journal.read(organization, range)) groups.push({ ...group, body: group.body.slice() });
  return groups;
}

/** Reads the events of a range. */
export async function readEvents(
  store: Store,
  organization: string,
  range: JournalRange = { after: 0 },
): Promise<readonly ReadEvent[]> {
  return (await readGroups(store.journal, organization, range)).flatMap(eventsOf);
}

/** 1, 2, 3 … `count`. */
export function upTo(count: number): readonly number[] {
  return Array.from({ length: count }, (_, index) => index + 1);
}
