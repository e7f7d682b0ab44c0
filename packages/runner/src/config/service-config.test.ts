import { generateKeyPairSync } from "node:crypto";
import { digestSigner, Secret } from "@headgate/core";
import { describe, expect, it } from "vitest";
import { temporaryFolder } from "../testing/temporary-folder.ts";
import type { RunnerConfig } from "./config.ts";
import { loadConfig } from "./load.ts";
import { ConfigError } from "./problem.ts";
import { builtInSinks, runnerSinks } from "../sinks.ts";
import { trySinks } from "./try-sinks.ts";
import { isLoopback, parseListen } from "./service-config.ts";

const pair = (): { readonly own: string; readonly shared: string } => {
  const { privateKey, publicKey } = generateKeyPairSync("ed25519");
  return {
    own: String(privateKey.export({ type: "pkcs8", format: "pem" })),
    shared: String(publicKey.export({ type: "spki", format: "pem" })),
  };
};
const oidcKey = generateKeyPairSync("ec", { namedCurve: "P-256" })
  .privateKey.export({ type: "pkcs8", format: "pem" })
  .toString();
const environment = {
  OIDC: oidcKey,
  KEY: "ab".repeat(32),
  OLD: Buffer.alloc(32, 7).toString("base64"),
  HOOK: "whsec_c2VjcmV0",
  SIGNING: pair().own,
  RETIRED: pair().shared,
};

function load(text: string): RunnerConfig {
  using folder = temporaryFolder();
  return loadConfig(folder.write("headgate.yaml", `store: { kind: memory }\n${text}`), {
    sinks: builtInSinks,
    environment,
  });
}

function problems(text: string): readonly string[] {
  try {
    load(text);
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.problems.map(({ path, message }) => `${path} ${message}`);
    throw error;
  }
}

describe("http", () => {
  it("listens on loopback, with the console, unless the file says otherwise", () => {
    const limits = { requestsPerMinute: 600, appendsPerMinute: 30_000 };
    const usual = { host: "127.0.0.1", port: 8686, behindProxy: false, console: true, metricsPublic: false, limits };
    expect(load("http: {}\n").http).toEqual(usual);
    expect(load("").http).toBeUndefined();
    const other = `http: { listen: "[::1]:0", base_url: "https://audit.example.com/", console: false, metrics_public: true, appends_per_minute: 9 }\n`;
    expect(load(other).http).toEqual({
      ...usual,
      host: "::1",
      port: 0,
      baseUrl: "https://audit.example.com",
      console: false,
      metricsPublic: true,
      limits: { ...limits, appendsPerMinute: 9 },
    });
  });

  it("refuses to send tokens in clear over a network, unless a proxy takes care of it", () => {
    const [problem = ""] = problems(`http: { listen: "0.0.0.0:8686" }\n`);
    expect(problem).toMatch(
      /^http\.listen can be reached from elsewhere, .* set http\.tls, or http\.behind_proxy: true/,
    );
    expect(problems(`http: { listen: "0.0.0.0:8686", behind_proxy: true }\n`)).toEqual([]);
    expect(problems(`http: { listen: "0.0.0.0:8686", tls: { cert_file: c.pem, key_file: k.pem } }\n`)).toEqual([]);
  });

  it.each(["8686", "127.0.0.1", "127.0.0.1:99999", "[1.2.3.4]:80", "host name:80", "[::1]"])(
    "says that %s is no place to listen",
    (listen) => {
      const [problem] = problems(`http: { listen: "${listen}" }\n`);
      expect(problem).toBe("http.listen must be an address and a port, such as 127.0.0.1:8686");
    },
  );

  it("knows loopback when it sees it", () => {
    const hosts = ["127.0.0.1", "127.9.9.9", "::1", "localhost", "0.0.0.0", "::", "127.evil.example", "10.0.0.1"];
    expect(hosts.map(isLoopback)).toEqual([true, true, true, true, false, false, false, false]);
    expect(parseListen("localhost:1")).toEqual({ host: "localhost", port: 1 });
  });
});

describe("secrets", () => {
  it("names keys by what they are, whatever their place, and never shows them", () => {
    const before = load("secrets: { key: '${env:OLD}' }\n").secrets;
    const after = load("secrets: { key: '${env:KEY}', previous_keys: ['${env:OLD}'] }\n").secrets;
    expect(Object.keys(after?.keys ?? {})).toEqual([after?.current, before?.current]);
    expect(Object.values(after?.keys ?? {}).every((key) => key instanceof Secret)).toBe(true);
    expect(JSON.stringify([before, after])).not.toContain(environment.KEY);
  });

  it("says which key is none, without quoting it", () => {
    expect(problems("secrets: { key: tooshort, previous_keys: ['${env:OLD}', '${env:OLD}'] }\n")).toEqual([
      "secrets.key must be 32 bytes, as 64 hexadecimal digits or in base64",
      "secrets.previous_keys[1] is the same as an earlier key",
    ]);
  });
});

describe("digests", () => {
  it("takes an Ed25519 key and those of before, and shows none of them", () => {
    const { digests } = load("digests: { key: '${env:SIGNING}', retired_keys: ['${env:RETIRED}'] }\n");
    expect(digestSigner(digests?.signer ?? { key: "" }).published.keys).toHaveLength(2);
    expect(JSON.stringify(digests)).not.toContain("PRIVATE");
  });

  it("says which key is none, without quoting it", () => {
    expect(problems("digests: { key: '${env:SIGNING}', every: 2h }\n")).toEqual([
      "digests.every must be from a second to an hour",
    ]);
    expect(problems("digests: { key: nokey }\n")).toEqual(["digests.key must be an Ed25519 private key in PEM"]);
    expect(problems("digests: { key: '${env:SIGNING}', retired_keys: [nokey] }\n")).toEqual([
      "digests.retired_keys[0] must be an Ed25519 key in PEM",
    ]);
  });
});

describe("alerts", () => {
  it("turns durations into milliseconds and channels into what they are made of", () => {
    const { alerts } = load(`alerts:
  lagging: 30m
  quiet: 0s
  reminders: [10m, 1h]
  loss_share: 0.25
  audit_log: false
  channels:
    - { kind: webhook, url: "https://hooks.example.com/a", secret: "\${env:HOOK}", organizations: [acme] }
    - { kind: slack, name: on-call, url: "https://hooks.slack.com/services/T/B/x" }
    - { kind: smtp, host: smtp.example.com, tls: implicit, from: a@example.com, to: [b@example.com] }
`);
    expect(alerts).toMatchObject({
      settings: { laggingMs: 1_800_000, quietMs: 0, remindersMs: [600_000, 3_600_000], lossShare: 0.25 },
      auditLog: false,
      channels: [
        { kind: "webhook", name: "webhook-1", organizations: ["acme"], allowInsecureEndpoint: false },
        { kind: "slack", name: "on-call" },
        { kind: "smtp", name: "smtp-3", port: 465, tls: "implicit" },
      ],
    });
    expect(JSON.stringify(alerts)).not.toContain("whsec_");
    expect(JSON.stringify(alerts)).not.toContain("hooks.slack.com");
  });

  it("says what is wrong with a channel, and where", () => {
    expect(
      problems(`alerts:
  every: 0s
  channels:
    - { kind: webhook, name: a, url: "https://hooks.example.com/a", secret: whsec_x }
    - { kind: smtp, name: a, host: smtp.example.com, from: a@example.com, to: [b@example.com] }
`),
    ).toEqual([
      "alerts.every must be more than 0",
      `alerts.channels[1].name "a" is the name of channels[0]; give it another one`,
    ]);
    expect(
      problems(`alerts: { channels: [{ kind: slack, name: audit_log, url: "https://hooks.slack.com/x" }] }\n`),
    ).toEqual(["alerts.channels[0].name is taken by the organization's own log"]);
    expect(problems("alerts: { channels: [{ kind: smtp, host: h, from: a@b.example }] }\n")).toEqual([
      `alerts.channels[0] lacks "to"`,
    ]);
  });
});

describe("oidc", () => {
  const keys = "keys: [{ private_key: '${env:OIDC}' }]";

  it("makes an issuer whose key is never shown", async () => {
    const { oidc, ...rest } = load(`http: {}\noidc: { issuer: "https://id.example.com/a", token_life: 2m, ${keys} }\n`);
    expect(oidc).toMatchObject({ issuer: "https://id.example.com/a", audience: "sts.amazonaws.com" });
    const token = (await oidc?.token({ organization: "acme", stream: "acme-s3" }))?.reveal() ?? "";
    const claims = JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString()) as Record<string, number>;
    expect((claims["exp"] ?? 0) - (claims["iat"] ?? 0)).toBe(120);
    expect(JSON.stringify([oidc, rest])).not.toContain("PRIVATE KEY");
  });

  it("says what makes no issuer", () => {
    const problem = (text: string): string => problems(text).join("\n");
    expect(problem(`oidc: { issuer: "https://id.example.com", ${keys} }\n`)).toMatch(/^oidc needs http/);
    const http = "http: {}\n";
    expect(problem(`${http}oidc: { issuer: "http://id.example.com", ${keys} }\n`)).toMatch(/^oidc .*not an https URL/);
    expect(problem(`${http}oidc: { issuer: "https://id.example.com", token_life: 2h, ${keys} }\n`)).toMatch(
      /60 to 3600/,
    );
    const wrong = problem(
      `${http}oidc: { issuer: "https://id.example.com", keys: [{ private_key: '\${env:KEY}' }] }\n`,
    );
    expect(wrong).toMatch(/keys\[0\] is no private key/);
    expect(wrong).not.toContain(environment.KEY);
  });

  it("lets streams use web_identity, and only then", async () => {
    const stream = `streams: [{ id: acme-s3, organization: acme, sink: s3, options: { bucket: acme, region: eu-west-1, credentials: { web_identity: { role_arn: "arn:aws:iam::444455556666:role/headgate" } } } }]\n`;
    using folder = temporaryFolder();
    const text = `store: { kind: memory }\nhttp: {}\noidc: { issuer: "https://id.example.com", ${keys} }\n${stream}`;
    const config = loadConfig(folder.write("headgate.yaml", text), { sinks: builtInSinks, environment });
    const { oidc } = config;
    await trySinks(config, runnerSinks(oidc && { oidc }));
    await expect(trySinks(config, runnerSinks())).rejects.toMatchObject({
      problems: [{ message: expect.stringMatching(/set oidc/) as string }],
    });
  });
});
