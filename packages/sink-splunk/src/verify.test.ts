import type { VerificationStep } from "@headgate/core";
import { startHecServer } from "@headgate/sink-testkit/hec";
import { describe, expect, it } from "vitest";
import { splunkLoggingTransport } from "./splunk-logging/transport.ts";
import { testAction } from "./test-event.ts";
import { testToken } from "./testing/hec-backend.ts";
import { rigSink, startRig, verification } from "./testing/rig.ts";

const names = ["address", "health", "token", "acknowledgement", "test event", "confirmation"];
const told = (steps: readonly VerificationStep[]): string => steps.map(({ status }) => status[0]).join("");

describe("verify", () => {
  it("goes step by step, and sends one event that a search can leave out", async () => {
    await using rig = await startRig({ tls: true });
    await using sink = rig.sink();
    const steps = await verification(sink);
    expect(steps.map(({ name }) => name)).toEqual(names);
    expect(told(steps)).toBe("ooooos");
    expect(rig.server.events).toMatchObject([
      { index: "audit", sourcetype: "headgate:audit", fields: { action: testAction }, event: { action: testAction } },
    ]);
    expect(rig.server.requests.find(({ endpoint }) => endpoint === "health")?.headers).not.toHaveProperty(
      "authorization",
    );
  });

  it("waits until the test event is confirmed, where acknowledgements are on", async () => {
    await using rig = await startRig({ acknowledge: true, ackMs: 2000 });
    await using sink = rig.sink();
    expect(told(await verification(sink))).toBe("oooooo");
    rig.server.ackMs = "never";
    const steps = await verification(sink);
    expect(told(steps)).toBe("ooooof");
    expect(steps[5]).toMatchObject({ detail: expect.stringContaining("30 s"), fix: expect.stringContaining("cookie") });
  });

  it("compares acknowledgements with what the stream asks for", async () => {
    await using rig = await startRig();
    await using required = rig.sink({ acknowledge: "required" });
    const steps = await verification(required);
    expect(told(steps)).toBe("ooofss");
    expect(steps[3]?.fix).toContain("Enable indexer acknowledgement");
    expect(rig.server.events).toEqual([]);

    await using on = await startRig({ acknowledge: true });
    await using off = on.sink({ acknowledge: "off" });
    const [, , , mode, , confirmation] = await verification(off);
    expect(mode).toMatchObject({ status: "ok", fix: expect.stringContaining("auto") });
    expect(confirmation).toMatchObject({ status: "skipped" });
  });

  it.each([
    [1, "Enable the token"],
    [2, "Authorization"],
    [3, "Authorization"],
    [4, "token"],
  ] as const)("explains code %i, and what to do", async (code, fix) => {
    await using rig = await startRig();
    await using sink = rig.sink();
    rig.server.script([{ kind: "code", code }]);
    const steps = await verification(sink);
    expect(told(steps)).toBe("oofsss");
    expect(steps[2]?.fix).toContain(fix);
    expect(steps[3]?.detail).toContain('"token"');
  });

  it("explains a wrong index", async () => {
    await using rig = await startRig();
    await using sink = rig.sink({ index: "elsewhere" });
    const steps = await verification(sink);
    expect(told(steps)).toBe("oooofs");
    expect(steps[4]).toMatchObject({
      detail: expect.stringContaining('"elsewhere"'),
      fix: expect.stringContaining("index"),
    });
  });

  it.each([
    [{ kind: "code", code: 18, on: "health" }, "ofssss"],
    [{ kind: "html", status: 200, on: "health" }, "ofssss"],
    [{ kind: "reset", on: "health" }, "fsssss"],
    [{ kind: "html", status: 403, on: "event" }, "oofsss"],
    [{ kind: "html", status: 200, on: "event" }, "oofsss"],
    [{ kind: "html", status: 502, on: "ack" }, "ooofss"],
    [{ kind: "code", code: 10, on: "ack" }, "ooofss"],
  ] as const)("finds %j", async (fault, statuses) => {
    await using rig = await startRig();
    await using sink = rig.sink();
    rig.server.script([fault]);
    const steps = await verification(sink);
    expect(told(steps)).toBe(statuses);
    expect(steps.find(({ status }) => status === "failed")?.fix).toMatch(/\S/);
  });

  it("shows a certificate that is not trusted before anything else", async () => {
    await using rig = await startRig({ tls: true });
    await using sink = rigSink([rig.server.url], rig.clock);
    const steps = await verification(sink);
    expect(told(steps)).toBe("fsssss");
    expect(steps[0]?.fix).toContain("ca_file");
  });

  it("looks at each endpoint, whatever became of another", async () => {
    await using rig = await startRig();
    await using other = await startHecServer({ tokens: [] });
    await using sink = rigSink([other.url, rig.server.url], rig.clock);
    const steps = await verification(sink);
    expect(told(steps)).toBe("oofsssooooos");
    expect(new Set(steps.map(({ name }) => name)).size).toBe(12);
  });

  it("says what it cannot do by splunk-logging", async () => {
    await using rig = await startRig();
    await using sink = rig.sink({}, { transport: splunkLoggingTransport() });
    const steps = await verification(sink);
    expect(told(steps)).toBe("ssosos");
    for (const { status, detail } of steps) if (status === "skipped") expect(detail).toMatch(/\S/);
    rig.server.tokens.length = 0;
    expect(told(await verification(sink))).toBe("ssfsss");
    rig.server.tokens.push({ token: testToken });
  });
});
