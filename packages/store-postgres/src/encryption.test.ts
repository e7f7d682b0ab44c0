import { execFileSync } from "node:child_process";
import { chmodSync, chownSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Cluster, serverUser, startCluster, withoutPostgres } from "../../../tests/database/cluster.ts";
import { postgresStore, type PostgresStoreOptions } from "./postgres-store.ts";

describe.skipIf(withoutPostgres)("an encrypted connection", () => {
  let folder = "";
  let cluster: Cluster;
  let plain: Cluster;
  const file = (name: string): string => join(folder, name);
  const pem = (name: string): string => readFileSync(file(`${name}.pem`), "utf8");
  const openssl = (...args: string[]): void => void execFileSync("openssl", args, { cwd: folder, stdio: "ignore" });

  function authority(name: string): void {
    openssl(
      "req",
      "-x509",
      "-newkey",
      "rsa:2048",
      "-nodes",
      "-days",
      "2",
      "-subj",
      `/CN=${name}`,
      "-keyout",
      `${name}.key`,
      "-out",
      `${name}.pem`,
    );
  }

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "headgate-tls-"));
    chmodSync(folder, 0o755);
    authority("good");
    authority("other");
    openssl(
      "req",
      "-newkey",
      "rsa:2048",
      "-nodes",
      "-subj",
      "/CN=localhost",
      "-keyout",
      "server.key",
      "-out",
      "server.csr",
    );
    writeFileSync(file("names"), "subjectAltName=DNS:localhost");
    openssl(
      "x509",
      "-req",
      "-in",
      "server.csr",
      "-CA",
      "good.pem",
      "-CAkey",
      "good.key",
      "-CAcreateserial",
      "-days",
      "2",
      "-extfile",
      "names",
      "-out",
      "server.pem",
    );
    chmodSync(file("server.key"), 0o600);
    const { uid, gid } = serverUser();
    if (uid !== undefined && gid !== undefined) chownSync(file("server.key"), uid, gid);
    cluster = await startCluster({ ssl: "on", ssl_cert_file: file("server.pem"), ssl_key_file: file("server.key") });
    plain = await startCluster();
  });
  afterAll(async () => {
    await cluster[Symbol.asyncDispose]();
    await plain[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true });
  });

  async function outcome(port: number, host: string, choice: Partial<PostgresStoreOptions>): Promise<string> {
    await using store = postgresStore({
      url: `postgresql://postgres:hunter2@${host}:${port}/postgres?sslmode=verify-full`,
      ...choice,
    });
    try {
      await store.open();
      return "opens";
    } catch (error) {
      expect(JSON.stringify(error) + String(error)).not.toContain("hunter2");
      return error instanceof Error ? error.message : "";
    }
  }

  it("is made to a server whose certificate is trusted and made out for its name", async () => {
    expect(await outcome(cluster.port, "localhost", { ca: pem("good") })).toBe("opens");
    const [row] = await cluster.run("SELECT count(*)::int AS n FROM pg_stat_ssl WHERE ssl");
    expect(row?.["n"]).toBe(0);
  });

  it("is refused to any other, at once", async () => {
    expect(await outcome(cluster.port, "localhost", {})).toMatch(/certificate that is not to be trusted/);
    expect(await outcome(cluster.port, "localhost", { ca: pem("other") })).toMatch(
      /certificate that is not to be trusted/,
    );
    expect(await outcome(cluster.port, "127.0.0.1", { ca: pem("good") })).toMatch(/ALTNAME/);
    expect(await outcome(plain.port, "localhost", { ca: pem("good") })).toMatch(/offers no encryption/);
  });
});
