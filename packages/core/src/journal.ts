/**
 * An event made ready for the journal: validated, normalised and serialised, but without its sequence. `stub` is the
 * NDJSON line up to, not including, the closing brace; the store adds `,"sequence":N}` and LF. So a line is
 * serialised once, and what is stored is what is delivered.
 */
export interface PreparedEvent {
  readonly id: string;
  /** Whether the caller chose the id. Ids that Headgate minted itself are new by construction: no look-up is needed. */
  readonly idGiven: boolean;
  /** Unix ms. */
  readonly occurredAt: number;
  /** UTF-8. */
  readonly stub: Uint8Array;
}

/** Consecutive events of one organization, as they were appended together. Stores keep groups, not rows per event. */
export interface JournalGroup {
  readonly firstSequence: number;
  /** When the group was appended, Unix ms by the store's clock. */
  readonly appendedAt: number;
  /** `occurred_at` of each event, Unix ms. */
  readonly occurredAt: Float64Array;
  /** Bytes of each event's line, LF included. */
  readonly lengths: Uint32Array;
  /** The lines, one after another, sequence order. Absent where only the index was asked for. */
  readonly body?: Uint8Array;
}

/** Where an organization's journal ends. */
export interface JournalHead {
  readonly organization: string;
  /** Last sequence given; 0 before the first event. Survives trimming. */
  readonly lastSequence: number;
  /** Bytes of all lines ever appended. Survives trimming. */
  readonly totalBytes: number;
  /** When the last group was appended, Unix ms. */
  readonly appendedAt: number;
}

/** What became of one append. Sequences are in the order of the events handed in; a repeat gives the first one's. */
export interface AppendResult {
  readonly accepted: number;
  readonly duplicates: number;
  readonly sequences: readonly number[];
}

/** How an append is made. */
export interface AppendOptions {
  /**
   * A transaction of the caller's, open in the database that the store is in: the events are there once it is committed,
   * and never if it is rolled back. Nothing is durable before. What it is, the store says; most take none.
   */
  readonly transaction?: unknown;
}

/** Where a reading starts, and what is known there without reading a body. */
export interface JournalPosition {
  /** Sequence of the first event after the position, or 0 when nothing is there. */
  readonly nextSequence: number;
  /** When that event was appended, Unix ms. */
  readonly appendedAt: number;
  /** Bytes of all lines up to and including the position. */
  readonly bytesBefore: number;
  /** How many sequences after the position were never given; see {@link Journal.skip}. */
  readonly skipped: number;
}

/** Sequences that were never given: those after `after`, up to `through`. */
export interface SkippedRange {
  readonly after: number;
  readonly through: number;
}

/** What to read: events after `after`, up to `through`, and no more than the limits allow, but always at least one. */
export interface JournalRange {
  /** Exclusive. */
  readonly after: number;
  /** Inclusive. @default the journal's end */
  readonly through?: number;
  readonly maxBytes?: number;
  readonly maxEvents?: number;
}

/** The durable per-organization log. */
export interface Journal {
  /**
   * Appends events of one organization and resolves once they are fsynced. Gives each a gapless sequence, but for
   * {@link Journal.skip}; an id that
   * the journal holds already, or that stands twice in the batch, is a duplicate and stores nothing.
   * All or nothing. @throws `store_full`, `store_closed`, `organization_invalid`, `transaction_unsupported`
   */
  append(organization: string, events: readonly PreparedEvent[], options?: AppendOptions): Promise<AppendResult>;

  /** One organization's end. All zero where nothing was ever appended. */
  head(organization: string): Promise<JournalHead>;

  /**
   * The heads that changed since `cursor`; without one, all of them. One call serves any number of streams, also for
   * appends made by other processes. Cursors are opaque and live as long as the store object.
   */
  changes(cursor?: string): Promise<{ readonly cursor: string; readonly heads: readonly JournalHead[] }>;

  /** Calls back soon after an append of this process, as a hint to look for changes. The returned function ends it. */
  subscribe(listener: () => void): () => void;

  /** What comes next after a sequence, from the index alone. */
  position(organization: string, after: number): Promise<JournalPosition>;

  /** Groups in a range without bodies, cut to the range exactly. For sealing a window; cheap. */
  index(organization: string, range: JournalRange): Promise<readonly JournalGroup[]>;

  /**
   * Groups in a range with bodies, cut to the range exactly, a few at a time so that memory stays bounded. A body is
   * valid until the next group is asked for.
   * @throws `store_corrupt` where a sequence of the range is missing
   */
  read(organization: string, range: JournalRange): AsyncIterable<JournalGroup & { readonly body: Uint8Array }>;

  /**
   * Removes whole groups that end at or before `through`, that every stream of the organization has, and that were
   * appended before `appendedBefore` (Unix ms). What streams have is looked up in the same step: one that was created a
   * moment ago keeps what it was promised.
   * Sequences and totals go on. Resolves to the first sequence still held, or the next to be given.
   */
  trim(organization: string, through: number, appendedBefore: number): Promise<number>;

  /** The first sequence still held, or the next to be given when nothing is. */
  firstSequence(organization: string): Promise<number>;

  /**
   * Leaves out the sequences up to `through`: the next event gets the one after it. The one gap that a journal has, made
   * where the store is an older copy of one that went on, and gave some of them. Readings pass over it. Does nothing where
   * they were given already, and where the organization has no journal.
   */
  skip(organization: string, through: number): Promise<void>;

  /** Has organizations that have no journal yet begin after this sequence, as if those before it were left out. It never goes down. */
  beginAfter(through: number): Promise<void>;

  /** What was left out after a sequence, ascending. */
  skipped(organization: string, after: number): Promise<readonly SkippedRange[]>;
}
