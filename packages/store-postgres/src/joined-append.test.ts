import { setTimeout as sleep } from "node:timers/promises";
import { createHeadgate, memoryStore } from "@headgate/core";
import { journalEvent, journalEvents, readEvents } from "@headgate/store-testkit";
import { Client } from "pg";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type Cluster, startCluster, withoutPostgres } from "../../../tests/database/cluster.ts";
import type { PostgresStore } from "./postgres-store.ts";
import { openStore } from "./testing/contents.ts";

describe.skipIf(withoutPostgres)("an append in the caller's transaction", () => {
  let cluster: Cluster;
  let store: PostgresStore;
  beforeAll(async () => {
    cluster = await startCluster();
    store = await openStore({ url: cluster.url() });
  });
  beforeEach(() =>
    cluster.run(
      "DROP TABLE IF EXISTS invoice; CREATE TABLE invoice(id text PRIMARY KEY); TRUNCATE headgate.organization, headgate.journal_group, headgate.journal_id",
    ),
  );
  afterAll(async () => {
    await store[Symbol.asyncDispose]();
    await cluster[Symbol.asyncDispose]();
  });

  interface Connection extends AsyncDisposable {
    readonly client: Client;
  }
  async function connect(): Promise<Connection> {
    const client = new Client(cluster.url());
    client.on("error", () => {});
    await client.connect();
    return { client, [Symbol.asyncDispose]: () => client.end().catch(() => {}) };
  }
  const invoices = async (): Promise<number> => (await cluster.run("SELECT FROM invoice")).length;
  const stored = async (): Promise<readonly string[]> => (await readEvents(store, "org_a")).map(({ id }) => id);

  it("commits with the caller's change", async () => {
    await using connection = await connect();
    const { client: transaction } = connection;
    await transaction.query("BEGIN");
    await transaction.query("INSERT INTO invoice VALUES ('1')");
    const { sequences } = await store.journal.append("org_a", journalEvents("e", 3), { transaction });
    expect(sequences).toEqual([1, 2, 3]);
    expect(await stored()).toEqual([]);
    await transaction.query("COMMIT");
    expect(await stored()).toEqual(["e-0", "e-1", "e-2"]);
    expect(await invoices()).toBe(1);
  });

  it("is gone with the caller's change when that is rolled back, or its connection dies", async () => {
    for (const end of ["rollback", "death"]) {
      await using connection = await connect();
      const { client: transaction } = connection;
      await transaction.query("BEGIN");
      await transaction.query("INSERT INTO invoice VALUES ('1')");
      await store.journal.append("org_a", journalEvents(end, 3, { given: false }), { transaction });
      if (end === "rollback") await transaction.query("ROLLBACK");
      else {
        const { rows } = await transaction.query<{ pid: number }>("SELECT pg_backend_pid() AS pid");
        await cluster.run(`SELECT pg_terminate_backend(${rows[0]?.pid})`);
      }
      // It waits until the server has noticed, should it have to.
      expect((await store.journal.append("org_a", [journalEvent(`after ${end}`)])).accepted).toBe(1);
      expect(await invoices()).toBe(0);
    }
    expect(await stored()).toEqual(["after rollback", "after death"]);
    expect((await store.journal.head("org_a")).lastSequence).toBe(2);
  });

  it("leaves the caller's transaction usable where it fails", async () => {
    await using connection = await connect();
    const { client: transaction } = connection;
    await transaction.query("BEGIN");
    await transaction.query("INSERT INTO invoice VALUES ('1')");
    await using other = await connect();
    await other.client.query("BEGIN");
    await store.journal.append("org_a", [journalEvent("held")], { transaction: other.client });
    await transaction.query("SET LOCAL lock_timeout = 50");
    await expect(store.journal.append("org_a", [journalEvent("x")], { transaction })).rejects.toMatchObject({
      code: "store_busy",
    });
    await other.client.query("ROLLBACK");
    await transaction.query("INSERT INTO invoice VALUES ('2')");
    await store.journal.append("org_a", [journalEvent("y")], { transaction });
    await transaction.query("COMMIT");
    expect(await invoices()).toBe(2);
    expect(await stored()).toEqual(["y"]);
  });

  it("is idempotent, also against what was appended in the same transaction", async () => {
    await store.journal.append("org_a", journalEvents("e", 2));
    await using connection = await connect();
    const { client: transaction } = connection;
    await transaction.query("BEGIN");
    expect((await store.journal.append("org_a", journalEvents("e", 3), { transaction })).sequences).toEqual([1, 2, 3]);
    expect((await store.journal.append("org_a", journalEvents("e", 4), { transaction })).sequences).toEqual([
      1, 2, 3, 4,
    ]);
    await transaction.query("COMMIT");
    expect(await stored()).toEqual(["e-0", "e-1", "e-2", "e-3"]);
  });

  it("keeps other appends of the organization waiting until it ends, and of no other", async () => {
    await using connection = await connect();
    const { client: transaction } = connection;
    await transaction.query("BEGIN");
    await store.journal.append("org_a", [journalEvent("first")], { transaction });
    let done = false;
    const waiting = store.journal.append("org_a", [journalEvent("second")]).then((result) => {
      done = true;
      return result;
    });
    await store.journal.append("org_b", [journalEvent("other")]);
    expect(done).toBe(false);
    await transaction.query("COMMIT");
    expect((await waiting).sequences).toEqual([2]);
  });

  it("keeps no more of the store's connections waiting than appends may have", async () => {
    await using narrow = await openStore({ url: cluster.url(), maxConnections: 2 });
    await using connection = await connect();
    const { client: transaction } = connection;
    const organizations = ["org_a", "org_b", "org_c"];
    await transaction.query("BEGIN");
    for (const name of organizations) await store.journal.append(name, [journalEvent("first")], { transaction });
    const waiting = organizations.map((name) => narrow.journal.append(name, [journalEvent("second")]));
    const blocked = async (): Promise<number> =>
      (await cluster.run("SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock'")).length;
    while ((await blocked()) === 0) await sleep(20);
    // Time for others to wait as well, were they let.
    await sleep(200);
    await narrow.cursors.set("f", "1");
    await transaction.query("COMMIT");
    for (const { sequences } of await Promise.all(waiting)) expect(sequences).toEqual([2]);
  });

  it("refuses what is no transaction", async () => {
    await using connection = await connect();
    for (const transaction of [connection.client, {}, "BEGIN"]) {
      await expect(store.journal.append("org_a", [journalEvent("e")], { transaction })).rejects.toMatchObject({
        code: "transaction_unsupported",
        hint: expect.any(String) as string,
      });
    }
    await using memory = memoryStore();
    await expect(
      memory.journal.append("org_a", [journalEvent("e")], { transaction: connection.client }),
    ).rejects.toMatchObject({ code: "transaction_unsupported" });
    expect(await stored()).toEqual([]);
  });

  it("goes through headgate.append", async () => {
    const headgate = createHeadgate({ store, sinks: [] });
    await using connection = await connect();
    const { client: transaction } = connection;
    const event = { action: "invoice.paid", actor: { type: "user", id: "u" } };
    await transaction.query("BEGIN");
    await headgate.append("org_a", [event], { transaction });
    await transaction.query("ROLLBACK");
    await transaction.query("BEGIN");
    expect(await headgate.append("org_a", [event], { transaction })).toMatchObject({ accepted: 1, first_sequence: 1 });
    await transaction.query("COMMIT");
    expect((await stored()).length).toBe(1);
  });
});
