import { mkdtempDisposable } from "node:fs/promises";
import { DatabaseSync } from "node:sqlite";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { sqliteStore } from "./sqlite-store.ts";

it("opens a file of a Headgate that knew no deliveries and documents, and adds them", async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), "headgate-later-"));
  const path = join(folder.path, "headgate.db");
  {
    await using store = sqliteStore({ path });
    await store.open();
    await store.cursors.set("file", "7");
  }
  const database = new DatabaseSync(path);
  database.exec("DROP TABLE deliveries; DROP TABLE documents");
  database.close();
  await using store = sqliteStore({ path });
  await store.open();
  expect(await store.cursors.get("file")).toBe("7");
  await store.documents.write([{ collection: "c", key: "k", value: "v" }]);
  expect(await store.documents.get("c", "k")).toEqual({ key: "k", value: "v", version: 1 });
  expect(await store.deliveries.list("s")).toEqual([]);
});
