import type { DatabaseSync } from "node:sqlite";
import type { OpenedDatabase } from "./database.ts";
import { lastChange, openDatabase, recordBirth } from "./database.ts";
import { deepCheck } from "./deep-check.ts";
import { documentTables } from "./document-tables.ts";
import { Failure, concernsAll, explain } from "./failure.ts";
import type { MarkWriter } from "./high-water-mark.ts";
import { leaveMark, openMark } from "./high-water-mark.ts";
import { historyTables } from "./history-tables.ts";
import { idLookup } from "./id-lookup.ts";
import { journalReader } from "./journal-reader.ts";
import type { JournalWriter } from "./journal-writer.ts";
import { journalWriter } from "./journal-writer.ts";
import { leaseTable } from "./lease-table.ts";
import { objectTable } from "./object-table.ts";
import { processIdentity } from "./process-identity.ts";
import type { AppendRequest, OpenRequest, OperationName, Operations, Reply, Request } from "./protocol.ts";
import { skipTable } from "./skip-table.ts";
import { streamSnapshots } from "./stream-snapshots.ts";

/** What the worker does with the requests that it gets. */
export interface StoreWorker {
  /** Serves requests: those that write in one transaction, then those that read. */
  serve(requests: readonly Request[]): {
    readonly replies: readonly Reply[];
    readonly transfers: readonly ArrayBuffer[];
  };
}

type Handlers = Omit<Operations, "open" | "close" | "append">;

const writing: ReadonlySet<OperationName> = new Set<OperationName>([
  "append",
  "trim",
  "skip",
  "beginAfter",
  "setCopied",
  "createStream",
  "updateStream",
  "deleteStream",
  "saveHealth",
  "commit",
  "markQuarantine",
  "reject",
  "discardRejected",
  "acquireLease",
  "renewLease",
  "releaseLease",
  "acquireLeases",
  "releaseLeases",
  "setCursor",
  "addDeliveries",
  "trimDeliveries",
  "writeDocuments",
]);

/** Those whose loss with the machine's power costs nobody an event: nothing waits for the disk because of them. */
const passing: ReadonlySet<OperationName> = new Set<OperationName>(["addDeliveries", "trimDeliveries"]);

/** Room that appends leave to checkpoints and leases below the limit, so that a full store can still deliver and be trimmed. */
const reservedBytes = 4 * 1024 * 1024;

interface OpenStore {
  readonly database: DatabaseSync;
  readonly path: string;
  readonly writer: JournalWriter;
  readonly handlers: Handlers;
  readonly mark: MarkWriter;
  /** Leaves word of how far it has come, which a copy of before does not take back. */
  readonly leave: () => void;
  /** Limits the file before a transaction. */
  readonly limit: (forAppend: boolean) => void;
  /** Whether the next transaction is synced to the disk. The first one that is takes those before it along. */
  readonly sync: (durably: boolean) => void;
}

const noMark: MarkWriter = { write: () => {}, close: () => {} };

function openStore(request: OpenRequest): {
  readonly opened: OpenedDatabase;
  readonly store: OpenStore;
} {
  const { path, busyTimeoutMs, maxBytes, keptDeliveries, markPath } = request;
  const opened = openDatabase(path, busyTimeoutMs, request);
  const { database } = opened;
  const self = processIdentity();
  const ids = idLookup(database, path);
  const { addObjects, deleteObjects, trimObjects, ...objects } = objectTable(database);
  const skips = skipTable(database);
  const writer = journalWriter(database, ids, skips, trimObjects);
  const leases = leaseTable(database, self);
  const page = Number(database.prepare("PRAGMA page_size").get()?.["page_size"]);
  const limit = (forAppend: boolean): void => {
    if (maxBytes === 0) return;
    const bytes = forAppend ? maxBytes - Math.min(reservedBytes, maxBytes / 4) : maxBytes;
    database.exec(`PRAGMA max_page_count = ${Math.max(1, Math.floor(bytes / page))}`);
  };
  let durable = true;
  const sync = (durably: boolean): void => {
    if (durably === durable) return;
    database.exec(`PRAGMA synchronous = ${durably ? "FULL" : "NORMAL"}`);
    durable = durably;
  };
  const journal = journalReader(database, path, skips);
  const { deleteDeliveries, ...history } = historyTables(database, keptDeliveries);
  const handlers = {
    ...journal.operations,
    ...documentTables(database, leases, { ...history, deleteDeliveries }, { addObjects, deleteObjects }),
    ...objects,
    ...history,
    ...streamSnapshots(database, journal, skips),
    ...leases,
    trim: writer.trim,
    skip: writer.skip,
    beginAfter: writer.beginAfter,
    check: () => deepCheck(database),
    setCopied(at: number | undefined) {
      if (at === undefined) {
        database.exec("DELETE FROM meta WHERE key = 'copied_at'");
        recordBirth(database, path);
        // Not before: a restoration that is refused, or dies, must leave what tells that the store is behind.
        openMark(markPath, opened.store, opened.changed).close();
        leaveMark(markPath, opened.store, () => opened.changed, true);
      } else database.prepare("INSERT OR IGNORE INTO meta(key, value) VALUES ('copied_at', ?)").run(String(at));
    },
  };
  const mark = request.restoring ? noMark : openMark(markPath, opened.store, opened.changed);
  const leave = (): void => {
    if (!request.restoring) leaveMark(markPath, opened.store, () => lastChange(database));
  };
  leave();
  return {
    opened,
    store: { database, path, writer, handlers, mark, leave, limit, sync },
  };
}

/** Buffers of a reply, which move to the main thread instead of being copied. Small ones are cheaper to copy. */
function buffersOf(value: unknown, found: Set<ArrayBuffer>): void {
  if (ArrayBuffer.isView(value)) {
    if (value.byteLength > 4096 && value.buffer instanceof ArrayBuffer) found.add(value.buffer);
  } else if (typeof value === "object" && value !== null) {
    for (const member of Object.values(value)) buffersOf(member, found);
  }
}

function call(handlers: Handlers, { name, args }: Request): unknown {
  if (name === "open" || name === "close" || name === "append") throw new TypeError(`${name} is served elsewhere`);
  // Name and arguments were paired by the typed call of the main thread.
  return (handlers[name] as (...rest: readonly unknown[]) => unknown)(...args);
}

/** Makes the worker's side of the store. Nothing is open yet. */
export function storeWorker(): StoreWorker {
  let store: OpenStore | undefined;

  /** Runs writes in one transaction; throws where the transaction as a whole failed, and then nothing of it is stored. */
  function transact(open: OpenStore, requests: readonly Request[]): readonly Reply[] {
    const { database, writer, handlers, limit, sync } = open;
    const appends = requests.filter(({ name }) => name === "append");
    const packed = appends.map(({ args }) => args[0] as AppendRequest);
    limit(appends.length > 0);
    sync(!requests.every(({ name }) => passing.has(name)));
    writer.prepare(packed);
    database.exec("BEGIN IMMEDIATE");
    try {
      const replies: Reply[] = writer.append(packed).map((value, at) => ({ id: appends[at]?.id ?? 0, value }));
      for (const request of requests) {
        if (request.name === "append") continue;
        try {
          replies.push({ id: request.id, value: call(handlers, request) });
        } catch (error) {
          // A refusal comes before the first write of its request; whatever else goes wrong undoes the transaction.
          if (!(error instanceof Failure)) throw error;
          replies.push({ id: request.id, error: explain(error, "") });
        }
      }
      database.exec("COMMIT");
      return replies;
    } catch (error) {
      if (database.isTransaction) database.exec("ROLLBACK");
      writer.rolledBack();
      throw error;
    }
  }

  /** One transaction for all; where it fails, one for each, so that nobody fails for a neighbour's size. */
  function write(open: OpenStore, requests: readonly Request[]): readonly Reply[] {
    try {
      const replies = transact(open, requests);
      // From here on it is stored, whatever happens.
      const last = open.writer.committed();
      if (last > 0) open.mark.write(last);
      return replies;
    } catch (error) {
      if (requests.length > 1 && !concernsAll(error)) return requests.flatMap((request) => write(open, [request]));
      return requests.map(({ id }) => ({ id, error: explain(error, open.path) }));
    }
  }

  function read(open: OpenStore, request: Request): Reply {
    try {
      return { id: request.id, value: call(open.handlers, request) };
    } catch (error) {
      return { id: request.id, error: explain(error, open.path) };
    }
  }

  function serveOpen(request: Request): Reply {
    const [options] = request.args as readonly [OpenRequest];
    try {
      const result = openStore(options);
      store = result.store;
      return { id: request.id, value: { seed: result.opened.seed } };
    } catch (error) {
      const explained = explain(error, options.path);
      // What cannot be explained while every statement is prepared and every head looked at is a file unlike any we write.
      const code = explained.code === "internal" ? "store_corrupt" : explained.code;
      return { id: request.id, error: { ...explained, code } };
    }
  }

  function serveClose(request: Request): Reply {
    const closing = store;
    store = undefined;
    try {
      closing?.mark.close();
      closing?.leave();
      closing?.database.close();
      return { id: request.id };
    } catch (error) {
      return { id: request.id, error: explain(error, closing?.path ?? "") };
    }
  }

  return {
    serve(requests) {
      const replies = requests.filter(({ name }) => name === "open").map(serveOpen);
      const current = store;
      const others = requests.filter(({ name }) => name !== "open" && name !== "close");
      if (current === undefined) {
        const error = { code: "store_closed", message: "The store has been closed." } as const;
        replies.push(...others.map(({ id }) => ({ id, error })));
      } else {
        const writes = others.filter(({ name }) => writing.has(name));
        if (writes.length > 0) replies.push(...write(current, writes));
        replies.push(...others.filter(({ name }) => !writing.has(name)).map((request) => read(current, request)));
      }
      replies.push(...requests.filter(({ name }) => name === "close").map(serveClose));
      const buffers = new Set<ArrayBuffer>();
      for (const { value } of replies) buffersOf(value, buffers);
      return { replies, transfers: [...buffers] };
    },
  };
}
