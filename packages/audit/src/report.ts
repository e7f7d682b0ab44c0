import type { Unvouched } from "./check-unnamed.ts";
import type { Finding } from "./finding.ts";
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

/** What an audit found of one chain of digests: of one life of a stream. */
export interface ChainReport {
  readonly organization: string;
  readonly stream: string;
  readonly chain: string;
  readonly complete: boolean;
  readonly digests: number;
  /** First and last number. */
  readonly numbers: readonly [number, number];
  /** RFC 3339, UTC: what the chain covers. */
  readonly from: string;
  readonly to: string;
  /** The sequences that it vouches for: those after `after`, up to `through`. */
  readonly after: number;
  readonly through: number;
  readonly delivered: number;
  /** Set apart at the time of their digest, those that were delivered later among them. */
  readonly quarantined: number;
  readonly released: number;
  readonly filtered: number;
  readonly lost: number;
  /** In named objects, above `through`: vouched for by the objects' hashes alone. */
  readonly ahead: number;
  readonly pending: Unvouched;
  readonly before: Unvouched;
}

/** Whether signatures were checked: `none` where there is no digest. */
export type SignatureState = "valid" | "invalid" | "unchecked" | "none";

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
  /** No finding. Without digests it says nothing of what is before the first sequence and after the last. */
  readonly complete: boolean;
  /**
   * Complete, every digest is signed with a key that was given, and no event is from before a chain begins, unless the audit
   * begins later too. Events after the last digest, `pending` in its chain, are vouched for by the next one.
   */
  readonly proven: boolean;
  readonly signatures: SignatureState;
  /** RFC 3339, UTC: until when digests vouch for every stream that goes on; null where none does. */
  readonly as_of: string | null;
  readonly digests: number;
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
  /** What is wrong by the digests, and where. */
  readonly findings: readonly Finding[];
  readonly chains: readonly ChainReport[];
  readonly totals: {
    readonly findings: number;
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
  /** Where a stream was chosen, objects of others and of nobody: not judged. */
  readonly other_objects: number;
  /** Prefixes that several organizations share. A stream is one organization's, so that each needs an explanation. */
  readonly shared_prefixes: readonly SharedPrefix[];
  readonly organizations?: readonly OrganizationReport[];
}
