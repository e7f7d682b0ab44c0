import { describe, expect, it } from "vitest";
import { createHeadgate, type Headgate } from "./headgate.ts";
import { memoryStore } from "./memory-store.ts";
import type { Store } from "./store.ts";
import { bucket, type Bucket } from "./testing/bucket-sink.ts";
import { type VirtualClock, virtualClock } from "./testing/virtual-clock.ts";
import { hourMs } from "./time.ts";

/** Health events would come among the events that these tests count. */
const quiet = { auditLog: false } as const;

const start = Date.parse("2026-03-01T10:10:00Z");
const minuteMs = 60_000;

interface Rig extends AsyncDisposable {
  readonly clock: VirtualClock;
  readonly store: Store;
  readonly destination: Bucket;
  readonly headgate: Headgate<[Bucket["definition"]]>;
  append(action: string): Promise<unknown>;
}

async function rig({ from = start, ...shared }: { readonly store?: Store; readonly from?: number } = {}): Promise<Rig> {
  const clock = virtualClock(from);
  const store = shared.store ?? memoryStore({ clock });
  const destination = bucket();
  const headgate = createHeadgate({ store, sinks: [destination.definition], alerts: quiet, clock, random: () => 0.5 });
  const known = await headgate.streams.get("s");
  if (known === undefined) await headgate.streams.create("org", { id: "s", sink: "bucket", options: {} });
  await headgate.start();
  return {
    clock,
    store,
    destination,
    headgate,
    append: (action) => headgate.append("org", [{ action, actor: { type: "user", id: "u" } }]),
    async [Symbol.asyncDispose]() {
      const stopped = headgate.stop({ deadlineMs: 10 });
      await clock.advance(20);
      await stopped;
    },
  };
}

describe("a stream's history", () => {
  it("tells of every request what became of it, the newest first", async () => {
    await using r = await rig();
    r.destination.behave = () => (r.clock.now() < start + 20_000 ? "busy" : "store");
    await r.append("a.b");
    await r.clock.advance(5 * minuteMs);
    const deliveries = await r.headgate.streams.deliveries("s");
    expect(deliveries.length).toBeGreaterThan(2);
    const { number, at, chunk: _, organization, ...newest } = deliveries[0] ?? { number: 0, at: 0, chunk: "" };
    expect(newest).toMatchObject({ status: "delivered", count: 1, events: 1, firstSequence: 1, lastSequence: 1 });
    expect(organization).toBe("org");
    expect(at).toBeGreaterThan(start + 20_000);
    expect(newest).toHaveProperty("ageMs", at - start);
    expect(deliveries.slice(1).every(({ status, events }) => status === "retry" && events === 0)).toBe(true);
    expect(deliveries.at(-1)?.error).toEqual({ code: "destination_busy", message: "Busy." });
    const older = await r.headgate.streams.deliveries("s", { before: number, limit: 1 });
    expect(older.map((delivery) => delivery.number)).toEqual([deliveries[1]?.number]);
  });

  it("counts what arrives more than an hour after its append as late, and what waits as overdue", async () => {
    await using r = await rig();
    r.destination.behave = () => (r.clock.now() < start + 90 * minuteMs ? "busy" : "store");
    await r.append("early");
    await r.clock.advance(50 * minuteMs);
    await r.append("in.time");
    await r.clock.advance(20 * minuteMs);
    const during = await r.headgate.streams.status("s");
    expect([during.pending, during.overdue]).toEqual([2, 1]);
    expect(during.serviceLevels.hour).toMatchObject({ delivered: 0, withinHour: 0 });
    await r.clock.advance(25 * minuteMs);
    const after = await r.headgate.streams.status("s");
    expect(after).toMatchObject({ pending: 0, overdue: 0, delivered: 2 });
    expect(after.serviceLevels.hour).toMatchObject({ delivered: 2, late: 1, success: 1, withinHour: 0.5 });
    expect(after.activity.at(-1)).toBe(2);
  });

  it("blames no stream for what was there before it ran, or while somebody had paused it", async () => {
    await using r = await rig();
    await r.clock.advance(3 * 60 * minuteMs);
    const late = { id: "late", sink: "bucket", options: { host: "late.test" } } as const;
    await r.append("old");
    await r.headgate.streams.pause("s");
    await r.clock.advance(3 * 60 * minuteMs);
    await r.headgate.streams.create("org", late);
    await r.headgate.streams.resume("s");
    expect((await r.headgate.streams.status("late")).overdue).toBe(0);
    await r.clock.advance(5 * minuteMs);
    for (const id of ["s", "late"])
      expect((await r.headgate.streams.status(id)).serviceLevels.month).toMatchObject({
        delivered: 1,
        late: 0,
        withinHour: 1,
      });
    // What had waited before a pause goes on where it stood.
    r.destination.behave = () => "busy";
    await r.append("waits");
    await r.clock.advance(50 * minuteMs);
    await r.headgate.streams.pause("s");
    await r.clock.advance(3 * 60 * minuteMs);
    await r.headgate.streams.resume("s");
    await r.clock.advance(9 * minuteMs);
    expect((await r.headgate.streams.status("s")).overdue).toBe(0);
    await r.clock.advance(2 * minuteMs);
    expect((await r.headgate.streams.status("s")).overdue).toBe(1);
    r.destination.behave = () => "store";
    await r.clock.advance(10 * minuteMs);
    expect((await r.headgate.streams.status("s")).serviceLevels.month).toMatchObject({ delivered: 2, late: 1 });
    // From then on its hour counts as any other's.
    r.destination.behave = () => "busy";
    await r.append("new");
    await r.clock.advance(65 * minuteMs);
    expect((await r.headgate.streams.status("s")).overdue).toBe(1);
  });

  it("takes an event that a retry delivers off the quarantined", async () => {
    await using r = await rig();
    r.destination.poison = ({ action }) => action === "bad";
    await r.append("bad");
    await r.append("good");
    await r.clock.advance(minuteMs);
    const held = await r.headgate.streams.status("s");
    expect(held.serviceLevels.day).toMatchObject({ delivered: 1, quarantined: 1, success: 0.5 });
    await r.clock.advance(2 * hourMs);
    r.destination.poison = () => false;
    await r.headgate.quarantine.retry("s", 1);
    await r.clock.advance(minuteMs);
    const freed = await r.headgate.streams.status("s");
    expect(freed).toMatchObject({ delivered: 2, quarantined: 0 });
    expect(freed.serviceLevels.day).toMatchObject({ delivered: 2, late: 1, quarantined: 0, success: 1 });
    const [last] = await r.headgate.streams.deliveries("s", { limit: 1 });
    expect(last).toMatchObject({ status: "delivered", count: 1, firstSequence: 1, lastSequence: 1 });
  });

  it("does not hold up delivery when it cannot be written", async () => {
    await using r = await rig();
    r.destination.behave = () => (r.clock.now() < start + 20_000 ? "busy" : "store");
    r.store.deliveries.add = () => Promise.reject(new Error("as scripted"));
    await r.append("a.b");
    await r.clock.advance(5 * minuteMs);
    expect(await r.headgate.streams.status("s")).toMatchObject({ pending: 0, delivered: 1 });
  });

  it("ends after 30 days", async () => {
    const store = memoryStore({ clock: virtualClock(start) });
    {
      await using r = await rig({ store });
      await r.append("a.b");
      await r.clock.advance(minuteMs);
      expect(await r.headgate.streams.deliveries("s")).toHaveLength(1);
    }
    await using later = await rig({ store, from: start + 31 * 24 * hourMs });
    await later.clock.advance(minuteMs);
    expect(await later.headgate.streams.deliveries("s")).toEqual([]);
  });
});
