import { StatementSync } from "node:sqlite";
import { journalEvents, streamRecord } from "@headgate/store-testkit";
import { describe, expect, it, vi } from "vitest";
import { openDatabase } from "./database.ts";
import { journalReader } from "./journal-reader.ts";
import { sqliteStore } from "./sqlite-store.ts";
import { skipTable } from "./skip-table.ts";
import { streamSnapshots } from "./stream-snapshots.ts";
import { temporaryFolder } from "./testing/temporary-folder.ts";

describe("a page of snapshots", () => {
  it("is of one moment, though another process trims between its statements", async () => {
    await using folder = temporaryFolder();
    const path = folder.file("h.db");
    {
      await using store = sqliteStore({ path });
      await store.open();
      await store.streams.create(streamRecord("s"));
      await store.journal.append("org_a", journalEvents("e", 5));
    }
    const { database } = openDatabase(path, 1000);
    const other = openDatabase(path, 1000).database;
    const skips = skipTable(database);
    const { snapshots } = streamSnapshots(database, journalReader(database, path, skips), skips);
    const next = (): unknown =>
      snapshots({ organization: undefined, search: "", after: "", limit: 10, overdueBefore: undefined }).map(
        ({ head, position }) => [head.lastSequence, position.nextSequence],
      );
    // oxlint-disable-next-line typescript/unbound-method -- it is called with its own `this` below
    const all = StatementSync.prototype.all;
    const between = vi.spyOn(StatementSync.prototype, "all").mockImplementationOnce(function (
      this: StatementSync,
      ...values: Parameters<typeof all>
    ) {
      const rows = all.call(this, ...values);
      other.exec("BEGIN; DELETE FROM groups; UPDATE heads SET first = last + 1; COMMIT");
      return rows;
    });
    try {
      expect(next()).toEqual([[5, 1]]);
      expect(between).toHaveBeenCalledTimes(1);
      expect(next()).toEqual([[5, 0]]);
    } finally {
      between.mockRestore();
      other.close();
      database.close();
    }
  });
});
