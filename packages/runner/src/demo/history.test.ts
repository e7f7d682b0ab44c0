import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { storedView } from "../embedded.ts";
import { temporaryFolder } from "../testing/temporary-folder.ts";
import { createDemo } from "./demo.ts";
import { auditFolder } from "./testing/audit-folder.ts";

const hour = 3_600_000;

describe("a new demo's past", () => {
  it("is a day of deliveries with one outage that was told and mended, complete in the folders", async () => {
    using folder = temporaryFolder();
    const startedAt = Date.now();
    await (await createDemo({ directory: folder.path, eventsPerSecond: 1, historyHours: 12 }))[Symbol.asyncDispose]();
    await using view = await storedView(join(folder.path, "headgate.yaml"));
    const { streams, alerts } = view.headgate;
    for (const organization of ["acme", "borealis", "cobalt"]) {
      const status = await streams.status(`${organization}-files`);
      expect(status).toMatchObject({ pending: 0, quarantined: 0, delivered: status.accepted, overdue: 0 });
      expect(status.activity.filter((delivered) => delivered > 0).length).toBeGreaterThan(8);
      const found = auditFolder(join(folder.path, organization));
      expect(found).toMatchObject({ events: status.delivered, problems: [] });
    }
    const deliveries = await streams.deliveries("cobalt-files", { limit: 200 });
    const failed = deliveries.filter(({ status }) => status !== "delivered");
    expect(failed.length).toBeGreaterThan(0);
    expect(failed.every(({ at }) => at < startedAt - 6 * hour && at > startedAt - 8 * hour)).toBe(true);
    const told = await alerts.list({ stream: "cobalt-files" });
    expect(told).toMatchObject([{ kind: "blocked", organization: "cobalt" }]);
    expect(told[0]?.closedAt).toBeLessThan(startedAt - 5 * hour);
    expect(await alerts.list({ stream: "acme-files" })).toEqual([]);
  });
});
