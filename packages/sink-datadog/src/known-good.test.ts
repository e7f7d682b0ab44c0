import type { Sink } from "@headgate/core";
import { auditEvents, chunkOf, deliveryContext } from "@headgate/sink-testkit";
import type { DatadogServer } from "@headgate/sink-testkit/datadog";
import { describe, expect, it } from "vitest";
import { startRig } from "./testing/harness.ts";
import { testAction } from "./test-log.ts";

const [bad, good] = auditEvents(2).map((event) => [event]) as [
  ReturnType<typeof auditEvents>,
  ReturnType<typeof auditEvents>,
];
const deliver = (sink: Sink, events: ReturnType<typeof auditEvents>) =>
  sink.deliver(chunkOf(sink, events), deliveryContext());
const testLogs = (server: DatadogServer): number =>
  server.logs.filter(({ log }) => log["message"] === testAction).length;
const poison = [{ path: "audit.id", equals: bad[0]?.id ?? "" }];

describe("a single event that is refused", () => {
  it("goes to quarantine on the word of the test log that follows in the same call, where nothing was taken before", async () => {
    await using rig = await startRig();
    await using sink = rig.sink();
    rig.server.poison(poison);
    for (const tests of [1, 2]) {
      expect(await deliver(sink, bad)).toMatchObject({ status: "split", error: { code: "event_refused" } });
      expect(testLogs(rig.server)).toBe(tests);
    }
    expect(rig.server.logs[0]?.log).toEqual({
      ddsource: "headgate",
      ddtags: "organization:org_1,stream:stream-1",
      message: testAction,
      service: "headgate",
      timestamp: rig.now,
      status: "info",
      audit: { action: testAction, occurred_at: new Date(rig.now).toISOString() },
    });
  });

  it("goes there without one soon after a request was taken, but one acceptance speaks for one refusal", async () => {
    await using rig = await startRig();
    await using sink = rig.sink();
    rig.server.poison(poison);
    expect((await deliver(sink, good)).status).toBe("delivered");
    rig.now += 5 * 60_000;
    expect((await deliver(sink, bad)).status).toBe("split");
    expect(testLogs(rig.server)).toBe(0);
    expect((await deliver(sink, bad)).status).toBe("split");
    expect(testLogs(rig.server)).toBe(1);
    expect((await deliver(sink, good)).status).toBe("delivered");
    rig.now += 5 * 60_000 + 1;
    expect((await deliver(sink, bad)).status).toBe("split");
    expect(testLogs(rig.server)).toBe(2);
  });

  it("stays where everything is refused, however small", async () => {
    await using rig = await startRig();
    await using sink = rig.sink();
    for (const status of [400, 413]) {
      rig.server.script([{ kind: "error", status, times: null }]);
      const result = await deliver(sink, good);
      expect(result).toMatchObject({ status: "blocked", error: { code: "destination_misconfigured" } });
    }
    expect(rig.server.requests).toHaveLength(4);
  });

  it.each([
    [
      { kind: "error", status: 503 },
      { status: "retry", error: { code: "destination_failed" } },
    ],
    [
      { kind: "error", status: 403 },
      { status: "blocked", error: { code: "access_denied" } },
    ],
    [{ kind: "reset" }, { status: "retry", error: { code: "destination_unreachable" } }],
  ] as const)("stays where the test log meets %j", async (fault, expected) => {
    await using rig = await startRig();
    await using sink = rig.sink();
    rig.server.script([{ kind: "error", status: 400 }, fault]);
    expect(await deliver(sink, good)).toMatchObject(expected);
  });

  it("is too large with 413, where a test log is taken", async () => {
    await using rig = await startRig();
    await using sink = rig.sink();
    rig.server.script([{ kind: "error", status: 413 }]);
    expect(await deliver(sink, good)).toMatchObject({ status: "split", error: { code: "event_too_large" } });
    expect(testLogs(rig.server)).toBe(1);
  });
});

it("several events that are refused together need no evidence yet: halves follow", async () => {
  await using rig = await startRig();
  await using sink = rig.sink();
  for (const status of [400, 413]) {
    rig.server.script([{ kind: "error", status }]);
    expect((await deliver(sink, auditEvents(2))).status).toBe("split");
  }
  expect(rig.server.requests).toHaveLength(2);
});
