import { expect, it } from "vitest";
import { HeadgateError } from "./errors.ts";
import { silentLogger } from "./logger.ts";
import { memoryStore } from "./memory-store.ts";
import { createShardKeeper, type Hold, type ShardKeeper } from "./shard-keeper.ts";
import { shardCount, shardName } from "./shards.ts";
import type { Leases } from "./store.ts";
import { type VirtualClock, virtualClock } from "./testing/virtual-clock.ts";

const ttlMs = 6000;

interface Member {
  readonly keeper: ShardKeeper;
  readonly holds: Map<number, Hold>;
  readonly told: string[];
  readonly leaving: Map<number, () => void>;
  readonly led: Hold[];
  readonly stop: AbortController;
}

/** A runner that does nothing but hold shards. With `slow`, giving one up takes until the test says so. */
function member(leases: Leases, clock: VirtualClock, name: string, slow = false): Member {
  const holds = new Map<number, Hold>();
  const told: string[] = [];
  const leaving = new Map<number, () => void>();
  const led: Hold[] = [];
  const keeper = createShardKeeper(leases, name, ttlMs, {
    clock,
    logger: silentLogger,
    events: {
      load: () => 1,
      gained: (shard, hold) => void holds.set(shard, hold),
      lost: (shard) => void told.push(`lost ${shard}`),
      leaving: (shard) =>
        slow ? new Promise((resolve) => void leaving.set(shard, resolve)) : Promise.resolve(void holds.delete(shard)),
      divided: () => void told.push("divided"),
      leading: (hold) => void led.push(hold),
    },
  });
  const stop = new AbortController();
  void keeper.run(stop.signal);
  return { keeper, holds, told, leaving, led, stop };
}

it("has all shards alone, and the lead; both are another's once it has not renewed them for their time", async () => {
  const clock = virtualClock(0);
  const { leases } = memoryStore({ clock });
  let down = false;
  const failing: Leases = {
    ...leases,
    acquireAll: (...args) =>
      down ? Promise.reject(new HeadgateError("store_unavailable", "Away.")) : leases.acquireAll(...args),
  };
  const a = member(failing, clock, "a");
  await clock.settle();
  expect([a.holds.size, a.led.length, a.told]).toEqual([shardCount, 1, ["divided"]]);
  const hold = a.holds.get(7);
  expect([hold?.doubtful(), hold?.lease().name]).toEqual([false, shardName(7)]);
  await clock.advance(60_000);
  expect([hold?.doubtful(), hold?.lost.aborted]).toEqual([false, false]);

  // The store cannot be asked: what it has stays its own until its time is over, and no longer.
  down = true;
  await clock.advance(ttlMs - 2100);
  expect([hold?.doubtful(), hold?.lost.aborted, a.led[0]?.lost.aborted]).toEqual([false, false, false]);
  await clock.advance(4200);
  expect([hold?.doubtful(), hold?.lost.aborted, a.led[0]?.lost.aborted]).toEqual([true, true, true]);
  expect(a.told.filter((text) => text.startsWith("lost"))).toHaveLength(shardCount);

  down = false;
  a.holds.clear();
  await clock.advance(2000);
  expect([a.holds.size, a.led.length]).toEqual([shardCount, 2]);
  a.stop.abort();
});

it("begins nothing with what it held before it slept, until it has asked who has it now", async () => {
  const clock = virtualClock(0);
  const { leases } = memoryStore({ clock });
  let asleep: { readonly promise: Promise<void>; readonly resolve: () => void } | undefined;
  const sleepy: Leases = {
    ...leases,
    acquireAll: async (...args) => (await asleep?.promise, leases.acquireAll(...args)),
  };
  const a = member(sleepy, clock, "a");
  await clock.settle();
  asleep = Promise.withResolvers<void>();
  await clock.advance(ttlMs + 1);
  const b = member(leases, clock, "b");
  await clock.settle();
  expect(b.holds.size).toBe(shardCount);
  const hold = a.holds.get(0);
  // It does not know it yet, but it can tell that it may be.
  expect([hold?.lost.aborted, hold?.doubtful()]).toEqual([false, true]);
  asleep.resolve();
  asleep = undefined;
  await clock.settle();
  expect([hold?.lost.aborted, a.told.filter((text) => text.startsWith("lost")).length]).toEqual([true, shardCount]);
  for (const one of [a, b]) one.stop.abort();
});

it("gives up what is another's share once nothing of it is under way, and renews it until then", async () => {
  const clock = virtualClock(0);
  const { leases } = memoryStore({ clock });
  const a = member(leases, clock, "a", true);
  await clock.settle();
  const b = member(leases, clock, "b");
  await clock.advance(ttlMs * 10);
  const share = a.leaving.size;
  expect(share).toBeGreaterThanOrEqual(shardCount / 2 - 2);
  expect(share).toBeLessThanOrEqual(shardCount / 2);
  expect(b.holds.size).toBe(0);
  for (const [shard, done] of a.leaving) {
    expect(a.holds.get(shard)?.lost.aborted).toBe(false);
    done();
  }
  await clock.advance(ttlMs / 3);
  expect(b.holds.size).toBe(share);
  expect(new Set(b.holds.keys())).toEqual(new Set(a.leaving.keys()));

  await a.keeper.release();
  a.stop.abort();
  await clock.advance(ttlMs / 3);
  expect(b.holds.size).toBe(shardCount);
  b.stop.abort();
});

it("takes what the store says is its own though the reply was lost, and gives back what it does not need", async () => {
  const clock = virtualClock(0);
  const { leases } = memoryStore({ clock });
  let lose = 2;
  const lossy: Leases = {
    ...leases,
    async acquireAll(...args) {
      const got = await leases.acquireAll(...args);
      lose -= 1;
      // The first reply of a runner says who it is, the second one which shards it has.
      if (lose === 0) throw new HeadgateError("store_unavailable", "The reply was lost.");
      return got;
    },
  };
  const a = member(lossy, clock, "a");
  await clock.settle();
  expect(a.holds.size).toBe(0);
  await clock.advance(ttlMs / 3);
  expect(a.holds.size).toBe(shardCount);
  a.stop.abort();
});

it("gives others their share also where its clock was set back by hours meanwhile", async () => {
  const clock = virtualClock(0);
  const { leases } = memoryStore({ clock });
  let behind = 0;
  const a = member(leases, { ...clock, now: () => clock.now() - behind }, "a");
  await clock.settle();
  behind = 5 * 3_600_000;
  const b = member(leases, clock, "b");
  await clock.advance(ttlMs * 5);
  expect(a.holds.size + b.holds.size).toBe(shardCount);
  expect(b.holds.size).toBeGreaterThanOrEqual(shardCount / 2 - 2);
  for (const one of [a, b]) one.stop.abort();
});
