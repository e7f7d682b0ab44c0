import type { RepeatedId } from "./id-index.ts";
import type { AuditedEvent } from "./read-event.ts";
import { listLimit, type OrganizationReport } from "./report.ts";
import { createSequenceSet, type SequenceSet } from "./sequence-set.ts";

/** What is known of each organization while objects are read, where nothing but the sequences says what is complete. */
export interface OrganizationTally {
  count(event: AuditedEvent): void;
  /** By name. `prefixesOf` says where an organization's objects are, `repeated` which ids stand twice. */
  reports(
    repeated: readonly RepeatedId[],
    prefixesOf: (organization: string) => readonly string[],
  ): readonly CountedReport[];
}

/** An organization's report, and how many findings there are beyond those that it lists. */
export interface CountedReport {
  readonly report: OrganizationReport;
  readonly gapCount: number;
  readonly duplicateCount: number;
}

interface Tally {
  events: number;
  readonly present: SequenceSet;
  readonly twice: SequenceSet;
}

/** Starts with nothing. Takes a bit for each event. */
export function createOrganizationTally(): OrganizationTally {
  const tallies = new Map<string, Tally>();
  return {
    count({ organization, sequence }) {
      let tally = tallies.get(organization);
      if (tally === undefined) {
        tallies.set(organization, (tally = { events: 0, present: createSequenceSet(), twice: createSequenceSet() }));
      }
      tally.events++;
      if (!tally.present.add(sequence)) tally.twice.add(sequence);
    },
    reports(repeated, prefixesOf) {
      const repeatedOf = Map.groupBy(repeated, ({ organization }) => organization);
      return [...tallies.keys()]
        .sort()
        .map((name) => reportOf(name, tallies.get(name) as Tally, repeatedOf.get(name) ?? [], prefixesOf(name)));
    },
  };
}

function reportOf(
  organization: string,
  { events, present, twice }: Tally,
  repeated: readonly RepeatedId[],
  prefixes: readonly string[],
): CountedReport {
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

function firstOf<T>(items: Iterable<T>): { readonly total: number; readonly found: readonly T[] } {
  const found: T[] = [];
  let total = 0;
  for (const item of items) if (total++ < listLimit) found.push(item);
  return { total, found };
}
