import { generateKeyPairSync } from "node:crypto";
import { createServer, type IncomingMessage, request } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { describe, expect, it } from "vitest";
import { headgate, type HeadgateProcess, startHeadgate } from "../testing/headgate-process.ts";
import { temporaryFolder, type TemporaryFolder } from "../testing/temporary-folder.ts";

function configured(folder: TemporaryFolder, http: object, more: object = {}): void {
  const streams = [{ id: "acme-files", organization: "acme", sink: "file", options: { directory: "./out" } }];
  const config = { store: { kind: "sqlite", path: "headgate.db" }, http, streams, log: { format: "json" }, ...more };
  folder.write("headgate.yaml", JSON.stringify(config));
}

async function served(folder: TemporaryFolder): Promise<{ readonly url: string; readonly runner: HeadgateProcess }> {
  const runner = startHeadgate(["run", "-c", "headgate.yaml"], { cwd: folder.path });
  await runner.said('"url":"');
  return { url: /"url":"([^"]+)"/.exec(runner.stderr())?.[1] ?? "", runner };
}

async function minted(folder: TemporaryFolder, ...args: readonly string[]): Promise<string> {
  const { stdout, stderr } = await headgate(["tokens", "create", "--name", "test", ...args], { cwd: folder.path });
  if (stdout === "") throw new Error(stderr);
  return stdout.trim();
}

describe("headgate run with http", () => {
  it("serves the documents of its OIDC issuer to everybody, under the issuer's name too", async () => {
    using folder = temporaryFolder();
    const key = generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey;
    const oidc = {
      issuer: "https://id.example.com/headgate",
      keys: [{ private_key: key.export({ type: "pkcs8", format: "pem" }) }],
    };
    configured(folder, { listen: "127.0.0.1:0" }, { oidc });
    const { url, runner } = await served(folder);
    await using _runner = runner;
    const discovery = await fetch(`${url}/headgate/.well-known/openid-configuration`);
    expect(await discovery.json()).toMatchObject({ issuer: oidc.issuer });
    const sent = request(`${url}/headgate/.well-known/jwks.json`, { headers: { host: "id.example.com" } }).end();
    const [answer] = (await once(sent, "response")) as [IncomingMessage];
    const { keys } = JSON.parse(await text(answer)) as { readonly keys: readonly object[] };
    expect(keys).toMatchObject([{ kty: "EC", alg: "ES256" }]);
    expect(keys[0]).not.toHaveProperty("d");
    expect((await fetch(`${url}/headgate/other`)).status).toBe(404);
  });

  it("serves console, API and metrics, and ends in order while somebody listens to live status", async () => {
    using folder = temporaryFolder();
    configured(folder, { listen: "127.0.0.1:0" });
    const { url, runner } = await served(folder);
    await using _runner = runner;

    const page = await fetch(url);
    expect(page.status).toBe(200);
    expect(page.headers.get("content-security-policy")).toContain("default-src 'self'");
    expect(await page.text()).toContain("<headgate-console");
    expect(await (await fetch(`${url}/healthz`)).json()).toEqual({ status: "ok" });

    expect((await fetch(`${url}/v1/me`)).status).toBe(401);
    const token = await minted(folder, "--organization", "acme", "--role", "admin");
    const asAdmin = { headers: { authorization: `Bearer ${token}` } };
    expect(await (await fetch(`${url}/v1/me`, asAdmin)).json()).toMatchObject({ role: "admin", organization: "acme" });

    expect((await fetch(`${url}/metrics`)).status).toBe(401);
    const operator = await minted(folder, "--role", "operator");
    const metrics = await fetch(`${url}/metrics`, { headers: { authorization: `Bearer ${operator}` } });
    expect(await metrics.text()).toContain("headgate_build_info");

    const live = await fetch(`${url}/v1/organizations/acme/live`, asAdmin);
    const reader = live.body?.getReader();
    expect(new TextDecoder().decode((await reader?.read())?.value)).toContain("acme-files");
    runner.kill("SIGTERM");
    const { code, stderr } = await runner.ended;
    expect(stderr).toContain('"msg":"stopped"');
    expect(code).toBe(0);
  });

  it("says in one sentence that its port is taken, and delivers nothing", async () => {
    using folder = temporaryFolder();
    const other = createServer().listen(0, "127.0.0.1");
    await once(other, "listening");
    const { port } = other.address() as AddressInfo;
    configured(folder, { listen: `127.0.0.1:${port}` });
    const { code, stderr } = await headgate(["run"], { cwd: folder.path });
    other.close();
    expect(stderr.trimEnd().split("\n").at(-1)).toBe(
      `http.listen is 127.0.0.1:${port}, where another process listens already. Stop that one, or choose another port.`,
    );
    expect(code).toBe(2);
  });

  it("serves nothing with --once", async () => {
    using folder = temporaryFolder();
    const other = createServer().listen(0, "127.0.0.1");
    await once(other, "listening");
    configured(folder, { listen: `127.0.0.1:${(other.address() as AddressInfo).port}` });
    const { code } = await headgate(["run", "--once"], { cwd: folder.path });
    other.close();
    expect(code).toBe(0);
  });
});

describe("headgate tokens", () => {
  it("makes a token that is shown once, lists it without its secret, and ends it", async () => {
    using folder = temporaryFolder();
    configured(folder, {});
    const made = await headgate(
      [
        "tokens",
        "create",
        "--organization",
        "acme",
        "--role",
        "viewer",
        "--name",
        "auditors",
        "--expires",
        "90d",
        "--json",
      ],
      { cwd: folder.path },
    );
    const { token, id, expires_at: expires } = JSON.parse(made.stdout) as Record<"token" | "id" | "expires_at", string>;
    expect(token.startsWith(`hg_${id}_`)).toBe(true);
    expect(Math.round((Date.parse(expires) - Date.now()) / 86_400_000)).toBe(90);
    const listed = await headgate(["tokens", "list", "--json"], { cwd: folder.path });
    expect(JSON.parse(listed.stdout)).toMatchObject({ tokens: [{ id, name: "auditors", role: "viewer" }] });
    expect(listed.stdout).not.toContain(token.slice(-20));
    expect((await headgate(["tokens", "revoke", id], { cwd: folder.path })).stdout).toBe(
      `Token ${id} (auditors) is revoked.\n`,
    );
    const after = await headgate(["tokens", "revoke", id], { cwd: folder.path });
    expect([after.code, after.stderr]).toEqual([2, `There is no token "${id}". See headgate tokens list.\n`]);
    const log = await headgate(["export", "--organization", "acme"], { cwd: folder.path });
    const actions = log.stdout
      .trimEnd()
      .split("\n")
      .map((line) => (JSON.parse(line) as { action: string }).action);
    expect(actions).toEqual(["headgate.token.created", "headgate.token.revoked"]);
  });

  it.each([
    [["--role", "king", "--name", "n"], "--role must be one of ingest, viewer, admin, operator.\n"],
    [["--role", "admin", "--name", "n"], "--organization ORG is missing.\n"],
    [
      ["--role", "operator", "--name", "n", "--organization", "a"],
      "An operator's token reaches all organizations: leave out --organization.\n",
    ],
    [["--role", "operator", "--name", "n", "--expires", "soon"], "--expires must be a duration such as 90d.\n"],
  ])("refuses %j", async (args, message) => {
    using folder = temporaryFolder();
    configured(folder, {});
    const { code, stderr } = await headgate(["tokens", "create", ...args], { cwd: folder.path });
    expect([code, stderr]).toEqual([2, message]);
  });
});
