import { mkdtempDisposable, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isHeadgateError, secret } from "@headgate/core";
import { loopbackTls, sinkContext } from "@headgate/sink-testkit";
import { describe, expect, it } from "vitest";
import type { SplunkSinkOptions } from "./options.ts";
import { splunkLoggingTransport } from "./splunk-logging/transport.ts";
import { splunkSink } from "./splunk-sink.ts";

const token = "s3cr3t-token";
const url = "https://hec.acme.example:8088";
const definition = splunkSink();

function problem(body: () => unknown): string {
  try {
    body();
  } catch (error) {
    if (!isHeadgateError(error, "sink_options_invalid")) throw error;
    expect(error.message).not.toContain(token);
    return error.message;
  }
  throw new Error("nothing is wrong");
}

const create = (options: Partial<SplunkSinkOptions>, sink = definition) =>
  sink.create({ url, token: secret(token), ...options }, sinkContext({ stream: "acme" }));

describe("options", () => {
  it("have defaults", async () => {
    await using sink = create({});
    expect(sink).toMatchObject({
      host: "hec.acme.example:8088",
      limits: { maxBytes: 1_000_000, maxEvents: 1000, maxEventBytes: 1_000_000, concurrency: 1 },
      flush: { maxAgeMs: 5000 },
    });
    expect(JSON.parse(sink.encoding)).toEqual({
      splunk: 1,
      host: "headgate",
      source: "headgate:acme",
      sourcetype: "headgate:audit",
    });
  });

  it("that are wrong are all named in one message", () => {
    const message = problem(() =>
      create({
        url: [
          "http://hec.acme.example",
          "https://10.0.0.1:8088",
          "https://user:pass@x.example",
          url,
          `${url}/services/collector`,
        ],
        token: secret("Splunk abc"),
        index: "Audit",
        host: " ",
        sourcetype: "a\nb",
        maxBytes: 5_000_001,
        maxEvents: 0,
        maxEventBytes: 6_000_000,
        timeouts: { connectMs: 0, ackMs: 1.5 },
        ca: "no certificate",
      }),
    );
    for (const part of [
      'of stream "acme"',
      'url 1 "http://hec.acme.example" is plain http',
      'url 2 "https://10.0.0.1:8088" is a private',
      "url 3 must be a bare URL",
      "url names hec.acme.example:8088 twice",
      "token is to be given without",
      "index is no name",
      "host is empty",
      "sourcetype is empty",
      "max_bytes is 1000 to 5000000",
      "max_events is 1 to 100000",
      "max_event_bytes is 500 to",
      "timeouts.connect_ms is 1",
      "timeouts.ack_ms is 1",
      "ca holds no certificate",
    ]) {
      expect(message).toContain(part);
    }
    expect(message).not.toContain("pass");
  });

  it.each(["", "with space", "line\r\nbreak", "ö"])("take no token that could not go into a header: %j", (odd) => {
    expect(problem(() => create({ token: secret(odd) }))).toContain("token is empty");
  });

  it("know where events end up, however the collector's path is written", () => {
    const at = (options: Partial<SplunkSinkOptions>) =>
      definition.location?.({ url, token: secret(token), ...options });
    expect(at({ url: `${url}/services/collector/event/1.0` })).toBe(at({}));
    expect(at({ url: [`${url}/`] })).toBe(at({}));
    expect(at({ url: ["https://b.example", url] })).toBe(at({ url: [url, "https://b.example"] }));
    expect(at({ index: "audit" })).not.toBe(at({}));
    expect(at({})).not.toContain(token);
  });

  it("cannot require acknowledgement of a transport that cannot ask for it", () => {
    const vendor = splunkSink({ transport: splunkLoggingTransport() });
    expect(problem(() => create({ acknowledge: "required" }, vendor))).toContain("acknowledge: required needs");
  });
});

describe("options in files", () => {
  const operator = { allowInsecureEndpoint: false };

  it("become options in code, with the token wrapped and the file read", async () => {
    await using folder = await mkdtempDisposable(join(tmpdir(), "headgate-ca-"));
    await writeFile(join(folder.path, "ca.pem"), `${loopbackTls.key}\n# ours\n${loopbackTls.ca}\n`);
    const options = definition.fromConfig(
      { url, token, ca_file: "ca.pem", max_events: 10, timeouts: { ack_ms: 5 }, acknowledge: "off" },
      { ...operator, directory: folder.path },
    );
    expect(options).toMatchObject({ url, maxEvents: 10, timeouts: { ackMs: 5 }, acknowledge: "off" });
    expect(options.token.reveal()).toBe(token);
    // The private key that stood beside it goes nowhere: options are stored.
    expect(options.ca).toBe(`${loopbackTls.ca}\n`);
    await using sink = definition.create(options, sinkContext());
    expect(sink.limits.maxEvents).toBe(10);
  });

  it("name a file that cannot be read, or holds no certificate, beside all else that is wrong", async () => {
    await using folder = await mkdtempDisposable(join(tmpdir(), "headgate-ca-"));
    await writeFile(join(folder.path, "empty.pem"), loopbackTls.key);
    await writeFile(join(folder.path, "odd.pem"), "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
    const read = (caFile: string) =>
      problem(() =>
        definition.fromConfig({ url: "ftp://x", token, ca_file: caFile }, { ...operator, directory: folder.path }),
      );
    const missing = read("missing.pem");
    expect(missing).toContain(`ca_file ${join(folder.path, "missing.pem")} cannot be read (ENOENT)`);
    expect(missing).toContain("url must be a URL");
    expect(read("empty.pem")).toContain("holds no certificate (PEM)");
    expect(read("odd.pem")).toContain("holds a certificate that cannot be read");
  });

  it("allow an address of the operator's network where the operator names it", () => {
    const inside = { url: "https://10.1.2.3:8088", token };
    expect(problem(() => definition.fromConfig(inside, operator))).toContain("private or loopback");
    const allowed = definition.fromConfig(inside, { ...operator, allowedAddresses: ["10.1.0.0/16"] });
    expect(allowed).not.toHaveProperty("allowInsecureEndpoint");
    const insecure = definition.fromConfig({ url: "http://127.0.0.1:8088", token }, { allowInsecureEndpoint: true });
    expect(insecure.allowInsecureEndpoint).toBe(true);
  });
});
