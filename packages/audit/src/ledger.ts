import { DatabaseSync, type StatementSync } from "node:sqlite";
import { HeadgateError } from "@headgate/core";

/** Tables of one audit in a temporary file. Memory stays at the cache's 4 MiB for a bucket of any size. */
export interface Ledger extends Disposable {
  /** Runs a statement; statements are prepared once each. */
  run(sql: string, ...values: readonly Value[]): void;
  /** The first row. */
  one(sql: string, ...values: readonly Value[]): Row | undefined;
  /** All rows at once, where they are few. */
  all(sql: string, ...values: readonly Value[]): readonly Row[];
  /** Rows as they are asked for. */
  rows(sql: string, ...values: readonly Value[]): IterableIterator<Row>;
}

/** A value of a column. */
export type Value = string | number | null;

/** A row by the names of its columns. */
export type Row = Readonly<Record<string, Value>>;

/**
 * `file`: what the listing has. `digest_file`: the digests among it. `root`: what the objects of those digests that are read begin
 * with, as they are found. `other`: objects that other streams than the chosen one have signed for. `digest`: what was read of each digest; `used` are those of which the chain is
 * made. `earlier`: the last digest of each chain that is of before the audit's beginning. `named`: objects that digests name. `label`: sequences in quarantine (kind q) or lost (l). `seen`: what an object
 * holds. `span`: runs of sequences in it. `owner`: which digest of which chain an object belongs to. `aside`: objects
 * in folders that readers pass over, by the SHA-1 in their names.
 */
const tables = `
  PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -4096; PRAGMA temp_store = FILE;
  CREATE TABLE file (id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, size INTEGER NOT NULL, hour INTEGER, sha1 TEXT);
  CREATE TABLE digest_file (key TEXT PRIMARY KEY) WITHOUT ROWID;
  CREATE TABLE root (start TEXT PRIMARY KEY) WITHOUT ROWID;
  CREATE TABLE other (key TEXT PRIMARY KEY) WITHOUT ROWID;
  CREATE TABLE earlier (organization TEXT, stream TEXT, name TEXT, number INTEGER, after INTEGER, through INTEGER, "to" TEXT, final INTEGER,
    PRIMARY KEY (organization, stream, name));
  CREATE TABLE chain (id INTEGER PRIMARY KEY, organization TEXT, stream TEXT, name TEXT, base TEXT,
    UNIQUE (organization, stream, name));
  CREATE TABLE digest (id INTEGER PRIMARY KEY, chain INTEGER, number INTEGER, found TEXT, claimed TEXT, relation TEXT,
    hash TEXT, previous TEXT, began TEXT, ended TEXT, after INTEGER, through INTEGER, delivered INTEGER,
    quarantined INTEGER, filtered INTEGER, lost INTEGER, signature TEXT, key_id TEXT, final INTEGER, used INTEGER DEFAULT 0);
  CREATE INDEX digest_of ON digest (chain, number);
  CREATE TABLE named (id INTEGER PRIMARY KEY, digest INTEGER, key TEXT, sha1 TEXT, sha256 TEXT, bytes INTEGER,
    count INTEGER, first INTEGER, last INTEGER);
  CREATE INDEX named_by ON named (digest);
  CREATE TABLE label (digest INTEGER, kind TEXT, first INTEGER, last INTEGER, reason TEXT);
  CREATE INDEX label_of ON label (digest);
  CREATE TABLE seen (file INTEGER PRIMARY KEY, sha256 TEXT, bytes INTEGER, count INTEGER, first INTEGER, last INTEGER,
    organization TEXT);
  CREATE TABLE span (file INTEGER, first INTEGER, last INTEGER);
  CREATE INDEX span_of ON span (file);
  CREATE TABLE owner (file INTEGER, chain INTEGER, number INTEGER, PRIMARY KEY (file, chain)) WITHOUT ROWID;
  CREATE TABLE aside (sha1 TEXT, key TEXT);
  CREATE INDEX aside_of ON aside (sha1);
  BEGIN;
`;

/** Opens an empty ledger. Its file has no name and goes with the process. */
export function openLedger(): Ledger {
  const database = guarded(() => new DatabaseSync(""));
  guarded(() => database.exec(tables));
  const statements = new Map<string, StatementSync>();
  function prepared(sql: string): StatementSync {
    let statement = statements.get(sql);
    if (statement === undefined) statements.set(sql, (statement = database.prepare(sql)));
    return statement;
  }
  return {
    run: (sql, ...values) => void guarded(() => prepared(sql).run(...values)),
    one: (sql, ...values) => guarded(() => prepared(sql).get(...values) as Row | undefined),
    all: (sql, ...values) => guarded(() => prepared(sql).all(...values) as Row[]),
    // A statement of its own: two may read by the same text at a time.
    rows: (sql, ...values) => guarded(() => database.prepare(sql).iterate(...values) as IterableIterator<Row>),
    [Symbol.dispose]: () => database.close(),
  };
}

function guarded<T>(work: () => T): T {
  try {
    return work();
  } catch (cause) {
    if (!/full|disk I\/O/i.test((cause as Error).message)) throw cause;
    throw new HeadgateError("file_unwritable", "The audit's notes do not fit into the folder for temporary files.", {
      hint: "Set TMPDIR to a folder with 300 bytes of room for each object and 50 for each run of sequences.",
      cause,
    });
  }
}
