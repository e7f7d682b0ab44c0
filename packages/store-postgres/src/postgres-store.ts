import {
  type AppendResult,
  assertOrganization,
  type Clock,
  type Cursors,
  HeadgateError,
  type Journal,
  type Logger,
  type Objects,
  silentLogger,
  type Store,
  type StoredObject,
} from "@headgate/core";
import { performance } from "node:perf_hooks";
import { appendQueue } from "./append-queue.ts";
import { checkpointTable } from "./checkpoint-table.ts";
import { databaseClock } from "./clock-column.ts";
import { bigint, jsonOf, textOrNone } from "./columns.ts";
import { databaseAddress } from "./connection-url.ts";
import { openDatabase } from "./database.ts";
import { deliveryTable } from "./delivery-table.ts";
import { documentTable } from "./document-table.ts";
import { explain } from "./failure.ts";
import { idHash } from "./id-hash.ts";
import { idLookup } from "./id-lookup.ts";
import { joinedAppend } from "./joined-append.ts";
import { journalEnds } from "./journal-ends.ts";
import { journalReader } from "./journal-reader.ts";
import { type JournalWriter, journalWriter } from "./journal-writer.ts";
import { leaseTable } from "./lease-table.ts";
import { hints } from "./listener.ts";
import { prepareSchema } from "./migrate.ts";
import { partitions } from "./partitions.ts";
import { quarantineTable } from "./quarantine-table.ts";
import { schemaName } from "./schema-name.ts";
import { streamTable } from "./stream-table.ts";

/** Options of {@link postgresStore}. */
export interface PostgresStoreOptions {
  /**
   * `postgresql://user:password@host:5432/database`; `?host=/var/run/postgresql` for a Unix socket. A secret as a whole: it
   * is in no message. A server on another machine must show a trusted certificate for its name.
   */
  readonly url: string;
  /** Asked at each connection, instead of the URL's: for passwords that change, and tokens that run out. */
  readonly password?: () => string | Promise<string>;
  /** The schema that everything is kept in. @default "headgate" */
  readonly schema?: string;
  /** Certificates, PEM, that the server's must descend from. @default the machine's */
  readonly ca?: string;
  /** Lets the URL switch encryption off, with `sslmode=disable`, for a server on another machine. @default false */
  readonly allowInsecureConnection?: boolean;
  /** Connections to the database at a time. @default 10 */
  readonly maxConnections?: number;
  /** How long to wait for a lock, and for a server that cannot be reached, in ms, before `store_busy` or `store_unavailable`. @default 10000 */
  readonly patienceMs?: number;
  /**
   * Where to listen for hints that other processes have appended; it must not lead through a transaction pooler. Without
   * it, their appends are found by asking once a second.
   * @default none
   */
  readonly listenUrl?: string;
  /** Makes the schema where there is none. @default true */
  readonly create?: boolean;
  /** Opens a store that is being made to go on, for {@link PostgresStore.restore}. @default false */
  readonly restoring?: boolean;
  /** Stands in for the database's clock in a test that holds time still. @default the database's clock */
  readonly clock?: Clock;
  /** @default silent */
  readonly logger?: Logger;
}

/** A store in a PostgreSQL database. */
export interface PostgresStore extends Store {
  /**
   * Makes a database that was put back to an earlier moment a store that goes on: does `work`, such as
   * `continueRestoredStore`. From before it until it is done the store opens with `restoring` alone.
   */
  restore<Result>(work: () => Promise<Result>): Promise<Result>;
}

/** Trimming takes rows away this often at most. */
const sweepMs = 600_000;

/**
 * The store for many runners: everything in one schema of a PostgreSQL database (14 or newer), which also keeps the time.
 * Nothing is bound to a session, so that a transaction pooler may stand in between.
 *
 * @example
 * ```ts
 * await using store = postgresStore({ url: process.env["DATABASE_URL"] ?? "" });
 * await store.open();
 * ```
 */
export function postgresStore(options: PostgresStoreOptions): PostgresStore {
  const { maxConnections = 10, patienceMs = 10_000, logger = silentLogger, password, listenUrl } = options;
  const schema = schemaName(options.schema ?? "headgate");
  const s = `"${schema}"`;
  const trust = { ca: options.ca, allowInsecureConnection: options.allowInsecureConnection === true };
  const address = databaseAddress(options.url, trust);
  const listenAt = listenUrl === undefined ? undefined : databaseAddress(listenUrl, trust);
  const clock = databaseClock(options.clock);
  const database = openDatabase({ address, password, maxConnections, patienceMs, logger });
  const weeks = partitions(database, schema, clock);
  const listeners = new Set<() => void>();
  const tell = (): void => {
    for (const listener of listeners) queueMicrotask(listener);
  };
  let telling: ReturnType<typeof hints> | undefined;
  let writer: JournalWriter | undefined;
  let opening: Promise<void> | undefined;
  let closing: Promise<void> | undefined;
  let swept = Number.NEGATIVE_INFINITY;

  function opened(): JournalWriter {
    if (closing !== undefined) throw new HeadgateError("store_closed", `The store ${address.where} has been closed.`);
    if (writer !== undefined) return writer;
    throw new HeadgateError("store_unavailable", `The store ${address.where} has not been opened.`, {
      hint: "Await open() first.",
    });
  }

  const enqueue = appendQueue(
    (organization, appends) =>
      database.transaction(
        async (queries, { lost }) => {
          try {
            return await opened()(queries, organization, appends, { repeated: lost });
          } catch (error) {
            // A partition may be missing in spite of what this process knows: the next try makes it.
            weeks.forget();
            throw error;
          }
        },
        { repeatable: true },
      ),
    Math.max(1, maxConnections - 2),
  );

  async function append(...[organization, events, choice]: Parameters<Journal["append"]>): Promise<AppendResult> {
    assertOrganization(organization);
    const write = opened();
    if (events.length === 0) return { accepted: 0, duplicates: 0, sequences: [] };
    if (choice?.transaction !== undefined) {
      const known = { writer: write, partitions: weeks, where: address.where };
      return joinedAppend(choice.transaction, organization, events, known);
    }
    const result = await enqueue(organization, events);
    if (result.accepted > 0) {
      tell();
      telling?.appended();
    }
    return result;
  }

  const ends = journalEnds(database, schema);
  const reader = journalReader(database, schema);
  const journal: Journal = {
    ...reader,
    append,
    subscribe(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    async trim(organization, through, appendedBefore) {
      const first = await ends.trim(organization, through, appendedBefore);
      const now = performance.now();
      if (now - swept >= sweepMs) {
        swept = now;
        await weeks.prepare();
        await weeks.sweep(appendedBefore);
      }
      return first;
    },
    skip: ends.skip,
    beginAfter: ends.beginAfter,
  };

  const cursors: Cursors = {
    async get(source) {
      const { rows } = await database.read(`SELECT value FROM ${s}.cursor WHERE source = $1`, [source]);
      return textOrNone(rows[0], "value");
    },
    async set(source, value) {
      await database.transaction(
        (queries) =>
          queries.query(
            `INSERT INTO ${s}.cursor(source, value) VALUES ($1, $2) ON CONFLICT (source) DO UPDATE SET value = excluded.value`,
            [source, value],
          ),
        { repeatable: true },
      );
    },
  };

  const objects: Objects = {
    async list(stream, { after = 0, limit, from = 0, to = Number.MAX_SAFE_INTEGER } = {}) {
      const { rows } = await database.read(
        `SELECT record FROM ${s}.object WHERE stream = $1 AND number > $2 AND last >= $3 AND first <= $4
         ORDER BY number LIMIT $5`,
        [stream, bigint(after), bigint(from), bigint(to), limit ?? null],
      );
      return rows.map((row) => jsonOf(row, "record") as StoredObject);
    },
  };

  async function start(): Promise<void> {
    const { seed } = await prepareSchema(database, schema, {
      logger,
      create: options.create !== false,
      restoring: options.restoring === true,
    });
    const hash = idHash(seed);
    await weeks.prepare();
    telling = hints(database, schema, { listenAt, password, onHint: tell, logger });
    writer = journalWriter({ schema, clock, hash, lookUp: idLookup(schema, hash), partitions: weeks });
    logger.debug("store opened", { database: address.where, schema });
  }

  async function close(): Promise<void> {
    listeners.clear();
    await opening?.catch(() => {});
    await telling?.close();
    await database.close();
  }

  return {
    name: "postgres",
    journal,
    checkpoints: checkpointTable(database, schema),
    streams: streamTable(database, schema),
    quarantine: quarantineTable(database, schema),
    leases: leaseTable(database, schema, clock),
    cursors,
    deliveries: deliveryTable(database, schema),
    documents: documentTable(database, schema),
    objects,
    async restore(work) {
      const mark = (statement: string): Promise<unknown> =>
        database.transaction((queries) => queries.query(statement), { repeatable: true });
      await mark(`INSERT INTO ${s}.meta(key, value) VALUES ('restoring', 'yes') ON CONFLICT DO NOTHING`);
      const result = await work();
      await mark(`DELETE FROM ${s}.meta WHERE key = 'restoring'`);
      return result;
    },
    open() {
      if (closing !== undefined)
        return Promise.reject(new HeadgateError("store_closed", `The store ${address.where} has been closed.`));
      // An opening that failed may be tried again.
      opening ??= start().catch((error: unknown) => {
        opening = undefined;
        throw explain(error, address.where);
      });
      return opening;
    },
    [Symbol.asyncDispose]: () => (closing ??= close()),
  };
}
