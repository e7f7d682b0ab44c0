import type { DatabaseSync, SQLOutputValue } from "node:sqlite";
import type { Row } from "./columns.ts";
import { blobOf, numberOf, textOf } from "./columns.ts";
import { Failure } from "./failure.ts";
import type { HistoryTables } from "./history-tables.ts";
import type { LeaseTable } from "./lease-table.ts";
import type { ObjectTable } from "./object-table.ts";
import type { Operations, RejectedRow, StoredQuarantineRow } from "./protocol.ts";

/** What of the protocol keeps streams, checkpoints, quarantine and cursors. */
export type DocumentTables = Pick<
  Operations,
  | "createStream"
  | "updateStream"
  | "getStream"
  | "listStreams"
  | "deleteStream"
  | "saveHealth"
  | "health"
  | "commit"
  | "getCheckpoint"
  | "listCheckpoints"
  | "listQuarantine"
  | "getQuarantine"
  | "markQuarantine"
  | "retrying"
  | "nextRetry"
  | "reject"
  | "listRejected"
  | "discardRejected"
  | "getCursor"
  | "setCursor"
>;

const column = (row: Row | undefined, name: string): string | undefined => {
  const value: SQLOutputValue | undefined = row?.[name];
  return typeof value === "string" ? value : undefined;
};

const texts = (rows: readonly Row[], name: string): readonly string[] => rows.map((row) => textOf(row, name));

function quarantineRow(row: Row): StoredQuarantineRow {
  const state = textOf(row, "state");
  return {
    sequence: numberOf(row, "sequence"),
    record: textOf(row, "record"),
    line: blobOf(row, "line"),
    state: state === "retry" || state === "discarded" ? state : "held",
  };
}

function rejectedRow(row: Row): RejectedRow {
  return {
    source: textOf(row, "source"),
    line: numberOf(row, "line"),
    organization: textOf(row, "organization"),
    record: textOf(row, "record"),
    content: blobOf(row, "content"),
  };
}

/** Makes the tables' operations. Each checks everything before it writes, so that one that is refused has written nothing. */
export function documentTables(
  database: DatabaseSync,
  leases: LeaseTable,
  history: Pick<HistoryTables, "addDeliveries" | "deleteDeliveries" | "writeDocuments">,
  objects: Pick<ObjectTable, "addObjects" | "deleteObjects">,
): DocumentTables {
  const insertStream = database.prepare(
    "INSERT INTO streams(id, incarnation, organization, start, record) VALUES (?, ?, ?, ?, ?)",
  );
  const updateStream = database.prepare(
    "UPDATE streams SET incarnation = ?2, organization = ?3, start = ?4, record = ?5 WHERE id = ?1",
  );
  const streamRow = database.prepare("SELECT incarnation, record, health FROM streams WHERE id = ?");
  const allStreams = database.prepare("SELECT record FROM streams WHERE id > ? ORDER BY id LIMIT ?");
  const streamsOf = database.prepare(
    "SELECT record FROM streams WHERE organization = ? AND id > ? ORDER BY id LIMIT ?",
  );
  const saveHealth = database.prepare("UPDATE streams SET health = ?2 WHERE id = ?1");
  const deletions = [
    database.prepare("DELETE FROM checkpoints WHERE stream = ?"),
    database.prepare("DELETE FROM quarantine WHERE stream = ?"),
  ];
  const deleteStream = database.prepare("DELETE FROM streams WHERE id = ?");

  const checkpointRow = database.prepare("SELECT version, position, record FROM checkpoints WHERE stream = ?");
  const checkpointRows = database.prepare("SELECT record FROM checkpoints WHERE stream > ? ORDER BY stream LIMIT ?");
  const putCheckpoint = database.prepare(
    "INSERT OR REPLACE INTO checkpoints(stream, version, position, record) VALUES (?, ?, ?, ?)",
  );

  const entry = "SELECT sequence, state, record, line FROM quarantine";
  const entries = database.prepare(`${entry} WHERE stream = ? AND sequence > ? ORDER BY sequence LIMIT ?`);
  const oneEntry = database.prepare(`${entry} WHERE stream = ? AND sequence = ?`);
  const retrying = database.prepare("SELECT DISTINCT stream FROM quarantine WHERE state = 'retry' ORDER BY stream");
  const nextRetry = database.prepare(`${entry} WHERE state = 'retry' AND stream = ? ORDER BY sequence LIMIT 1`);
  const putEntry = database.prepare(
    "INSERT OR REPLACE INTO quarantine(stream, sequence, state, record, line) VALUES (?, ?, 'held', ?, ?)",
  );
  const deleteEntry = database.prepare("DELETE FROM quarantine WHERE stream = ? AND sequence = ?");
  const markEntry = database.prepare(
    `UPDATE quarantine SET state = ?3, line = CASE WHEN ?3 = 'discarded' THEN x'' ELSE line END
     WHERE stream = ?1 AND sequence = ?2 AND state <> 'discarded'`,
  );

  const reject = database.prepare(
    "INSERT INTO rejected(source, line, organization, record, content) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
  );
  const record = "SELECT source, line, organization, record, content FROM rejected";
  const allRejected = database.prepare(`${record} ORDER BY rowid LIMIT ? OFFSET ?`);
  const rejectedOf = database.prepare(`${record} WHERE organization = ? ORDER BY rowid LIMIT ? OFFSET ?`);
  const discardRejected = database.prepare("DELETE FROM rejected WHERE source = ? AND line = ?");

  const cursor = database.prepare("SELECT value FROM cursors WHERE source = ?");
  const putCursor = database.prepare("INSERT OR REPLACE INTO cursors(source, value) VALUES (?, ?)");

  function known(id: string): Row {
    const row = streamRow.get(id);
    if (row === undefined) throw new Failure("stream_unknown", `There is no stream ${id}.`);
    return row;
  }

  return {
    createStream({ id, incarnation, organization, start, record: json }, changes) {
      if (streamRow.get(id) !== undefined) throw new Failure("stream_exists", `There is a stream ${id} already.`);
      history.writeDocuments(changes);
      insertStream.run(id, incarnation, organization, start, json);
    },
    updateStream({ id, incarnation, organization, start, record: json }, changes) {
      known(id);
      history.writeDocuments(changes);
      updateStream.run(id, incarnation, organization, start, json);
    },
    getStream: (id) => column(streamRow.get(id), "record"),
    listStreams: (organization, { after, limit }) =>
      texts(
        organization === undefined ? allStreams.all(after, limit) : streamsOf.all(organization, after, limit),
        "record",
      ),
    deleteStream(id) {
      known(id);
      for (const statement of [...deletions, deleteStream]) statement.run(id);
      history.deleteDeliveries(id);
      objects.deleteObjects(id);
    },
    saveHealth: (id, health) => void saveHealth.run(id, health),
    health: (id) => column(streamRow.get(id), "health"),

    commit(request) {
      const { lease, stream, incarnation, version, position, record: json } = request;
      leases.assertHeld(lease);
      if (known(stream)["incarnation"] !== incarnation) {
        throw new Failure("stream_unknown", `The stream ${stream} is another one by now.`);
      }
      const stored = checkpointRow.get(stream) ?? { version: 0, position: 0 };
      if (version !== numberOf(stored, "version") + 1 || position < numberOf(stored, "position")) {
        throw new Failure(
          "checkpoint_conflict",
          `The checkpoint of ${stream} stands at version ${numberOf(stored, "version")} and position ${numberOf(stored, "position")}; version ${version} at ${position} does not follow.`,
        );
      }
      putCheckpoint.run(stream, version, position, json);
      for (const sequence of request.released) deleteEntry.run(stream, sequence);
      for (const row of request.quarantine) putEntry.run(stream, row.sequence, row.record, row.line);
      history.addDeliveries(request.deliveries);
      objects.addObjects(stream, request.objects);
    },
    getCheckpoint: (stream) => column(checkpointRow.get(stream), "record"),
    listCheckpoints: ({ after, limit }) => texts(checkpointRows.all(after, limit), "record"),

    listQuarantine: (stream, after, limit) => entries.all(stream, after, limit).map(quarantineRow),
    getQuarantine(stream, sequence) {
      const row = oneEntry.get(stream, sequence);
      return row === undefined ? undefined : quarantineRow(row);
    },
    markQuarantine: (stream, sequence, state) => markEntry.run(stream, sequence, state).changes !== 0,
    retrying: () => texts(retrying.all(), "stream"),
    nextRetry(stream) {
      const row = nextRetry.get(stream);
      return row === undefined ? undefined : quarantineRow(row);
    },
    reject(rows) {
      for (const row of rows) reject.run(row.source, row.line, row.organization, row.record, row.content);
    },
    listRejected: (organization, offset, limit) =>
      (organization === undefined ? allRejected.all(limit, offset) : rejectedOf.all(organization, limit, offset)).map(
        rejectedRow,
      ),
    discardRejected: (source, line) => discardRejected.run(source, line).changes !== 0,

    getCursor: (source) => column(cursor.get(source), "value"),
    setCursor: (source, value) => void putCursor.run(source, value),
  };
}
