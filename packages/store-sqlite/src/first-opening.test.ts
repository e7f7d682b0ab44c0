import { DatabaseSync } from "node:sqlite";
import { describe, expect, it, vi } from "vitest";
import { openDatabase } from "./database.ts";
import { temporaryFolder } from "./testing/temporary-folder.ts";

describe("a file that does not exist yet", () => {
  it("is not taken for a foreign one while another connection creates it", async () => {
    await using folder = temporaryFolder();
    const path = folder.file("h.db");
    // oxlint-disable-next-line typescript/unbound-method -- it is called with its own `this` below
    const prepare = DatabaseSync.prototype.prepare;
    let between = 0;
    // The other one comes between the first look at the file and the second.
    const looking = vi.spyOn(DatabaseSync.prototype, "prepare").mockImplementation(function (this: DatabaseSync, sql) {
      if (sql === "PRAGMA user_version" && between++ === 0) {
        try {
          openDatabase(path, 1).database.close();
        } catch (error) {
          expect((error as Error).message).toMatch(/locked|busy/i);
        }
      }
      return prepare.call(this, sql);
    });
    try {
      openDatabase(path, 1000).database.close();
      expect(between).toBeGreaterThan(1);
    } finally {
      looking.mockRestore();
    }
    openDatabase(path, 1000).database.close();
  });
});
