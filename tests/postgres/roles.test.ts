import { readFileSync } from "node:fs";
import { createHeadgate } from "@headgate/core";
import { postgresStore } from "@headgate/store-postgres";
import { journalEvents, readEvents, runningStream, checkpointOf } from "@headgate/store-testkit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Cluster, startCluster, withoutPostgres } from "../database/cluster.ts";

/** The statements of the guide, as they stand there. */
const [roles = "", appending = ""] = [
  ...readFileSync(new URL("../../docs/guides/postgres.md", import.meta.url), "utf8").matchAll(/```sql\n([^`]+)```/g),
].map(([, sql = ""]) => sql);

const ever = Number.MAX_SAFE_INTEGER;

describe.skipIf(withoutPostgres)("the guide's roles", () => {
  let cluster: Cluster;
  const storeOf = (role: string) => postgresStore({ url: cluster.url(role, "app"), patienceMs: 2000 });
  beforeAll(async () => {
    cluster = await startCluster();
    await cluster.run("CREATE DATABASE app; ");
    await cluster.run(`CREATE ROLE platform LOGIN; ${roles}`, "app");
  });
  afterAll(() => cluster[Symbol.asyncDispose]());

  it("let the owner make the schema, and nobody else", async () => {
    await using early = storeOf("headgate");
    await expect(early.open()).rejects.toMatchObject({
      code: "store_version",
      hint: expect.stringContaining("headgate migrate") as string,
    });
    await using owner = storeOf("headgate_owner");
    await owner.open();
    await cluster.run(appending, "app");
  });

  it("let the runner's role do all that a runner does, and neither alter nor drop", async () => {
    await using store = storeOf("headgate");
    await store.open();
    await store.journal.append("org_a", journalEvents("e", 3));
    const { lease } = await runningStream(store);
    await store.checkpoints.commit({ lease, checkpoint: checkpointOf("s", 1, { position: 3 }) });
    await store.documents.write([{ collection: "c", key: "k", value: "v" }]);
    expect(await store.journal.trim("org_a", 3, ever)).toBe(4);
    const as = (sql: string): Promise<unknown> => cluster.run(`SET ROLE headgate; ${sql}`, "app");
    for (const sql of [
      "DROP TABLE headgate.journal_group",
      "ALTER TABLE headgate.lease ADD COLUMN x int",
      "TRUNCATE headgate.journal_group",
      "CREATE TABLE headgate.mine()",
    ])
      await expect(as(sql)).rejects.toMatchObject({ code: "42501" });
  });

  it("let a platform's role append, and read nothing of streams", async () => {
    await using store = storeOf("platform");
    await using headgate = createHeadgate({ store, sinks: [] });
    await headgate.append("org_p", [{ action: "user.login", actor: { type: "user", id: "u" } }]);
    expect((await readEvents(store, "org_p")).length).toBe(1);
    await expect(store.streams.list()).rejects.toMatchObject({
      code: "store_unavailable",
      details: { sqlstate: "42501" },
    });
  });
});
