import { inspect } from "node:util";
import { describe, expect, it } from "vitest";
import { temporaryFolder } from "../testing/temporary-folder.ts";
import { builtInSinks } from "../sinks.ts";
import type { RunnerConfig } from "./config.ts";
import { loadConfig } from "./load.ts";
import { ConfigError } from "./problem.ts";

const token = "ghp_s3cr3t";

function load(sources: string, rest = ""): { readonly config: RunnerConfig; readonly folder: string } {
  using folder = temporaryFolder();
  folder.write("m.yaml", "action: a\nactor: { type: { const: user }, id: who }\n");
  folder.write("ca.pem", "no certificate");
  const file = folder.write("headgate.yaml", `store: { kind: memory }\n${rest}sources:\n${sources}\n`);
  return { config: loadConfig(file, { sinks: builtInSinks, environment: { TOKEN: token } }), folder: folder.path };
}

function problemsOf(sources: string): readonly string[] {
  try {
    load(sources);
  } catch (error) {
    if (error instanceof ConfigError)
      return error.problems.map(({ path, line, message }) => `${line}: ${path} ${message}`);
    throw error;
  }
  throw new Error("the configuration was taken");
}

const github = (rest = "", api = ""): string =>
  `  - { kind: github, organization: acme, api: { org: acme, token: "\${env:TOKEN}"${api} }${rest} }`;
const okta = (rest = "", api = ""): string =>
  `  - { kind: okta, organization: acme, api: { url: "https://acme.okta.com", token: "\${env:TOKEN}"${api} }${rest} }`;

describe("sources that poll", () => {
  it("need little, and have defaults for the rest", () => {
    const { config } = load(`${github()}\n${okta()}`);
    const times = { everyMs: 60_000, sinceMs: 86_400_000, overlapMs: 600_000, allowInsecureEndpoint: false };
    expect(config.sources).toMatchObject([
      { kind: "github", organization: "acme", api: { service: "github", org: "acme", include: "all" }, ...times },
      { kind: "okta", organization: "acme", api: { service: "okta", tokenType: "ssws" }, ...times },
    ]);
    expect(config.sources.map((source) => (source.kind === "file" ? "" : source.api.url.href))).toEqual([
      "https://api.github.com/",
      "https://acme.okta.com/",
    ]);
    expect(config.sources[0]?.mapping).toBeUndefined();
  });

  it("take all that there is to set", () => {
    const { config, folder } = load(
      `  - kind: github
    organization: { from: org }
    mapping: m.yaml
    every: 5m
    since: 30d
    overlap: 1h
    allow_insecure_endpoint: true
    api: { org: acme, token_file: ./token, include: git, phrase: "-action:workflows", url: "http://ghes.internal/api/v3" }
${okta("", ", token_type: bearer")}`,
    );
    expect(config.sources[0]).toMatchObject({
      organization: { from: "org" },
      everyMs: 300_000,
      sinceMs: 2_592_000_000,
      overlapMs: 3_600_000,
      allowInsecureEndpoint: true,
      mapping: { apply: expect.any(Function) as unknown },
      api: { token: { file: `${folder}/token` }, include: "git", phrase: "-action:workflows" },
    });
    expect(config.sources[1]).toMatchObject({ api: { tokenType: "bearer" } });
  });

  it("never show their token", () => {
    const { config } = load(`${github()}\n${okta()}`);
    expect(inspect(config, { depth: 20 }) + JSON.stringify(config)).not.toContain(token);
    expect(problemsOf(`${github(", evry: 1")}\n${okta("", ", limit: 5")}`).join("\n")).not.toContain(token);
  });

  it.each([
    [
      `  - { kind: gitlab, organization: o }`,
      /^3: sources\[0\]\.kind must be one of file, github, okta; did you mean "github"\?$/,
    ],
    [`  - { kind: github, organization: o }`, /^3: sources\[0\] lacks "api"$/],
    [`  - { kind: file, organization: o }`, /^3: sources\[0\] lacks "path"$/],
    [`  - { kind: github, organization: o, api: { token: t } }`, /^3: sources\[0\]\.api lacks "org"$/],
    [`  - { kind: okta, organization: o, api: { token: t } }`, /^3: sources\[0\]\.api lacks "url"$/],
    [`  - { kind: github, organization: o, api: { org: acme } }`, /^3: sources\[0\]\.api lacks "token"$/],
    [github("", ", token_file: x"), /^3: sources\[0\]\.api fits none, or more than one/],
    [github("", ", include: everything"), /^3: sources\[0\]\.api\.include must be one of all, web, git/],
    [github("", ", token_type: bearer"), /^3: sources\[0\]\.api\.token_type is an unknown key/],
    [okta("", ", org: acme"), /^3: sources\[0\]\.api\.org is an unknown key/],
    [github("", ', phrase: "created:>2020-01-01"'), /^3: sources\[0\]\.api\.phrase must not hold created:/],
    [github("", ", url: http://api.github.com"), /^3: sources\[0\]\.api\.url "http:\/\/api.github.com" is plain http/],
    [github("", ", url: https://10.0.0.1/api/v3"), /^3: sources\[0\]\.api\.url .* is a private or loopback address/],
    [github("", ", ca_file: ca.pem"), /^3: sources\[0\]\.api\.ca_file names .*ca\.pem, which holds no certificate/],
    [
      github("", ", ca_file: gone.pem"),
      /^3: sources\[0\]\.api\.ca_file names .*gone\.pem, which cannot be read \(ENOENT\)/,
    ],
    [github(", every: 0s"), /^3: sources\[0\]\.every must be more than 0$/],
    [github(", follow: true"), /^3: sources\[0\]\.follow has no meaning for a source of kind github$/],
    [
      `  - { kind: file, path: x, organization: o, every: 1m }`,
      /^3: sources\[0\]\.every has no meaning for a source of kind file$/,
    ],
    [
      `${github()}\n${github(", every: 5m")}`,
      /^4: sources\[1\] reads the same log into the same organization as sources\[0\]$/,
    ],
  ])("are refused where they are wrong: %s", (sources, problem) => {
    expect(problemsOf(sources)).toEqual([expect.stringMatching(problem)]);
  });

  it("may name addresses that the operator allows", () => {
    const { config } = load(github("", ", url: https://10.0.0.1/api/v3"), "allowed_addresses: [10.0.0.0/8]\n");
    expect(config.sources).toHaveLength(1);
  });
});
