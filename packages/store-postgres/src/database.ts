import { HeadgateError, type Logger } from "@headgate/core";
import { performance } from "node:perf_hooks";
import { setTimeout as sleep } from "node:timers/promises";
import type { Pool, PoolClient } from "pg";
import type { Row } from "./columns.ts";
import type { DatabaseAddress } from "./connection-url.ts";
import { explain, isConnectionLoss, isPassing, LostCommit } from "./failure.ts";

/** What came of a statement. */
export interface QueryResult {
  readonly rows: readonly Row[];
  /** How many rows it read, or wrote. */
  readonly count: number;
}

/** Runs statements, one after another, in one transaction or none. */
export interface Queries {
  readonly query: (text: string, values?: readonly unknown[]) => Promise<QueryResult>;
}

/** What a transaction knows of its earlier tries. */
export interface Attempt {
  /** The answer to the commit of an earlier try was lost: what it wrote may be there. */
  readonly lost: boolean;
}

/** A pool of connections that outlives its server's restarts. */
export interface Database {
  readonly address: DatabaseAddress;
  /** One statement that writes nothing. */
  readonly read: Queries["query"];
  /**
   * Runs `work` in a transaction and resolves once it is durable. A failure that passes is tried again, as long as
   * patience lasts; after a commit whose answer was lost only where `work` is `repeatable`: it looks whether it was done
   * already, or doing it twice comes to the same.
   */
  transaction<Result>(
    work: (queries: Queries, attempt: Attempt) => Promise<Result>,
    choice: { readonly repeatable: boolean },
  ): Promise<Result>;
  close(): Promise<void>;
}

/** What {@link openDatabase} takes. */
export interface DatabaseChoice {
  readonly address: DatabaseAddress;
  readonly password: (() => string | Promise<string>) | undefined;
  readonly maxConnections: number;
  /** How long to wait for a lock, and to try again, in ms. */
  readonly patienceMs: number;
  readonly logger: Logger;
}

const connectMs = 10_000;
/** A statement that takes longer has lost its server: a network that swallows packets says nothing. */
const answerMs = 60_000;

/**
 * Everything that a session would have to remember is set for the transaction, so that a pooler may give each one another
 * session. A process that is stopped in the middle of a transaction lets go of its locks after a while.
 */
function beginning(patienceMs: number): string {
  return [
    "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE",
    `SET LOCAL lock_timeout = ${Math.max(1, Math.floor(patienceMs))}`,
    `SET LOCAL idle_in_transaction_session_timeout = ${Math.max(1, Math.floor(3 * patienceMs))}`,
    "SELECT pg_catalog.set_config('synchronous_commit', 'on', true) WHERE pg_catalog.current_setting('synchronous_commit') = 'off'",
  ].join("; ");
}

/** Makes the pool; it connects with the first statement. */
export function openDatabase({ address, password, maxConnections, patienceMs, logger }: DatabaseChoice): Database {
  const begin = beginning(patienceMs);
  let pool: Promise<Pool> | undefined;

  /** Loads the driver as well: what only reads a configuration has no use for it. */
  const pooled = (): Promise<Pool> => (pool ??= makePool());

  async function makePool(): Promise<Pool> {
    const driver = await import("pg");
    const made = new driver.Pool({
      host: address.host,
      port: address.port,
      user: address.user,
      password: password ?? address.password,
      database: address.database,
      ssl: address.ssl,
      application_name: address.applicationName,
      max: maxConnections,
      connectionTimeoutMillis: connectMs,
      query_timeout: answerMs,
      keepAlive: true,
      idleTimeoutMillis: 30_000,
    });
    // A server that ends closes connections that nobody uses; the pool forgets them.
    made.on("error", () => logger.debug("an idle connection to the database was closed", {}));
    return made;
  }

  const closing = new AbortController();

  const closed = (): HeadgateError => new HeadgateError("store_closed", `The store ${address.where} has been closed.`);

  async function withClient<Result>(work: (client: PoolClient) => Promise<Result>): Promise<Result> {
    const client = await (await pooled()).connect();
    let broken: unknown;
    // The driver tells of a loss twice, once here; without a listener that would end the process.
    const onError = (error: unknown): void => void (broken = error);
    client.on("error", onError);
    try {
      return await work(client);
    } catch (error) {
      if (isConnectionLoss(error)) broken = error;
      throw error;
    } finally {
      client.off("error", onError);
      client.release(broken !== undefined);
    }
  }

  async function insistently<Result>(
    attempt: (lost: boolean) => Promise<Result>,
    repeatable: boolean,
  ): Promise<Result> {
    const until = performance.now() + patienceMs;
    let lost = false;
    for (let tries = 0; ; tries++) {
      if (closing.signal.aborted) throw closed();
      try {
        return await attempt(lost);
      } catch (error) {
        if (closing.signal.aborted && isConnectionLoss(error)) throw closed();
        if (error instanceof LostCommit) {
          lost = true;
          if (!repeatable) throw explain(error, address.where);
        } else if (!isPassing(error)) throw explain(error, address.where);
        const pause = Math.min(1000, 20 * 2 ** tries) * (0.5 + Math.random() / 2);
        if (performance.now() + pause > until) throw explain(lost ? new LostCommit(error) : error, address.where);
        await sleep(pause, undefined, { signal: closing.signal }).catch(() => {});
      }
    }
  }

  const underWay = new Set<Promise<unknown>>();
  async function patiently<Result>(attempt: (lost: boolean) => Promise<Result>, repeatable: boolean): Promise<Result> {
    const done = insistently(attempt, repeatable);
    underWay.add(done);
    try {
      return await done;
    } finally {
      underWay.delete(done);
    }
  }

  async function inTransaction<Result>(
    work: (queries: Queries, attempt: Attempt) => Promise<Result>,
    lost: boolean,
  ): Promise<Result> {
    return withClient(async (client) => {
      let result: Result;
      try {
        await client.query(begin);
        result = await work(queriesOf(client), { lost });
      } catch (error) {
        if (!isConnectionLoss(error)) await client.query("ROLLBACK");
        throw error;
      }
      try {
        await client.query("COMMIT");
      } catch (error) {
        // The server refuses a commit for reasons of its own rarely, and then it says so.
        throw isConnectionLoss(error) ? new LostCommit(error) : error;
      }
      return result;
    });
  }

  return {
    address,
    read: (text, values) => patiently(() => withClient((client) => queriesOf(client).query(text, values)), true),
    transaction: (work, { repeatable }) => patiently((lost) => inTransaction(work, lost), repeatable),
    async close() {
      if (closing.signal.aborted) return;
      closing.abort();
      // A pool that is ended gives no connection to those who wait for one, and lets them wait.
      await Promise.allSettled(underWay);
      await (await pool)?.end();
    },
  };
}

/** What a client of the driver has that is needed here. */
export interface DriverClient {
  query(text: string, values?: unknown[]): Promise<{ readonly rows: unknown[]; readonly rowCount: number | null }>;
}

/** Statements over a client. They carry no name, so that none of them is bound to a session. */
export function queriesOf(client: DriverClient): Queries {
  return {
    async query(text, values) {
      const { rows, rowCount } = await client.query(text, values === undefined ? undefined : [...values]);
      return { rows: rows as readonly Row[], count: rowCount ?? 0 };
    },
  };
}
