import { describe, expect, it } from "vitest";
import { chunkFor, deliver, startRig } from "./testing/rig.ts";

describe("a refused first event", () => {
  it("is called bad once a test event was taken, in the same call", async () => {
    await using rig = await startRig();
    await using sink = rig.sink();
    rig.server.script([{ kind: "refuse", indexes: [0], code: 6 }]);
    const result = await deliver(sink, chunkFor(sink).chunk);
    expect(result).toMatchObject({
      status: "rejected",
      indexes: [0],
      acceptedCount: 0,
      error: { code: "event_refused", message: "Splunk refused the event: Invalid data format (code 6)." },
    });
    expect([rig.ids(), rig.tests()]).toEqual([[], 1]);
  });

  it("is called bad without one where events were just taken; the next needs one again", async () => {
    await using rig = await startRig();
    await using sink = rig.sink();
    await deliver(sink, chunkFor(sink).chunk);
    rig.server.script([{ kind: "refuse", indexes: [0], code: 6, times: 2 }]);
    expect((await deliver(sink, chunkFor(sink, 5, 6).chunk)).status).toBe("rejected");
    expect(rig.tests()).toBe(0);
    rig.server.script([{ kind: "refuse", indexes: [0], code: 6 }]);
    expect((await deliver(sink, chunkFor(sink, 4, 7).chunk)).status).toBe("rejected");
    expect(rig.tests()).toBe(1);
  });

  it("needs a test event again where the last good one is long ago", async () => {
    await using rig = await startRig();
    await using sink = rig.sink();
    await deliver(sink, chunkFor(sink).chunk);
    rig.clock.pass(300_001);
    rig.server.script([{ kind: "refuse", indexes: [0], code: 6 }]);
    expect((await deliver(sink, chunkFor(sink, 5, 6).chunk)).status).toBe("rejected");
    expect(rig.tests()).toBe(1);
  });

  it.each([
    [{ kind: "code", code: 9, retryAfter: 4 }, "retry", "destination_busy"],
    [{ kind: "html", status: 502 }, "retry", "destination_failed"],
    [{ kind: "reset" }, "retry", "destination_unreachable"],
    [{ kind: "code", code: 4 }, "blocked", "credentials_invalid"],
    [{ kind: "code", code: 7 }, "blocked", "destination_missing"],
    [{ kind: "code", code: 6 }, "blocked", "destination_misconfigured"],
    [{ kind: "status", status: 413 }, "blocked", "destination_misconfigured"],
  ] as const)("proves nothing where the test event ends in %j", async (fault, status, code) => {
    await using rig = await startRig();
    await using sink = rig.sink();
    rig.server.script([{ kind: "refuse", indexes: [0], code: 12 }, fault]);
    const result = await deliver(sink, chunkFor(sink).chunk);
    expect(result).toMatchObject({ status, error: { code, hint: expect.stringMatching(/\S/) } });
  });
});

it("an index that goes in the middle of a request is no event's fault: those before it count, the rest waits", async () => {
  await using rig = await startRig();
  await using sink = rig.sink();
  rig.server.script([
    { kind: "code", code: 7, afterObjects: 3 },
    { kind: "code", code: 7 },
  ]);
  const { chunk, ids } = chunkFor(sink);
  expect(await deliver(sink, chunk)).toMatchObject({
    status: "blocked",
    acceptedCount: 3,
    error: { code: "destination_missing", vendorCode: "7" },
  });
  expect(rig.ids()).toEqual(ids.slice(0, 3));
});

describe("a request that is refused as a whole", () => {
  it("is sent again in halves without a question", async () => {
    await using rig = await startRig();
    await using sink = rig.sink();
    rig.server.script([{ kind: "status", status: 413 }]);
    expect(await deliver(sink, chunkFor(sink).chunk)).toMatchObject({
      status: "split",
      error: { code: "event_too_large" },
    });
    expect(rig.posts()).toBe(1);
  });

  it("of one event is that event's fault where a test event is taken, and nobody's otherwise", async () => {
    await using rig = await startRig();
    await using sink = rig.sink();
    rig.server.script([{ kind: "status", status: 413 }]);
    expect((await deliver(sink, chunkFor(sink, 1).chunk)).status).toBe("split");
    expect(rig.tests()).toBe(1);
    rig.clock.pass(60_001);
    rig.server.script([{ kind: "status", status: 413, times: 2 }]);
    expect((await deliver(sink, chunkFor(sink, 1).chunk)).status).toBe("blocked");
  });

  it("by Splunk Cloud, which calls it a bad first event, is sent again in halves", async () => {
    await using rig = await startRig({ cloud: true, maxContentLength: 1_500_000 });
    await using sink = rig.sink({ maxBytes: 5_000_000, maxEvents: 10_000, compression: "none" });
    const { chunk } = chunkFor(sink, 3000);
    expect(chunk.body.length).toBeGreaterThan(1_500_000);
    expect(await deliver(sink, chunk)).toMatchObject({ status: "split", error: { code: "event_too_large" } });
    const half = chunkFor(sink, 1500);
    expect((await deliver(sink, half.chunk)).status).toBe("delivered");
    expect(rig.tests()).toBe(0);
  });
});

describe("codes 24 and 25", () => {
  it.each([24, 25] as const)("%i: what is taken is delivered, with a pause that grows and shrinks", async (code) => {
    await using rig = await startRig();
    await using sink = rig.sink();
    const pauses: (number | undefined)[] = [];
    let sequence = 1;
    const send = async (slow: boolean): Promise<void> => {
      if (slow) rig.server.script([{ kind: "code", code }]);
      const result = await deliver(sink, chunkFor(sink, 1, sequence++).chunk);
      if (result.status !== "delivered") throw new Error(result.status);
      pauses.push(result.afterMs);
    };
    for (let i = 0; i < 7; i++) await send(true);
    expect(pauses).toEqual([1000, 2000, 4000, 8000, 16_000, 30_000, 30_000]);
    for (let i = 0; i < 3; i++) await send(false);
    await send(true);
    expect(pauses.slice(7)).toEqual([undefined, undefined, undefined, 7500]);
    expect(rig.ids()).toHaveLength(11);
  });

  it("ask for as long a pause as Retry-After says", async () => {
    await using rig = await startRig();
    await using sink = rig.sink();
    rig.server.script([{ kind: "code", code: 24, retryAfter: 9 }]);
    expect(await deliver(sink, chunkFor(sink).chunk)).toMatchObject({ status: "delivered", afterMs: 9000 });
  });
});
