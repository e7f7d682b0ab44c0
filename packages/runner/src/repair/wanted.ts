import type { StreamRecord } from "@headgate/core";
import type { Cause, Remaining } from "./remaining.ts";
import { normalized, type Range, within } from "./ranges.ts";
import type { GivenReport } from "./read-report.ts";

/** What a report says that a stream's place lacks. */
export interface Wanted {
  readonly stream: string;
  /** Whose the report says it is; undefined where it names nobody. */
  readonly organization: string | undefined;
  /** Undefined where there are no digests. */
  readonly chain: string | undefined;
  /** Objects that are missing, with their first and last sequence. */
  readonly objects: ReadonlyMap<string, Range>;
  /** Sequences that no object holds. */
  readonly sequences: readonly Range[];
  /** Objects that are there and are others. */
  readonly altered: ReadonlySet<string>;
  /** Where an end was cut off, and nobody knows with which objects. */
  readonly unseen: readonly Range[];
}

/** A report by streams, and what in it no replay can mend. */
export interface WantedOfReport {
  readonly streams: readonly Wanted[];
  readonly remaining: readonly Remaining[];
}

/** What becomes of findings that no replay mends. */
const leftBy: ReadonlyMap<string, Cause> = new Map<string, Cause>(
  Object.entries({
    digest_missing: "digest_gone",
    chain_cut_at_head: "digest_gone",
    chain_cut_at_tail: "chain_ends",
    digest_invalid: "digest_damaged",
    digest_inconsistent: "digest_damaged",
    signature_wrong: "digest_damaged",
    chain_broken: "digest_damaged",
    digest_fork: "misplaced",
    digest_moved: "misplaced",
    digest_copied: "misplaced",
    object_moved: "misplaced",
    object_copied: "misplaced",
    object_unnamed: "misplaced",
    object_altered: "altered",
    sequences_repeated: "repeated",
    store_restored: "store_restored",
    signature_missing: "digest_damaged",
    signature_of_unknown_key: "unsigned",
    digests_absent: "no_digests",
  } satisfies Record<string, Cause>),
);

/** Findings that are all about what a replay brings back. */
const mended: ReadonlySet<string> = new Set(["object_missing", "sequences_missing"]);

/**
 * Reads a report by streams. `only` is the stream that was asked for: without digests, a report says of what organization
 * events are at most, and never of which stream.
 */
export function wantedOf(
  report: GivenReport,
  only: Pick<StreamRecord, "id" | "organization"> | undefined,
): WantedOfReport {
  const findings = report.findings.filter(
    ({ stream }) => only === undefined || stream === undefined || stream === only.id,
  );
  const remaining: Remaining[] = findings.flatMap((finding) => (mended.has(finding.kind) ? [] : [left(finding)]));
  const said = new Set(report.findings.flatMap(({ key }) => key ?? []));
  for (const { key } of report.bad_objects) if (!said.has(key)) remaining.push({ cause: "altered", key });
  const { totals, gaps, bad_objects: bad } = report;
  if (report.chains.length === 0 && totals.duplicates + totals.duplicate_ids > 0) remaining.push({ cause: "repeated" });
  if (totals.findings > report.findings.length || totals.gaps > gaps.length || totals.bad_objects > bad.length)
    remaining.push({ cause: "not_listed" });
  return { streams: report.chains.length > 0 ? byChain(report, only) : withoutDigests(report, only), remaining };
}

function left({ kind, stream, sequences, key, digests }: GivenReport["findings"][number]): Remaining {
  return {
    cause: leftBy.get(kind) ?? "unexplained",
    ...(stream !== undefined && { stream }),
    ...(key !== undefined && { key }),
    ...(digests !== undefined && { digests }),
    ...(sequences !== undefined && { sequences }),
  };
}

function withoutDigests(
  { organizations = [], gaps, bad_objects: bad }: GivenReport,
  only: Pick<StreamRecord, "id" | "organization"> | undefined,
): readonly Wanted[] {
  if (only === undefined) return [];
  const own = organizations.find(({ organization }) => organization === only.organization) ?? organizations[0];
  return [
    {
      stream: only.id,
      organization: own?.organization,
      chain: undefined,
      objects: new Map(),
      sequences: normalized(own?.gaps ?? gaps),
      altered: new Set(bad.map(({ key }) => key)),
      unseen: [],
    },
  ];
}

function byChain(report: GivenReport, only: Pick<StreamRecord, "id"> | undefined): readonly Wanted[] {
  const gaps = normalized(report.gaps);
  const listed = report.totals.gaps <= report.gaps.length;
  const nameOf = (of: { readonly organization?: string; readonly stream?: string; readonly chain?: string }): string =>
    JSON.stringify([of.organization, of.stream, of.chain]);
  const findings = Map.groupBy(report.findings, nameOf);
  // A report is whatever its sender wrote: a chain that it names twice is repaired once.
  const chains = new Map(report.chains.map((chain) => [nameOf(chain), chain]));
  return [...chains.values()]
    .filter(({ stream }) => only === undefined || stream === only.id)
    .map(({ organization, stream, chain, after, through }) => {
      const own = findings.get(nameOf({ organization, stream, chain })) ?? [];
      const objects = new Map<string, Range>();
      const sequences: Range[] = [];
      const altered = new Set<string>();
      const unseen: Range[] = [];
      for (const { kind, key, belongs, sequences: range } of own) {
        const missing = kind === "object_missing" ? key : kind === "object_moved" ? belongs : undefined;
        if (missing !== undefined && range !== undefined) objects.set(missing, range);
        if (kind === "object_altered" && key !== undefined) {
          altered.add(key);
          if (range !== undefined) unseen.push(range);
        }
        if ((kind === "sequences_missing" || kind === "digest_missing") && range !== undefined) {
          // A finding has their ends; which of those between are missing, the gaps say where all are listed.
          sequences.push(...(listed ? within(gaps, [range]) : [range]));
        }
        if (kind === "chain_cut_at_head" && after > 0) unseen.push([1, after]);
        if (kind === "chain_cut_at_tail") unseen.push([through + 1, Number.MAX_SAFE_INTEGER]);
      }
      return {
        stream,
        organization,
        chain,
        objects,
        sequences: normalized(sequences),
        altered,
        unseen: normalized(unseen),
      };
    });
}
