import { resolve } from "node:path";
import type {
  AppendResult,
  Checkpoint,
  Checkpoints,
  Clock,
  Cursors,
  Deliveries,
  DeliveryReport,
  Documents,
  Journal,
  JournalGroup,
  JournalRange,
  Leases,
  Objects,
  Logger,
  Quarantine,
  QuarantineEntry,
  QuarantineRecord,
  RejectedRecord,
  Store,
  StoredObject,
  StreamHealth,
  StreamRecord,
  Streams,
  StreamSnapshot,
} from "@headgate/core";
import {
  HeadgateError,
  assertOrganization,
  assertOwnTransaction,
  keptDeliveries,
  silentLogger,
  systemClock,
} from "@headgate/core";
import { markPath as defaultMarkPath } from "./high-water-mark.ts";
import { organizationSeed } from "./id-hash.ts";
import { packEvents } from "./packed-events.ts";
import type {
  DeliveryRow,
  ObjectRow,
  SnapshotRow,
  StreamRow,
  OperationName,
  Operations,
  QuarantineRow,
  ReadReply,
  RejectedRow,
  StoredQuarantineRow,
} from "./protocol.ts";
import type { WorkerClient } from "./worker-client.ts";
import { startWorker } from "./worker-client.ts";

/** Options of {@link sqliteStore}. */
export interface SqliteStoreOptions {
  /** The database file. Its folder must exist and be writable: three more files stand beside it while it is open. */
  readonly path: string;
  /** Stamps appends and judges leases. @default the machine's clock */
  readonly clock?: Clock;
  /** @default silent */
  readonly logger?: Logger;
  /** How long to wait for another process that writes, in milliseconds, before `store_busy`. @default 10000 */
  readonly busyTimeoutMs?: number;
  /**
   * Largest size of the database file in bytes; appends that would exceed it fail with `store_full`. The write-ahead log
   * beside it takes up to 64 MiB more. @default none
   */
  readonly maxBytes?: number;
  /**
   * Where to keep the file that says how far the store has come, by which a store is refused that is behind it. In a folder
   * that is not put back together with the store's, and that only this store uses, it tells an older copy at once.
   * @default the path with `-mark`
   */
  readonly markPath?: string;
  /**
   * Opens a backup, or what is behind its mark, for {@link SqliteStore.restore}. @default false
   */
  readonly restoring?: boolean;
  /**
   * Opens a file that was copied by other means than a backup, and is refused with `store_restored` else, as the store that
   * goes on. For the one opening after a move, where nothing has run on the files of before since they were copied:
   * otherwise their sequences are given a second time. @default false
   */
  readonly moved?: boolean;
}

/** A store in one SQLite file. */
export interface SqliteStore extends Store {
  /**
   * Reads the whole file and names everything that is damaged; empty where nothing is. Takes as long as reading the file
   * does, and nothing else is served meanwhile.
   */
  check(): Promise<readonly string[]>;
  /**
   * Makes a copy a store that goes on: does `work`, such as `continueRestoredStore`. From before it until it is done the file
   * opens with `restoring` alone, also where the process dies meanwhile.
   *
   * @example
   * ```ts
   * const store = sqliteStore({ path: "copy.db", restoring: true });
   * await store.open();
   * await store.restore(() => continueRestoredStore(store));
   * ```
   */
  restore<Result>(work: () => Promise<Result>): Promise<Result>;
}

const noLimit = -1;

function entryRow({ line, ...entry }: QuarantineEntry): QuarantineRow {
  return { sequence: entry.sequence, record: JSON.stringify(entry), line: line.slice() };
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch (cause) {
    throw new HeadgateError("store_corrupt", "The store is damaged: a record is no JSON.", {
      hint: "Keep a copy of all its files, then restore a backup.",
      cause,
    });
  }
}

const parsedOrNone = (json: string | undefined): unknown => (json === undefined ? undefined : parsed(json));

function entryOf({ record, line, state }: StoredQuarantineRow): QuarantineRecord {
  return { ...(parsed(record) as Omit<QuarantineEntry, "line">), line, state };
}

function rejectedOf({ record, content }: RejectedRow): RejectedRecord {
  return { ...(parsed(record) as Omit<RejectedRecord, "content">), content };
}

/**
 * The embedded store: everything in one SQLite file, synced to the disk before anything is acknowledged. SQLite runs in a
 * thread of its own, so that a sync never holds up the event loop; appends and commits that arrive while one
 * transaction is written share the next. Several processes may open the same file, on one machine. Of the history, only
 * deliveries that come with a commit are synced; the others outlive the process, and may go with the machine's power.
 *
 * @example
 * ```ts
 * await using store = sqliteStore({ path: "headgate.db" });
 * await store.open();
 * ```
 */
export function sqliteStore(options: SqliteStoreOptions): SqliteStore {
  const { clock = systemClock, logger = silentLogger, busyTimeoutMs = 10_000, maxBytes = 0 } = options;
  const path = resolve(options.path);
  const markPath = options.markPath === undefined ? defaultMarkPath(path) : resolve(options.markPath);
  const listeners = new Set<() => void>();
  let client: WorkerClient | undefined;
  let seed: readonly [number, number] = [0, 0];
  let opening: Promise<void> | undefined;
  let closing: Promise<void> | undefined;

  function call<Name extends OperationName>(
    name: Name,
    args: Parameters<Operations[Name]>,
    transfer?: readonly ArrayBuffer[],
  ): Promise<ReturnType<Operations[Name]>> {
    if (closing !== undefined)
      return Promise.reject(new HeadgateError("store_closed", `The store ${path} has been closed.`));
    if (client === undefined) {
      return Promise.reject(
        new HeadgateError("store_unavailable", `The store ${path} has not been opened.`, {
          hint: "Await open() first.",
        }),
      );
    }
    return client.call(name, args, transfer);
  }

  async function append(...[organization, events, choice]: Parameters<Journal["append"]>): Promise<AppendResult> {
    assertOrganization(organization);
    assertOwnTransaction(choice, "sqlite");
    const packed = packEvents(events, organizationSeed(organization, seed));
    const request = { organization, now: clock.now(), count: events.length, packed };
    const { accepted, sequences } = await call("append", [request], [packed]);
    if (accepted > 0) for (const listener of listeners) queueMicrotask(listener);
    return {
      accepted,
      duplicates: events.length - accepted,
      sequences: typeof sequences === "number" ? events.map((_, index) => sequences + index) : Array.from(sequences),
    };
  }

  /** Asks for the next groups while the present ones are being consumed: two replies are held at a time. */
  async function* read(
    organization: string,
    range: JournalRange,
  ): AsyncGenerator<JournalGroup & { readonly body: Uint8Array }> {
    let next: Promise<ReadReply> | undefined = call("read", [organization, range]);
    while (next !== undefined) {
      const reply: ReadReply = await next;
      const { groups, through } = reply;
      const last = groups.at(-1);
      const after = last === undefined ? through : last.firstSequence + last.lengths.length - 1;
      next = after < through ? call("read", [organization, { after, through }]) : undefined;
      // A consumer that leaves early never awaits it.
      next?.catch(() => {});
      for (const group of groups) {
        yield group;
        // Given back at once: the collector lets many windows' worth of such buffers pile up before it looks.
        group.body.buffer.transfer(0);
      }
    }
  }

  const journal: Journal = {
    append,
    read,
    head: (organization) => call("head", [organization]),
    async changes(cursor = "0") {
      const { changed, heads } = await call("changes", [Number(cursor)]);
      return { cursor: String(changed), heads };
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    position: (organization, after) => call("position", [organization, after]),
    index: (organization, range) => call("index", [organization, range]),
    async trim(organization, through, appendedBefore) {
      for (;;) {
        const { first, more } = await call("trim", [organization, through, appendedBefore]);
        if (!more) return first;
      }
    },
    firstSequence: (organization) => call("firstSequence", [organization]),
    skip: (organization, through) => call("skip", [organization, through]),
    beginAfter: (through) => call("beginAfter", [through]),
    skipped: (organization, after) => call("skipped", [organization, after]),
  };

  const checkpoints: Checkpoints = {
    get: async (stream) => parsedOrNone(await call("getCheckpoint", [stream])) as Checkpoint | undefined,
    async list({ after = "", limit }) {
      const records = await call("listCheckpoints", [{ after, limit }]);
      return records.map((record) => parsed(record) as Checkpoint);
    },
    commit({
      lease,
      checkpoint,
      quarantine: entries = [],
      released = [],
      deliveries: reports = [],
      objects: stored = [],
    }) {
      const { stream, incarnation, version, position } = checkpoint;
      const record = JSON.stringify(checkpoint);
      const rows = {
        quarantine: entries.map(entryRow),
        released,
        deliveries: reports.map(deliveryRow),
        objects: stored.map(objectRow),
      };
      return call("commit", [{ lease, stream, incarnation, version, position, record, ...rows }]);
    },
  };

  const streams: Streams = {
    create: (record, changes = []) => call("createStream", [streamRow(record), changes]),
    update: (record, changes = []) => call("updateStream", [streamRow(record), changes]),
    get: async (id) => parsedOrNone(await call("getStream", [id])) as StreamRecord | undefined,
    async list({ organization, after = "", limit = noLimit } = {}) {
      const records = await call("listStreams", [organization, { after, limit }]);
      return records.map((record) => parsed(record) as StreamRecord);
    },
    delete: (id) => call("deleteStream", [id]),
    saveHealth: (id, health) => call("saveHealth", [id, JSON.stringify(health)]),
    health: async (id) => parsedOrNone(await call("health", [id])) as StreamHealth | undefined,
    async snapshot(id, overdueBefore) {
      const row = await call("snapshot", [id, overdueBefore]);
      return row && snapshotOf(row);
    },
    async snapshots({ organization, search = "", after = "", limit, overdueBefore }) {
      return (await call("snapshots", [{ organization, search, after, limit, overdueBefore }])).map(snapshotOf);
    },
  };

  const quarantine: Quarantine = {
    async list(stream, { after = 0, limit = noLimit } = {}) {
      return (await call("listQuarantine", [stream, after, limit])).map(entryOf);
    },
    async get(stream, sequence) {
      const row = await call("getQuarantine", [stream, sequence]);
      return row === undefined ? undefined : entryOf(row);
    },
    mark: (stream, sequence, state) => call("markQuarantine", [stream, sequence, state]),
    retrying: () => call("retrying", []),
    async nextRetry(stream) {
      const row = await call("nextRetry", [stream]);
      return row === undefined ? undefined : entryOf(row);
    },
    reject(records) {
      const rows = records.map(({ content, ...record }) => {
        const { source, line, organization } = record;
        return { source, line, organization, record: JSON.stringify(record), content: content.slice() };
      });
      return call("reject", [rows]);
    },
    async rejected({ organization, offset = 0, limit = noLimit } = {}) {
      return (await call("listRejected", [organization, offset, limit])).map(rejectedOf);
    },
    discardRejected: (source, line) => call("discardRejected", [source, line]),
  };

  const deliveries: Deliveries = {
    add: (reports) => call("addDeliveries", [reports.map(deliveryRow)]),
    async list(stream, { before = Number.MAX_SAFE_INTEGER, limit = noLimit } = {}) {
      const rows = await call("listDeliveries", [stream, before, limit]);
      return rows.map(({ number, record }) => ({ ...(parsed(record) as DeliveryReport), number }));
    },
    async trim(before) {
      while (await call("trimDeliveries", [before]));
    },
  };

  const objects: Objects = {
    async list(stream, { after = 0, limit = noLimit, from = 0, to = Number.MAX_SAFE_INTEGER } = {}) {
      const records = await call("listObjects", [stream, { after, limit, from, to }]);
      return records.map((record) => parsed(record) as StoredObject);
    },
  };

  const documents: Documents = {
    get: (collection, key) => call("getDocument", [collection, key]),
    list: (collection, { prefix = "", after, limit = noLimit, order = "ascending" } = {}) =>
      call("listDocuments", [collection, { prefix, after, limit, descending: order === "descending" }]),
    write: (changes) => call("writeDocuments", [changes]),
  };

  const leases: Leases = {
    acquire: (name, holder, ttlMs) => call("acquireLease", [name, holder, ttlMs, clock.now()]),
    renew: (lease, ttlMs) => call("renewLease", [lease, ttlMs, clock.now()]),
    release: (lease) => call("releaseLease", [lease]),
    current: (name) => call("currentLease", [name, clock.now()]),
    acquireAll: (names, holder, ttlMs) => call("acquireLeases", [names, holder, ttlMs, clock.now()]),
    releaseAll: (all) => call("releaseLeases", [all]),
    list: (prefix) => call("listLeases", [prefix, clock.now()]),
  };

  const cursors: Cursors = {
    get: (source) => call("getCursor", [source]),
    set: (source, value) => call("setCursor", [source, value]),
  };

  async function start(): Promise<void> {
    const started = startWorker(path);
    try {
      ({ seed } = await started.call("open", [
        {
          path,
          busyTimeoutMs,
          maxBytes,
          keptDeliveries,
          markPath,
          restoring: options.restoring === true,
          moved: options.moved === true,
        },
      ]));
    } catch (error) {
      await started.end();
      throw error;
    }
    client = started;
    logger.debug("store opened", { path });
  }

  async function close(): Promise<void> {
    listeners.clear();
    await opening?.catch(() => {});
    const closed = client;
    client = undefined;
    try {
      await closed?.call("close", []);
    } finally {
      await closed?.end();
    }
  }

  return {
    name: "sqlite",
    journal,
    checkpoints,
    streams,
    quarantine,
    leases,
    cursors,
    deliveries,
    documents,
    objects,
    check: () => call("check", []),
    async restore(work) {
      await call("setCopied", [clock.now()]);
      const result = await work();
      await call("setCopied", [undefined]);
      return result;
    },
    open() {
      if (closing !== undefined)
        return Promise.reject(new HeadgateError("store_closed", `The store ${path} has been closed.`));
      // An opening that failed may be tried again.
      opening ??= start().catch((error: unknown) => {
        opening = undefined;
        throw error;
      });
      return opening;
    },
    [Symbol.asyncDispose]: () => (closing ??= close()),
  };
}

function deliveryRow(report: DeliveryReport): DeliveryRow {
  return { stream: report.stream, at: report.at, record: JSON.stringify(report) };
}

function objectRow(object: StoredObject): ObjectRow {
  const { number, sequences } = object;
  const [first, last] = [sequences[0]?.[0] ?? 0, sequences.at(-1)?.[1] ?? 0];
  return { number, first, last, record: JSON.stringify(object) };
}

function snapshotOf({ record, health, checkpoint, ...rest }: SnapshotRow): StreamSnapshot {
  return {
    record: parsed(record) as StreamRecord,
    ...(health !== undefined && { health: parsed(health) as StreamHealth }),
    ...(checkpoint !== undefined && { checkpoint: parsed(checkpoint) as Checkpoint }),
    ...rest,
  };
}

function streamRow(stream: StreamRecord): StreamRow {
  const { id, incarnation, organization, start } = stream;
  return { id, incarnation, organization, start, record: JSON.stringify(stream) };
}
