import { DatabaseSync } from "node:sqlite";
import { deliveryReport, streamRecord } from "@headgate/store-testkit";
import { describe, expect, it } from "vitest";
import { applicationId, schema } from "./schema.ts";
import { sqliteStore } from "./sqlite-store.ts";
import { temporaryFolder } from "./testing/temporary-folder.ts";

/** A file as the first Headgate made it, with a stream and a cursor in it. */
function makeOldFile(path: string): void {
  const database = new DatabaseSync(path);
  database.exec(`${schema}; PRAGMA application_id = ${applicationId}; PRAGMA user_version = 1`);
  const meta = database.prepare("INSERT INTO meta(key, value) VALUES (?, ?)");
  meta.run("store", "0011223344556677");
  meta.run("seed", "8899aabbccddeeff");
  database
    .prepare("INSERT INTO streams(id, incarnation, organization, start, record) VALUES (?, ?, ?, ?, ?)")
    .run("s", "s-1", "org_a", 0, JSON.stringify(streamRecord("s")));
  database.exec("INSERT INTO cursors(source, value) VALUES ('file', '7')");
  database.close();
}

function tablesOf(path: string): { readonly version: unknown; readonly names: readonly unknown[] } {
  const database = new DatabaseSync(path);
  const version = database.prepare("PRAGMA user_version").get()?.["user_version"];
  const names = database.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").all();
  database.close();
  return { version, names: names.map(({ name }) => name) };
}

describe("a file that knows no deliveries and no documents", () => {
  it("is opened, gets them, and stays readable for the Headgate that made it", async () => {
    await using folder = temporaryFolder();
    const path = folder.file("h.db");
    makeOldFile(path);
    expect(tablesOf(path).names).not.toContain("documents");
    {
      await using store = sqliteStore({ path });
      await store.open();
      expect(await store.cursors.get("file")).toBe("7");
      expect((await store.streams.snapshots({ limit: 10 })).map(({ record }) => record)).toEqual([streamRecord("s")]);
      await store.documents.write([{ collection: "c", key: "k", value: "v" }]);
      await store.deliveries.add([deliveryReport("s", 1)]);
      expect(await store.check()).toEqual([]);
    }
    expect(tablesOf(path)).toEqual({
      version: 1,
      names: expect.arrayContaining(["streams", "deliveries", "documents"]),
    });
    await using again = sqliteStore({ path });
    await again.open();
    expect(await again.documents.get("c", "k")).toEqual({ key: "k", value: "v", version: 1 });
    expect(await again.deliveries.list("s")).toEqual([{ ...deliveryReport("s", 1), number: 1 }]);
  });

  it("is opened by several at once", async () => {
    await using folder = temporaryFolder();
    const path = folder.file("h.db");
    makeOldFile(path);
    await using one = sqliteStore({ path });
    await using two = sqliteStore({ path });
    await Promise.all([one.open(), two.open()]);
    await one.documents.write([{ collection: "c", key: "k", value: "v" }]);
    expect((await two.documents.get("c", "k"))?.value).toBe("v");
  });
});
