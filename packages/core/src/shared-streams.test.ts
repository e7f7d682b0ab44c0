import { describe, expect, it } from "vitest";
import { createHeadgate, type Headgate } from "./headgate.ts";
import { memoryStore } from "./memory-store.ts";
import { shardOf } from "./shards.ts";
import type { Store } from "./store.ts";
import type { StreamStatus } from "./stream-status.ts";
import { bucket, type Bucket } from "./testing/bucket-sink.ts";
import { type VirtualClock, virtualClock } from "./testing/virtual-clock.ts";

const event = { action: "a.b", actor: { type: "user", id: "u" } };
const leaseTtlMs = 15_000;

interface Rig extends AsyncDisposable {
  readonly clock: VirtualClock;
  readonly store: Store;
  readonly destination: Bucket;
  /** Another runner on the store. */
  join(): Promise<Headgate<[Bucket["definition"]]>>;
}

function rig(): Rig {
  const clock = virtualClock(Date.parse("2026-03-01T10:10:00Z"));
  const destination = bucket();
  const store = memoryStore({ clock });
  const runners: Headgate[] = [];
  const definition: Bucket["definition"] = {
    ...destination.definition,
    create: (options, context) => ({
      ...destination.definition.create(options, context),
      async *verify() {
        yield { name: "reach", status: "ok", detail: "It answers." } as const;
      },
    }),
  };
  return {
    clock,
    store,
    destination,
    async join() {
      const headgate = createHeadgate({
        // What one of them closes stays open for the others.
        store: { ...store, [Symbol.asyncDispose]: () => Promise.resolve() },
        sinks: [definition],
        clock,
        random: () => 0.5,
        alerts: { auditLog: false },
        delivery: { leaseTtlMs },
      });
      runners.push(headgate);
      await headgate.start();
      return headgate;
    },
    async [Symbol.asyncDispose]() {
      const stopped = Promise.all(runners.map((headgate) => headgate.stop({ deadlineMs: 10 })));
      await clock.advance(20);
      await stopped;
    },
  };
}

describe("a stream's health", () => {
  it("is told by the runner that has the stream: one that hears of a change later does not know better", async () => {
    await using at = rig();
    const { clock, destination } = at;
    const owner = await at.join();
    await owner.streams.create("org", { id: "s", sink: "bucket", options: {} });
    await owner.append("org", [event]);
    // So that the other one looks at the streams at other moments.
    await clock.advance(10_400);
    const other = await at.join();
    await clock.advance(5000);
    expect([owner.share().shards.length, other.share().shards.length]).toEqual([64, 0]);
    await owner.streams.pause("s");
    await owner.append("org", [event]);
    await clock.advance(5300);
    destination.behave = () => "blocked";
    await owner.streams.resume("s");
    const seen: StreamStatus["health"]["state"][] = [];
    for (let i = 0; i < 30; i++) {
      await clock.advance(100);
      seen.push((await owner.streams.status("s")).health.state);
    }
    expect(new Set(seen)).toEqual(new Set(["blocked"]));
  });

  it("goes on with its stream to another runner, and is put right there where nobody had it as it was paused", async () => {
    await using at = rig();
    const { clock, destination, store } = at;
    const first = await at.join();
    await first.streams.create("org", { id: "s", sink: "bucket", options: {} });
    destination.behave = () => "busy";
    await first.append("org", [event]);
    const second = await at.join();
    await clock.advance(10_000);
    const before = await store.streams.health("s");
    expect(before?.state).toBe("degraded");
    const stopped = first.stop();
    await clock.advance(10);
    await stopped;
    await clock.advance(30_000);
    const after = await store.streams.health("s");
    expect(second.share().shards).toContain(shardOf("s"));
    expect(after?.failingSince).toBe(before?.failingSince);
    expect(after?.consecutiveFailures).toBeGreaterThan(before?.consecutiveFailures ?? 0);

    const stoppedToo = second.stop();
    await clock.advance(10);
    await stoppedToo;
    await second.streams.pause("s");
    await at.join();
    await clock.advance(1000);
    expect((await store.streams.health("s"))?.state).toBe("paused");
  });
});

describe("a verification", () => {
  it("by a runner that does not have the stream reaches the one that has: what was mended is tried at once", async () => {
    await using at = rig();
    const { clock, destination, store } = at;
    const owner = await at.join();
    await owner.streams.create("org", { id: "s", sink: "bucket", options: {} });
    destination.behave = () => "blocked";
    await owner.append("org", [event]);
    await clock.advance(20_000);
    expect((await store.streams.health("s"))?.state).toBe("blocked");
    const other = await at.join();
    await clock.advance(1000);
    expect(other.share().shards).toEqual([]);
    destination.behave = () => "store";
    const steps = Array.fromAsync(other.streams.verify("s"));
    await clock.settle();
    expect((await steps).map(({ status }) => status)).toEqual(["ok"]);
    const asked = clock.now();
    await clock.advance(2000);
    const health = await store.streams.health("s");
    expect([health?.state, health?.verification?.at]).toEqual(["active", asked]);
    expect(await store.documents.list("verifications")).toEqual([]);
  });

  it("is dropped where nobody has the stream, and of settings that are others by now tells nothing", async () => {
    await using at = rig();
    const { clock, store } = at;
    const first = await at.join();
    await first.streams.create("org", { id: "s", sink: "bucket", options: {} });
    await clock.advance(3000);
    const before = (await store.streams.health("s"))?.verification;
    const of = (settings: string): string => JSON.stringify({ at: clock.now(), ok: false, steps: [], of: settings });
    await store.documents.write([
      { collection: "verifications", key: "s", value: of("others") },
      { collection: "verifications", key: "gone", value: of("any") },
    ]);
    await clock.advance(2000);
    expect((await store.streams.health("s"))?.verification).toEqual(before);
    expect((await store.documents.list("verifications")).map(({ key }) => key)).toEqual([]);
  });
});

describe("a shard that moves", () => {
  it("does not wait for a destination that hangs: the shard's other streams would rest for as long", async () => {
    await using at = rig();
    const { clock, destination, store } = at;
    const first = await at.join();
    const ids = Array.from({ length: 128 }, (_, n) => `s${n}`);
    for (const id of ids)
      await first.streams.create(`org_${id}`, { id, sink: "bucket", options: { host: id, flush: { maxAgeMs: 1000 } } });
    await clock.advance(5000);
    const byShard = Map.groupBy(ids, shardOf);
    const hanging = new Set([...byShard.values()].flatMap(([one, other]) => (one && other ? [one] : [])));
    destination.behave = ({ stream }) => (hanging.has(stream) ? "hang" : "store");
    const others = ids.filter((id) => !hanging.has(id));
    for (const id of hanging) await first.append(`org_${id}`, [event]);
    await clock.advance(5000);
    const second = await at.join();
    let longest = 0;
    for (let round = 0; round < 30; round++) {
      for (const id of others) await first.append(`org_${id}`, [event]);
      await clock.advance(5000);
      const waiting = (await first.status()).filter(({ id }) => !hanging.has(id));
      for (const { oldestPendingAt = clock.now() } of waiting)
        longest = Math.max(longest, clock.now() - oldestPendingAt);
    }
    expect(second.share().shards.length).toBeGreaterThan(10);
    expect(await store.leases.list("shard ")).toHaveLength(64);
    // Abandoning, the other's next look, and the window's own age.
    expect(longest).toBeLessThanOrEqual(10_000 + leaseTtlMs / 3 + 5000);
  });
});
