import { describe, expect, it } from "vitest";
import type { DeliverySettings } from "./delivery-settings.ts";
import { defaultDeliverySettings } from "./delivery-settings.ts";
import { createHeadgate, type Headgate } from "./headgate.ts";
import { memoryStore } from "./memory-store.ts";
import type { DeliveryObserver } from "./observer.ts";
import type { Chunk, DeliveryResult, Sink, SinkDefinition } from "./sink.ts";
import type { Store } from "./store.ts";
import { bucket } from "./testing/bucket-sink.ts";
import { type VirtualClock, virtualClock } from "./testing/virtual-clock.ts";

/** Health events would come among the events that these tests count. */
const quiet = { auditLog: false } as const;

const actor = { type: "user", id: "u" };
const events = (n: number): { action: string; actor: typeof actor }[] =>
  Array.from({ length: n }, () => ({ action: "a.b", actor }));
const error = { code: "event_refused", message: "as scripted" } as const;

interface Options {
  readonly place: string;
}

interface Rig extends AsyncDisposable {
  readonly clock: VirtualClock;
  readonly headgate: Headgate<[SinkDefinition<"hostile", Options>]>;
  readonly requests: Chunk[];
  /** Places in the order in which they were verified. */
  readonly verified: string[];
  declare(place: string): Promise<void>;
}

/** A stream whose sink answers as it likes. Places that begin with `hang` are never done verifying, and do not listen. */
function rig(
  answer: (chunk: Chunk, signal: AbortSignal) => Promise<DeliveryResult> | DeliveryResult,
  {
    delivery = {},
    parts,
    store: given,
    observer = {},
  }: {
    readonly delivery?: Partial<DeliverySettings>;
    readonly parts?: () => Partial<Sink>;
    readonly store?: Store;
    readonly observer?: DeliveryObserver;
  } = {},
): Rig {
  const clock = virtualClock(Date.parse("2026-03-01T10:10:00Z"));
  const requests: Chunk[] = [];
  const verified: string[] = [];
  const definition: SinkDefinition<"hostile", Options> = {
    type: "hostile",
    schema: {},
    fromConfig: () => ({ place: "" }),
    create: ({ place }, context) => ({
      ...bucket().definition.create({}, context),
      async *verify() {
        verified.push(place);
        if (place.startsWith("hang")) await new Promise(() => {});
        yield { name: "write", status: "ok", detail: "Wrote." };
      },
      async deliver(chunk, { signal }) {
        requests.push(chunk);
        return await answer(chunk, signal);
      },
      ...parts?.(),
    }),
  };
  const settings = { ...defaultDeliverySettings, ...delivery };
  const store = given ?? memoryStore({ clock });
  const headgate = createHeadgate({
    alerts: quiet,
    store,
    sinks: [definition],
    clock,
    random: () => 0.5,
    delivery: settings,
    observer,
  });
  return {
    clock,
    headgate,
    requests,
    verified,
    declare: (place) =>
      headgate.streams.declare([{ id: "s", organization: "org", sink: "hostile", options: { place } }]),
    async [Symbol.asyncDispose]() {
      const stopped = headgate.stop({ deadlineMs: 10 });
      await clock.advance(20);
      await stopped;
    },
  };
}

const taken: DeliveryResult = { status: "delivered", receipt: "" };
const untilCancelled = (_chunk: Chunk, signal: AbortSignal): Promise<never> =>
  new Promise((_resolve, reject) =>
    signal.addEventListener("abort", () => setImmediate(() => reject(signal.reason as Error))),
  );

describe("a verification", () => {
  it("that does not listen when its time is up keeps no other stream from being verified", async () => {
    await using r = rig(() => taken);
    for (const place of ["hang 1", "hang 2", "hang 3", "hang 4", "good"])
      await r.headgate.streams.create(`org ${place}`, {
        id: place.replace(" ", "-"),
        sink: "hostile",
        options: { place },
      });
    await r.headgate.start();
    await r.clock.advance(700_000);
    expect((await r.headgate.streams.status("good")).health.state).toBe("active");
    expect((await r.headgate.streams.status("hang-1")).health.verification?.ok).toBe(false);
  });

  it("does not begin for a stream that was changed during a turn and deleted before its end", async () => {
    await using r = rig(untilCancelled);
    await r.headgate.append("org", events(1));
    await r.declare("a");
    await r.headgate.start();
    await r.clock.advance(6000);
    await r.declare("b");
    await r.headgate.streams.delete("s");
    await r.clock.settle();
    expect(r.verified).toEqual(["a"]);
  });

  it("begins again for a stream that was paused and resumed within a turn", async () => {
    const { promise: reply, resolve: answer } = Promise.withResolvers<DeliveryResult>();
    await using r = rig(() => reply);
    await r.headgate.append("org", events(1));
    await r.declare("a");
    await r.headgate.start();
    await r.clock.advance(6000);
    await r.headgate.streams.pause("s");
    await r.headgate.streams.resume("s");
    expect(r.verified).toEqual(["a"]);
    answer(taken);
    await r.clock.advance(100);
    expect(r.verified).toEqual(["a", "a"]);
  });

  it("does not begin after a stop, which nobody would end", async () => {
    await using r = rig(untilCancelled);
    await r.headgate.append("org", events(1));
    await r.declare("a");
    await r.headgate.start();
    await r.clock.advance(6000);
    await r.declare("b");
    const stopped = r.headgate.stop({ deadlineMs: 10 });
    await r.clock.advance(20);
    await stopped;
    expect(r.verified).toEqual(["a"]);
  });
});

describe("a request", () => {
  it.each([Number.NaN, Number.POSITIVE_INFINITY])(
    "whose reply asks for a wait of %s does not end the stream",
    async (afterMs) => {
      const answers: DeliveryResult[] = [
        { status: "retry", afterMs, error },
        { ...taken, afterMs },
      ];
      await using r = rig(() => answers.shift() ?? taken);
      await r.headgate.append("org", events(1));
      await r.declare("a");
      await r.headgate.start();
      // The usual wait after a failure: neither none at all, nor for ever.
      await r.clock.advance(5300);
      expect(r.requests).toHaveLength(1);
      await r.clock.advance(60_000);
      await r.headgate.append("org", events(1));
      await r.clock.advance(60_000);
      expect(await r.headgate.streams.status("s")).toMatchObject({ delivered: 2, pending: 0 });
      expect(r.requests).toHaveLength(3);
    },
  );

  it("ends at the time that the operator has set, where its sink names no time of its own", async () => {
    await using r = rig(untilCancelled, { delivery: { requestTimeoutMs: 1000 } });
    await r.headgate.append("org", events(1));
    await r.declare("a");
    await r.headgate.start();
    await r.clock.advance(5000 + 1500);
    expect((await r.headgate.streams.status("s")).health.lastError).toMatchObject({ code: "destination_timeout" });
  });

  it("has a key that no request with other events has, in the next process neither", async () => {
    const answers: DeliveryResult[] = [
      { status: "split", error },
      { status: "retry", error },
      { status: "rejected", indexes: [2, 4, 5], error },
    ];
    const store = memoryStore();
    const sent: Chunk[] = [];
    for (const times of [2, 9]) {
      await using r = rig(() => answers.shift() ?? taken, { store });
      if (times === 2) await r.headgate.append("org", events(6));
      await r.declare("a");
      await r.headgate.start();
      await r.clock.advance(times === 2 ? 5200 : 60_000);
      sent.push(...r.requests);
    }
    expect(sent.map(({ sequences }) => sequences.join())).toEqual(["1,2,3,4,5,6", "1,2,3", "1,2,3,4,5,6", "1,2,4"]);
    const [whole, half, again, rest] = sent.map(({ key }) => key);
    expect(again).toBe(whole);
    expect(rest).not.toBe(half);
  });

  it("is reported with the events that went to quarantine, whatever the sink names", async () => {
    const reports: unknown[] = [];
    await using r = rig(() => ({ status: "rejected", acceptedCount: 1, indexes: [0, 1, 1, 7, -1, 0.5], error }), {
      observer: { delivery: ({ events: accepted, quarantined }) => reports.push([accepted, quarantined]) },
    });
    await r.headgate.append("org", events(2));
    await r.declare("a");
    await r.headgate.start();
    await r.clock.advance(6000);
    expect(reports).toEqual([[1, 1]]);
    expect(await r.headgate.streams.status("s")).toMatchObject({ delivered: 1, quarantined: 1 });
  });

  it("that was split and is to be tried again comes as the same parts, less what is settled", async () => {
    const answers: DeliveryResult[] = [
      { status: "split", error },
      { status: "split", error },
      { status: "retry", error },
      taken,
      { status: "rejected", indexes: [0], error },
      { status: "retry", error },
    ];
    await using r = rig(() => answers.shift() ?? taken);
    await r.headgate.append("org", events(8));
    await r.declare("a");
    await r.headgate.start();
    await r.clock.advance(60_000);
    const sent = r.requests.map(({ sequences }) => sequences.join());
    expect(sent.slice(0, 3)).toEqual(["1,2,3,4,5,6,7,8", "1,2,3,4", "1,2"]);
    expect(sent.slice(3)).toEqual(["1,2", "3,4", "4", "4", "5,6,7,8"]);
    expect(r.requests[3]?.key).toBe(r.requests[2]?.key);
    expect(await r.headgate.streams.status("s")).toMatchObject({ delivered: 7, quarantined: 1, pending: 0 });
  });
});

describe("a destination that asks for a pause after each request", () => {
  it("gets new events between those that are sent again from quarantine", async () => {
    let refuses = true;
    await using r = rig(({ count }) =>
      refuses
        ? { status: "rejected", indexes: Array.from({ length: count }, (_, i) => i), error }
        : { ...taken, afterMs: 60_000 },
    );
    await r.headgate.append("org", events(100));
    await r.declare("a");
    await r.headgate.start();
    await r.clock.advance(10_000);
    refuses = false;
    for (let sequence = 1; sequence <= 100; sequence++) await r.headgate.quarantine.retry("s", sequence);
    await r.headgate.append("org", events(1));
    await r.clock.advance(600_000);
    expect((await r.headgate.streams.status("s")).pending).toBe(0);
    await r.clock.advance(7_200_000);
    expect(await r.headgate.streams.status("s")).toMatchObject({ delivered: 101, quarantined: 0 });
  });
});

describe("a drain", () => {
  it("ends where a destination asks for a longer pause than anybody waits, and waits out a shorter one", async () => {
    for (const [afterMs, complete] of [
      [3_600_000, false],
      [30_000, true],
    ] as const) {
      const limits = { maxEvents: 1, maxBytes: 1e6, maxEventBytes: 1e5, concurrency: 1 };
      await using r = rig(() => ({ ...taken, afterMs }), { parts: () => ({ limits }) });
      await r.headgate.append("org", events(3));
      await r.declare("a");
      const drained = r.headgate.drain({ patienceMs: 60_000 });
      await r.clock.advance(120_000);
      expect(await Promise.race([drained, Promise.resolve("waits")])).toMatchObject({ complete });
    }
  });
});

describe("a window that was encoded by another version and is partly delivered", () => {
  it("stays blocked whatever the operator consents to, and says so", async () => {
    let encoding = "v1";
    const parts = (): Partial<Sink> => ({ encoding, encode: ({ line }) => line.slice() });
    await using r = rig(() => ({ status: "retry", acceptedCount: 1, error }), { parts });
    await r.headgate.append("org", events(3));
    await r.declare("a");
    await r.headgate.start();
    await r.clock.advance(5100);
    encoding = "v2";
    await r.declare("b");
    await r.clock.advance(100);
    await r.headgate.streams.reseal("s");
    await r.clock.advance(600_000);
    const { health, pending } = await r.headgate.streams.status("s");
    expect(health).toMatchObject({ state: "blocked", lastError: { code: "codec_changed" } });
    expect(health.lastError?.hint).not.toContain("reseal");
    expect(pending).toBe(2);
  });
});
