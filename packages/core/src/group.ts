import type { JournalGroup, JournalRange, PreparedEvent } from "./journal.ts";

const encoder = new TextEncoder();

/**
 * Joins prepared events to a group, giving them consecutive sequences: `,"sequence":N}` and LF are spliced after each
 * stub, so nothing is serialised twice. Every store uses this one, so all store the same bytes.
 */
export function joinGroup(
  firstSequence: number,
  appendedAt: number,
  events: readonly PreparedEvent[],
): JournalGroup & { readonly body: Uint8Array<ArrayBuffer> } {
  const occurredAt = new Float64Array(events.length);
  const lengths = new Uint32Array(events.length);
  const tails: Uint8Array[] = [];
  let size = 0;
  for (let i = 0; i < events.length; i++) {
    const event = events[i] as PreparedEvent;
    const tail = encoder.encode(`,"sequence":${firstSequence + i}}\n`);
    tails.push(tail);
    occurredAt[i] = event.occurredAt;
    lengths[i] = event.stub.length + tail.length;
    size += event.stub.length + tail.length;
  }
  const body = new Uint8Array(size);
  let at = 0;
  for (let i = 0; i < events.length; i++) {
    const { stub } = events[i] as PreparedEvent;
    const tail = tails[i] as Uint8Array;
    body.set(stub, at);
    body.set(tail, at + stub.length);
    at += stub.length + tail.length;
  }
  return { firstSequence, appendedAt, occurredAt, lengths, body };
}

/** The last sequence of a group. */
export function lastSequence(group: JournalGroup): number {
  return group.firstSequence + group.lengths.length - 1;
}

/** Bytes of a group's lines. */
export function groupBytes(group: JournalGroup): number {
  let sum = 0;
  for (const length of group.lengths) sum += length;
  return sum;
}

/** The part of a group in (after, through], or undefined where there is none. Views, not copies. */
export function sliceGroup<G extends JournalGroup>(group: G, after: number, through: number): G | undefined {
  const from = Math.max(0, after + 1 - group.firstSequence);
  const to = Math.min(group.lengths.length, through + 1 - group.firstSequence);
  if (from >= to) return undefined;
  if (from === 0 && to === group.lengths.length) return group;
  let start = 0;
  for (let i = 0; i < from; i++) start += group.lengths[i] as number;
  let end = start;
  for (let i = from; i < to; i++) end += group.lengths[i] as number;
  return {
    ...group,
    firstSequence: group.firstSequence + from,
    occurredAt: group.occurredAt.subarray(from, to),
    lengths: group.lengths.subarray(from, to),
    ...(group.body === undefined ? {} : { body: group.body.subarray(start, end) }),
  };
}

/**
 * The last sequence of a range once its limits are applied to the groups that hold it: the first event always
 * fits, the next ones while neither `maxBytes` nor `maxEvents` is exceeded. Groups are consecutive, in order.
 */
export function rangeEnd(groups: readonly JournalGroup[], range: JournalRange): number {
  const maxBytes = range.maxBytes ?? Number.POSITIVE_INFINITY;
  const maxEvents = range.maxEvents ?? Number.POSITIVE_INFINITY;
  const through = range.through ?? Number.POSITIVE_INFINITY;
  let end = range.after;
  let bytes = 0;
  for (const group of groups) {
    for (let i = 0; i < group.lengths.length; i++) {
      const sequence = group.firstSequence + i;
      if (sequence <= range.after) continue;
      bytes += group.lengths[i] as number;
      const fits = bytes <= maxBytes && sequence - range.after <= maxEvents;
      if (sequence > through || (!fits && sequence > range.after + 1)) return end;
      end = sequence;
    }
  }
  return end;
}

/** The groups up to the first sequence that was never given: a window holds every sequence of its range. */
export function inARow(groups: readonly JournalGroup[]): readonly JournalGroup[] {
  const end = groups.findIndex((group, i) => {
    const before = groups[i - 1];
    return before !== undefined && lastSequence(before) + 1 !== group.firstSequence;
  });
  return end === -1 ? groups : groups.slice(0, end);
}
