import { generateKeyPairSync, randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdirSync, mkdtempDisposableSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { headgate, type HeadgateProcess, startHeadgate } from "./testing/headgate-process.ts";
import { secretsIn } from "./testing/encodings.ts";

/** Refuses everything, and says back whatever it was told: what a careless proxy or server does. */
function echoing(request: IncomingMessage, response: ServerResponse): void {
  const told = JSON.stringify([request.url, request.rawHeaders]);
  request.resume();
  const status = request.url?.includes("health") === true ? 200 : 403;
  response.writeHead(status, { "x-told": encodeURIComponent(told) }).end(`{"text":${JSON.stringify(told)},"code":4}`);
}

async function listening(server: Server): Promise<string> {
  await once(server.listen(0, "127.0.0.1"), "listening");
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const random = (): string => randomBytes(24).toString("base64url");

function filesUnder(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name));
}

test("no secret is in any file that a runner writes, in what it prints, or in what it serves", async () => {
  using folder = mkdtempDisposableSync(join(tmpdir(), "headgate-secrets-"));
  const server = createServer(echoing);
  const destination = await listening(server);
  const { privateKey } = generateKeyPairSync("ed25519");
  const oidcKey = generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey;
  const pem = (key: typeof privateKey): string => String(key.export({ type: "pkcs8", format: "pem" }));
  const scalar = (key: typeof privateKey): string => String(key.export({ format: "jwk" }).d);
  const secrets: Record<string, string> = {
    sealing_key: randomBytes(32).toString("base64"),
    pseudonym_key: randomBytes(32).toString("base64"),
    declared_hec_token: random(),
    declared_datadog_key: random(),
    declared_s3_key: random(),
    customer_hec_token: random(),
    customer_hec_token_of_before: random(),
    customer_datadog_key: random(),
    webhook_secret: randomBytes(24).toString("base64"),
    slack_path: random(),
    github_token: random(),
    okta_token: random(),
    digest_key: scalar(privateKey),
    oidc_key: scalar(oidcKey),
  };
  const env = {
    SEALING: secrets["sealing_key"],
    PSEUDONYMS: secrets["pseudonym_key"],
    HEC: secrets["declared_hec_token"],
    DD: secrets["declared_datadog_key"],
    S3: secrets["declared_s3_key"],
    WEBHOOK: `whsec_${secrets["webhook_secret"]}`,
    SLACK: `${destination}/services/${secrets["slack_path"]}`,
    GITHUB: secrets["github_token"],
    OKTA: secrets["okta_token"],
    DIGESTS: pem(privateKey),
    OIDC: pem(oidcKey),
  };
  const acme = { organization: "acme", flush: { max_age: "100ms" }, allow_insecure_endpoint: true };
  const s3 = {
    bucket: "acme-audit",
    endpoint: destination,
    region: "eu-west-1",
    force_path_style: true,
    credentials: { static: { access_key_id: "AKIDEXAMPLE", secret_access_key: "${env:S3}" } },
  };
  const declared = [
    { ...acme, id: "hec", sink: "splunk", options: { url: destination, token: "${env:HEC}" } },
    { ...acme, id: "dd", sink: "datadog", options: { url: destination, api_url: destination, api_key: "${env:DD}" } },
    { ...acme, id: "s3", sink: "s3", options: s3 },
    {
      ...acme,
      id: "files",
      sink: "file",
      options: { directory: "./out" },
      privacy: [{ path: "actor.id", method: "hash" }],
    },
  ];
  const channel = { allow_insecure_endpoint: true };
  const config = {
    store: { kind: "sqlite", path: "data/headgate.db" },
    secrets: { key: "${env:SEALING}" },
    pseudonyms: { key: "${env:PSEUDONYMS}" },
    digests: { key: "${env:DIGESTS}", every: "1s" },
    oidc: { issuer: "https://id.example.com", keys: [{ private_key: "${env:OIDC}" }] },
    alerts: {
      every: "1s",
      quiet: "0s",
      channels: [
        { ...channel, kind: "webhook", name: "hook", url: `${destination}/hook`, secret: "${env:WEBHOOK}" },
        { ...channel, kind: "slack", name: "chat", url: "${env:SLACK}" },
      ],
    },
    http: { listen: "127.0.0.1:0" },
    allow_insecure_endpoint: true,
    allowed_addresses: ["127.0.0.0/8"],
    log: { format: "json", level: "debug" },
    delivery: { retry_base: "50ms", retry_cap: "100ms", blocked_probe: "200ms" },
    sources: [
      { kind: "github", organization: "acme", api: { org: "acme", url: destination, token: "${env:GITHUB}" } },
      { kind: "okta", organization: "acme", api: { url: destination, token: "${env:OKTA}" } },
    ],
    streams: declared,
  };
  mkdirSync(join(folder.path, "data"));
  writeFileSync(join(folder.path, "headgate.yaml"), JSON.stringify(config));
  const place = { cwd: folder.path, env };
  const said: string[] = [];
  const run = async (...args: readonly string[]): Promise<string> => {
    const { code, stdout, stderr } = await headgate([...args, "-c", "headgate.yaml"], place);
    if (code !== 0 && code !== 3) throw new Error(stderr);
    said.push(stderr);
    return stdout;
  };
  const served = async (runner: HeadgateProcess): Promise<string> => {
    await runner.said('"url":"');
    return /"url":"([^"]+)"/.exec(runner.stderr())?.[1] ?? "";
  };
  const token = (await run("tokens", "create", "--organization", "acme", "--role", "admin", "--name", "t")).trim();
  const operator = (await run("tokens", "create", "--role", "operator", "--name", "o")).trim();
  Object.assign(secrets, { token, operator_token: operator });

  async function ask(url: string, method: string, path: string, body?: unknown, bearer = token): Promise<string> {
    const response = await fetch(`${url}${path}`, {
      method,
      headers: { authorization: `Bearer ${bearer}`, "content-type": "application/json" },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    said.push(text, JSON.stringify([...response.headers]));
    expect(`${method} ${path} ${response.status}`).toMatch(/ (2\d\d|409|422)$/);
    return text;
  }

  {
    await using runner = startHeadgate(["run", "-c", "headgate.yaml"], place);
    const url = await served(runner);
    const own = "/v1/organizations/acme";
    const create = async (sink: string, options: object): Promise<string> => {
      const text = await ask(url, "POST", `${own}/streams`, { sink, options });
      return (JSON.parse(text) as { readonly id: string }).id;
    };
    const before = secrets["customer_hec_token_of_before"];
    const id = await create("splunk", { url: `${destination}/own`, token: before });
    await create("datadog", { site: "datadoghq.eu", api_key: secrets["customer_datadog_key"] });
    await ask(url, "PATCH", `${own}/streams/${id}`, {
      options: { url: `${destination}/own`, token: secrets["customer_hec_token"] },
    });
    await ask(url, "POST", `${own}/streams/${id}/verify`);
    const event = { action: "user.login", actor: { type: "user", id: "u_1" } };
    await ask(url, "POST", `${own}/events`, [event, event]);
    // Blocked streams alert, the channels are refused too, digests are made.
    await expect.poll(() => runner.stderr()).toContain("an alert could not be delivered");
    await expect.poll(() => runner.stderr().split("source_denied").length - 1).toBe(2);
    await expect.poll(() => filesUnder(folder.path).some((file) => file.includes("_digests"))).toBe(true);
    for (const path of [
      `${own}/streams`,
      `${own}/streams/${id}`,
      `${own}/streams/${id}/deliveries`,
      `${own}/alerts`,
      `${own}/events`,
      `${own}/tokens`,
      "/v1/digest-keys",
      "/.well-known/jwks.json",
    ])
      await ask(url, "GET", path);
    await ask(url, "GET", "/metrics", undefined, operator);
    await run("backup", "--to", "data/copy.db");
    runner.kill("SIGKILL");
    said.push((await runner.ended).stderr);
  }
  // With what a killed process leaves beside the store.
  const left = filesUnder(folder.path);
  expect(left.some((file) => file.endsWith("-wal"))).toBe(true);
  const found = (files: readonly string[]): readonly string[] =>
    files.flatMap((file) => secretsIn(readFileSync(file), secrets).map((what) => `${file}: ${what}`));
  expect(found(left)).toEqual([]);

  {
    await using runner = startHeadgate(["run", "-c", "headgate.yaml"], place);
    await served(runner);
    runner.kill("SIGTERM");
    said.push((await runner.ended).stderr);
  }
  for (const args of [
    ["streams", "list", "--json"],
    ["status", "--json"],
    ["quarantine", "list", "--json"],
    ["tokens", "list", "--json"],
    ["export", "--organization", "acme"],
    ["validate"],
  ])
    said.push(await run(...args));
  expect(found(filesUnder(folder.path))).toEqual([]);
  expect(secretsIn(Buffer.from(said.join("\n")), secrets)).toEqual([]);
  server.close();
});
