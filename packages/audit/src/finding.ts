import { listLimit } from "./report.ts";

/** What kinds of findings there are. Each alone makes a place incomplete. */
export type FindingKind =
  | "digests_absent"
  | "digest_missing"
  | "digest_invalid"
  | "digest_fork"
  | "digest_moved"
  | "digest_copied"
  | "digest_inconsistent"
  | "chain_cut_at_head"
  | "chain_cut_at_tail"
  | "chain_broken"
  | "signature_missing"
  | "signature_wrong"
  | "signature_of_unknown_key"
  | "object_missing"
  | "object_altered"
  | "object_moved"
  | "object_copied"
  | "object_unnamed"
  | "sequences_missing"
  | "sequences_repeated"
  | "store_restored"
  | "counts_wrong";

/** One thing that is wrong, with all that is needed to look at it. */
export interface Finding {
  readonly kind: FindingKind;
  /** One sentence without its full stop. */
  readonly message: string;
  readonly organization?: string;
  readonly stream?: string;
  readonly chain?: string;
  /** Numbers of digests, both ends included. */
  readonly digests?: readonly [number, number];
  /** RFC 3339, UTC: the time that the missing digests were to cover. */
  readonly from?: string;
  readonly to?: string;
  readonly sequences?: readonly [number, number];
  /** The key that is looked at, and for what was moved or copied the key that it belongs under. */
  readonly key?: string;
  readonly belongs?: string;
}

/** Collects findings: counts all, keeps those that are listed. */
export interface Findings {
  add(finding: Finding): void;
  readonly total: number;
  readonly listed: readonly Finding[];
}

/** An empty collection. */
export function createFindings(): Findings {
  const listed: Finding[] = [];
  let total = 0;
  return {
    add(finding) {
      if (total++ < listLimit) listed.push(finding);
    },
    get total() {
      return total;
    },
    listed,
  };
}
