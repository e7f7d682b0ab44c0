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

  // In a process of its own: the client takes hold of the console's methods as it is loaded.
  it.each(["", "1"])("writes nothing to the console, whatever fails, with DEBUG=%j", async (DEBUG) => {
    const script = `
      const { createServer } = await import("node:http");
      const { datadogApiClientTransport } = await import("@headgate/sink-datadog/api-client");
      const { secret } = await import("@headgate/core");
      const answers = [
        (response) => response.writeHead(500).end("<html>"),
        (response) => response.writeHead(400).end("<html>"),
        (response) => response.writeHead(200).end("<html>"),
        (response) => response.writeHead(302, { location: "/" }).end(),
        (response) => response.writeHead(403).end("{}"),
        (response) => response.writeHead(202).end("<html>"),
        (response) => response.destroy(),
        () => {},
      ];
      let next = 0;
      const server = createServer((request, response) => answers[next++](response));
      await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
      const intake = new URL("http://127.0.0.1:" + server.address().port);
      const settings = { intake, apiKey: secret("k"), timeouts: { connectMs: 1000, requestMs: 200 }, egress: { insecure: true } };
      const { signal } = new AbortController();
      const transport = datadogApiClientTransport()(settings);
      const body = new TextEncoder().encode('[{"message":"m"}]');
      const ends = [];
      const send = () => transport.submit(body, { contentEncoding: "gzip", signal }).then((reply) => reply.status, (error) => error.kind);
      for (const _ of answers) ends.push(await send());
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      ends.push(await send());
      await transport[Symbol.asyncDispose]();
      process.stdout.write(ends.join());`;
    const args = ["--conditions=@headgate/source", "--input-type=module", "-e", script];
    const env = { ...process.env, DEBUG, NODE_NO_WARNINGS: "1" };
    expect(await promisify(execFile)(process.execPath, args, { cwd: home, env })).toEqual({
      stdout: "500,400,200,302,403,202,unreachable,timeout,unreachable",
      stderr: "",
    });
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
