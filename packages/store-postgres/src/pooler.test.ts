import { settableClock, storeConformance } from "@headgate/store-testkit";
import { afterAll, beforeAll, describe, expect, it, test } from "vitest";
import { type Cluster, startCluster, withoutPostgres } from "../../../tests/database/cluster.ts";
import { type Pooler, startPooler, withoutPooler } from "../../../tests/database/pooler.ts";
import type { PostgresStore } from "./postgres-store.ts";
import { openStore } from "./testing/contents.ts";

describe.skipIf(withoutPostgres || withoutPooler)("postgresStore through a transaction pooler", () => {
  let cluster: Cluster;
  let pooler: Pooler;
  beforeAll(async () => {
    cluster = await startCluster();
    pooler = await startPooler(cluster);
  });
  afterAll(async () => {
    await pooler[Symbol.asyncDispose]();
    await cluster[Symbol.asyncDispose]();
  });
  const clock = settableClock();
  const schemas = new WeakMap<object, string>();
  const openAt = async (schema: string): Promise<PostgresStore> => {
    const store = await openStore({ url: pooler.url(), schema, clock });
    schemas.set(store, schema);
    return store;
  };
  let stores = 0;

  storeConformance({
    test,
    harness: {
      clock,
      schedules: 3,
      open: () => openAt(`store_${(stores += 1)}`),
      async reopen(store) {
        await store[Symbol.asyncDispose]();
        return openAt(schemas.get(store) ?? "");
      },
      second: (store) => openAt(schemas.get(store) ?? ""),
    },
  });

  it("leaves nothing behind in the sessions that it used", async () => {
    const [locks] = await cluster.run("SELECT count(*)::int AS n FROM pg_locks WHERE locktype = 'advisory'");
    expect(locks?.["n"]).toBe(0);
    const settings = await cluster.run(
      "SELECT name FROM pg_stat_activity, pg_settings WHERE application_name = 'headgate' AND state = 'idle in transaction'",
    );
    expect(settings).toEqual([]);
  });
});
