/** A file as a listing gives it. */
export interface ListedFile {
  /** With `/` between its parts. */
  readonly key: string;
  /** Bytes as stored. */
  readonly size: number;
}

/** A file's bytes as stored: at once, and valid until the next read, or soon, or as they come. */
export type StoredBytes = Uint8Array | Promise<Uint8Array> | AsyncIterable<Uint8Array>;

/** Where an audit reads: a folder, a bucket, a list of files, or anything that can list and read. */
export interface AuditPlace {
  /** What all keys begin with, as it was asked for. */
  readonly prefix: string;
  /** Whether somebody has named each file: then none is passed over because of a folder's name. @default false */
  readonly chosen?: boolean;
  /** Every file, names that begin with `_` included, in any order. */
  list(): AsyncIterable<ListedFile>;
  /** May be called more than once for a key. */
  read(key: string): StoredBytes;
  /** Called once nothing more is read. */
  close?(): void;
}
