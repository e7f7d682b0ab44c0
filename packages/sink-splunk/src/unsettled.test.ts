import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { systemClock } from "@headgate/core";
import { deliveryContext } from "@headgate/sink-testkit";
import { startHecServer } from "@headgate/sink-testkit/hec";
import { describe, expect, it } from "vitest";
import { cookieJar } from "./cookies.ts";
import { chunkFor, deliver, rigSink, startRig } from "./testing/rig.ts";

describe("a batch whose confirmation is awaited", () => {
  it("is waited for no longer once the sink has been disposed of", async () => {
    await using rig = await startRig({ acknowledge: true, ackMs: "never" });
    const sink = rigSink([rig.server.url], systemClock);
    const pending = deliver(sink, chunkFor(sink).chunk).catch((error: unknown) => error);
    while (rig.posts() === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    await sink[Symbol.asyncDispose]();
    expect(await pending).toMatchObject({ code: "sink_closed" });
  });

  it("is not sent again after a wait that was cut short, while its time is not over", async () => {
    await using rig = await startRig({ acknowledge: true, ackMs: "never" });
    await using sink = rigSink([rig.server.url], systemClock);
    const { chunk, ids } = chunkFor(sink);
    const controller = new AbortController();
    const cut = sink.deliver(chunk, deliveryContext({ signal: controller.signal })).catch((error: unknown) => error);
    // A question shows that the sink has read what to ask for: cut short before that, it is right to send again.
    const asked = (): boolean => rig.server.requests.some(({ endpoint }) => endpoint === "ack");
    while (!asked()) await new Promise((resolve) => setTimeout(resolve, 5));
    const reason = new Error("pause");
    controller.abort(reason);
    expect(await cut).toBe(reason);
    // The rig's server has a clock of its own, which a question moves on.
    rig.server.ackMs = 0;
    expect((await deliver(sink, chunk)).status).toBe("delivered");
    expect([rig.posts(), rig.ids()]).toEqual([1, ids]);
  });

  it("is remembered while another event is tried in between", async () => {
    await using rig = await startRig({ acknowledge: true, ackMs: "never" });
    await using sink = rig.sink({ timeouts: { ackMs: 1000 } });
    const { chunk } = chunkFor(sink);
    expect((await deliver(sink, chunk)).status).toBe("retry");
    rig.server.ackMs = 0;
    expect((await deliver(sink, chunkFor(sink, 1, 100).chunk)).status).toBe("delivered");
    expect((await deliver(sink, chunk)).status).toBe("delivered");
    expect(rig.posts()).toBe(2);
  });
});

describe("a cookie", () => {
  it("that changes with every reply means nothing; one that changes once in a while means another indexer", () => {
    const jar = cookieJar();
    const moves = Array.from({ length: 8 }, (_, i) => jar.take([`firewall=${i}`]));
    expect(moves.slice(3)).toEqual([false, false, false, false, false]);
    const sticky = cookieJar();
    sticky.take(["node=a"]);
    expect([sticky.take(["node=b"]), sticky.take([]), sticky.take(["node=c"])]).toEqual([true, false, true]);
  });
});

describe("splunk-logging's own client", () => {
  it("prints no token, whatever DEBUG says", async () => {
    const token = "7d0c8f32-2f55-4f3e-8a43-5a8d9c6b1e02";
    await using server = await startHecServer({ tokens: [{ token }] });
    const script = `
      import { secret } from "@headgate/core";
      import { splunkSink } from "@headgate/sink-splunk";
      import { splunkLoggingTransport } from "@headgate/sink-splunk/splunk-logging";
      import { auditEvents, chunkOf, deliveryContext, sinkContext } from "@headgate/sink-testkit";
      const definition = splunkSink({ allowInsecureEndpoint: true, transport: splunkLoggingTransport() });
      await using sink = definition.create({ url: process.argv[1], token: secret(process.argv[2]) }, sinkContext());
      console.log((await sink.deliver(chunkOf(sink, auditEvents(2)), deliveryContext())).status);
    `;
    const args = ["--conditions=@headgate/source", "--input-type=module", "-e", script, server.url, token];
    const run = await promisify(execFile)(process.execPath, args, {
      cwd: join(import.meta.dirname, ".."),
      env: { ...process.env, DEBUG: "*" },
    });
    expect(run.stdout.trim()).toBe("delivered");
    expect(`${run.stdout}${run.stderr}`).not.toContain(token);
    expect(server.indexed).toBe(2);
  });
});
