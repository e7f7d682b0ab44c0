import { deliveryContext } from "@headgate/sink-testkit";
import { describe, expect, it } from "vitest";
import { chunkFor, deliver, startRig, verification } from "./testing/rig.ts";

const missing = { status: "retry", error: { code: "acknowledgement_missing", hint: expect.stringMatching(/\S/) } };

describe("a batch", () => {
  it("counts as delivered once an indexer has confirmed it, and its receipt names channel and number", async () => {
    await using rig = await startRig({ acknowledge: true, ackMs: 1500 });
    await using sink = rig.sink();
    const { chunk, ids } = chunkFor(sink);
    const began = rig.clock.now();
    const result = await deliver(sink, chunk);
    expect(result).toMatchObject({ status: "delivered", receipt: expect.stringMatching(/ ack [0-9a-f-]{36}\/0$/) });
    expect(rig.clock.now() - began).toBeGreaterThanOrEqual(1500);
    expect(rig.ids()).toEqual(ids);
  });

  it("is asked for in growing steps, never as far apart as an idle channel lives", async () => {
    await using rig = await startRig({ acknowledge: true, ackMs: "never" });
    await using sink = rig.sink({ timeouts: { ackMs: 60_000 } });
    const times: number[] = [];
    rig.clock.onTimer = (elapsed) => void times.push(elapsed);
    expect(await deliver(sink, chunkFor(sink).chunk)).toMatchObject(missing);
    const steps = times.map((time, i) => time - (times[i - 1] ?? 0));
    expect(steps.slice(0, 4)).toEqual([200, 200, 300, 450]);
    expect(Math.max(...steps)).toBe(5000);
    expect(times.at(-1)).toBe(60_000);
    expect(rig.server.requests.filter(({ endpoint }) => endpoint === "ack")).toHaveLength(times.length);
  });

  it("is asked for when the last one's confirmation lets it be expected, soon or late", async () => {
    await using rig = await startRig({ acknowledge: true, ackMs: 0 });
    await using sink = rig.sink();
    const first: number[] = [];
    const took = async (from: number): Promise<number> => {
      const began = rig.clock.now();
      expect((await deliver(sink, chunkFor(sink, 5, from).chunk)).status).toBe("delivered");
      return rig.clock.now() - began;
    };
    for (let i = 0; i < 8; i++) first.push(await took(1 + i * 5));
    expect(first[0]).toBe(200);
    expect(first.at(-1)).toBe(20);
    rig.server.ackMs = 2000;
    const asked = (): number => rig.server.requests.filter(({ endpoint }) => endpoint === "ack").length;
    await took(101);
    const before = asked();
    await took(106);
    expect(asked() - before).toBeLessThanOrEqual(4);
  });

  it("that is never confirmed is sent again, on a new channel", async () => {
    await using rig = await startRig({ acknowledge: true, ackMs: "never" });
    await using sink = rig.sink({ timeouts: { ackMs: 1000 } });
    const { chunk } = chunkFor(sink);
    expect(await deliver(sink, chunk)).toMatchObject(missing);
    rig.server.ackMs = 0;
    rig.server.forgetAcks();
    expect((await deliver(sink, chunk)).status).toBe("delivered");
    const [first, second] = rig.server.events.filter((_, i) => i % 5 === 0).map(({ channel }) => channel);
    expect(second).toMatch(/^[0-9a-f-]{36}$/);
    expect(second).not.toBe(first);
  });

  it("that is confirmed late is not sent again", async () => {
    await using rig = await startRig({ acknowledge: true, ackMs: "never" });
    await using sink = rig.sink({ timeouts: { ackMs: 1000 } });
    const { chunk, ids } = chunkFor(sink);
    expect(await deliver(sink, chunk)).toMatchObject(missing);
    rig.server.ackMs = 0;
    expect((await deliver(sink, chunk)).status).toBe("delivered");
    expect(rig.ids()).toEqual(ids);
    expect(rig.posts()).toBe(1);
  });

  it("is not sent again while nobody answers the question for it, but not for ever", async () => {
    await using rig = await startRig({ acknowledge: true, ackMs: "never" });
    await using sink = rig.sink({ timeouts: { ackMs: 1000 } });
    const { chunk } = chunkFor(sink);
    expect(await deliver(sink, chunk)).toMatchObject(missing);
    rig.server.script([{ kind: "html", status: 502, on: "ack", times: 4 }]);
    for (let call = 0; call < 4; call++) expect(await deliver(sink, chunk)).toMatchObject(missing);
    expect(rig.posts()).toBe(1);
    rig.server.ackMs = 0;
    expect((await deliver(sink, chunk)).status).toBe("delivered");
    expect(rig.posts()).toBe(1);

    const { chunk: other } = chunkFor(sink, 5, 6);
    rig.server.ackMs = "never";
    await deliver(sink, other);
    rig.server.script([{ kind: "html", status: 502, on: "ack", times: 5 }]);
    for (let call = 0; call < 5; call++) await deliver(sink, other);
    expect(rig.posts()).toBe(3);
  });

  it("is asked for again when the wait was cut short", async () => {
    await using rig = await startRig({ acknowledge: true, ackMs: "never" });
    await using sink = rig.sink();
    const { chunk, ids } = chunkFor(sink);
    const stop = new AbortController();
    rig.clock.onTimer = () => stop.abort(new Error("shutdown"));
    await expect(sink.deliver(chunk, deliveryContext({ signal: stop.signal }))).rejects.toThrow("shutdown");
    rig.clock.onTimer = undefined;
    rig.server.ackMs = 0;
    expect((await deliver(sink, chunk)).status).toBe("delivered");
    expect(rig.ids()).toEqual(ids);
  });

  it("whose indexer has restarted is sent again after the time limit", async () => {
    await using rig = await startRig({ acknowledge: true, ackMs: 800 });
    await using sink = rig.sink({ timeouts: { ackMs: 5000 } });
    const { chunk, ids } = chunkFor(sink);
    let forgot = false;
    rig.clock.onTimer = () => {
      if (!forgot) rig.server.forgetAcks();
      forgot = true;
    };
    expect(await deliver(sink, chunk)).toMatchObject(missing);
    expect((await deliver(sink, chunk)).status).toBe("delivered");
    expect(rig.ids()).toEqual([...ids, ...ids]);
  });

  it("is waited for through trouble on the way and busy answers", async () => {
    await using rig = await startRig({ acknowledge: true });
    await using sink = rig.sink();
    rig.server.script([
      { kind: "reset", on: "ack" },
      { kind: "code", code: 9, on: "ack", times: 2 },
      { kind: "html", status: 200, on: "ack" },
      { kind: "html", status: 401, on: "ack" },
      { kind: "cut_reply", on: "ack", afterBytes: 20 },
    ]);
    const { chunk } = chunkFor(sink);
    const result = await deliver(sink, chunk);
    // The reply that was cut was the one that said so: Splunk says it once.
    expect(result).toMatchObject(missing);
    expect((await deliver(sink, chunk)).status).toBe("delivered");
  });

  it.each([10, 11, 14, 28] as const)(
    "is lost where the question ends in code %i, and sent again at once",
    async (code) => {
      await using rig = await startRig({ acknowledge: true, ackMs: "never" });
      await using sink = rig.sink();
      const { chunk } = chunkFor(sink);
      rig.server.script([{ kind: "code", code, on: "ack" }]);
      const began = rig.clock.now();
      expect(await deliver(sink, chunk)).toMatchObject(missing);
      expect(rig.clock.now() - began).toBe(200);
      rig.server.ackMs = 0;
      expect((await deliver(sink, chunk)).status).toBe("delivered");
      expect(rig.posts()).toBe(2);
    },
  );

  it("holds the stream where the token is withdrawn meanwhile, and is asked for once it is back", async () => {
    await using rig = await startRig({ acknowledge: true });
    await using sink = rig.sink();
    const { chunk, ids } = chunkFor(sink);
    rig.server.script([{ kind: "code", code: 1, on: "ack", times: 2 }]);
    expect(await deliver(sink, chunk)).toMatchObject({ status: "blocked", error: { code: "credentials_invalid" } });
    expect(await deliver(sink, chunk)).toMatchObject({ status: "blocked", error: { code: "credentials_invalid" } });
    expect((await deliver(sink, chunk)).status).toBe("delivered");
    expect(rig.ids()).toEqual(ids);
  });
});

it("a verification asks on a channel of its own: Splunk says once that a batch is indexed, and a delivery waits for it", async () => {
  await using rig = await startRig({ acknowledge: true });
  await using sink = rig.sink({ acknowledge: "required" });
  const channels = (): Set<string | undefined> => {
    const asking = rig.server.requests.filter(({ endpoint }) => endpoint !== "health");
    return new Set(asking.map(({ headers }) => headers["x-splunk-request-channel"]));
  };
  await verification(sink);
  const verifying = channels();
  await deliver(sink, chunkFor(sink).chunk);
  const posted = rig.server.events.at(-1)?.channel;
  expect(verifying).not.toContain(posted);
  // So does the question whether there are acknowledgements at all.
  const [asked, ...others] = [...channels().difference(verifying)];
  expect([asked === posted, others]).toEqual([false, [posted]]);
});

describe("a load balancer", () => {
  it("gets its cookie back, so that questions reach the indexer that has the batch", async () => {
    await using rig = await startRig({ acknowledge: true, indexers: 3, cookie: "AWSELB" });
    await using sink = rig.sink();
    for (let round = 0; round < 4; round++) {
      expect((await deliver(sink, chunkFor(sink, 5, 1 + 5 * round).chunk)).status).toBe("delivered");
    }
    expect(new Set(rig.server.events.map(({ indexer }) => indexer)).size).toBe(1);
  });

  it("that gives a new one while a batch is waited for has lost it: it is sent again at once", async () => {
    await using rig = await startRig({ acknowledge: true, ackMs: "never", indexers: 3, cookie: "AWSELB" });
    await using sink = rig.sink();
    const { chunk } = chunkFor(sink);
    rig.clock.onTimer = (elapsed) => {
      if (elapsed > 1000) rig.server.rebalance();
    };
    const began = rig.clock.now();
    expect(await deliver(sink, chunk)).toMatchObject(missing);
    expect(rig.clock.now() - began).toBeLessThan(5000);
    rig.clock.onTimer = undefined;
    rig.server.ackMs = 0;
    expect((await deliver(sink, chunk)).status).toBe("delivered");
    const channels = new Set(rig.server.events.map(({ channel }) => channel));
    expect(channels.size).toBe(2);
  });
});

describe("acknowledge: required", () => {
  it("sends nothing where acknowledgements are off for the token", async () => {
    await using rig = await startRig();
    await using sink = rig.sink({ acknowledge: "required" });
    const { chunk } = chunkFor(sink);
    const result = await deliver(sink, chunk);
    expect(result).toMatchObject({ status: "blocked", error: { code: "destination_misconfigured", vendorCode: "14" } });
    expect(rig.posts()).toBe(0);
    rig.server.tokens[0] = { ...(rig.server.tokens[0] ?? { token: "" }), acknowledge: true };
    expect((await deliver(sink, chunk)).status).toBe("delivered");
  });

  it("asks once, not before each request", async () => {
    await using rig = await startRig({ acknowledge: true });
    await using sink = rig.sink({ acknowledge: "required" });
    for (let round = 0; round < 3; round++) await deliver(sink, chunkFor(sink, 2, 1 + 2 * round).chunk);
    expect(rig.server.requests.filter(({ endpoint }) => endpoint === "ack")).toHaveLength(4);
  });

  it("does not count what came without a promise of confirmation, and then asks again", async () => {
    await using rig = await startRig({ acknowledge: true });
    await using sink = rig.sink({ acknowledge: "required" });
    await deliver(sink, chunkFor(sink).chunk);
    rig.server.tokens[0] = { ...(rig.server.tokens[0] ?? { token: "" }), acknowledge: false };
    const { chunk } = chunkFor(sink, 5, 6);
    expect(await deliver(sink, chunk)).toMatchObject(missing);
    expect(await deliver(sink, chunk)).toMatchObject({ status: "blocked", error: { vendorCode: "14" } });
    expect(rig.posts()).toBe(2);
  });

  it.each([
    { kind: "html", status: 200, on: "ack" },
    { kind: "html", status: 404, on: "ack" },
    { kind: "code", code: 9, on: "ack" },
    { kind: "reset", on: "ack" },
  ] as const)("waits, and sends nothing, where the question for it fails: %j", async (fault) => {
    await using rig = await startRig({ acknowledge: true });
    await using sink = rig.sink({ acknowledge: "required" });
    rig.server.script([fault]);
    expect((await deliver(sink, chunkFor(sink).chunk)).status).toBe("retry");
    expect(rig.posts()).toBe(0);
  });
});

it("acknowledge: off never asks", async () => {
  await using rig = await startRig({ acknowledge: true, ackMs: "never" });
  await using sink = rig.sink({ acknowledge: "off" });
  expect((await deliver(sink, chunkFor(sink).chunk)).status).toBe("delivered");
  expect(rig.server.requests.map(({ endpoint }) => endpoint)).toEqual(["event"]);
});

describe("a part that was taken before a bad event", () => {
  it("counts once it is confirmed", async () => {
    await using rig = await startRig({ acknowledge: true, ackMs: 900 });
    await using sink = rig.sink();
    const { chunk, ids } = chunkFor(sink);
    rig.server.script([{ kind: "refuse", indexes: [3], code: 6 }]);
    const began = rig.clock.now();
    expect(await deliver(sink, chunk)).toMatchObject({ status: "rejected", indexes: [3], acceptedCount: 3 });
    expect(rig.clock.now() - began).toBeGreaterThanOrEqual(900);
    expect(rig.ids()).toEqual(ids.slice(0, 3));
  });

  it("does not count where it is not confirmed", async () => {
    await using rig = await startRig({ acknowledge: true, ackMs: "never" });
    await using sink = rig.sink({ timeouts: { ackMs: 1000 } });
    const { chunk } = chunkFor(sink);
    rig.server.script([{ kind: "refuse", indexes: [3], code: 6 }]);
    const result = await deliver(sink, chunk);
    expect(result).toMatchObject(missing);
    expect(result).not.toHaveProperty("acceptedCount");
    // Confirmed late, it still ends as it should.
    rig.server.ackMs = 0;
    expect(await deliver(sink, chunk)).toMatchObject({ status: "rejected", indexes: [3], acceptedCount: 3 });
  });

  it("counts as it is where the error came without a number to ask for", async () => {
    await using rig = await startRig({ acknowledge: true, ackOnError: false });
    await using sink = rig.sink();
    rig.server.script([{ kind: "refuse", indexes: [2], code: 12 }]);
    expect(await deliver(sink, chunkFor(sink).chunk)).toMatchObject({ status: "rejected", acceptedCount: 2 });
  });
});
