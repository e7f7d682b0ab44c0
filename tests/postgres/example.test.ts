import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Cluster, startCluster, withoutPostgres } from "../database/cluster.ts";

const example = fileURLToPath(new URL("../../examples/postgres-transaction/src/main.ts", import.meta.url));

describe.skipIf(withoutPostgres)("the example of an append in the caller's transaction", () => {
  let cluster: Cluster;
  beforeAll(async () => {
    cluster = await startCluster();
  });
  afterAll(() => cluster[Symbol.asyncDispose]());

  it("runs, and again", async () => {
    const run = (): string =>
      execFileSync(process.execPath, ["--conditions=@headgate/source", example], {
        encoding: "utf8",
        env: { ...process.env, DATABASE_URL: cluster.tcpUrl() },
      });
    expect(run()).toBe("org_1 has 1 events\n");
    expect(run()).toBe("org_1 has 2 events\n");
    expect(await cluster.run("SELECT id FROM invoice WHERE paid")).toEqual([{ id: "in_1" }]);
  });
});
