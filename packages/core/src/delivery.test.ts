import { describe, expect, it } from "vitest";
import { HeadgateError } from "./errors.ts";
import { createHeadgate, type Headgate, type HeadgateOptions } from "./headgate.ts";
import { memoryStore } from "./memory-store.ts";
import { secret } from "./secret.ts";
import type { Sink } from "./sink.ts";
import type { Store } from "./store.ts";
import { bucket, type Bucket } from "./testing/bucket-sink.ts";
import { type VirtualClock, virtualClock } from "./testing/virtual-clock.ts";

/** Health events would come among the events that these tests count. */
const quiet = { auditLog: false } as const;

const start = Date.parse("2026-03-01T10:10:00Z");
const actor = { type: "user", id: "u" };

type Rig = AsyncDisposable & {
  readonly clock: VirtualClock;
  readonly store: Store;
  readonly destination: Bucket;
  readonly headgate: Headgate<[Bucket["definition"]]>;
};

function rig(
  options: Partial<HeadgateOptions<[Bucket["definition"]], undefined>> = {},
  shared: { clock?: VirtualClock; store?: Store; destination?: Bucket } = {},
): Rig {
  const clock = shared.clock ?? virtualClock(start);
  const store = shared.store ?? memoryStore({ clock });
  const destination = shared.destination ?? bucket();
  const headgate = createHeadgate({
    store,
    sinks: [destination.definition],
    alerts: quiet,
    clock,
    random: () => 0.5,
    ...options,
  });
  return {
    clock,
    store,
    destination,
    headgate,
    async [Symbol.asyncDispose]() {
      const stopped = headgate.stop({ deadlineMs: 10 });
      await clock.advance(20);
      await stopped;
    },
  };
}

/** A stream `s` that has delivered one event, and whose destination has forgotten it. */
async function rigPastItsFirstWindow(flush: Partial<Sink["flush"]>): Promise<Rig> {
  const r = rig();
  await r.headgate.streams.create("org", { id: "s", sink: "bucket", options: { flush } });
  await r.headgate.start();
  await r.headgate.append("org", events(1));
  await r.clock.advance(10_000);
  expect(r.destination.events("s").length).toBe(1);
  r.destination.requests.length = 0;
  r.destination.objects.clear();
  return r;
}

const events = (n: number): { action: string; actor: typeof actor }[] =>
  Array.from({ length: n }, () => ({ action: "a.b", actor }));

describe("a window", () => {
  it("is due when its oldest event is max_age old", async () => {
    await using r = await rigPastItsFirstWindow({ maxAgeMs: 30_000 });
    await r.headgate.append("org", events(1));
    await r.clock.advance(10_000);
    await r.headgate.append("org", events(1));
    await r.clock.advance(19_000);
    expect(r.destination.requests).toEqual([]);
    await r.clock.advance(2000);
    expect(r.destination.events("s").map(({ sequence }) => sequence)).toEqual([2, 3]);
  });

  it("is due soon when it is the stream's first", async () => {
    await using r = rig();
    await r.headgate.streams.create("org", { id: "s", sink: "bucket", options: { flush: { maxAgeMs: 30_000 } } });
    await r.headgate.start();
    await r.headgate.append("org", events(1));
    await r.clock.advance(3000);
    expect(r.destination.requests).toEqual([]);
    await r.headgate.append("org", events(1));
    await r.clock.advance(3000);
    expect(r.destination.events("s").map(({ sequence }) => sequence)).toEqual([1, 2]);
  });

  it.each([
    ["max_events", { maxAgeMs: 3_000_000, maxEvents: 5 }],
    ["max_bytes", { maxAgeMs: 3_000_000, maxBytes: 500 }],
  ])("is due at once when it holds %s", async (_name, flush) => {
    await using r = await rigPastItsFirstWindow(flush);
    await r.headgate.append("org", events(1));
    await r.clock.advance(6000);
    expect(r.destination.requests).toEqual([]);
    await r.headgate.append("org", events(4));
    await r.clock.advance(2000);
    expect(r.destination.events("s").length).toBeGreaterThanOrEqual(2);
  });

  it("is due when its hour closes, within a minute of spread", async () => {
    await using r = await rigPastItsFirstWindow({ maxAgeMs: 3_600_000 });
    await r.clock.advance(48 * 60_000);
    await r.headgate.append("org", events(1));
    await r.clock.advance(90_000);
    expect(r.destination.requests).toEqual([]);
    await r.clock.advance(62_000);
    expect(r.destination.events("s").length).toBe(1);
  });

  it("is finished as it was sealed, after the settings have changed", async () => {
    await using r = rig();
    r.destination.behave = () => "busy";
    const stream = { id: "s", organization: "org", sink: "bucket" } as const;
    await r.headgate.streams.declare([{ ...stream, options: { limits: { maxEvents: 3 } } }]);
    await r.headgate.start();
    await r.headgate.append("org", events(9));
    await r.clock.advance(6000);
    await r.headgate.streams.declare([{ ...stream, options: { limits: { maxEvents: 100 } } }]);
    await r.headgate.append("org", events(9));
    r.destination.behave = () => "store";
    r.destination.requests.length = 0;
    await r.clock.advance(60_000);
    expect(r.destination.requests.map(({ key, count }) => [key, count])).toEqual([
      ["s/1-9/0", 3],
      ["s/1-9/1", 3],
      ["s/1-9/2", 3],
      ["s/10-18/0", 9],
    ]);
  });
});

describe("a window sealed with another codec", () => {
  it("blocks the stream rather than store twice, until an operator consents", async () => {
    await using r = rig();
    r.destination.behave = () => "store-lose-reply";
    const stream = { id: "s", organization: "org", sink: "bucket" } as const;
    await r.headgate.streams.declare([{ ...stream, options: { encoding: "zlib-1" } }]);
    await r.headgate.start();
    await r.headgate.append("org", events(2));
    await r.clock.advance(6000);
    r.destination.behave = () => "store";
    await r.headgate.streams.declare([{ ...stream, options: { encoding: "zlib-2" } }]);
    await r.clock.advance(300_000);
    expect((await r.headgate.streams.status("s")).health).toMatchObject({
      state: "blocked",
      lastError: { code: "codec_changed" },
    });
    expect(r.destination.requests.every(({ key }) => key === "s/1-2/0")).toBe(true);
    expect(await r.headgate.streams.reseal("s")).toBe(true);
    await r.clock.advance(120_000);
    expect(await r.headgate.streams.status("s")).toMatchObject({
      delivered: 2,
      pending: 0,
      health: { state: "active" },
    });
    expect(await r.headgate.streams.reseal("s")).toBe(false);
  });
});

describe("a window that is stuck at a place that is corrected", () => {
  const rigOfPlaces = (): Rig => {
    const destination = bucket();
    // A place is what its encoding says, as it is of objects with a prefix.
    const location = ({ encoding = "" }: { readonly encoding?: string }): string => encoding;
    return rig({ sinks: [{ ...destination.definition, location }] }, { destination });
  };
  const options = (encoding: string, more: object = {}): object => ({ encoding, ...more });

  it("goes to the new place, at once", async () => {
    await using r = rigOfPlaces();
    r.destination.behave = () => "blocked";
    await r.headgate.streams.create("org", { id: "s", sink: "bucket", options: options("wrong/") });
    await r.headgate.start();
    await r.headgate.append("org", events(2));
    await r.clock.advance(60_000);
    expect((await r.headgate.streams.status("s")).health.state).toBe("blocked");
    r.destination.behave = () => "store";
    expect((await r.headgate.streams.update("s", { options: options("right/") })).health.state).toBe("unverified");
    await r.clock.advance(1000);
    expect(await r.headgate.streams.status("s")).toMatchObject({ delivered: 2, health: { state: "active" } });
  });

  it("has the consent for that correction alone, and only where it is stuck", async () => {
    await using r = rigOfPlaces();
    const consent = async (): Promise<number | undefined> => (await r.store.streams.get("s"))?.resealThrough;
    r.destination.behave = () => "blocked";
    await r.headgate.streams.create("org", { id: "s", sink: "bucket", options: options("wrong/") });
    await r.headgate.start();
    await r.headgate.append("org", events(2));
    await r.clock.advance(60_000);
    await r.headgate.streams.update("s", { name: "Lake" });
    expect(await consent()).toBe(undefined);
    await r.headgate.streams.update("s", { options: options("right/") });
    expect(await consent()).toBe(2);
    await r.headgate.streams.update("s", { options: options("right/", { limits: { maxEvents: 7 } }) });
    expect(await consent()).toBe(undefined);
  });
});

describe("a stream", () => {
  it("that is disconnected stays so over a restart, since when it was", async () => {
    const shared = { clock: virtualClock(start), destination: bucket() };
    const store = memoryStore({ clock: shared.clock });
    let since = 0;
    {
      await using r = rig({}, { ...shared, store });
      await r.headgate.streams.create("org", { id: "s", sink: "bucket", options: {} });
      await r.headgate.start();
      await r.headgate.append("org", events(3));
      await r.clock.advance(10_000);
      r.destination.behave = () => "busy";
      await r.headgate.append("org", events(1));
      await r.clock.advance(30 * 60_000);
      const { health, delivered } = await r.headgate.streams.status("s");
      expect([health.state, delivered]).toEqual(["disconnected", 3]);
      since = health.since;
    }
    await using next = rig({}, { ...shared, store });
    await next.headgate.start();
    await next.clock.advance(15 * 60_000);
    expect((await next.headgate.streams.status("s")).health).toMatchObject({ state: "disconnected", since });
  });

  it("whose destination takes every other request goes on at a good pace, and is not called disconnected", async () => {
    await using r = rig();
    let requests = 0;
    r.destination.behave = () => ((requests += 1) % 2 === 0 ? "busy" : "store");
    await r.headgate.streams.create("org", { id: "s", sink: "bucket", options: { limits: { maxEvents: 1 } } });
    await r.headgate.start();
    await r.headgate.append("org", events(100));
    const states = new Set<string>();
    for (let i = 0; i < 40; i++) {
      await r.clock.advance(15_000);
      states.add((await r.headgate.streams.status("s")).health.state);
    }
    expect(await r.headgate.streams.status("s")).toMatchObject({ delivered: 100, pending: 0 });
    expect([...states].toSorted()).toEqual(["active", "degraded"]);
  });

  it("waits as long as the server asked, and tells how it is doing", async () => {
    await using r = rig();
    r.destination.behave = () => "busy";
    await r.headgate.streams.create("org", { id: "s", sink: "bucket", options: {} });
    await r.headgate.start();
    await r.headgate.append("org", events(1));
    await r.clock.advance(5100);
    expect(r.destination.requests.length).toBe(1);
    await r.clock.advance(1800);
    expect(r.destination.requests.length).toBe(1);
    const status = await r.headgate.streams.status("s");
    expect(status.health).toMatchObject({
      state: "degraded",
      consecutiveFailures: 1,
      lastError: { code: "destination_busy" },
    });
    expect(status).toMatchObject({ accepted: 1, delivered: 0, pending: 1, oldestPendingAt: start });
    r.destination.behave = () => "store";
    await r.clock.advance(10_000);
    const healed = await r.headgate.streams.status("s");
    expect(healed).toMatchObject({
      delivered: 1,
      pending: 0,
      pendingBytes: 0,
      lastStreamed: { sequence: 1 },
      health: { state: "active" },
    });
  });

  it("is blocked, not dropped, and goes on when a person has mended it", async () => {
    await using r = rig();
    r.destination.behave = () => "blocked";
    await r.headgate.streams.create("org", { id: "s", sink: "bucket", options: {} });
    await r.headgate.start();
    await r.headgate.append("org", events(3));
    await r.clock.advance(3_600_000);
    expect((await r.headgate.streams.status("s")).health).toMatchObject({
      state: "blocked",
      lastError: { code: "access_denied" },
    });
    // Once a minute or a little more often, not in a storm.
    expect(r.destination.requests.length).toBeLessThan(100);
    r.destination.behave = () => "store";
    await r.clock.advance(60_000);
    expect(await r.headgate.streams.status("s")).toMatchObject({
      delivered: 3,
      pending: 0,
      health: { state: "active" },
    });
  });

  it("does not suffer from a neighbour whose destination hangs", async () => {
    await using r = rig();
    r.destination.behave = (chunk) => (chunk.stream.startsWith("dead") ? "hang" : "store");
    for (let i = 0; i < 20; i++)
      await r.headgate.streams.create(`d${i}`, { id: `dead${i}`, sink: "bucket", options: { host: "dead" } });
    for (let i = 0; i < 5; i++) await r.headgate.streams.create(`o${i}`, { id: `ok${i}`, sink: "bucket", options: {} });
    await r.headgate.start();
    for (let round = 0; round < 5; round++) {
      for (let i = 0; i < 20; i++) await r.headgate.append(`d${i}`, events(1));
      for (let i = 0; i < 5; i++) await r.headgate.append(`o${i}`, events(1));
      await r.clock.advance(10_000);
      for (let i = 0; i < 5; i++) expect((await r.headgate.streams.status(`ok${i}`)).pending).toBe(0);
    }
  });

  it("keeps its events while paused and goes on where it stopped", async () => {
    await using r = rig();
    await r.headgate.streams.create("org", { id: "s", sink: "bucket", options: {} });
    await r.headgate.start();
    await r.headgate.append("org", events(2));
    await r.clock.advance(6000);
    await r.headgate.streams.pause("s");
    await r.headgate.append("org", events(2));
    await r.clock.advance(60_000);
    expect(await r.headgate.streams.status("s")).toMatchObject({
      delivered: 2,
      pending: 2,
      health: { state: "paused" },
    });
    await r.headgate.streams.resume("s");
    await r.clock.advance(6000);
    expect(await r.headgate.streams.status("s")).toMatchObject({
      delivered: 4,
      pending: 0,
      health: { state: "active" },
    });
  });

  it("tells what is pending when it is deleted, and is gone", async () => {
    await using r = rig();
    await r.headgate.streams.create("org", { id: "s", sink: "bucket", options: {} });
    await r.headgate.append("org", events(2));
    expect(await r.headgate.streams.delete("s")).toMatchObject({ pending: 2, health: { state: "deleted" } });
    await expect(r.headgate.streams.status("s")).rejects.toMatchObject({ code: "stream_unknown" });
  });

  it("begins with the journal's start, or with now", async () => {
    await using r = rig();
    await r.headgate.append("org", events(2));
    await r.headgate.streams.create("org", { id: "all", sink: "bucket", options: {} });
    await r.headgate.streams.create("org", { id: "new", sink: "bucket", options: {}, from: "now" });
    await r.headgate.append("org", events(1));
    const { complete } = await drain(r);
    expect(complete).toBe(true);
    expect(r.destination.events("all").map(({ sequence }) => sequence)).toEqual([1, 2, 3]);
    expect(r.destination.events("new").map(({ sequence }) => sequence)).toEqual([3]);
  });

  it("never keeps a secret of its options in the store", async () => {
    await using r = rig();
    const options = { host: secret("s3cr3t") as unknown as string };
    await expect(r.headgate.streams.create("org", { id: "s", sink: "bucket", options })).rejects.toMatchObject({
      code: "secrets_unavailable",
    });
    await r.headgate.streams.declare([{ id: "s", organization: "org", sink: "bucket", options }]);
    expect(JSON.stringify(await r.store.streams.get("s"))).toContain("[redacted]");
    expect(JSON.stringify(await r.store.streams.list())).not.toContain("s3cr3t");
  });

  it("is paused when it is declared no more", async () => {
    await using r = rig();
    await r.headgate.streams.declare([{ id: "s", organization: "org", sink: "bucket", options: {} }]);
    await r.headgate.streams.declare([]);
    expect((await r.headgate.streams.get("s"))?.paused).toBe(true);
  });
});

async function drain(r: Rig, ms = 120_000): Promise<Awaited<ReturnType<Headgate["drain"]>>> {
  const drained = r.headgate.drain();
  await r.clock.advance(ms);
  return drained;
}

describe("drain", () => {
  it("delivers everything now", async () => {
    await using r = rig();
    await r.headgate.streams.create("org", { id: "s", sink: "bucket", options: {} });
    await r.headgate.append("org", events(10));
    const drained = r.headgate.drain();
    await r.clock.advance(500);
    expect(await drained).toMatchObject({ complete: true, streams: [{ id: "s", delivered: 10, pending: 0 }] });
  });

  it("gives up on streams that are blocked or fail for too long, and says so", async () => {
    await using r = rig();
    r.destination.behave = ({ stream }) => (stream === "a" ? "blocked" : stream === "b" ? "busy" : "store");
    for (const id of ["a", "b", "c"]) await r.headgate.streams.create("org", { id, sink: "bucket", options: {} });
    await r.headgate.append("org", events(1));
    const { complete, streams } = await drain(r);
    expect(complete).toBe(false);
    expect(streams.map(({ pending }) => pending)).toEqual([1, 1, 0]);
  });
});

describe("the quarantine", () => {
  it("holds a refused event with its reason, sends it again on request, and keeps the accounts", async () => {
    await using r = rig();
    r.destination.poison = ({ sequence }) => sequence === 2;
    await r.headgate.streams.create("org", { id: "s", sink: "bucket", options: {} });
    await r.headgate.start();
    await r.headgate.append("org", events(3));
    await r.clock.advance(6000);
    expect(r.destination.events("s").map(({ sequence }) => sequence)).toEqual([1, 3]);
    const [held] = await r.headgate.quarantine.list("s");
    expect(held).toMatchObject({ sequence: 2, state: "held", reason: { code: "event_refused" } });
    expect(await r.headgate.streams.status("s")).toMatchObject({
      accepted: 3,
      delivered: 2,
      quarantined: 1,
      pending: 0,
    });
    expect(await r.headgate.quarantine.retry("s", 2)).toBe(true);
    await r.clock.advance(3000);
    expect((await r.headgate.quarantine.list("s"))[0]).toMatchObject({ state: "held" });
    r.destination.poison = () => false;
    await r.headgate.quarantine.retry("s", 2);
    await r.clock.advance(3000);
    expect(await r.headgate.quarantine.list("s")).toEqual([]);
    expect(await r.headgate.streams.status("s")).toMatchObject({ delivered: 3, quarantined: 0 });
    expect(
      r.destination
        .events("s")
        .map(({ sequence }) => sequence)
        .sort((a, b) => a - b),
    ).toEqual([1, 2, 3]);
  });

  it("takes an event that no request can hold, before it is sent", async () => {
    await using r = rig();
    await r.headgate.streams.create("org", { id: "s", sink: "bucket", options: { limits: { maxEventBytes: 400 } } });
    await r.headgate.append("org", [
      ...events(1),
      { action: "a", actor, metadata: { big: "x".repeat(500) } },
      ...events(1),
    ]);
    const { complete } = await drain(r);
    expect(complete).toBe(true);
    expect(r.destination.events("s").map(({ sequence }) => sequence)).toEqual([1, 3]);
    expect((await r.headgate.quarantine.list("s"))[0]).toMatchObject({
      sequence: 2,
      reason: { code: "event_too_large" },
    });
    expect(await r.headgate.quarantine.discard("s", 2)).toBe(true);
    expect((await r.headgate.quarantine.list("s"))[0]).toMatchObject({ state: "discarded", line: new Uint8Array(0) });
    expect(await r.headgate.streams.status("s")).toMatchObject({
      accepted: 3,
      delivered: 2,
      quarantined: 1,
      pending: 0,
    });
  });
});

describe("two runners on one store", () => {
  it("share the streams: one goes on with what the other had that stops", async () => {
    await using one = rig();
    await one.headgate.streams.create("org", { id: "s", sink: "bucket", options: {} });
    await one.headgate.start();
    await using two = rig({}, one);
    await two.headgate.start();
    await one.headgate.append("org", events(1));
    await one.clock.advance(6000);
    const stopped = one.headgate.stop();
    await one.clock.advance(10);
    await stopped;
    await two.headgate.append("org", events(1));
    await one.clock.advance(20_000);
    expect(one.destination.events("s").map(({ sequence }) => sequence)).toEqual([1, 2]);
    expect(one.destination.requests.length).toBe(2);
  });
});

describe("a store in trouble", () => {
  it("is asked again until it answers, and no stream is forgotten", async () => {
    const clock = virtualClock(start);
    const store = memoryStore({ clock });
    let broken = false;
    const failing = <T extends object>(part: T): T =>
      new Proxy(part, {
        get(target, name) {
          const member = Reflect.get(target, name) as unknown;
          if (typeof member !== "function" || ["subscribe", "read", "head", "append"].includes(String(name)))
            return member;
          return (...args: unknown[]) =>
            broken
              ? Promise.reject(new HeadgateError("store_full", "The store is full."))
              : (member as (...all: unknown[]) => unknown).apply(target, args);
        },
      });
    const half: Store = {
      ...store,
      journal: failing(store.journal),
      checkpoints: failing(store.checkpoints),
      streams: failing(store.streams),
      open: async () => {},
      [Symbol.asyncDispose]: async () => {},
    };
    await using r = rig({}, { clock, store: half });
    await r.headgate.streams.create("org", { id: "s", sink: "bucket", options: {} });
    await r.headgate.start();
    await r.headgate.append("org", events(2));
    broken = true;
    await r.clock.advance(60_000);
    expect(r.destination.requests).toEqual([]);
    broken = false;
    await r.clock.advance(60_000);
    expect(await r.headgate.streams.status("s")).toMatchObject({
      delivered: 2,
      pending: 0,
      health: { state: "active" },
    });
  });
});

describe("stopping", () => {
  it("lets a request finish inside the deadline, and abandons it after", async () => {
    await using r = rig();
    r.destination.behave = () => "hang";
    await r.headgate.streams.create("org", { id: "s", sink: "bucket", options: {} });
    await r.headgate.start();
    await r.headgate.append("org", events(1));
    await r.clock.advance(6000);
    let stopped = false;
    const stopping = r.headgate.stop({ deadlineMs: 5000 }).then(() => (stopped = true));
    await r.clock.advance(4900);
    expect(stopped).toBe(false);
    await r.clock.advance(200);
    await stopping;
    r.destination.behave = () => "store";
    await r.headgate.start();
    await r.clock.advance(6000);
    expect(r.destination.events("s").length).toBe(1);
  });
});
