import { DatabaseSync } from "node:sqlite";
import { describe, expect, it, vi } from "vitest";
import { openDatabase } from "./database.ts";
import { historyTables } from "./history-tables.ts";
import { journalReader } from "./journal-reader.ts";
import { skipTable } from "./skip-table.ts";
import { streamSnapshots } from "./stream-snapshots.ts";
import { temporaryFolder } from "./testing/temporary-folder.ts";

/** What SQLite means to do for each statement that is prepared meanwhile. */
function plansOf(database: DatabaseSync, prepareAll: () => void): readonly string[] {
  // oxlint-disable-next-line typescript/unbound-method -- it is called with its own `this` below
  const prepare = DatabaseSync.prototype.prepare;
  const statements: string[] = [];
  const watching = vi.spyOn(DatabaseSync.prototype, "prepare").mockImplementation(function (this: DatabaseSync, sql) {
    statements.push(sql);
    return prepare.call(this, sql);
  });
  try {
    prepareAll();
  } finally {
    watching.mockRestore();
  }
  return statements.flatMap((sql) =>
    database
      .prepare(`EXPLAIN QUERY PLAN ${sql}`)
      .all()
      .map(({ detail }) => `${String(detail)} for ${sql}`),
  );
}

describe("what is read of streams, deliveries and documents", () => {
  it("is found by an index, and sorted by it", async () => {
    await using folder = temporaryFolder();
    const path = folder.file("h.db");
    const { database } = openDatabase(path, 1000);
    const plans = plansOf(database, () => {
      const skips = skipTable(database);
      streamSnapshots(database, journalReader(database, path, skips), skips);
      historyTables(database, 1000);
    });
    database.close();
    expect(plans.length).toBeGreaterThan(20);
    expect(plans.filter((plan) => /^SCAN|TEMP B-TREE/.test(plan))).toEqual([]);
  });
});
