import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Cluster, startCluster, withoutPostgres } from "../database/cluster.ts";

const cli = fileURLToPath(new URL("../../packages/runner/src/cli.ts", import.meta.url));

describe.skipIf(withoutPostgres)("headgate on a postgres store", () => {
  let cluster: Cluster;
  let folder = "";
  beforeAll(async () => {
    cluster = await startCluster();
    folder = mkdtempSync(join(tmpdir(), "headgate-runner-"));
    const config = {
      store: { kind: "postgres", url: "${env:DATABASE_URL}", schema: "audit" },
      sources: [{ kind: "file", path: "in.ndjson", organization: "acme" }],
      streams: [{ id: "files", organization: "acme", sink: "file", options: { directory: "out" } }],
      secrets: { key: "${env:SECRETS_KEY}" },
      alerts: { audit_log: false },
    };
    writeFileSync(join(folder, "headgate.json"), JSON.stringify(config));
    const events = Array.from({ length: 50 }, (_, i) => ({
      id: `e-${i}`,
      action: "user.login",
      actor: { type: "user", id: "u" },
    }));
    writeFileSync(join(folder, "in.ndjson"), events.map((event) => `${JSON.stringify(event)}\n`).join(""));
  });
  afterAll(async () => {
    await cluster[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true });
  });

  const here = (...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> => {
    const env = {
      ...process.env,
      // The cluster asks for no password, so any will do: it must not be seen.
      DATABASE_URL: cluster.tcpUrl().replace("postgres@", "postgres:hunter2@"),
      SECRETS_KEY: Buffer.alloc(32, 7).toString("base64"),
    };
    const words = ["--conditions=@headgate/source", cli, ...args, "-c", "headgate.json"];
    return new Promise((resolve) => {
      const child = execFile(process.execPath, words, { cwd: folder, env }, (error, stdout, stderr) =>
        resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr }),
      );
      child.stdin?.end();
    });
  };

  it("validates, makes its schema, reads, delivers, and says how it stands", async () => {
    expect(await here("validate")).toMatchObject({ code: 0 });
    const early = await here("status");
    expect(early).toMatchObject({ code: 1, stderr: expect.stringContaining("no store in the schema audit") as string });
    expect(await here("migrate")).toMatchObject({ code: 0 });
    expect(await here("migrate")).toMatchObject({ code: 0 });
    expect(await here("run", "--once")).toMatchObject({ code: 0 });
    expect(await here("run", "--once")).toMatchObject({ code: 0 });
    const status = await here("status", "--json");
    expect(JSON.parse(status.stdout)).toMatchObject({
      streams: [{ id: "files", accepted: 50, delivered: 50, pending: 0 }],
    });
    const export_ = await here("export", "--organization", "acme", "--from", "2020-01-01", "--to", "2100-01-01");
    expect(export_.stdout.trim().split("\n").length).toBe(50);
  });

  it("is refused where it cannot be reached, and its password is nowhere", async () => {
    await cluster.stop("fast");
    const result = await here("status");
    await cluster.start();
    expect(result).toMatchObject({ code: 1, stderr: expect.stringContaining("cannot be reached") as string });
    expect(result.stdout + result.stderr).not.toContain("hunter2");
  });

  it("goes on after its database was put back: no sequence is given twice", async () => {
    expect(await here("restore", "--from", "x")).toMatchObject({ code: 2 });
    expect(await here("backup", "--to", "x")).toMatchObject({ code: 2 });
    const restored = await here("restore", "--json");
    expect(JSON.parse(restored.stdout)).toEqual({ organizations: 1, streams: 1 });
    const [row] = await cluster.run("SELECT last_sequence FROM audit.organization WHERE name = 'acme'");
    expect(Number(row?.["last_sequence"])).toBeGreaterThan(1000);
  });
});
