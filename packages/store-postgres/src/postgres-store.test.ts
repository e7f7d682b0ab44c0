import { settableClock, storeConformance } from "@headgate/store-testkit";
import { afterAll, beforeAll, describe, test } from "vitest";
import { type PostgresStore, postgresStore } from "./postgres-store.ts";
import { type Cluster, startCluster, withoutPostgres } from "../../../tests/database/cluster.ts";

describe.skipIf(withoutPostgres)("postgresStore", () => {
  let cluster: Cluster;
  beforeAll(async () => {
    cluster = await startCluster();
  });
  afterAll(() => cluster[Symbol.asyncDispose]());
  const clock = settableClock();
  const schemas = new WeakMap<object, string>();
  const openAt = async (schema: string): Promise<PostgresStore> => {
    const store = postgresStore({ url: cluster.url(), schema, clock });
    await store.open();
    schemas.set(store, schema);
    return store;
  };
  let stores = 0;

  storeConformance({
    test,
    harness: {
      clock,
      schedules: 8,
      open: () => openAt(`store_${(stores += 1)}`),
      async reopen(store) {
        await store[Symbol.asyncDispose]();
        return openAt(schemas.get(store) ?? "");
      },
      second: (store) => openAt(schemas.get(store) ?? ""),
    },
  });
});
