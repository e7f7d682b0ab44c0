import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { auditEvents, auditEvent, chunkOf, deliveryContext } from "@headgate/sink-testkit";
import { afterEach, describe, expect, it, vi } from "vitest";
import { startRig } from "../testing/harness.ts";
import { testAction } from "../test-log.ts";
import { datadogApiClientTransport } from "./index.ts";
import { outgrown } from "./items.ts";

const transport = datadogApiClientTransport();
const home = join(import.meta.dirname, "../..");

afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});

describe("Datadog's client", () => {
  it("is told everything: the environment changes neither site nor key", async () => {
    await using rig = await startRig({ transport });
    vi.stubEnv("DD_SITE", "datadoghq.invalid");
    vi.stubEnv("DD_API_KEY", "another key");
    vi.stubEnv("DD_APP_KEY", "an application key");
    await using sink = rig.sink();
    expect((await sink.deliver(chunkOf(sink, auditEvents(1)), deliveryContext())).status).toBe("delivered");
    expect(rig.server.requests.map(({ headers }) => headers)).toMatchObject([
      { "dd-api-key": expect.stringMatching(/^0123/) as string },
    ]);
    expect(rig.server.requests[0]?.headers).not.toHaveProperty("dd-application-key");
  });

  it("writes nothing to the console, whatever fails", async () => {
    const methods = ["trace", "debug", "log", "info", "warn", "error"] as const;
    const spies = methods.map((method) => vi.spyOn(console, method).mockImplementation(() => {}));
    await using rig = await startRig({ transport });
    await using sink = rig.sink({ timeouts: { requestMs: 100 } });
    await using nowhere = rig.sink({ url: "http://127.0.0.1:1" });
    const chunk = chunkOf(sink, auditEvents(1));
    rig.server.script([
      { kind: "reset" },
      { kind: "hang" },
      { kind: "html", status: 400 },
      { kind: "html", status: 200 },
      { kind: "error", status: 403 },
      { kind: "error", status: 599 },
    ]);
    for (let attempt = 1; attempt <= 6; attempt++) {
      expect((await sink.deliver(chunk, deliveryContext({ attempt }))).status).not.toBe("delivered");
    }
    expect((await nowhere.deliver(chunk, deliveryContext())).status).toBe("retry");
    expect(spies.map((spy) => spy.mock.calls)).toEqual(methods.map(() => []));
  });

  it("writes nothing to the console in a process that is being debugged", async () => {
    const script = `
      const { createServer } = await import("node:http");
      const { datadogApiClientTransport } = await import("@headgate/sink-datadog/api-client");
      const { secret } = await import("@headgate/core");
      const server = createServer((request, response) => response.writeHead(500).end("<html>no JSON"));
      await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
      const intake = new URL("http://127.0.0.1:" + server.address().port);
      const settings = { intake, apiKey: secret("k"), timeouts: { connectMs: 1000, requestMs: 1000 }, egress: { insecure: true } };
      const { signal } = new AbortController();
      await using transport = datadogApiClientTransport()(settings);
      const body = new TextEncoder().encode('[{"message":"m"}]');
      const { status } = await transport.submit(body, { contentEncoding: "gzip", signal });
      server.close();
      process.exitCode = status === 500 ? 0 : 1;`;
    const args = ["--conditions=@headgate/source", "--input-type=module", "-e", script];
    const env = { ...process.env, DEBUG: "1", NODE_NO_WARNINGS: "1" };
    expect(await promisify(execFile)(process.execPath, args, { cwd: home, env })).toEqual({ stdout: "", stderr: "" });
  });

  it("keeps each call's signal to itself", async () => {
    await using rig = await startRig({ transport });
    await using sink = rig.sink();
    const [first, second] = [auditEvents(1), auditEvents(1, 2)].map((events) => chunkOf(sink, events));
    if (first === undefined || second === undefined) throw new Error("no chunks");
    rig.server.script([{ kind: "slow", ms: 100 }]);
    const reason = new Error("shutdown");
    const controller = new AbortController();
    const aborted = sink.deliver(first, deliveryContext({ signal: controller.signal }));
    const other = sink.deliver(second, deliveryContext());
    controller.abort(reason);
    await expect(aborted).rejects.toBe(reason);
    expect((await other).status).toBe("delivered");
  });

  it("does not send a log that has grown beyond the limit by being written anew", async () => {
    await using rig = await startRig({ transport });
    await using sink = rig.sink();
    // 1e20 has four characters in the stored line, and twenty-one as JavaScript writes it.
    const line = JSON.stringify(auditEvent({ metadata: { n: [] } })).replace("[]", `[${"1e20,".repeat(60_000)}0]`);
    const event = {
      sequence: 1,
      occurredAt: rig.now,
      line: new TextEncoder().encode(line),
      parse: () => JSON.parse(line) as never,
    };
    const entry = sink.encode?.(event, sink.encoding) ?? new Uint8Array(0);
    expect(entry.length).toBeLessThan(1_000_000);
    const chunk = {
      ...chunkOf(sink, auditEvents(1)),
      sizes: Uint32Array.of(entry.length),
      body: Buffer.concat([Buffer.from("["), entry, Buffer.from("]")]),
    };
    const result = await sink.deliver(chunk, deliveryContext());
    expect(result).toMatchObject({ status: "split", error: { code: "event_too_large" } });
    expect(rig.server.logs.map(({ log }) => log["message"])).toEqual([testAction]);
  });
});

it.each([
  ["nothing longer", "[1]", "[1]", false],
  ["a longer body", "[1,2,3]", "[1]", false],
  ["a log at the limit", JSON.stringify(["x".repeat(999_998)]), "[]", false],
  ["a log above the limit", JSON.stringify(["x".repeat(999_999)]), "[]", true],
  ["a body above the limit", JSON.stringify(Array.from({ length: 6 }, () => "x".repeat(900_000))), "[]", true],
])("%s is seen to be within the limits or not", (_name, text, original, grown) => {
  expect(outgrown(text, new TextEncoder().encode(original))).toBe(grown);
});
