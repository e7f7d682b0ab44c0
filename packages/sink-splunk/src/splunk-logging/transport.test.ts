import { inspect } from "node:util";
import { secret, silentLogger } from "@headgate/core";
import { describe, expect, it, vi } from "vitest";
import { testToken } from "../testing/hec-backend.ts";
import { chunkFor, deliver, startRig } from "../testing/rig.ts";
import { splunkLoggingTransport } from "./transport.ts";

const operator = { transport: splunkLoggingTransport() };

describe("the transport on splunk-logging", () => {
  it("takes what it is given where acknowledgements are on, and warns once that it cannot ask for them", async () => {
    await using rig = await startRig({ acknowledge: true, ackMs: "never" });
    const warnings: string[] = [];
    const logger = { ...silentLogger, warn: (message: string) => void warnings.push(message) };
    await using sink = rig.sink({}, operator);
    for (let i = 0; i < 3; i++) {
      const { chunk } = chunkFor(sink, 2, 1 + 2 * i);
      const { signal } = new AbortController();
      expect((await sink.deliver(chunk, { signal, attempt: 1, logger })).status).toBe("delivered");
    }
    expect(warnings).toEqual([expect.stringContaining("acknowledgements")]);
    expect(rig.server.requests.map(({ endpoint }) => endpoint)).toEqual(["event", "event", "event"]);
  });

  it("writes nothing to the console when Splunk refuses events: the package would print all of them", async () => {
    const spies = [vi.spyOn(console, "log"), vi.spyOn(console, "error")];
    await using rig = await startRig();
    await using sink = rig.sink({}, operator);
    rig.server.script([{ kind: "refuse", indexes: [1], code: 6 }, { kind: "reset" }, { kind: "html", status: 503 }]);
    for (let i = 0; i < 3; i++) await deliver(sink, chunkFor(sink).chunk);
    const calls = spies.flatMap(({ mock }) => mock.calls);
    vi.restoreAllMocks();
    expect(calls).toEqual([]);
  });

  it("shows no token when it is printed, before and after it was used", async () => {
    await using rig = await startRig();
    await using transport = splunkLoggingTransport()({
      token: secret(testToken),
      compression: "none",
      timeouts: { connectMs: 1000, requestMs: 1000, replyMs: 1000 },
      ca: undefined,
      allow: [],
      insecure: true,
      logger: silentLogger,
    });
    const { signal } = new AbortController();
    const request = { path: "event", body: new Uint8Array(0), channel: "c", signal } as const;
    const reply = await transport.send({ endpoint: new URL(rig.server.url), ...request });
    expect(JSON.parse(Buffer.from(reply.body).toString())).toMatchObject({ code: 5 });
    expect(inspect([transport, reply], { depth: 9, showHidden: true })).not.toContain(testToken);
  });

  it("reaches a path before the collector's own, and the scheme's port where none is named", async () => {
    await using rig = await startRig();
    await using sink = rig.sink({ url: `${rig.server.url}/proxy` }, operator);
    await deliver(sink, chunkFor(sink).chunk);
    expect(rig.server.requests.map(({ path }) => path)).toEqual(["/proxy/services/collector/event"]);
  });

  it("stops a request when the signal is aborted: its connection is gone", async () => {
    await using rig = await startRig();
    await using sink = rig.sink({}, operator);
    rig.server.script([{ kind: "hang" }]);
    const stop = new AbortController();
    const pending = sink.deliver(chunkFor(sink).chunk, { signal: stop.signal, attempt: 1, logger: silentLogger });
    await expect.poll(() => rig.server.requests.length).toBe(1);
    stop.abort(new Error("shutdown"));
    await expect(pending).rejects.toThrow("shutdown");
    await deliver(sink, chunkFor(sink).chunk);
    expect(new Set(rig.server.requests.map(({ connection }) => connection)).size).toBe(2);
  });
});
