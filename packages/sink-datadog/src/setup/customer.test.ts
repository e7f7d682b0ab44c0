import { execFileSync } from "node:child_process";
import type { CustomerContext, CustomerSetup, SetupGuide } from "@headgate/core";
import { aesVault, createHeadgate, memoryStore, Secret, secret } from "@headgate/core";
import { sinkContext } from "@headgate/sink-testkit";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { datadogSink } from "../datadog-sink.ts";
import type { DatadogSinkOptions } from "../options.ts";

const context: CustomerContext = { organization: "org_1", externalId: "hg-7f3e9a51", allowInsecureEndpoint: false };
const key = "0123456789abcdef0123456789abcdef";

function customer(): CustomerSetup<DatadogSinkOptions> {
  const setup = datadogSink().customer;
  if (setup === undefined) throw new Error("no set-up");
  return setup;
}

const options = (given: Readonly<Record<string, unknown>>, previous?: DatadogSinkOptions): DatadogSinkOptions =>
  customer().options(given, context, previous);

function artifact(guide: SetupGuide, id: string): string {
  const found = guide.artifacts.find((candidate) => candidate.id === id);
  if (found === undefined) throw new Error(`no ${id}`);
  return found.content;
}

/** The words of the one command of a script. */
function wordsOf(script: string): readonly string[] {
  const recorder = String.raw`PATH=/nowhere; DD_API_KEY=of-the-environment; curl() { printf '%s\0' "$@"; }`;
  const printed = execFileSync("bash", ["-c", `${recorder}\n${script}`], { encoding: "utf8" });
  return printed.split("\0").slice(0, -1);
}

describe("what a customer gives for Datadog", () => {
  it("becomes options with the key wrapped, and comes back without it", () => {
    const given = { site: "datadoghq.eu", service: "acme-audit", tags: { env: "production" }, stale: "restamp" };
    const made = options({ ...given, api_key: key });
    expect(made).toEqual({ ...given, apiKey: expect.any(Secret) as Secret });
    expect(made.apiKey.reveal()).toBe(key);
    expect(customer().given(made)).toEqual(given);
  });

  it.each([
    [{ site: "datadoghq.eu" }, /api_key is missing/],
    [{ site: "eu", api_key: key }, /is written "datadoghq.eu"/],
    [{ site: "evil.example", api_key: key }, /is none of/],
    [{ site: "datadoghq.eu", api_key: key, tags: { host: "x" } }, /tag "host" cannot be given/],
  ])("is refused as %j", (given, problem) => {
    expect(() => options(given)).toThrow(problem);
  });

  it("keeps a key that is not given again, with what the operator has set, for the same site alone", () => {
    const previous: DatadogSinkOptions = {
      site: "datadoghq.eu",
      url: "https://datadog-proxy.example.com",
      apiKey: secret(key),
      hostname: "gateway",
      service: "old",
    };
    const edited = options({ site: "datadoghq.eu", service: "acme-audit" }, previous);
    expect(edited).toMatchObject({ url: previous.url, hostname: "gateway", service: "acme-audit" });
    expect(edited.apiKey.reveal()).toBe(key);
    expect(() => options({ site: "datadoghq.com" }, previous)).toThrow(/api_key must be given again/);
    expect(options({ site: "datadoghq.com", api_key: "other" }, previous)).toEqual({
      site: "datadoghq.com",
      apiKey: expect.any(Secret) as Secret,
    });
  });

  it("is stored sealed, and opens to a sink", async () => {
    const vault = aesVault({ keys: { a: new Uint8Array(32) } });
    await using headgate = createHeadgate({ store: memoryStore(), sinks: [datadogSink()], vault });
    const made = options({ site: "datadoghq.eu", api_key: key });
    const { id } = await headgate.streams.create("org_1", { sink: "datadog", options: made });
    expect(JSON.stringify(await headgate.streams.get(id))).not.toContain(key);
    expect(((await headgate.streams.options(id)) as DatadogSinkOptions).apiKey.reveal()).toBe(key);
  });

  it("has patterns that browsers read too, and a title for every field", () => {
    const { properties } = customer().schema as { properties: Readonly<Record<string, { pattern?: string }>> };
    for (const { pattern, ...field } of Object.values(properties)) {
      expect(field).toMatchObject({ title: expect.any(String) as string, description: expect.any(String) as string });
      if (pattern !== undefined) expect([new RegExp(pattern, "u"), new RegExp(pattern, "v")]).toHaveLength(2);
    }
    expect(properties["api_key"]).toMatchObject({ writeOnly: true });
  });
});

describe("the limits of a Datadog stream", () => {
  it("tell how long a backlog may get before events are lost to Datadog, unless those are sent with another time", () => {
    const limits = (stale: "quarantine" | "restamp"): number | undefined =>
      datadogSink().create(options({ site: "datadoghq.eu", api_key: key, stale }), sinkContext()).limits.maxEventAgeMs;
    // 18 hours, less five minutes for the way there: https://docs.datadoghq.com/logs/log_collection/
    expect(limits("quarantine")).toBe(18 * 3_600_000 - 300_000);
    expect(limits("restamp")).toBeUndefined();
  });
});

describe("the guide for Datadog", () => {
  it("leads to the customer's own site, and never holds the key", () => {
    const guide = customer().guide({ site: "us5.datadoghq.com", api_key: key }, context);
    expect(JSON.stringify(guide)).not.toContain(key);
    expect(JSON.stringify(guide.steps)).toContain("https://us5.datadoghq.com/organization-settings/api-keys");
    expect(wordsOf(artifact(guide, "check-key"))).toEqual([
      "--fail",
      "--header",
      "DD-API-KEY: of-the-environment",
      "https://api.us5.datadoghq.com/api/v1/validate",
    ]);
    expect(JSON.parse(artifact(guide, "pipeline"))).toMatchObject({ filter: { query: "source:headgate" } });
  });

  it("lets nothing that is given get out of its place", () => {
    fc.assert(
      fc.property(
        fc.record({ site: fc.oneof(fc.string(), fc.constant("datadoghq.eu'; x")), stale: fc.string() }),
        (given) => {
          const guide = customer().guide(given, context);
          expect(wordsOf(artifact(guide, "check-key")).at(-1)).toBe("https://api.<your-site>/api/v1/validate");
          expect(wordsOf(artifact(guide, "create-pipeline")).at(-1)).toBe(
            "https://api.<your-site>/api/v1/logs/config/pipelines",
          );
        },
      ),
      { numRuns: 30 },
    );
  });
});
