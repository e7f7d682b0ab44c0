import { type DigestKeySet, hourOf } from "@headgate/core";
import { type CheckedChain, checkChains, signatureState } from "./check-chains.ts";
import { createFindings } from "./finding.ts";
import { createIdIndex } from "./id-index.ts";
import { inspectObject } from "./inspect-object.ts";
import { openLedger } from "./ledger.ts";
import { listPlace } from "./list-place.ts";
import { rootOf } from "./object-key.ts";
import { createOrganizationTally } from "./organization-tally.ts";
import type { AuditPlace } from "./place.ts";
import { eachOf } from "./readers.ts";
import { type AuditReport, listLimit, type OrganizationReport } from "./report.ts";
import { type FileInScope, scopeOf } from "./scope.ts";
import { createSpans } from "./spans.ts";

/** How far an audit is. */
export interface AuditProgress {
  /** Files that the place has, as far as it is listed. */
  readonly listed: number;
  readonly objects: number;
  readonly events: number;
  /** As stored. */
  readonly bytes: number;
  readonly badObjects: number;
  /** What is to be read: known once the place is listed. */
  readonly total?: { readonly objects: number; readonly bytes: number };
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
  /** Published keys that signatures are checked by. @default nobody's signature is checked */
  readonly keys?: DigestKeySet;
  /** Judge this stream alone: what its digests name, and what else is under its prefix. @default all */
  readonly stream?: string;
  /** Begin with this hour, Unix ms; what is before is not read. @default at the beginning */
  readonly from?: number;
  /** Chains must reach until then, Unix ms. @default as far as digests were due by `now` */
  readonly until?: number;
  /** The time of the audit, Unix ms. @default the system's clock */
  readonly now?: number;
  readonly signal?: AbortSignal;
  /** Called with each file that is listed, before the first object and after each. */
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
  const { organization: expected, ids: checkIds = true, signal, onProgress, keys, stream } = options;
  const reading = {
    concurrency: options.concurrency ?? 8,
    memoryBytes: options.memoryBytes ?? 128 * 1024 * 1024,
    signal,
  };
  const from = options.from === undefined ? undefined : hourOf(options.from);
  using ids = createIdIndex();
  using ledger = openLedger();
  const findings = createFindings();
  const tally = createOrganizationTally();
  /** Organizations by the prefix that their objects are under. */
  const roots = new Map<string, Set<string>>();
  const bad: { readonly key: string; readonly reason: string }[] = [];
  const done = { objects: 0, events: 0, bytes: 0, badObjects: 0 };
  try {
    let listed = 0;
    const onListed = (): void => onProgress?.({ ...done, listed: ++listed });
    const { ignored, skipped } = await listPlace(place, { ledger, findings, keys, stream, from, reading, onListed });
    const proving = ledger.one("SELECT 1 AS is_some FROM digest LIMIT 1") !== undefined;
    if (proving) ledger.run("CREATE INDEX named_as ON named (sha256)");

    const scope = scopeOf(ledger, { from, stream });

    const read = { ...done, listed, total: { objects: scope.files, bytes: scope.bytes } };
    onProgress?.(read);

    async function inspect(file: FileInScope): Promise<void> {
      const spans = createSpans(file.id, ledger);
      const object = { ...file, read: () => place.read(file.key) };
      const found = await inspectObject(object, (event) => {
        if (proving) spans.add(event.sequence);
        else tally.count(event);
        if (checkIds && file.judged) ids.add(event.organization, event.id, event.sequence);
      });
      spans.end();
      const { events, organizations, reasons, sha256, first, last } = found;
      ledger.run(
        "INSERT INTO seen VALUES (?, ?, ?, ?, ?, ?, ?)",
        file.id,
        sha256 ?? null,
        file.size,
        events,
        first,
        last,
        organizations.length === 1 ? (organizations[0] ?? null) : null,
      );
      read.objects++;
      read.events += events;
      read.bytes += file.size;
      if (!file.judged) {
        onProgress?.(read);
        return;
      }
      const foreign = expected !== undefined && organizations.some((name) => name !== expected);
      const faults = foreign ? [`holds events of another organization than ${expected}`, ...reasons] : reasons;
      const root = rootOf(file.key);
      const owners = roots.get(root);
      if (owners === undefined) roots.set(root, new Set(organizations));
      else for (const organization of organizations) owners.add(organization);
      done.objects++;
      done.events += events;
      done.bytes += file.size;
      if (faults.length > 0 && done.badObjects++ < listLimit) bad.push({ key: file.key, reason: faults.join("; ") });
      read.badObjects = done.badObjects;
      onProgress?.(read);
    }
    await eachOf(scope.each(), reading, inspect);
    const demanded = keys !== undefined || stream !== undefined || from !== undefined || options.until !== undefined;
    const reach = { from, until: options.until, now: options.now ?? Date.now() };
    const chains = proving ? checkChains({ ledger, findings, reach, only: stream !== undefined }) : [];
    if (!proving && demanded)
      findings.add({
        kind: "digests_absent",
        message: `There is no digest${stream === undefined ? "" : ` of stream ${stream}`}, and so no proof of anything`,
      });
    return reportOf({ ignored, skipped, others: scope.others, proving, chains });
  } finally {
    place.close?.();
  }

  function reportOf({
    ignored,
    skipped,
    others,
    proving,
    chains,
  }: {
    readonly ignored: number;
    readonly skipped: number;
    readonly others: number;
    readonly proving: boolean;
    readonly chains: readonly CheckedChain[];
  }): AuditReport {
    const repeated = checkIds ? ids.repeated(listLimit) : { total: 0, found: [] };
    const places = [...roots].sort(([a], [b]) => (a < b ? -1 : 1));
    const organizations = tally.reports(repeated.found, (organization) =>
      places.flatMap(([root, owners]) => (owners.has(organization) ? [root] : [])),
    );
    const joined = <T>(list: (report: OrganizationReport) => readonly T[]): readonly T[] =>
      organizations.flatMap(({ report }) => list(report)).slice(0, listLimit);
    const accounts = chains.map(({ account }) => account);
    const totals = {
      findings: findings.total,
      gaps: proving ? sum(accounts, ({ gaps }) => gaps.length) : sum(organizations, ({ gapCount }) => gapCount),
      duplicates: proving
        ? sum(accounts, ({ duplicates }) => duplicates.length)
        : sum(organizations, ({ duplicateCount }) => duplicateCount),
      duplicate_ids: repeated.total,
      bad_objects: done.badObjects,
    };
    const complete = Object.values(totals).every((total) => total === 0);
    const signatures = signatureState(ledger);
    const bounds = ledger.one("SELECT min(first) AS first, max(last) AS last FROM seen WHERE count > 0");
    return {
      complete,
      // What lies before a chain, where the audit was to begin at the beginning, is there and nobody's word.
      proven: complete && signatures === "valid" && (from !== undefined || chains.every(isWhole)),
      signatures,
      as_of:
        chains
          .filter(({ ended }) => !ended)
          .map(({ report }) => report.to)
          .sort()[0] ?? null,
      digests: sum(chains, ({ report }) => report.digests),
      objects: done.objects,
      events: done.events,
      bytes: done.bytes,
      first_sequence: Number(bounds?.["first"] ?? 0),
      last_sequence: Number(bounds?.["last"] ?? 0),
      gaps: proving ? accounts.flatMap(({ gaps }) => gaps) : joined(({ gaps }) => gaps),
      duplicates: proving ? accounts.flatMap(({ duplicates }) => duplicates) : joined(({ duplicates }) => duplicates),
      duplicate_ids: repeated.found.map(({ sequences }) => sequences),
      bad_objects: bad.sort((a, b) => (a.key < b.key ? -1 : 1)),
      missing: proving ? sum(accounts, ({ missing }) => missing) : sum(organizations, ({ report }) => report.missing),
      findings: findings.listed,
      chains: chains.map(({ report }) => report),
      totals,
      ids_checked: checkIds,
      ignored,
      skipped,
      other_objects: others,
      shared_prefixes: places
        .filter(([, owners]) => owners.size > 1)
        .map(([root, owners]) => ({ prefix: root, organizations: [...owners].sort() })),
      ...((organizations.length > 1 || expected !== undefined) && {
        organizations: organizations.map(({ report }) => report),
      }),
    };
  }
}

function sum<T>(items: readonly T[], value: (item: T) => number): number {
  return items.reduce((total, item) => total + value(item), 0);
}

/** Whether its digests vouch for the stream from its first event that is there. */
function isWhole({ report: { before } }: CheckedChain): boolean {
  return before.events === 0;
}
