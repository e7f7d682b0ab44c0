import { createIdIndex, type RepeatedId } from "./id-index.ts";
import { type AuditableObject, inspectObject, type Inspection } from "./inspect-object.ts";
import { isAside, isPlaced, parseObjectKey, rootOf } from "./object-key.ts";
import type { AuditedEvent } from "./read-event.ts";
import { type AuditReport, listLimit, type OrganizationReport } from "./report.ts";
import { createRoom } from "./room.ts";
import { createSequenceSet, type SequenceSet } from "./sequence-set.ts";

/** How far an audit is. */
export interface AuditProgress {
  readonly objects: number;
  readonly events: number;
  /** As stored. */
  readonly bytes: number;
  readonly badObjects: number;
}

/** Settings of {@link audit}. */
export interface AuditOptions {
  /** What all keys begin with. @default "" */
  readonly prefix?: string;
  /** Whose events are expected: objects of anybody else are bad. @default anybody's */
  readonly organization?: string;
  /** Objects read at a time. @default 8 */
  readonly concurrency?: number;
  /** Bytes of objects read at a time; one larger object is read alone. @default 128 MiB */
  readonly memoryBytes?: number;
  /** Compare ids as well as sequences. @default true */
  readonly ids?: boolean;
  readonly signal?: AbortSignal;
  /** Called after each object. */
  readonly onProgress?: (progress: AuditProgress) => void;
}

/** What is known of one organization while objects are read. */
interface Tally {
  events: number;
  readonly present: SequenceSet;
  readonly twice: SequenceSet;
}

/**
 * Checks objects one by one and all together: bytes against names, lines against hours, and whether each organization's
 * sequences are all there, once. Several objects are read at a time; of each, one line is held.
 *
 * @example
 * ```ts
 * const report = await audit(folderObjects("./out"));
 * console.log(report.complete, report.gaps);
 * ```
 */
export async function audit(objects: AsyncIterable<AuditableObject>, options: AuditOptions = {}): Promise<AuditReport> {
  const {
    prefix = "",
    organization: expected,
    concurrency = 8,
    memoryBytes = 128 * 1024 * 1024,
    ids: checkIds = true,
    signal,
    onProgress,
  } = options;
  using ids = createIdIndex();
  const tallies = new Map<string, Tally>();
  /** Organizations by the prefix that their objects are under. */
  const roots = new Map<string, Set<string>>();
  const bad: { readonly key: string; readonly reason: string }[] = [];
  const done = { objects: 0, events: 0, bytes: 0, badObjects: 0 };

  function count({ organization, sequence, id }: AuditedEvent): void {
    let tally = tallies.get(organization);
    if (tally === undefined) {
      tallies.set(organization, (tally = { events: 0, present: createSequenceSet(), twice: createSequenceSet() }));
    }
    tally.events++;
    if (!tally.present.add(sequence)) tally.twice.add(sequence);
    if (checkIds) ids.add(organization, id, sequence);
  }

  async function inspected(object: AuditableObject): Promise<Inspection> {
    const found = await inspectObject(object, count);
    const foreign = expected !== undefined && found.organizations.some((name) => name !== expected);
    return foreign
      ? { ...found, reasons: [`holds events of another organization than ${expected}`, ...found.reasons] }
      : found;
  }

  // Generators queue calls of next(), so that all readers draw from one listing.
  const listing = objects[Symbol.asyncIterator]();
  let ignored = 0;
  let skipped = 0;
  const room = createRoom(memoryBytes);
  const halt = new AbortController();
  async function reader(): Promise<void> {
    while (!halt.signal.aborted) {
      signal?.throwIfAborted();
      const next = await listing.next();
      if (next.done === true) return;
      const object = next.value;
      if (isAside(object.key.slice(prefix.length))) {
        if (parseObjectKey(object.key) !== undefined) skipped++;
        continue;
      }
      if (!isPlaced(object.key)) {
        ignored++;
        continue;
      }
      await room.take(object.size);
      const { events, organizations, reasons } = await inspected(object).finally(() => room.give(object.size));
      const root = rootOf(object.key);
      roots.set(root, (roots.get(root) ?? new Set()).union(new Set(organizations)));
      done.objects++;
      done.events += events;
      done.bytes += object.size;
      if (reasons.length > 0 && done.badObjects++ < listLimit)
        bad.push({ key: object.key, reason: reasons.join("; ") });
      onProgress?.(done);
    }
  }
  const readers = Array.from({ length: concurrency }, () =>
    reader().catch((error: unknown) => {
      halt.abort();
      throw error;
    }),
  );
  await Promise.allSettled(readers);
  await Promise.all(readers);

  const repeated = checkIds ? ids.repeated(listLimit) : { total: 0, found: [] };
  const names = [...tallies.keys()].sort();
  const repeatedOf = Map.groupBy(repeated.found, ({ organization }) => organization);
  const places = [...roots].sort(([a], [b]) => (a < b ? -1 : 1));
  const organizations = names.map((name) =>
    reportOf(name, tallies.get(name) as Tally, repeatedOf.get(name) ?? [], prefixesOf(name)),
  );
  function prefixesOf(organization: string): readonly string[] {
    return places.flatMap(([root, owners]) => (owners.has(organization) ? [root] : []));
  }
  const totals = {
    gaps: sum(organizations, ({ gapCount }) => gapCount),
    duplicates: sum(organizations, ({ duplicateCount }) => duplicateCount),
    duplicate_ids: repeated.total,
    bad_objects: done.badObjects,
  };
  const joined = <T>(list: (report: OrganizationReport) => readonly T[]): readonly T[] =>
    organizations.flatMap(({ report }) => list(report)).slice(0, listLimit);
  return {
    complete: Object.values(totals).every((total) => total === 0),
    objects: done.objects,
    events: done.events,
    bytes: done.bytes,
    first_sequence: organizations.length === 0 ? 0 : lowest(organizations),
    last_sequence: organizations.reduce((most, { report }) => Math.max(most, report.last_sequence), 0),
    gaps: joined(({ gaps }) => gaps),
    duplicates: joined(({ duplicates }) => duplicates),
    duplicate_ids: joined(({ duplicate_ids: pairs }) => pairs),
    bad_objects: bad.sort((a, b) => (a.key < b.key ? -1 : 1)),
    missing: sum(organizations, ({ report }) => report.missing),
    totals,
    ids_checked: checkIds,
    ignored,
    skipped,
    shared_prefixes: places
      .filter(([, owners]) => owners.size > 1)
      .map(([root, owners]) => ({ prefix: root, organizations: [...owners].sort() })),
    ...((organizations.length > 1 || expected !== undefined) && {
      organizations: organizations.map(({ report }) => report),
    }),
  };
}

interface Counted {
  readonly report: OrganizationReport;
  readonly gapCount: number;
  readonly duplicateCount: number;
}

function reportOf(
  organization: string,
  { events, present, twice }: Tally,
  repeated: readonly RepeatedId[],
  prefixes: readonly string[],
): Counted {
  const gaps = firstOf(present.gaps());
  const duplicates: number[] = [];
  for (const [from, to] of twice.ranges()) {
    for (let sequence = from; sequence <= to && duplicates.length < listLimit; sequence++) duplicates.push(sequence);
  }
  const ids = repeated.map(({ sequences }) => sequences);
  return {
    gapCount: gaps.total,
    duplicateCount: twice.size,
    report: {
      organization,
      complete: gaps.total === 0 && twice.size === 0 && ids.length === 0,
      events,
      first_sequence: present.first,
      last_sequence: present.last,
      gaps: gaps.found,
      missing: present.last - present.first + 1 - present.size,
      duplicates,
      duplicate_ids: ids,
      prefixes,
    },
  };
}

function lowest(organizations: readonly Counted[]): number {
  return organizations.reduce((least, { report }) => Math.min(least, report.first_sequence), Number.POSITIVE_INFINITY);
}

function firstOf<T>(items: Iterable<T>): { readonly total: number; readonly found: readonly T[] } {
  const found: T[] = [];
  let total = 0;
  for (const item of items) if (total++ < listLimit) found.push(item);
  return { total, found };
}

function sum<T>(items: readonly T[], value: (item: T) => number): number {
  return items.reduce((total, item) => total + value(item), 0);
}
