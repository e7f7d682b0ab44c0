/** "HGAT" in the file's header: says that the file is ours. */
export const applicationId = 0x48474154;

/** Raise when a Headgate that knows only the present form could not read the file. */
export const schemaVersion = 1;

/**
 * Each commit writes every page that it touches, whole: larger pages make long bodies cheaper and short appends dearer.
 * Of 4 to 64 KiB this one was level with the best at groups of 650 KB (275,000 events a second) and at single events.
 */
export const pageSize = 8192;

/**
 * A group is one row. `id` counts the groups of all organizations and never repeats, because `heads.changed` outlives
 * trimming: it serves as change counter for readers and for the table of ids. Columns of the index stand before the
 * body, so that reading them does not touch the pages that a long body overflows to.
 */
export const schema = `
CREATE TABLE meta(key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;

CREATE TABLE heads(
  org INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  first INTEGER NOT NULL,       -- first sequence still held, or the next to be given
  last INTEGER NOT NULL,
  total_bytes INTEGER NOT NULL,
  appended_at INTEGER NOT NULL,
  changed INTEGER NOT NULL      -- id of the last group
);
CREATE UNIQUE INDEX heads_by_change ON heads(changed);

CREATE TABLE groups(
  id INTEGER PRIMARY KEY,
  org INTEGER NOT NULL,
  first INTEGER NOT NULL,
  count INTEGER NOT NULL,
  appended_at INTEGER NOT NULL,
  bytes INTEGER NOT NULL,
  bytes_before INTEGER NOT NULL, -- of all lines of the organization before this group
  index_crc INTEGER NOT NULL,    -- CRC-32 of lengths, then occurred_at
  hashes_crc INTEGER NOT NULL,
  body_crc INTEGER NOT NULL,
  lengths BLOB NOT NULL,         -- uint32 each
  occurred_at BLOB NOT NULL,     -- float64 each
  hashes BLOB NOT NULL,          -- uint64 each, of (organization, id)
  body BLOB NOT NULL
);
CREATE UNIQUE INDEX groups_by_sequence ON groups(org, first);

CREATE TABLE streams(
  id TEXT PRIMARY KEY,
  incarnation TEXT NOT NULL,
  organization TEXT NOT NULL,
  start INTEGER NOT NULL,        -- what a stream without a checkpoint still lacks comes after it
  record TEXT NOT NULL,
  health TEXT
) WITHOUT ROWID;
CREATE INDEX streams_by_organization ON streams(organization, id);

CREATE TABLE checkpoints(
  stream TEXT PRIMARY KEY,
  version INTEGER NOT NULL,
  position INTEGER NOT NULL,
  record TEXT NOT NULL
) WITHOUT ROWID;

CREATE TABLE quarantine(
  stream TEXT NOT NULL,
  sequence INTEGER NOT NULL,
  state TEXT NOT NULL,
  record TEXT NOT NULL,
  line BLOB NOT NULL
);
CREATE UNIQUE INDEX quarantine_by_sequence ON quarantine(stream, sequence);
CREATE INDEX quarantine_retries ON quarantine(stream, sequence) WHERE state = 'retry';

CREATE TABLE rejected(
  source TEXT NOT NULL,
  line INTEGER NOT NULL,
  organization TEXT NOT NULL,
  record TEXT NOT NULL,
  content BLOB NOT NULL
);
CREATE UNIQUE INDEX rejected_by_place ON rejected(source, line);

CREATE TABLE leases(
  name TEXT PRIMARY KEY,
  holder TEXT,                   -- NULL once it was given up; the token stays
  token INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  host TEXT NOT NULL,
  process TEXT NOT NULL
) WITHOUT ROWID;

CREATE TABLE cursors(source TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
`;

/**
 * Tables that a file may lack because an earlier Headgate made it, which can still read it with them: made at each opening
 * where they are not there.
 */
export const laterSchema = `
CREATE TABLE IF NOT EXISTS deliveries(
  number INTEGER PRIMARY KEY AUTOINCREMENT, -- none is given twice, also where the newest rows were deleted
  stream TEXT NOT NULL,
  ordinal INTEGER NOT NULL,      -- within the stream: tells when to look for rows beyond those that are kept
  at INTEGER NOT NULL,
  record TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS deliveries_by_stream ON deliveries(stream, number);
CREATE INDEX IF NOT EXISTS deliveries_by_time ON deliveries(at);

CREATE TABLE IF NOT EXISTS objects(
  stream TEXT NOT NULL,
  number INTEGER NOT NULL,
  first INTEGER NOT NULL,        -- lowest and highest sequence in it
  last INTEGER NOT NULL,
  record TEXT NOT NULL,
  PRIMARY KEY (stream, number)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS objects_by_sequence ON objects(stream, last);

CREATE TABLE IF NOT EXISTS skips(
  org INTEGER NOT NULL,
  after INTEGER NOT NULL,        -- sequences beyond it, up to through, were never given
  through INTEGER NOT NULL,
  PRIMARY KEY (org, after)
) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS documents(
  collection TEXT NOT NULL,
  key TEXT NOT NULL,
  version INTEGER NOT NULL,
  value TEXT NOT NULL,
  PRIMARY KEY (collection, key)
) WITHOUT ROWID;
`;
