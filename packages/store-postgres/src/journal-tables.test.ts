import { hourMs, type PreparedEvent } from "@headgate/core";
import { journalEvent, journalEvents, readEvents, settableClock, streamRecord } from "@headgate/store-testkit";
import { Client } from "pg";
import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Cluster, startCluster, withoutPostgres } from "../../../tests/database/cluster.ts";
import { databaseClock } from "./clock-column.ts";
import { databaseAddress } from "./connection-url.ts";
import { openDatabase } from "./database.ts";
import { idLookup } from "./id-lookup.ts";
import { journalWriter } from "./journal-writer.ts";
import { partitions, weekMs, weekOf } from "./partitions.ts";
import type { PostgresStore } from "./postgres-store.ts";
import { contents, gaps, openStore } from "./testing/contents.ts";

const ever = Number.MAX_SAFE_INTEGER;

/** An event whose id Headgate minted at an instant. */
function minted(at: number): PreparedEvent {
  const time = at.toString(16).padStart(12, "0");
  return journalEvent(`${time.slice(0, 8)}-${time.slice(8)}-7${randomUUID().slice(15)}`, { given: false });
}

describe.skipIf(withoutPostgres)("the journal in PostgreSQL", () => {
  let cluster: Cluster;
  let stores = 0;
  beforeAll(async () => {
    cluster = await startCluster();
  });
  afterAll(() => cluster[Symbol.asyncDispose]());

  const next = (): string => `j_${(stores += 1)}`;
  const rows = async (schema: string, table: string): Promise<number> =>
    Number((await cluster.run(`SELECT count(*)::int AS n FROM ${schema}.${table}`))[0]?.["n"]);
  const open = (schema: string, choice: object = {}): Promise<PostgresStore> =>
    openStore({ url: cluster.url(), schema, ...choice });

  describe("changes", () => {
    it("are found of transactions that commit in another order than they began in", async () => {
      await using store = await open(next());
      await using clients = new AsyncDisposableStack();
      const begin = async (): Promise<Client> => {
        const client = new Client(cluster.url());
        await client.connect();
        clients.defer(() => client.end());
        await client.query("BEGIN");
        return client;
      };
      const [early, late] = [await begin(), await begin()];
      await store.journal.append("org_early", [journalEvent("a")], { transaction: early });
      await store.journal.append("org_late", [journalEvent("b")], { transaction: late });
      const named = async (cursor?: string): Promise<readonly [string, readonly string[]]> => {
        const changes = await store.journal.changes(cursor);
        return [changes.cursor, changes.heads.map(({ organization }) => organization)];
      };
      const [first] = await named();
      await late.query("COMMIT");
      const [second, found] = await named(first);
      expect(found).toEqual(["org_late"]);
      await store.journal.append("org_new", [journalEvent("c")]);
      await early.query("COMMIT");
      const [third, rest] = await named(second);
      expect(rest.toSorted()).toEqual(["org_early", "org_new"]);
      expect((await named(third))[1]).toEqual([]);
    });

    it("are hinted at to another process that listens", async () => {
      const schema = next();
      await using store = await open(schema);
      await using other = await open(schema, { listenUrl: cluster.url() });
      const heard = Promise.withResolvers<void>();
      // It is told once when it begins to listen; an append is what comes after.
      let listening = false;
      other.journal.subscribe(() => (listening ? heard.resolve() : (listening = true)));
      while (!listening) await store.journal.append("org_a", [journalEvent(String(Math.random()))]);
      await store.journal.append("org_a", [journalEvent("e")]);
      await expect(heard.promise).resolves.toBeUndefined();
    });
  });

  describe("ids", () => {
    it("that collide are told apart, and found", async () => {
      const schema = next();
      await using store = await open(schema);
      const database = openDatabase({
        address: databaseAddress(cluster.url(), { ca: undefined, allowInsecureConnection: false }),
        password: undefined,
        maxConnections: 2,
        patienceMs: 1000,
        logger: { debug() {}, info() {}, warn() {}, error() {} },
      });
      const clock = databaseClock(undefined);
      const hash = (): string => "7";
      const write = journalWriter({
        schema,
        clock,
        hash,
        lookUp: idLookup(schema, hash),
        partitions: partitions(database, schema, clock),
      });
      const append = (events: readonly PreparedEvent[]) =>
        database.transaction((queries) => write(queries, "org_a", [events], { repeated: false }), {
          repeatable: false,
        });
      await append(journalEvents("e", 5));
      const [result] = await append([journalEvent("e-3"), journalEvent("new"), journalEvent("e-0")]);
      await database.close();
      expect(result?.sequences).toEqual([4, 6, 1]);
      expect((await readEvents(store, "org_a")).map(({ id }) => id)).toEqual([
        "e-0",
        "e-1",
        "e-2",
        "e-3",
        "e-4",
        "new",
      ]);
    });

    it("that Headgate minted take no rows, and are found when a caller repeats them", async () => {
      const schema = next();
      await using store = await open(schema);
      const now = Date.now();
      const own = [minted(now), minted(now + 5), minted(now + 9000)];
      const far = [minted(now), minted(now + hourMs)];
      await store.journal.append("org_a", own);
      expect(await rows(schema, "journal_id")).toBe(0);
      await store.journal.append("org_a", far);
      const given = [...own, ...far].map((event) => ({ ...event, idGiven: true }));
      const strange = { ...minted(now + 7), idGiven: true };
      expect((await store.journal.append("org_a", [...given, strange])).sequences).toEqual([1, 2, 3, 4, 5, 6]);
    });
  });

  describe("weeks", () => {
    const start = weekOf(Date.UTC(2025, 5, 5)) * weekMs;
    const weeks = async (schema: string): Promise<number> =>
      (await cluster.run(`SELECT FROM pg_inherits WHERE inhparent = '${schema}.journal_group'::regclass`)).length;

    const drop = async (schema: string, week: number): Promise<unknown> =>
      (await cluster.run(`SELECT ${schema}.drop_partition(${week}) AS gone`))[0]?.["gone"];

    it("are made when an append needs one that nobody has made", async () => {
      const clock = settableClock(start);
      const schema = next();
      await using store = await open(schema, { clock });
      // Dropped by another process, while this one knows that it was there.
      expect(await drop(schema, weekOf(start))).toBe(true);
      for (const passed of [0, 3, 40]) {
        clock.set(start + passed * weekMs);
        await store.journal.append("org_a", [journalEvent(`week-${passed}`)]);
      }
      clock.set(start);
      await store.journal.append("org_a", [journalEvent("back")]);
      expect(gaps(await contents(store))).toEqual([]);
      const times = (await store.journal.index("org_a", { after: 0 })).map(({ appendedAt }) => appendedAt);
      expect(times).toEqual([0, 3, 40, 40].map((passed) => start + passed * weekMs));
    });

    it("are dropped once all in them is trimmed; where something is held, the rest is deleted", async () => {
      const clock = settableClock(start);
      const schema = next();
      {
        await using store = await open(schema, { clock });
        await store.streams.create(streamRecord("waiting", { organization: "org_b", start: 1 }));
        for (const passed of [0, 1, 2, 3]) {
          clock.set(start + passed * weekMs);
          await store.journal.append("org_a", journalEvents(`a${passed}`, 2));
          await store.journal.append("org_a", journalEvents(`b${passed}`, 2));
          if (passed % 2 === 0) await store.journal.append("org_b", journalEvents(`c${passed}`, 1));
        }
        // The first trimming of a process sweeps when it has taken nothing yet.
        expect(await store.journal.trim("org_b", ever, start + 3 * weekMs)).toBe(2);
        expect(await store.journal.trim("org_a", ever, start + 3 * weekMs)).toBe(13);
      }
      await using store = await open(schema, { clock });
      await store.journal.trim("org_never", ever, start + 3 * weekMs);
      // Of three weeks before, one keeps what the stream lacks, and no more than that.
      expect(await rows(schema, "journal_group")).toBe(1 + 2);
      expect(await rows(schema, "journal_id")).toBe(1 + 4);
      expect(await weeks(schema)).toBe(5 - 2);
      expect((await readEvents(store, "org_b", { after: 1 })).length).toBe(1);
      expect((await readEvents(store, "org_a", { after: 12 })).length).toBe(4);
      expect((await store.journal.append("org_a", journalEvents("a0", 1))).sequences).toEqual([17]);
    });

    it("in which something is held cannot be dropped, whoever asks", async () => {
      const schema = next();
      await using store = await open(schema, { clock: settableClock(start) });
      await store.journal.append("org_a", journalEvents("e", 1));
      expect(await drop(schema, weekOf(start))).toBe(false);
      expect(await drop(schema, weekOf(Date.now()))).toBe(false);
      await store.journal.trim("org_a", ever, ever);
      expect((await store.journal.append("org_a", journalEvents("f", 1))).sequences).toEqual([2]);
    });
  });
});
