import { StatementSync } from "node:sqlite";
import { expect, it, vi } from "vitest";
import { openDatabase } from "./database.ts";
import { leaseTable } from "./lease-table.ts";
import { processIdentity } from "./process-identity.ts";
import { temporaryFolder } from "./testing/temporary-folder.ts";

it("reads leases that nobody has any more from no list: each runner, and each change of streams, leaves one behind", async () => {
  await using folder = temporaryFolder();
  const { database } = openDatabase(folder.file("h.db"), 1000);
  const leases = leaseTable(database, processIdentity());
  const names = (kind: string): string[] => Array.from({ length: 50 }, (_, i) => `${kind} ${i}`);
  leases.releaseLeases(leases.acquireLeases(names("runner"), "one that ended", 1000, 0));
  leases.acquireLeases(names("streams of"), "one that died", 1000, 0);
  leases.acquireLeases(["runner now", "shard 07"], "now", 1000, 5000);
  const all = vi.spyOn(StatementSync.prototype, "all");
  try {
    expect(leases.listLeases("", 5000).map(({ name }) => name)).toEqual(["runner now", "shard 07"]);
    expect(all.mock.results.map(({ value }) => (value as unknown[]).length)).toEqual([2]);
  } finally {
    all.mockRestore();
  }
  database.close();
});
