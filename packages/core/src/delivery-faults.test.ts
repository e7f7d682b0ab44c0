import { describe, expect, it } from "vitest";
import { HeadgateError } from "./errors.ts";
import { createHeadgate, type Headgate, type HeadgateOptions } from "./headgate.ts";
import { memoryStore } from "./memory-store.ts";
import type { SinkDefinition } from "./sink.ts";
import type { Store } from "./store.ts";
import { bucket, type Bucket } from "./testing/bucket-sink.ts";
import { type VirtualClock, virtualClock } from "./testing/virtual-clock.ts";

/** Health events would come among the events that these tests count. */
const quiet = { auditLog: false } as const;

// Each of these was once a way to lose, double or misdirect events.

const start = Date.parse("2026-03-01T10:10:00Z");
const actor = { type: "user", id: "u" };
const events = (n: number): { action: string; actor: typeof actor }[] =>
  Array.from({ length: n }, () => ({ action: "a.b", actor }));

type Definition = Bucket["definition"];

function process(
  destination: Bucket,
  store: Store,
  clock: VirtualClock,
  options: Partial<HeadgateOptions<[Definition], undefined>> = {},
): Headgate<[Definition]> {
  return createHeadgate({
    store,
    sinks: [destination.definition],
    alerts: quiet,
    clock,
    random: () => 0.5,
    ...options,
  });
}

async function end(clock: VirtualClock, ...running: Headgate<[Definition]>[]): Promise<void> {
  for (const headgate of running) {
    const stopped = headgate.stop({ deadlineMs: 10 });
    await clock.advance(20);
    await stopped;
  }
}

/** A part of a store of which some calls fail. */
function failing<T extends object>(part: T, fails: (name: string) => boolean): T {
  return new Proxy(part, {
    get(target, name) {
      const member = Reflect.get(target, name) as unknown;
      if (typeof member !== "function") return member;
      return (...args: unknown[]) =>
        fails(String(name))
          ? Promise.reject(new HeadgateError("store_busy", "The store is busy."))
          : (member as (...all: unknown[]) => unknown).apply(target, args);
    },
  });
}

describe("a commit that fails", () => {
  it("takes no quarantine entry with it", async () => {
    const clock = virtualClock(start);
    const store = memoryStore({ clock });
    const destination = bucket();
    destination.poison = ({ sequence }) => sequence % 2 === 1;
    let failures = 1;
    const checkpoints: Store["checkpoints"] = {
      ...store.checkpoints,
      async commit(change) {
        if ((change.quarantine ?? []).length > 0 && failures-- > 0) {
          throw new HeadgateError("store_busy", "The store is busy.");
        }
        return store.checkpoints.commit(change);
      },
    };
    const headgate = process(destination, { ...store, checkpoints }, clock);
    const options = { limits: { maxEvents: 2, concurrency: 4 } };
    await headgate.streams.create("org", { id: "s", sink: "bucket", options });
    await headgate.start();
    await headgate.append("org", events(12));
    await clock.advance(120_000);
    expect(failures).toBeLessThan(1);
    expect(await headgate.streams.status("s")).toMatchObject({ delivered: 6, quarantined: 6, pending: 0 });
    expect((await headgate.quarantine.list("s")).map(({ sequence }) => sequence)).toEqual([1, 3, 5, 7, 9, 11]);
    await end(clock, headgate);
  });
});

describe("an id that is used again", () => {
  it("never lends a stream the options of another organization", async () => {
    const clock = virtualClock(start);
    const store = memoryStore({ clock });
    const [ofA, ofB] = [bucket(), bucket()];
    // One sink type, whose options decide whose bucket it is.
    const definition: SinkDefinition<"bucket", { readonly host?: string }> = {
      ...ofA.definition,
      create: (options, context) => (options.host === "b" ? ofB : ofA).definition.create(options, context),
    };
    const headgate = createHeadgate({ store, sinks: [definition], alerts: quiet, clock, random: () => 0.5 });
    await headgate.streams.declare([{ id: "s", organization: "org_a", sink: "bucket", options: { host: "a" } }]);
    await headgate.start();
    await expect(
      headgate.streams.declare([{ id: "s", organization: "org_b", sink: "bucket", options: { host: "b" } }]),
    ).rejects.toMatchObject({ code: "stream_exists" });
    await headgate.append("org_a", events(1));
    await clock.advance(10_000);
    expect([ofA.events("s").length, ofB.events("s").length]).toEqual([1, 0]);
    // Another process deletes the stream and makes one of the same id for another organization.
    const admin = createHeadgate({ store, sinks: [definition], alerts: quiet, clock });
    const deleting = admin.streams.delete("s");
    await clock.advance(2000);
    await deleting;
    await admin.streams.create("org_b", { id: "s", sink: "bucket", options: { host: "b" } });
    await headgate.append("org_b", events(3));
    await headgate.append("org_a", events(1));
    await clock.advance(30_000);
    expect(ofA.events("s").map(({ organization }) => organization.id)).toEqual(["org_a"]);
    expect(ofB.events("s").map(({ organization, sequence }) => `${organization.id} ${sequence}`)).toEqual([
      "org_b 1",
      "org_b 2",
      "org_b 3",
    ]);
    expect(await headgate.streams.status("s")).toMatchObject({ accepted: 3, delivered: 3, pending: 0 });
    const stopped = headgate.stop({ deadlineMs: 10 });
    await clock.advance(20);
    await stopped;
  });
});

describe("a clock that is set back", () => {
  it("delays nothing by the length of the step", async () => {
    const clock = virtualClock(start);
    const store = memoryStore({ clock });
    const destination = bucket();
    let back = 0;
    const shifted = { now: () => clock.now() - back, after: clock.after.bind(clock) };
    const headgate = process(destination, store, clock, { clock: shifted });
    await headgate.streams.create("org", { id: "s", sink: "bucket", options: {} });
    await headgate.start();
    await headgate.append("org", events(1));
    await clock.advance(1000);
    back = 6 * 3_600_000;
    await headgate.append("org", events(1));
    await clock.advance(20_000);
    expect(destination.events("s").length).toBe(2);
    await end(clock, headgate);
  });
});

describe("one store hiccup", () => {
  it("at start, or while a stream is taken up, leaves no stream behind", async () => {
    const clock = virtualClock(start);
    const store = memoryStore({ clock });
    const destination = bucket();
    let hiccups = 0;
    const streams = failing(store.streams, (name) => (name === "health" || name === "list") && hiccups-- > 0);
    const headgate = process(destination, { ...store, streams }, clock);
    const admin = process(destination, store, clock);
    await admin.streams.create("org", { id: "early", sink: "bucket", options: {} });
    hiccups = 1;
    await expect(headgate.start()).rejects.toMatchObject({ code: "store_busy" });
    await headgate.start();
    await admin.streams.create("org", { id: "late", sink: "bucket", options: {} });
    await admin.append("org", events(1));
    hiccups = 1;
    await clock.advance(30_000);
    for (const id of ["early", "late"]) expect(destination.events(id).length).toBe(1);
    await end(clock, headgate);
  });

  it("and a stop in the middle of a start leaves delivery able to start again", async () => {
    const clock = virtualClock(start);
    const store = memoryStore({ clock });
    const destination = bucket();
    const headgate = process(destination, store, clock);
    await headgate.streams.create("org", { id: "s", sink: "bucket", options: {} });
    const both = [headgate.start(), headgate.stop()];
    await clock.advance(50);
    await Promise.all(both);
    await headgate.start();
    await headgate.append("org", events(1));
    await clock.advance(10_000);
    expect(destination.events("s").length).toBe(1);
    await end(clock, headgate);
  });
});

describe("one stream", () => {
  it("whose sink cannot be made is blocked alone", async () => {
    const clock = virtualClock(start);
    const store = memoryStore({ clock });
    const destination = bucket();
    const admin = process(destination, store, clock);
    for (const id of ["bad", "good"]) await admin.streams.create("org", { id, sink: "bucket", options: {} });
    const definition: Definition = {
      ...destination.definition,
      create(options, context) {
        if (context.stream === "bad") throw new TypeError("secret=1");
        return destination.definition.create(options, context);
      },
    };
    const headgate = createHeadgate({ store, sinks: [definition], alerts: quiet, clock, random: () => 0.5 });
    await headgate.start();
    await headgate.append("org", events(1));
    await clock.advance(10_000);
    expect(destination.events("good").length).toBe(1);
    expect((await headgate.streams.status("bad")).health).toMatchObject({
      state: "blocked",
      lastError: { code: "internal", message: "The bucket sink could not be made (TypeError)." },
    });
    const stopped = headgate.stop();
    await clock.advance(20);
    await stopped;
  });

  it("that hangs does not hold up what another process changes on others", async () => {
    const clock = virtualClock(start);
    const store = memoryStore({ clock });
    const destination = bucket();
    destination.behave = ({ stream }) => (stream === "a" ? "hang" : "store");
    const headgate = process(destination, store, clock);
    const admin = process(destination, store, clock);
    for (const id of ["a", "b"]) await admin.streams.create("org", { id, sink: "bucket", options: {} });
    await headgate.start();
    await admin.append("org", events(1));
    await clock.advance(6000);
    await admin.streams.pause("a");
    await admin.streams.pause("b");
    await admin.streams.create("org", { id: "c", sink: "bucket", options: {} });
    await clock.advance(3000);
    await admin.append("org", events(1));
    await clock.advance(10_000);
    expect(destination.events("b").length).toBe(1);
    expect(destination.events("c").length).toBe(2);
    await end(clock, headgate);
  });

  it("sealed by another kind of sink is blocked, and can be resealed", async () => {
    const clock = virtualClock(start);
    const store = memoryStore({ clock });
    const destination = bucket();
    destination.behave = () => "busy";
    const headgate = process(destination, store, clock);
    await headgate.streams.create("org", { id: "s", sink: "bucket", options: {} });
    await headgate.start();
    await headgate.append("org", events(1));
    await clock.advance(6000);
    await end(clock, headgate);
    destination.behave = () => "store";
    const definition: Definition = {
      ...destination.definition,
      create: (options, context) => ({
        ...destination.definition.create({ ...options, encoding: "v2" }, context),
        canEncode: (encoding) => JSON.parse(encoding) !== undefined,
      }),
    };
    const later = createHeadgate({ store, sinks: [definition], alerts: quiet, clock, random: () => 0.5 });
    await later.start();
    await clock.advance(10_000);
    expect((await later.streams.status("s")).health.lastError).toMatchObject({ code: "codec_changed" });
    await later.streams.reseal("s");
    await clock.advance(120_000);
    expect(destination.events("s").length).toBe(1);
    const stopped = later.stop();
    await clock.advance(20);
    await stopped;
  });
});

describe("a quarantine retry", () => {
  async function quarantined(
    n: number,
  ): Promise<{ clock: VirtualClock; destination: Bucket; headgate: Headgate<[Definition]>; store: Store }> {
    const clock = virtualClock(start);
    const store = memoryStore({ clock });
    const destination = bucket();
    destination.poison = () => true;
    const headgate = process(destination, store, clock, { delivery: { requestTimeoutMs: 5000 } });
    await headgate.streams.create("org", { id: "s", sink: "bucket", options: {} });
    await headgate.start();
    await headgate.append("org", events(n));
    await clock.advance(6000);
    expect(await headgate.streams.status("s")).toMatchObject({ quarantined: n, pending: 0 });
    destination.poison = () => false;
    destination.requests.length = 0;
    for (let sequence = 1; sequence <= n; sequence++) await headgate.quarantine.retry("s", sequence);
    return { clock, destination, headgate, store };
  }

  it("that hangs ends in time, and the stream goes on", async () => {
    const { clock, destination, headgate } = await quarantined(1);
    destination.behave = () => "hang";
    await clock.advance(8000);
    destination.behave = () => "store";
    await headgate.append("org", events(2));
    await clock.advance(60_000);
    expect(await headgate.streams.status("s")).toMatchObject({ delivered: 3, quarantined: 0, pending: 0 });
    await end(clock, headgate);
  });

  it("waits while the stream is paused, and backs off while it fails", async () => {
    const { clock, destination, headgate } = await quarantined(3);
    await headgate.streams.pause("s");
    await clock.advance(20_000);
    const before = destination.requests.length;
    expect(before).toBe(0);
    destination.behave = () => "throw";
    await headgate.streams.resume("s");
    await clock.advance(20_000);
    expect(destination.requests.length).toBeLessThan(10);
    destination.behave = () => "store";
    await clock.advance(120_000);
    expect(await headgate.streams.status("s")).toMatchObject({ delivered: 3, quarantined: 0, pending: 0 });
    await end(clock, headgate);
  });

  it("is part of a drain", async () => {
    const { clock, headgate } = await quarantined(30);
    const drained = headgate.drain();
    await clock.advance(3000);
    expect(await drained).toMatchObject({ complete: true, streams: [{ delivered: 30, quarantined: 0 }] });
    await end(clock, headgate);
  });
});

describe("an observer that throws", () => {
  it("costs nothing", async () => {
    const clock = virtualClock(start);
    const destination = bucket();
    const observer = {
      delivery: () => {
        throw new Error("mine");
      },
    };
    const headgate = process(destination, memoryStore({ clock }), clock, { observer });
    await headgate.streams.create("org", { id: "s", sink: "bucket", options: {} });
    await headgate.start();
    await headgate.append("org", events(1));
    await clock.advance(10_000);
    expect(destination.requests.length).toBe(1);
    await end(clock, headgate);
  });
});

describe("a drain while another runner delivers", () => {
  it("ends when that one is blocked, or makes no progress", async () => {
    const clock = virtualClock(start);
    const store = memoryStore({ clock });
    const destination = bucket();
    destination.behave = () => "blocked";
    const one = process(destination, store, clock);
    await one.streams.create("org", { id: "s", sink: "bucket", options: {} });
    await one.start();
    await one.append("org", events(1));
    await clock.advance(6000);
    const two = process(destination, store, clock);
    const drained = two.drain({ patienceMs: 5000 });
    await clock.advance(10_000);
    expect(await drained).toMatchObject({ complete: false });
    await end(clock, two, one);
  });
});

describe("options that hold secrets by name", () => {
  it("are refused where they would be kept in clear", async () => {
    const clock = virtualClock(start);
    const store = memoryStore({ clock });
    const destination = bucket();
    const definition: Definition = { ...destination.definition, secretOptions: ["host"] };
    const headgate = createHeadgate({ store, sinks: [definition], alerts: quiet, clock });
    const options = { host: "hunter2" };
    await expect(headgate.streams.create("org", { id: "s", sink: "bucket", options })).rejects.toMatchObject({
      code: "secrets_unavailable",
    });
    await headgate.streams.declare([{ id: "s", organization: "org", sink: "bucket", options }]);
    expect(JSON.stringify(await headgate.streams.get("s"))).not.toContain("hunter2");
  });
});

describe("a window over many hours", () => {
  it("ends before it would be hundreds of requests", async () => {
    const clock = virtualClock(start);
    const destination = bucket();
    const headgate = process(destination, memoryStore({ clock }), clock, { retentionMs: 10_000 * 3_600_000 });
    await headgate.streams.create("org", { id: "s", sink: "bucket", options: { hour: true } });
    const old = Array.from({ length: 1000 }, (_, i) => ({
      action: "a",
      actor,
      occurred_at: new Date(start - i * 3_600_000),
    }));
    await headgate.append("org", old);
    const drained = headgate.drain();
    await clock.advance(5000);
    expect(await drained).toMatchObject({ complete: true });
    expect(
      destination.requests.map(({ key }) => key.split("/")[1]).filter((key, i, all) => all.indexOf(key) === i),
    ).toEqual(["1-200", "201-400", "401-600", "601-800", "801-1000"]);
    await end(clock, headgate);
  });
});

describe("two streams to one place", () => {
  it("are one, or refused: nothing is stored twice", async () => {
    const clock = virtualClock(start);
    const destination = bucket();
    const definition: Definition = { ...destination.definition, location: ({ host = "" }) => host };
    const headgate = createHeadgate({ store: memoryStore({ clock }), sinks: [definition], alerts: quiet, clock });
    const stream = { sink: "bucket", options: { host: "a" } } as const;
    const { id } = await headgate.streams.create("org", stream);
    expect((await headgate.streams.create("org", stream)).id).toBe(id);
    for (const other of [
      { ...stream, id: "other" },
      { ...stream, options: { host: "a", hour: true } },
    ]) {
      await expect(headgate.streams.create("org", other)).rejects.toMatchObject({ code: "stream_exists" });
      await expect(headgate.streams.declare([{ ...other, id: "d", organization: "org" }])).rejects.toMatchObject({
        code: "stream_exists",
      });
    }
    await headgate.streams.create("org", { ...stream, options: { host: "b" } });
    await headgate.streams.create("org_2", stream);
    expect((await headgate.streams.list()).length).toBe(3);
  });
});

describe("two runners that start at the same moment", () => {
  it("declare the same streams without a quarrel", async () => {
    const clock = virtualClock(start);
    const store = memoryStore({ clock });
    const destination = bucket();
    const declared = [{ id: "s", organization: "org", sink: "bucket", options: {} }] as const;
    let first = true;
    // The other runner's declaration comes between this one's look and its creation.
    const streams: Store["streams"] = {
      ...store.streams,
      async create(record) {
        if (first) {
          first = false;
          await process(destination, store, clock).streams.declare(declared);
        }
        return store.streams.create(record);
      },
    };
    const headgate = process(destination, { ...store, streams }, clock);
    await headgate.streams.declare(declared);
    expect((await store.streams.list()).length).toBe(1);
    await headgate.start();
    await headgate.append("org", events(1));
    await clock.advance(10_000);
    expect(destination.events("s").length).toBe(1);
    await end(clock, headgate);
  });
});
