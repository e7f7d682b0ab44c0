import { createIdIndex } from "./id-index.ts";
import { inspectObject } from "./inspect-object.ts";
import { isAside, isPlaced, parseObjectKey, rootOf } from "./object-key.ts";
import { type CountedReport, createOrganizationTally } from "./organization-tally.ts";
import type { AuditPlace, ListedFile } from "./place.ts";
import type { AuditedEvent } from "./read-event.ts";
import { eachOf } from "./readers.ts";
import { type AuditReport, listLimit, type OrganizationReport } from "./report.ts";

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

/**
 * Checks objects one by one and all together: bytes against names, lines against hours, and whether each organization's
 * sequences are all there, once. Several objects are read at a time; of each, one line is held.
 *
 * @example
 * ```ts
 * const report = await audit(folderPlace("./out"));
 * console.log(report.complete, report.gaps);
 * ```
 */
export async function audit(place: AuditPlace, options: AuditOptions = {}): Promise<AuditReport> {
  const {
    organization: expected,
    concurrency = 8,
    memoryBytes = 128 * 1024 * 1024,
    ids: checkIds = true,
    signal,
    onProgress,
  } = options;
  using ids = createIdIndex();
  const tally = createOrganizationTally();
  /** Organizations by the prefix that their objects are under. */
  const roots = new Map<string, Set<string>>();
  const bad: { readonly key: string; readonly reason: string }[] = [];
  const done = { objects: 0, events: 0, bytes: 0, badObjects: 0 };
  let ignored = 0;
  let skipped = 0;

  function count(event: AuditedEvent): void {
    tally.count(event);
    if (checkIds) ids.add(event.organization, event.id, event.sequence);
  }

  async function* eventObjects(): AsyncGenerator<ListedFile> {
    for await (const file of place.list()) {
      if (place.chosen !== true && isAside(file.key.slice(place.prefix.length))) {
        if (parseObjectKey(file.key) !== undefined) skipped++;
      } else if (isPlaced(file.key)) yield file;
      else ignored++;
    }
  }

  async function inspect(file: ListedFile): Promise<void> {
    const object = { ...file, read: () => place.read(file.key) };
    const { events, organizations, reasons } = await inspectObject(object, count);
    const foreign = expected !== undefined && organizations.some((name) => name !== expected);
    const found = foreign ? [`holds events of another organization than ${expected}`, ...reasons] : reasons;
    const root = rootOf(file.key);
    roots.set(root, (roots.get(root) ?? new Set()).union(new Set(organizations)));
    done.objects++;
    done.events += events;
    done.bytes += file.size;
    if (found.length > 0 && done.badObjects++ < listLimit) bad.push({ key: file.key, reason: found.join("; ") });
    onProgress?.(done);
  }
  try {
    await eachOf(eventObjects(), { concurrency, memoryBytes, signal }, inspect);
  } finally {
    place.close?.();
  }

  const repeated = checkIds ? ids.repeated(listLimit) : { total: 0, found: [] };
  const places = [...roots].sort(([a], [b]) => (a < b ? -1 : 1));
  const organizations = tally.reports(repeated.found, (organization) =>
    places.flatMap(([root, owners]) => (owners.has(organization) ? [root] : [])),
  );
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

function lowest(organizations: readonly CountedReport[]): number {
  return organizations.reduce((least, { report }) => Math.min(least, report.first_sequence), Number.POSITIVE_INFINITY);
}

function sum<T>(items: readonly T[], value: (item: T) => number): number {
  return items.reduce((total, item) => total + value(item), 0);
}
