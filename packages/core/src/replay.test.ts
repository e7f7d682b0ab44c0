import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createHeadgate, type Headgate } from "./headgate.ts";
import { memoryStore } from "./memory-store.ts";
import type { Store } from "./store.ts";
import { bucket, type Bucket } from "./testing/bucket-sink.ts";
import { type VirtualClock, virtualClock } from "./testing/virtual-clock.ts";

const start = Date.parse("2026-03-01T10:10:00Z");
const hourMs = 3_600_000;
const events = (n: number): { action: string; actor: { type: string; id: string } }[] =>
  Array.from({ length: n }, () => ({ action: "a.b", actor: { type: "user", id: "u" } }));

interface Rig extends AsyncDisposable {
  readonly clock: VirtualClock;
  readonly store: Store;
  readonly destination: Bucket;
  readonly headgate: Headgate<[Bucket["definition"]]>;
}

async function rig(kind: "objects" | "log" = "objects", limits: { readonly maxEvents?: number } = {}): Promise<Rig> {
  const clock = virtualClock(start);
  const store = memoryStore({ clock });
  const destination = bucket(kind);
  const headgate = createHeadgate({
    store,
    sinks: [destination.definition],
    alerts: { auditLog: false },
    clock,
    random: () => 0.5,
  });
  await headgate.streams.create("org", { id: "s", sink: "bucket", options: { limits } });
  await headgate.start();
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

const sequences = ({ destination }: Rig, stream = "s"): number[] =>
  destination.events(stream).map(({ sequence }) => sequence);

describe("a replay", () => {
  it("brings back what has gone from an object store, byte for byte, and doubles nothing", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 1, maxLength: 6 }),
        fc.array(fc.nat(30)),
        async (appends, lost) => {
          await using r = await rig("objects", { maxEvents: 5 });
          for (const count of appends) {
            await r.headgate.append("org", events(count));
            await r.clock.advance(20_000);
          }
          const before = new Map(r.destination.objects);
          const keys = [...before.keys()];
          for (const n of lost) r.destination.objects.delete(keys[n % keys.length] ?? "");
          await r.headgate.streams.replay("s", {});
          await r.clock.advance(20_000);
          const total = appends.reduce((sum, count) => sum + count, 0);
          expect(await r.headgate.streams.replayOf("s")).toMatchObject({
            state: "done",
            objects: before.size,
            events: total,
            lost: 0,
          });
          const sorted = (objects: Map<string, Uint8Array>): unknown =>
            [...objects].toSorted(([a], [b]) => (a < b ? -1 : 1));
          expect(sorted(r.destination.objects)).toEqual(sorted(before));
          expect((await r.headgate.streams.status("s")).delivered).toBe(total);
        },
      ),
      { numRuns: 40 },
    );
  });

  it("takes of the objects those with events of the range alone", async () => {
    await using r = await rig();
    for (let i = 0; i < 3; i++) {
      await r.headgate.append("org", events(2));
      await r.clock.advance(hourMs);
    }
    r.destination.objects.clear();
    await r.headgate.streams.replay("s", { firstSequence: 4, lastSequence: 4 });
    await r.clock.advance(20_000);
    expect(sequences(r)).toEqual([3, 4]);
    await r.headgate.streams.replay("s", { from: start + 2 * hourMs, to: start + 3 * hourMs });
    await r.clock.advance(20_000);
    expect(sequences(r)).toEqual([3, 4, 5, 6]);
  });

  it("stores what was before a stream's beginning in objects of its own, once, however often it is asked for", async () => {
    await using r = await rig();
    await r.headgate.append("org", events(10));
    await r.clock.advance(10_000);
    await r.headgate.streams.create("org", { id: "late", sink: "bucket", options: {}, from: "now" });
    await r.headgate.append("org", events(2));
    await r.clock.advance(20_000);
    expect(sequences(r, "late")).toEqual([11, 12]);
    for (const range of [{ firstSequence: 4, lastSequence: 6 }, { firstSequence: 2, lastSequence: 12 }, {}]) {
      await r.headgate.streams.replay("late", range);
      await r.clock.advance(20_000);
      expect((await r.headgate.streams.replayOf("late"))?.state).toBe("done");
    }
    expect(sequences(r, "late").toSorted((a, b) => a - b)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
    const status = await r.headgate.streams.status("late");
    expect([status.accepted, status.delivered, status.pending]).toEqual([2, 2, 0]);
  });

  it("sends the events of a time again where no objects are stored", async () => {
    await using r = await rig("log");
    await r.headgate.append("org", events(2));
    await r.clock.advance(hourMs);
    await r.headgate.append("org", events(2));
    await r.clock.advance(20_000);
    await r.headgate.streams.replay("s", { from: start + hourMs });
    await r.clock.advance(20_000);
    expect(sequences(r)).toEqual([1, 2, 3, 4, 3, 4]);
    expect(await r.headgate.streams.replayOf("s")).toMatchObject({ state: "done", events: 2, refused: 0 });
  });

  it("waits for a destination that is out of reach, and goes on after it", async () => {
    await using r = await rig();
    await r.headgate.append("org", events(2));
    await r.clock.advance(20_000);
    r.destination.objects.clear();
    r.destination.behave = () => "busy";
    await r.headgate.streams.replay("s", {});
    await r.clock.advance(60_000);
    expect((await r.headgate.streams.replayOf("s"))?.state).toBe("running");
    await expect(r.headgate.streams.replay("s", {})).rejects.toMatchObject({ code: "replay_running" });
    r.destination.behave = () => "store";
    await r.clock.advance(600_000);
    expect((await r.headgate.streams.replayOf("s"))?.state).toBe("done");
    expect(sequences(r)).toEqual([1, 2]);
  });

  it("ends where it stands when it is cancelled", async () => {
    await using r = await rig();
    await r.headgate.append("org", events(2));
    await r.clock.advance(20_000);
    r.destination.behave = () => "busy";
    await r.headgate.streams.replay("s", {});
    await r.clock.advance(5000);
    expect(await r.headgate.streams.cancelReplay("s")).toBe(true);
    expect(await r.headgate.streams.cancelReplay("s")).toBe(false);
    r.destination.behave = () => "store";
    await r.clock.advance(600_000);
    expect((await r.headgate.streams.replayOf("s"))?.state).toBe("cancelled");
  });

  it("finishes what another one has begun as that had cut it, so that nothing is stored twice", async () => {
    await using r = await rig();
    await r.headgate.append("org", events(10));
    await r.clock.advance(10_000);
    const options = { limits: { maxEvents: 2 } };
    await r.headgate.streams.create("org", { id: "late", sink: "bucket", options, from: "now" });
    let requests = 0;
    r.destination.behave = () => ((requests += 1) === 2 ? "store-lose-reply" : requests > 2 ? "busy" : "store");
    await r.headgate.streams.replay("late", { firstSequence: 3, lastSequence: 9 });
    await r.clock.advance(10_000);
    expect(sequences(r, "late")).toEqual([3, 4, 5, 6]);
    expect(await r.headgate.streams.cancelReplay("late")).toBe(true);
    await r.headgate.streams.update("late", { flush: { maxEvents: 3 } });
    r.destination.behave = () => "store";
    await r.headgate.streams.replay("late", { firstSequence: 2 });
    await r.clock.advance(600_000);
    expect((await r.headgate.streams.replayOf("late"))?.state).toBe("done");
    expect(sequences(r, "late").toSorted((a, b) => a - b)).toEqual([2, 3, 4, 5, 6, 7, 8, 9, 10]);
    expect(await r.store.objects.list("late")).toHaveLength(
      [...r.destination.objects.keys()].filter((key) => key.startsWith("late/")).length,
    );
  });

  it("sends no event again that has arrived when a later one of the same window fails", async () => {
    await using r = await rig("log", { maxEvents: 5 });
    await r.headgate.append("org", events(50));
    await r.clock.advance(20_000);
    let requests = 0;
    r.destination.behave = () => ((requests += 1) % 4 === 0 ? "busy" : "store");
    await r.headgate.streams.replay("s", {});
    await r.clock.advance(600_000);
    expect(await r.headgate.streams.replayOf("s")).toMatchObject({ state: "done", events: 50 });
    expect(sequences(r)).toHaveLength(100);
  });

  it("holds up nothing that is new when it is refused", async () => {
    await using r = await rig();
    await r.headgate.append("org", events(2));
    await r.clock.advance(20_000);
    r.destination.behave = ({ firstSequence }) => (firstSequence === 1 ? "blocked" : "store");
    await r.headgate.streams.replay("s", {});
    for (let i = 0; i < 20; i++) {
      await r.headgate.append("org", events(1));
      await r.clock.advance(6000);
    }
    const { pending, health } = await r.headgate.streams.status("s");
    expect([pending <= 1, health.state]).toEqual([true, "active"]);
  });

  it("is seen by no later stream of the same id, and does not undo what another one has begun", async () => {
    await using r = await rig();
    await r.headgate.append("org", events(2));
    await r.clock.advance(20_000);
    r.destination.behave = () => "hang";
    await r.headgate.streams.replay("s", { firstSequence: 1, lastSequence: 1 });
    await r.clock.advance(2000);
    await r.headgate.streams.cancelReplay("s");
    await r.headgate.streams.replay("s", { firstSequence: 2 });
    r.destination.behave = () => "store";
    await r.clock.advance(600_000);
    expect(await r.headgate.streams.replayOf("s")).toMatchObject({ state: "done", range: { firstSequence: 2 } });
    await r.headgate.streams.delete("s");
    await r.headgate.streams.create("other", { id: "s", sink: "bucket", options: {} });
    expect(await r.headgate.streams.replayOf("s")).toBeUndefined();
  });

  it("stores nothing where settings are others by now, and says so", async () => {
    await using r = await rig();
    await r.headgate.append("org", events(2));
    await r.clock.advance(20_000);
    await r.headgate.streams.update("s", { options: { encoding: "v2" } });
    await r.clock.advance(5000);
    const before = r.destination.requests.length;
    await r.headgate.streams.replay("s", {});
    await r.clock.advance(20_000);
    expect(await r.headgate.streams.replayOf("s")).toMatchObject({
      state: "done",
      objects: 0,
      lost: 2,
      lostRanges: [[1, 2, "settings"]],
    });
    expect(r.destination.requests.length).toBe(before);
  });

  it("says which events it could not deliver again", async () => {
    await using r = await rig();
    await r.headgate.append("org", events(2));
    await r.clock.advance(20_000);
    await r.headgate.append("org", events(2));
    await r.clock.advance(20_000);
    await r.store.journal.trim("org", 2, Number.MAX_SAFE_INTEGER);
    await r.headgate.streams.create("org", { id: "late", sink: "bucket", options: {}, from: "now" });
    await r.headgate.streams.replay("late", {});
    await r.clock.advance(20_000);
    expect(await r.headgate.streams.replayOf("late")).toMatchObject({
      state: "done",
      events: 2,
      lost: 2,
      lostRanges: [[1, 2, "trimmed"]],
    });
  });

  it("counts none of the sequences that a restored store left out", async () => {
    for (const kind of ["objects", "log"] as const) {
      await using r = await rig(kind);
      await r.headgate.append("org", events(2));
      await r.clock.advance(20_000);
      await r.store.journal.skip("org", 2_000_000_002);
      await r.headgate.append("org", events(2));
      await r.clock.advance(20_000);
      await r.store.journal.trim("org", 2_000_000_003, Number.MAX_SAFE_INTEGER);
      await r.headgate.streams.replay("s", {});
      await r.clock.advance(20_000);
      const ended = await r.headgate.streams.replayOf("s");
      const held = await r.store.journal.firstSequence("org");
      expect(ended).toMatchObject({ state: "done", lost: held > 2_000_000_003 ? 4 : 2 });
      expect(ended?.lostRanges[0]).toEqual([1, 2, "trimmed"]);
    }
  });

  it("is delivered by another stream of the organization, which has it as its own", async () => {
    for (const kind of ["objects", "log"] as const) {
      await using r = await rig(kind);
      await r.headgate.append("org", events(10));
      await r.clock.advance(20_000);
      const shape = { filter: { exclude: [{ action: "a.c" }] } } as const;
      await r.headgate.streams.create("org", { id: "late", sink: "bucket", options: {}, shape, from: "now" });
      await r.headgate.append("org", [...events(1), { action: "a.c", actor: { type: "user", id: "u" } }]);
      await r.clock.advance(20_000);
      const times = kind === "objects" ? 2 : 1;
      for (let i = 0; i < times; i++) {
        const range = { firstSequence: 3, lastSequence: 12 };
        expect(await r.headgate.streams.replay("s", range, { into: "late" })).toMatchObject({ stream: "late", range });
        await r.clock.advance(20_000);
      }
      expect((await r.headgate.streams.replayOf("late"))?.state).toBe("done");
      expect(await r.headgate.streams.replayOf("s")).toBeUndefined();
      // Where no objects are stored, what it has delivered already is sent again.
      const again = kind === "objects" ? [] : [11];
      expect(sequences(r, "late").toSorted((a, b) => a - b)).toEqual([3, 4, 5, 6, 7, 8, 9, 10, 11, ...again]);
      expect(sequences(r)).toHaveLength(12);
    }
  });

  it("goes into no stream of another organization, which is as unknown as one that is not there", async () => {
    await using r = await rig();
    await r.headgate.streams.create("other", { id: "theirs", sink: "bucket", options: {} });
    const refused = async (into: string): Promise<unknown> =>
      r.headgate.streams.replay("s", {}, { into }).catch((error: unknown) => error);
    const [theirs, none] = [await refused("theirs"), await refused("nobody")];
    expect(theirs).toMatchObject({ code: "stream_unknown" });
    expect(String(theirs).replace("theirs", "nobody")).toBe(String(none));
    expect(await r.headgate.streams.replayOf("theirs")).toBeUndefined();
  });

  it("is counted before it is asked for: as many as it then sends", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 6 }),
        fc.record(
          {
            firstSequence: fc.integer({ min: 1, max: 20 }),
            lastSequence: fc.integer({ min: 20, max: 60 }),
            from: fc.integer({ min: start, max: start + 60_000 }),
            to: fc.integer({ min: start + 60_001, max: start + 130_000 }),
          },
          { requiredKeys: [] },
        ),
        async (appends, range) => {
          await using r = await rig("log");
          for (const count of appends) {
            await r.headgate.append("org", events(count));
            await r.clock.advance(20_000);
          }
          const counted = await r.headgate.streams.countReplay("s", range);
          await r.headgate.streams.replay("s", range);
          await r.clock.advance(20_000);
          expect(await r.headgate.streams.replayOf("s")).toMatchObject({ state: "done", events: counted, lost: 0 });
        },
      ),
      { numRuns: 60 },
    );
  });

  it("refuses a range that is none", async () => {
    await using r = await rig();
    for (const range of [
      { firstSequence: 0 },
      { firstSequence: 3, lastSequence: 2 },
      { from: 2, to: 2 },
      { from: Number.NaN },
    ])
      await expect(r.headgate.streams.replay("s", range)).rejects.toMatchObject({ code: "request_invalid" });
    await expect(r.headgate.streams.replay("other", {})).rejects.toMatchObject({ code: "stream_unknown" });
  });
});
