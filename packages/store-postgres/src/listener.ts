import type { Logger } from "@headgate/core";
import { setTimeout as sleep } from "node:timers/promises";
import type { DatabaseAddress } from "./connection-url.ts";
import type { Database } from "./database.ts";

/** Tells processes of each other's appends. A hint and nothing more: whoever misses it finds the append by asking. */
export interface Hints {
  /** Lets the others know soon, and once for all that is appended until then. */
  appended(): void;
  close(): Promise<void>;
}

/** Notifying takes a lock that the whole database has one of, so it is done apart from appends, and this rarely. */
const everyMs = 50;
const retryMs = 5000;

/**
 * Listens over a connection of its own, which must not lead through a transaction pooler; without one, it only tells.
 */
export function hints(
  database: Database,
  schema: string,
  {
    listenAt,
    password,
    onHint,
    logger,
  }: {
    readonly listenAt: DatabaseAddress | undefined;
    readonly password: (() => string | Promise<string>) | undefined;
    readonly onHint: () => void;
    readonly logger: Logger;
  },
): Hints {
  const channel = `${schema}_appended`;
  const closing = new AbortController();
  let timer: NodeJS.Timeout | undefined;

  async function listen({ where: _where, applicationName, ...address }: DatabaseAddress): Promise<void> {
    const { Client } = await import("pg");
    while (!closing.signal.aborted) {
      const client = new Client({
        ...address,
        password: password ?? address.password,
        application_name: `${applicationName} hints`,
        connectionTimeoutMillis: 10_000,
        keepAlive: true,
      });
      const ended = Promise.withResolvers<void>();
      client.on("error", () => ended.resolve());
      client.on("end", () => ended.resolve());
      client.on("notification", onHint);
      const close = (): void => ended.resolve();
      closing.signal.addEventListener("abort", close, { once: true });
      try {
        await client.connect();
        await client.query(`LISTEN "${channel}"`);
        // What was appended while nobody listened.
        onHint();
        await ended.promise;
      } catch {
        logger.debug("no hints of other processes' appends for a while: the database cannot be listened to", {});
      }
      closing.signal.removeEventListener("abort", close);
      await client.end().catch(() => {});
      await sleep(retryMs, undefined, { signal: closing.signal }).catch(() => {});
    }
  }

  const listening = listenAt === undefined ? Promise.resolve() : listen(listenAt);

  return {
    appended() {
      timer ??= setTimeout(() => {
        timer = undefined;
        // A hint that cannot be given is not missed.
        database.read("SELECT pg_notify($1, '')", [channel]).catch(() => {});
      }, everyMs).unref();
    },
    async close() {
      clearTimeout(timer);
      closing.abort();
      await listening;
    },
  };
}
