import type { SequenceRange } from "./sequence-set.ts";

/** Most gaps, duplicates and bad objects that are listed; the totals always count all. */
export const listLimit = 10_000;

/** What an audit found of one organization. */
export interface OrganizationReport {
  readonly organization: string;
  readonly complete: boolean;
  readonly events: number;
  readonly first_sequence: number;
  readonly last_sequence: number;
  readonly gaps: readonly SequenceRange[];
  /** Events that are missing in the gaps. */
  readonly missing: number;
  /** Sequences that stand in more than one place. */
  readonly duplicates: readonly number[];
  /** Different sequences that carry the same event id. */
  readonly duplicate_ids: readonly (readonly [number, number])[];
  /** What its keys have in front of `year=`, each once: where its events are. */
  readonly prefixes: readonly string[];
}

/** A prefix under which objects of several organizations are. */
export interface SharedPrefix {
  readonly prefix: string;
  readonly organizations: readonly string[];
}

/**
 * What an audit found, as `audit --json` prints it. With several organizations the numbers are sums, the sequences
 * lowest and highest, the lists joined, and `organizations` has each by itself.
 */
export interface AuditReport {
  /** No gap, no repeat, no bad object. Says nothing of what is before the first sequence and after the last. */
  readonly complete: boolean;
  readonly objects: number;
  readonly events: number;
  /** As stored. */
  readonly bytes: number;
  readonly first_sequence: number;
  readonly last_sequence: number;
  readonly gaps: readonly SequenceRange[];
  readonly duplicates: readonly number[];
  readonly duplicate_ids: readonly (readonly [number, number])[];
  readonly bad_objects: readonly { readonly key: string; readonly reason: string }[];
  /** Events that are missing in the gaps. */
  readonly missing: number;
  readonly totals: {
    readonly gaps: number;
    readonly duplicates: number;
    readonly duplicate_ids: number;
    readonly bad_objects: number;
  };
  /** Whether ids were compared as well as sequences. */
  readonly ids_checked: boolean;
  /** Files outside the folders of the layout: not looked at. */
  readonly ignored: number;
  /** Keys like those of event objects, left out because a folder or the name begins with `_` or `.`. */
  readonly skipped: number;
  /** Prefixes that several organizations share. A stream is one organization's, so that each needs an explanation. */
  readonly shared_prefixes: readonly SharedPrefix[];
  readonly organizations?: readonly OrganizationReport[];
}
