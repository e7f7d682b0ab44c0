import { writeFile, mkdtempDisposable } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import type { HeadgateError } from "@headgate/core";
import { isHeadgateError, secret } from "@headgate/core";
import { loopbackTls, sinkContext } from "@headgate/sink-testkit";
import { describe, expect, it } from "vitest";
import { datadogSink } from "./datadog-sink.ts";
import { thawEncoding } from "./encoding.ts";
import type { DatadogSinkOptions } from "./options.ts";
import { datadogOptionsSchema } from "./schema.ts";
import { resolveSettings } from "./settings.ts";
import { datadogSites } from "./sites.ts";
import { tagText } from "./tags.ts";

const good: DatadogSinkOptions = { site: "datadoghq.eu", apiKey: secret("k".repeat(32)) };
const rules = { allowInsecureEndpoint: false };

/** What is said of options, as a caller without types may give them. */
function complaint(options: object): string {
  try {
    resolveSettings({ ...good, ...options }, undefined);
    return "";
  } catch (error) {
    expect(isHeadgateError(error, "sink_options_invalid")).toBe(true);
    return (error as HeadgateError).message;
  }
}

describe("options", () => {
  it.each(datadogSites)("know the hosts of %s", (site) => {
    const { intake, api } = resolveSettings({ ...good, site }, undefined);
    expect([intake.href, api?.href]).toEqual([`https://http-intake.logs.${site}/`, `https://api.${site}/`]);
  });

  it.each([
    ["eu", '"datadoghq.eu"'],
    ["US5", '"us5.datadoghq.com"'],
    ["https://app.datadoghq.com/logs", '"datadoghq.com"'],
    ["us3.datadoghq.com/", '"us3.datadoghq.com"'],
    ["api.ddog-gov.com", '"ddog-gov.com"'],
    ["datadoghq.eu.evil.example", "is none of datadoghq.com, us3"],
    ["", "is none of"],
    ["constructor", "is none of"],
  ])("take the site %j for a mistake, and say what is meant", (site, says) => {
    expect(complaint({ site })).toContain(says);
  });

  it.each([
    [{ site: undefined }, "site is missing: one of datadoghq.com"],
    [{ url: "http://intake.example.com" }, "plain http"],
    [{ url: "https://127.0.0.1" }, "private or loopback"],
    [{ url: "https://u:p@intake.example.com" }, "without user"],
    [{ apiUrl: "ftp://x" }, "api_url must be a URL"],
    [{ apiKey: undefined }, "api_key is missing"],
    [{ apiKey: secret("a b") }, "api_key is missing, or holds blanks"],
    [{ apiKey: secret("a\nb") }, "api_key"],
    [{ service: "" }, "service is 1 to 100"],
    [{ service: "a,b" }, "service is"],
    [{ source: "x".repeat(101) }, "source is 1 to 100"],
    [{ hostname: "a b" }, "hostname is"],
    [{ tags: { organization: "x" } }, 'tag "organization" cannot be given'],
    [{ tags: { host: "x" } }, "set hostname"],
    [{ tags: { "1a": "x" } }, "must begin with a letter"],
    [{ tags: { "a:b": "x" } }, "must begin with a letter"],
    [{ tags: { a: "x,y" } }, "needs a value"],
    [{ tags: { a: "" } }, "needs a value"],
    [{ tags: { a: 7 } }, "needs a value"],
    [{ tags: { a: "x".repeat(199) } }, "longer than 200"],
    [{ tags: Object.fromEntries(Array.from({ length: 98 }, (_, i) => [`a${i}`, "x"])) }, "97 at most"],
    [{ stale: "drop" }, "stale is quarantine or restamp"],
    [{ compression: "zstd" }, "compression is gzip or none"],
    [{ ca: "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----" }, "ca holds no certificate"],
    [{ timeouts: { requestMs: 0 } }, "timeouts are above 0"],
    [{ api_key: "x" }, "api_key is no option"],
  ])("are refused with %j", (options, says) => {
    expect(complaint(options)).toContain(says);
  });

  it("name every problem at once, and no secret", () => {
    const said = complaint({
      site: "x",
      service: "",
      tags: { host: "h" },
      stale: "x",
      apiKey: secret("my secret key"),
    });
    expect(said).toMatch(/site.*api_key.*service.*tag "host".*stale/);
    expect(said).not.toContain("my secret key");
    expect(inspect(resolveSettings(good, undefined), { depth: 9, showHidden: true })).not.toContain("kkkk");
  });

  it("have two tags always, as far as a tag can hold the ids", () => {
    const { entry } = resolveSettings(
      { ...good, tags: { env: "production" } },
      { stream: "s", organization: "Acme, Inc" },
    );
    expect(entry.tags).toBe("organization:Acme__Inc,stream:s,env:production");
    const long = tagText({ organization: "🦀".repeat(300), stream: "é".repeat(300) }, {});
    expect(long.split(",").map((tag) => tag.length)).toEqual([200, 200]);
  });

  it("that an accepted url has go where it leads", () => {
    const where = (url: string): string => resolveSettings({ ...good, url }, undefined).intake.href;
    expect(where("https://proxy.example.com/dd")).toBe("https://proxy.example.com/dd");
    expect(resolveSettings({ ...good, url: "https://proxy.example.com" }, undefined).api).toBeUndefined();
    expect(resolveSettings({ ...good, url: "https://10.1.2.3" }, undefined, ["10.0.0.0/8"]).intake.host).toBe(
      "10.1.2.3",
    );
  });
});

describe("options of a file", () => {
  const file = {
    site: "datadoghq.com",
    api_key: "key",
    timeouts: { connect_ms: 1, request_ms: 2 },
    api_url: "https://a.example.com",
  };

  it("become those of code, with the key wrapped", () => {
    const options = datadogSink().fromConfig({ ...file, tags: { snake_case: "a_b" } }, rules);
    expect(options).toMatchObject({
      timeouts: { connectMs: 1, requestMs: 2 },
      apiUrl: "https://a.example.com",
      tags: { snake_case: "a_b" },
    });
    expect(options.apiKey.reveal()).toBe("key");
    expect(JSON.stringify(options)).not.toContain('"key"');
  });

  it("name certificates by a path that starts at the file", async () => {
    await using folder = await mkdtempDisposable(join(tmpdir(), "datadog-ca-"));
    await writeFile(join(folder.path, "ca.pem"), loopbackTls.ca);
    await writeFile(join(folder.path, "key.pem"), "password: hunter2");
    const read = (ca_file: string): DatadogSinkOptions =>
      datadogSink().fromConfig({ ...file, ca_file }, { ...rules, directory: folder.path });
    expect(read("ca.pem").ca).toBe(loopbackTls.ca);
    expect(() => read("none.pem")).toThrow(/none\.pem cannot be read \(ENOENT\)/);
    expect(() => read("key.pem")).toThrow(/holds no certificate in PEM form\.$/);
  });

  it("are checked at once, with the operator's allowance", () => {
    const local = { ...file, url: "http://127.0.0.1:1" };
    expect(() => datadogSink().fromConfig(local, rules)).toThrow(/plain http/);
    expect(datadogSink().fromConfig(local, { allowInsecureEndpoint: true })).toMatchObject({
      allowInsecureEndpoint: true,
    });
  });

  it("are described, each of them", () => {
    const properties = datadogOptionsSchema["properties"] as Readonly<
      Record<string, { readonly description?: string }>
    >;
    for (const { description } of Object.values(properties)) expect(description).toMatch(/\.$/);
  });
});

describe("a sink", () => {
  it("ends a window under the settings that it was sealed with", () => {
    const definition = datadogSink();
    const old = definition.create({ ...good, service: "before", tags: { env: "a" } }, sinkContext());
    const now = definition.create({ ...good, service: "after" }, sinkContext());
    expect(now.canEncode?.(old.encoding)).toBe(true);
    expect(now.canEncode?.('{"kind":"s3"}')).toBe(false);
    expect(thawEncoding(old.encoding)?.service).toBe("before");
    const event = {
      sequence: 1,
      occurredAt: 1_752_659_550_123,
      line: new TextEncoder().encode("{}"),
      parse: () => ({ action: "a", actor: { type: "u", id: "u" } }) as never,
    };
    expect(now.encode?.(event, old.encoding)).toEqual(old.encode?.(event, old.encoding));
    expect(now.encode?.(event, now.encoding)).not.toEqual(old.encode?.(event, old.encoding));
  });

  it("is told from another by site, service and source, and never by its key", () => {
    const definition = datadogSink();
    const location = (options: DatadogSinkOptions): string | undefined => definition.location?.(options);
    const same = location(good);
    expect(location({ ...good, apiKey: secret("other"), tags: { a: "b" } })).toBe(same);
    const others = [{ service: "x" }, { source: "x" }, { site: "datadoghq.com" }, { url: "https://x.example.com" }];
    expect(new Set([same, ...others.map((other) => location({ ...good, ...other }))]).size).toBe(5);
    expect(same).not.toContain("kkk");
  });
});
