import type { Range } from "./ranges.ts";

/** Why something stays as an audit found it, and what can be done about it. */
export const causes = {
  // Of sequences.
  trimmed: "the journal holds these events no more; only another copy of the bucket has them",
  quarantined: "they are in quarantine, or discarded from it: `headgate quarantine retry` sends those that are held",
  store_restored: "the store was put back from a backup and never gave these sequences",
  left_out: "the stream's filter left them out, or an operator's limit gave them up",
  given_up: "an operator's limit on pending age gave them up",
  unrecorded: "they were delivered before objects were recorded, so where is not known",
  before_stream: "they are from before the stream began: `headgate streams replay` stores them in objects of their own",
  pending: "they are not delivered yet, and come by themselves",
  never_given: "this store never gave such a sequence: it may be the report of another one",
  settings: "the stream writes elsewhere, or in another way, by now",
  changed: "what was stored cannot be made again",
  refused: "the destination refused them",
  repeated: "they stand more than once: delete the object that is too much",
  // Of objects.
  altered:
    "what is at its key stays, but where a stream to S3 sets `encryption`: audit again, and if it is still another, delete it or move it aside, and repair once more",
  misplaced: "it is not where it belongs, or nobody vouches for it: delete it, or move it aside",
  // Of digests.
  digest_gone:
    "a digest is signed once and kept nowhere else: put its file back from the bucket's earlier versions, or from a copy",
  digest_damaged:
    "a digest is signed once and never written over: put its file back from the bucket's earlier versions, or from a copy",
  chain_ends:
    "the next digest comes from a runner at work; those that were cut off must be put back from the bucket's earlier versions, or from a copy",
  unsigned: "give the audit all keys that the platform publishes, those of before too",
  no_digests: "the stream makes none; see `digests` in the configuration",
  // Of the report.
  other_stream: "the store has no such stream of this organization",
  other_life: "the digests are of an earlier life of the stream, or of another place that it wrote to",
  no_objects: "the stream has no object on record",
  not_listed: "the report does not list all that was found: audit again, and repair with the new report",
  unexplained: "a replay does not mend it: ask who runs the platform",
} as const;

/** One of {@link causes}. */
export type Cause = keyof typeof causes;

/** Something that a repair leaves as the audit found it. */
export interface Remaining {
  readonly cause: Cause;
  readonly stream?: string;
  readonly sequences?: Range;
  readonly key?: string;
  /** Numbers of digests. */
  readonly digests?: Range;
}
