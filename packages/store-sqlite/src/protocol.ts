import type {
  DocumentWrite,
  ErrorCode,
  JournalHead,
  JournalPosition,
  JournalRange,
  QuarantineRecord,
  SkippedRange,
  StoredDocument,
} from "@headgate/core";

/** What the worker needs to open the file. */
export interface OpenRequest {
  readonly path: string;
  readonly busyTimeoutMs: number;
  /** Largest size of the database file, or 0 for none. */
  readonly maxBytes: number;
  /** Deliveries of a stream that are kept at least. */
  readonly keptDeliveries: number;
  readonly markPath: string;
  /** Opens a backup, or what is behind its mark. */
  readonly restoring: boolean;
  /** Opens what is another file than before. */
  readonly moved: boolean;
}

/** What the main thread needs of an opened store. */
export interface OpenReply {
  /** Keys the hash of ids, so that nobody can prepare ids that collide. */
  readonly seed: readonly [number, number];
}

/** One append, its events packed into one buffer. See `packed-events.ts` for its layout. */
export interface AppendRequest {
  readonly organization: string;
  readonly now: number;
  readonly count: number;
  readonly packed: ArrayBuffer;
}

/** Sequences of one append: the first of a run where nothing was a duplicate, all of them otherwise. */
export interface AppendReply {
  readonly accepted: number;
  readonly sequences: number | Float64Array<ArrayBuffer>;
}

/** A group of a range without its body; the arrays are views into transferred buffers. */
export interface IndexGroup {
  readonly firstSequence: number;
  readonly appendedAt: number;
  readonly occurredAt: Float64Array<ArrayBuffer>;
  readonly lengths: Uint32Array<ArrayBuffer>;
}

/** A group of a range with its body. */
export interface BodyGroup extends IndexGroup {
  readonly body: Uint8Array<ArrayBuffer>;
}

/** Some groups of a reading, and where the whole reading ends. */
export interface ReadReply {
  readonly groups: readonly BodyGroup[];
  readonly through: number;
}

/** A lease as a row. */
export interface LeaseRow {
  readonly name: string;
  readonly holder: string;
  readonly token: number;
  readonly expiresAt: number;
}

/** A quarantine entry: what is compared or queried as columns, the rest as JSON. */
export interface QuarantineRow {
  readonly sequence: number;
  readonly record: string;
  readonly line: Uint8Array;
}

/** A kept quarantine entry. */
export interface StoredQuarantineRow extends QuarantineRow {
  readonly state: QuarantineRecord["state"];
}

/** A stream's record: what the store itself looks at as columns, the whole as JSON. */
export interface StreamRow {
  readonly id: string;
  readonly incarnation: string;
  readonly organization: string;
  readonly start: number;
  readonly record: string;
}

/** One commit of a checkpoint. */
export interface CommitRequest {
  readonly lease: LeaseRow;
  readonly stream: string;
  readonly incarnation: string;
  readonly version: number;
  readonly position: number;
  readonly record: string;
  readonly quarantine: readonly QuarantineRow[];
  readonly released: readonly number[];
  readonly deliveries: readonly DeliveryRow[];
  readonly objects: readonly ObjectRow[];
}

/** A stored object: what is compared as columns, the whole as JSON. */
export interface ObjectRow {
  readonly number: number;
  readonly first: number;
  readonly last: number;
  readonly record: string;
}

/** Which objects to list; a negative limit is none. */
export interface ObjectPage {
  readonly after: number;
  readonly limit: number;
  readonly from: number;
  readonly to: number;
}

/** A delivery to be kept. */
export interface DeliveryRow {
  readonly stream: string;
  readonly at: number;
  readonly record: string;
}

/** A stream with all that is stored of it, its documents as JSON. */
export interface SnapshotRow {
  readonly record: string;
  readonly health: string | undefined;
  readonly checkpoint: string | undefined;
  readonly head: JournalHead;
  readonly position: JournalPosition;
  readonly overdueThrough: number;
}

/** Which documents to list; a negative limit is none. */
export interface DocumentPage {
  readonly prefix: string;
  readonly after: string | undefined;
  readonly limit: number;
  readonly descending: boolean;
}

/** A rejected record: its identity as columns, the rest as JSON. */
export interface RejectedRow {
  readonly source: string;
  readonly line: number;
  readonly organization: string;
  readonly record: string;
  readonly content: Uint8Array;
}

/** A page of rows by text key; a negative limit is none. */
export interface Page {
  readonly after: string;
  readonly limit: number;
}

/** What the worker does, as functions. Arguments and results are structured-cloned; buffers in results are transferred. */
export interface Operations {
  open(request: OpenRequest): OpenReply;
  close(): void;
  check(): readonly string[];
  /** Says that the file is a copy, which opens only to be restored, or that it is none any more. */
  setCopied(at: number | undefined): void;

  append(request: AppendRequest): AppendReply;
  head(organization: string): JournalHead;
  changes(since: number): { readonly changed: number; readonly heads: readonly JournalHead[] };
  position(organization: string, after: number): JournalPosition;
  index(organization: string, range: JournalRange): readonly IndexGroup[];
  read(organization: string, range: JournalRange): ReadReply;
  trim(
    organization: string,
    through: number,
    appendedBefore: number,
  ): { readonly first: number; readonly more: boolean };
  firstSequence(organization: string): number;
  skip(organization: string, through: number): void;
  beginAfter(through: number): void;
  skipped(organization: string, after: number): readonly SkippedRange[];

  createStream(stream: StreamRow, changes: readonly DocumentWrite[]): void;
  updateStream(stream: StreamRow, changes: readonly DocumentWrite[]): void;
  getStream(id: string): string | undefined;
  listStreams(organization: string | undefined, page: Page): readonly string[];
  deleteStream(id: string): void;
  saveHealth(id: string, health: string): void;
  health(id: string): string | undefined;
  snapshot(id: string, overdueBefore: number | undefined): SnapshotRow | undefined;
  snapshots(
    page: Page & {
      readonly organization: string | undefined;
      readonly search: string;
      readonly overdueBefore: number | undefined;
    },
  ): readonly SnapshotRow[];

  commit(request: CommitRequest): void;
  getCheckpoint(stream: string): string | undefined;
  listCheckpoints(page: Page): readonly string[];

  listQuarantine(stream: string, after: number, limit: number): readonly StoredQuarantineRow[];
  getQuarantine(stream: string, sequence: number): StoredQuarantineRow | undefined;
  markQuarantine(stream: string, sequence: number, state: QuarantineRecord["state"]): boolean;
  retrying(): readonly string[];
  nextRetry(stream: string): StoredQuarantineRow | undefined;
  reject(rows: readonly RejectedRow[]): void;
  listRejected(organization: string | undefined, offset: number, limit: number): readonly RejectedRow[];
  discardRejected(source: string, line: number): boolean;

  acquireLease(name: string, holder: string, ttlMs: number, now: number): LeaseRow | undefined;
  renewLease(lease: LeaseRow, ttlMs: number, now: number): LeaseRow;
  releaseLease(lease: LeaseRow): void;
  currentLease(name: string, now: number): LeaseRow | undefined;
  acquireLeases(names: readonly string[], holder: string, ttlMs: number, now: number): readonly LeaseRow[];
  releaseLeases(leases: readonly LeaseRow[]): void;
  listLeases(prefix: string, now: number): readonly LeaseRow[];

  addDeliveries(rows: readonly DeliveryRow[]): void;
  listDeliveries(
    stream: string,
    before: number,
    limit: number,
  ): readonly { readonly number: number; readonly record: string }[];
  /** Whether there is more to be trimmed. */
  trimDeliveries(before: number): boolean;
  listObjects(stream: string, page: ObjectPage): readonly string[];
  getDocument(collection: string, key: string): StoredDocument | undefined;
  listDocuments(collection: string, page: DocumentPage): readonly StoredDocument[];
  writeDocuments(changes: readonly DocumentWrite[]): void;

  getCursor(source: string): string | undefined;
  setCursor(source: string, value: string): void;
}

/** Name of something that the worker does. */
export type OperationName = keyof Operations;

/** What goes to the worker: all that was asked for in one turn of the event loop travels as one message. */
export interface Request {
  readonly id: number;
  readonly name: OperationName;
  readonly args: readonly unknown[];
}

/** An error on its way back. */
export interface WireError {
  readonly code: ErrorCode;
  readonly message: string;
  readonly hint?: string;
}

/** What comes back for a request. */
export interface Reply {
  readonly id: number;
  readonly value?: unknown;
  readonly error?: WireError;
}
