import type { Checkpoint, QuarantineEntry, QuarantineRecord, StoredObject } from "./checkpoint.ts";
import type { JsonObject } from "./event.ts";
import type { Journal, JournalHead, JournalPosition } from "./journal.ts";
import type { DeliveryReport } from "./observer.ts";
import type { Shape } from "./shape.ts";
import type { FlushPolicy, SinkFailure } from "./sink.ts";
import type { Verification } from "./verification.ts";

/** One organization's connection to one destination, as it is configured. */
export interface StreamRecord {
  /** Unique in the store. */
  readonly id: string;
  /** Tells this stream from an earlier or later one of the same id. */
  readonly incarnation: string;
  readonly organization: string;
  /** What people call it, 1 to 100 characters. @default its id */
  readonly name?: string;
  /** Type of the sink. */
  readonly sink: string;
  /** The sink's options as JSON. Secrets are sealed, or redacted in a declared stream. */
  readonly options: JsonObject;
  readonly flush?: Partial<FlushPolicy>;
  /** What it makes of events: filter, privacy, format. @default every event, as it is stored */
  readonly shape?: Shape;
  readonly paused: boolean;
  /** Unix ms. */
  readonly createdAt: number;
  /** When its last pause began, and ended, Unix ms. */
  readonly pausedAt?: number;
  readonly resumedAt?: number;
  /** Sequence after which the stream begins. */
  readonly start: number;
  /** Declared by a configuration file, which holds its live options; otherwise created through the API. */
  readonly declared: boolean;
  /** Paused because its configuration names it no more; it goes on when it is named again. */
  readonly dropped?: true;
  /** The operator lets it use a role that another organization uses: it neither has a claim nor heeds one. */
  readonly sharedRole?: true;
  /** Of its digests, since it moved to another place. @default its incarnation */
  readonly chain?: string;
  /**
   * Consent of whoever changed the place that the stream writes to, or of an operator: the window that ends at this
   * sequence is finished with the codec, and at the place, of now instead of those that it was sealed with, though events
   * whose request was under way then could be stored twice.
   */
  readonly resealThrough?: number;
}

/** A stream's state as people see it. */
export type StreamState = "unverified" | "active" | "degraded" | "disconnected" | "blocked" | "paused" | "deleted";

/** How a stream is doing, saved when it changes so that other processes can tell. */
export interface StreamHealth {
  readonly state: StreamState;
  /** When the state was entered, Unix ms. */
  readonly since: number;
  readonly consecutiveFailures: number;
  /** When the present row of failures began, Unix ms; absent where the last attempt did not fail. */
  readonly failingSince?: number;
  readonly lastError?: SinkFailure & { readonly at: number };
  /** When delivery is tried again, Unix ms. */
  readonly nextAttemptAt?: number;
  /** What the last verification found. The runner verifies a stream when it is new, changed or resumed. */
  readonly verification?: Verification;
}

/** All that is stored of a stream, read in one step, so that what it counts is true together. */
export interface StreamSnapshot {
  readonly record: StreamRecord;
  readonly health?: StreamHealth;
  readonly checkpoint?: Checkpoint;
  /** Of the organization's journal. */
  readonly head: JournalHead;
  /** What comes after the checkpoint's position, or after `record.start` where there is no checkpoint. */
  readonly position: JournalPosition;
  /** The last sequence still held that was appended at or before `overdueBefore`; 0 where there is none, or nothing was asked. */
  readonly overdueThrough: number;
}

/** Which snapshots to read: in order of stream id, after `after`, at most `limit`. */
export interface SnapshotPage {
  readonly organization?: string;
  /** Streams whose id, name or organization holds this text, whatever the case of ASCII letters. */
  readonly search?: string;
  readonly after?: string;
  readonly limit: number;
  /** Unix ms. See {@link StreamSnapshot.overdueThrough}. */
  readonly overdueBefore?: number;
}

/** The configured streams and how they are doing. */
export interface Streams {
  /** With the documents, all or nothing, durably. @throws `stream_exists`, `document_conflict` as {@link Documents.write} */
  create(record: StreamRecord, documents?: readonly DocumentWrite[]): Promise<void>;
  /** Replaces the record with the same id, with the documents, all or nothing. @throws `stream_unknown`, `document_conflict` */
  update(record: StreamRecord, documents?: readonly DocumentWrite[]): Promise<void>;
  get(id: string): Promise<StreamRecord | undefined>;
  /** In order of id, after `after`, at most `limit`. */
  list(page?: {
    readonly organization?: string;
    readonly after?: string;
    readonly limit?: number;
  }): Promise<readonly StreamRecord[]>;
  /** Removes the stream, its checkpoint, health, quarantine, deliveries and objects. @throws `stream_unknown` */
  delete(id: string): Promise<void>;
  saveHealth(id: string, health: StreamHealth): Promise<void>;
  health(id: string): Promise<StreamHealth | undefined>;
  /** One stream with all that is stored of it; undefined where there is none. */
  snapshot(id: string, overdueBefore?: number): Promise<StreamSnapshot | undefined>;
  /** Many, in one call to the store: what a list of ten thousand streams is made from. */
  snapshots(page: SnapshotPage): Promise<readonly StreamSnapshot[]>;
}

/** A request to a destination as the store keeps it. */
export interface StoredDelivery extends DeliveryReport {
  /** Grows with each delivery of the store. */
  readonly number: number;
}

/** What was sent when: the history that people look at. The newest of each stream are kept. */
export interface Deliveries {
  /** Those of requests that moved no checkpoint; the others come with {@link CheckpointCommit}. Of streams that do not exist nothing is kept. Outlives the process; may be lost with the machine's power. */
  add(reports: readonly DeliveryReport[]): Promise<void>;
  /** The newest first, before the number `before`, at most `limit`. */
  list(
    stream: string,
    page?: { readonly before?: number; readonly limit?: number },
  ): Promise<readonly StoredDelivery[]>;
  /** Removes what ended before this instant, Unix ms. */
  trim(before: number): Promise<void>;
}

/** How many deliveries of a stream are kept at least; a store may keep up to twice as many before it cleans up. */
export const keptDeliveries = 1000;

/** A small text under a key, for what is neither event nor stream: tokens, alerts, external ids. */
export interface StoredDocument {
  readonly key: string;
  readonly value: string;
  /** 1 when it is new; each write adds one. */
  readonly version: number;
}

/** One change of {@link Documents.write}, or one that goes with a stream's record. */
export interface DocumentWrite {
  readonly collection: string;
  readonly key: string;
  /** Absent: the document is removed; where there is none, nothing happens. */
  readonly value?: string;
  /** The version that must be stored for the write to happen; 0 for none. @default any */
  readonly expected?: number;
}

/** Small documents in collections, ordered by key as UTF-8 bytes. */
export interface Documents {
  get(collection: string, key: string): Promise<StoredDocument | undefined>;
  /** Keys that begin with `prefix`, beyond `after` in the order asked for, at most `limit`. */
  list(
    collection: string,
    page?: {
      readonly prefix?: string;
      readonly after?: string;
      readonly limit?: number;
      readonly order?: "ascending" | "descending";
    },
  ): Promise<readonly StoredDocument[]>;
  /** All of the changes or none, durably. @throws `document_conflict` where an expected version is not the stored one */
  write(changes: readonly DocumentWrite[]): Promise<void>;
}

/** The right to run something, for a time. `token` is the fencing token: it grows with every change of hands. */
export interface Lease {
  readonly name: string;
  readonly holder: string;
  readonly token: number;
  /** Unix ms by the store's clock. */
  readonly expiresAt: number;
}

/** Leases with fencing tokens. */
export interface Leases {
  /**
   * Takes the lease if it is free, has run out, or is the holder's own (then it is renewed and keeps its token).
   * Resolves to undefined while somebody else has it.
   */
  acquire(name: string, holder: string, ttlMs: number): Promise<Lease | undefined>;
  /** @throws `lease_lost` if it has passed to somebody else */
  renew(lease: Lease, ttlMs: number): Promise<Lease>;
  /** Gives it up at once. Does nothing if it is no longer held. */
  release(lease: Lease): Promise<void>;
  /** Who has it now. */
  current(name: string): Promise<Lease | undefined>;
  /** Asks for many in one step, each as {@link Leases.acquire} does. Resolves to those that the holder has now. */
  acquireAll(names: readonly string[], holder: string, ttlMs: number): Promise<readonly Lease[]>;
  /** Gives many up in one step. */
  releaseAll(leases: readonly Lease[]): Promise<void>;
  /** Those whose name begins so and that somebody has now, in order of name. */
  list(prefix: string): Promise<readonly Lease[]>;
}

/** One atomic step of a stream: its next checkpoint and what went to quarantine with it. */
export interface CheckpointCommit {
  /** Checked in the same transaction: a lease that was lost commits nothing. */
  readonly lease: Lease;
  /** `version` must be one more than the stored one; position never goes back. */
  readonly checkpoint: Checkpoint;
  /** Entered by (stream, sequence); an entry that is there already is replaced. */
  readonly quarantine?: readonly QuarantineEntry[];
  /** Sequences that leave the quarantine because they were delivered after a retry. */
  readonly released?: readonly number[];
  /** Requests that this step is the result of, for the stream's history. */
  readonly deliveries?: readonly DeliveryReport[];
  /** Objects that the destination has confirmed. Their numbers are new. */
  readonly objects?: readonly StoredObject[];
}

/** Checkpoints with compare-and-set and fencing. */
export interface Checkpoints {
  get(stream: string): Promise<Checkpoint | undefined>;
  /** All of them, in pages by stream id. For start-up. */
  list(page: { readonly after?: string; readonly limit: number }): Promise<readonly Checkpoint[]>;
  /**
   * Writes durably, or throws and changes nothing.
   * @throws `lease_lost`, `checkpoint_conflict` (version not one more than the stored one, or position would go back),
   * `stream_unknown` (no stream with this id, or another incarnation of it)
   */
  commit(change: CheckpointCommit): Promise<void>;
}

/** Lines that a source could not turn into events: kept with where they stood. */
export interface RejectedRecord {
  readonly organization: string;
  /** The source's name, e.g. a file path. */
  readonly source: string;
  /** Where in the source, 1-based; with `source` it is the record's identity: the same one entered twice is one. */
  readonly line: number;
  /** Unix ms. */
  readonly rejectedAt: number;
  readonly reason: SinkFailure;
  /** The bytes as they were read. */
  readonly content: Uint8Array;
}

/** What is set apart. Events leave through {@link CheckpointCommit}; rejected records are entered by sources. */
export interface Quarantine {
  list(
    stream: string,
    page?: { readonly after?: number; readonly limit?: number },
  ): Promise<readonly QuarantineRecord[]>;
  get(stream: string, sequence: number): Promise<QuarantineRecord | undefined>;
  /**
   * Marks an entry: `retry` asks the runner that has the stream's lease to send it again; `discarded` drops the line and
   * keeps the mark, so that accounts still add up; `held` takes a retry back. False where there is no such entry, or it
   * is discarded already.
   */
  mark(stream: string, sequence: number, state: QuarantineRecord["state"]): Promise<boolean>;
  /** Ids of the streams that have entries marked `retry`. */
  retrying(): Promise<readonly string[]>;
  /** The stream's entry marked `retry` with the lowest sequence. */
  nextRetry(stream: string): Promise<QuarantineRecord | undefined>;
  reject(records: readonly RejectedRecord[]): Promise<void>;
  rejected(page?: {
    readonly organization?: string;
    readonly offset?: number;
    readonly limit?: number;
  }): Promise<readonly RejectedRecord[]>;
  discardRejected(source: string, line: number): Promise<boolean>;
}

/**
 * What objects a stream has stored. They come with {@link CheckpointCommit}, and go with their stream, or when the journal
 * is trimmed: those whose events are all gone, and that a digest names where the stream has a chain of digests.
 */
export interface Objects {
  /** In order of number, after the number `after`, at most `limit`; those only whose sequences may lie from `from` to `to`. */
  list(
    stream: string,
    page?: { readonly after?: number; readonly limit?: number; readonly from?: number; readonly to?: number },
  ): Promise<readonly StoredObject[]>;
}

/** How far a source has been read. Opaque to the store. */
export interface Cursors {
  get(source: string): Promise<string | undefined>;
  /** Durable before it resolves. */
  set(source: string, value: string): Promise<void>;
}

/** Everything Headgate keeps. Runners hold no state of their own. All writes are durable before they resolve. */
export interface Store extends AsyncDisposable {
  /** Kind of store, e.g. `sqlite`. */
  readonly name: string;
  readonly journal: Journal;
  readonly checkpoints: Checkpoints;
  readonly streams: Streams;
  readonly quarantine: Quarantine;
  readonly leases: Leases;
  readonly cursors: Cursors;
  readonly deliveries: Deliveries;
  readonly documents: Documents;
  readonly objects: Objects;
  /** Opens the store, creating it if need be. Called once before anything else. @throws `store_corrupt`, `store_version`, `store_unavailable` */
  open(): Promise<void>;
}
