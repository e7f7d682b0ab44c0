import { settableClock, storeConformance } from "@headgate/store-testkit";
import { afterAll, describe, test } from "vitest";
import { sqliteStore } from "./sqlite-store.ts";
import { temporaryFolder } from "./testing/temporary-folder.ts";

describe("sqliteStore", () => {
  const folder = temporaryFolder();
  afterAll(() => folder[Symbol.asyncDispose]());
  const clock = settableClock();
  const paths = new WeakMap<object, string>();
  const openAt = async (path: string): Promise<ReturnType<typeof sqliteStore>> => {
    const store = sqliteStore({ path, clock });
    await store.open();
    paths.set(store, path);
    return store;
  };
  let stores = 0;

  storeConformance({
    test,
    harness: {
      clock,
      schedules: 15,
      open: () => openAt(folder.file(`${(stores += 1)}.db`)),
      async reopen(store) {
        await store[Symbol.asyncDispose]();
        return openAt(paths.get(store) ?? "");
      },
      second: (store) => openAt(paths.get(store) ?? ""),
    },
  });
});
