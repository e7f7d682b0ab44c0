import { journalEvents, readEvents, upTo } from "@headgate/store-testkit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Cluster, startCluster, withoutPostgres } from "../../../tests/database/cluster.ts";
import { databaseAddress } from "./connection-url.ts";
import { openDatabase } from "./database.ts";
import { postgresStore } from "./postgres-store.ts";
import { schemaVersion } from "./schema.ts";
import { openStore } from "./testing/contents.ts";

describe.skipIf(withoutPostgres)("opening a store in PostgreSQL", () => {
  let cluster: Cluster;
  beforeAll(async () => {
    cluster = await startCluster();
  });
  afterAll(() => cluster[Symbol.asyncDispose]());

  it("makes the schema once, however many processes come at the same time", async () => {
    const stores = upTo(6).map(() => postgresStore({ url: cluster.url(), schema: "together" }));
    await Promise.all(stores.map((store) => store.open()));
    await Promise.all(stores.map((store, at) => store.journal.append("org_a", journalEvents(`e${at}`, 2))));
    await Promise.all(stores.map((store) => store[Symbol.asyncDispose]()));
    await using store = await openStore({ url: cluster.url(), schema: "together" });
    expect((await readEvents(store, "org_a")).length).toBe(12);
    expect(await cluster.run("SELECT version::int FROM together.schema_version")).toEqual([{ version: schemaVersion }]);
  });

  it("refuses a schema of a later version, and leaves it as it is", async () => {
    await (await openStore({ url: cluster.url(), schema: "later" }))[Symbol.asyncDispose]();
    await cluster.run(`INSERT INTO later.schema_version(version) VALUES (${schemaVersion + 1})`);
    await using store = postgresStore({ url: cluster.url(), schema: "later" });
    await expect(store.open()).rejects.toMatchObject({ code: "store_version", hint: expect.any(String) as string });
    expect((await cluster.run("SELECT FROM later.schema_version")).length).toBe(2);
  });

  it("begins again where a migration was broken off", async () => {
    // An administrator has made the schema; the first process died before its commit.
    await cluster.run("CREATE SCHEMA made");
    await using store = await openStore({ url: cluster.url(), schema: "made" });
    expect((await store.journal.append("org_a", journalEvents("e", 1))).sequences).toEqual([1]);
  });

  it("makes nothing where it is only to look", async () => {
    await using store = postgresStore({ url: cluster.url(), schema: "nowhere", create: false });
    await expect(store.open()).rejects.toMatchObject({ code: "store_unavailable" });
    expect(await cluster.run("SELECT FROM pg_namespace WHERE nspname = 'nowhere'")).toEqual([]);
  });

  it("is refused while a copy is being made to go on, but to whoever goes on with that", async () => {
    const choice = { url: cluster.url(), schema: "copy" };
    await using store = await openStore(choice);
    const broken = store.restore(() => Promise.reject(new Error("killed")));
    await expect(broken).rejects.toThrow("killed");
    await using other = postgresStore(choice);
    await expect(other.open()).rejects.toMatchObject({ code: "store_restored" });
    await using again = await openStore({ ...choice, restoring: true });
    await again.restore(async () => {});
    await other.open();
  });

  it("takes over a dump from another cluster, whose transactions had larger numbers", async () => {
    const choice = { url: cluster.url(), schema: "dumped" };
    await using first = await openStore(choice);
    await first.journal.append("org_a", journalEvents("e", 1));
    await cluster.run("UPDATE dumped.organization SET changed = '123456789012'");
    await using store = await openStore(choice);
    const { cursor, heads } = await store.journal.changes();
    expect(heads.length).toBe(1);
    expect((await store.journal.changes(cursor)).heads).toEqual([]);
  });

  it("explains a server, a database and a user that are not there, without the password", async () => {
    for (const [url, said] of [
      [cluster.tcpUrl("postgres", "missing"), /does not exist/],
      ["postgresql://postgres:hunter2@127.0.0.1:1/postgres", /cannot be reached \(ECONNREFUSED\)/],
      [cluster.tcpUrl("nobody"), /refuses the user/],
    ] as const) {
      await using store = postgresStore({ url, patienceMs: 100 });
      await expect(store.journal.head("org_a")).rejects.toMatchObject({ code: "store_unavailable" });
      await expect(store.open()).rejects.toMatchObject({
        code: "store_unavailable",
        message: expect.stringMatching(said) as string,
        hint: expect.any(String) as string,
      });
      await expect(store.open()).rejects.not.toMatchObject({ message: expect.stringContaining("hunter2") as string });
    }
  });
});

describe.skipIf(withoutPostgres)("a process that is stopped in the middle of a transaction", () => {
  it("lets go of what it holds, and says so when it goes on", async () => {
    await using cluster = await startCluster();
    await using store = await openStore({ url: cluster.url() });
    await store.journal.append("org_a", journalEvents("e", 1));
    const database = openDatabase({
      address: databaseAddress(cluster.url(), { ca: undefined, allowInsecureConnection: false }),
      password: undefined,
      maxConnections: 1,
      patienceMs: 300,
      logger: { debug() {}, info() {}, warn() {}, error() {} },
    });
    const [locked, other] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const stopped = database.transaction(
      async (queries) => {
        await queries.query("SELECT FROM headgate.organization WHERE name = 'org_a' FOR UPDATE");
        locked.resolve();
        await other.promise;
        await queries.query("UPDATE headgate.organization SET last_sequence = 99");
      },
      { repeatable: true },
    );
    const outcome = stopped.catch((error: unknown) => error);
    await locked.promise;
    expect((await store.journal.append("org_a", journalEvents("f", 1))).sequences).toEqual([2]);
    other.resolve();
    expect(await outcome).toMatchObject({ code: "store_unavailable" });
    await database.close();
    expect((await store.journal.head("org_a")).lastSequence).toBe(2);
  });
});
