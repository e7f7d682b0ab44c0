import { type Clock, sleep } from "./clock.ts";
import { isHeadgateError } from "./errors.ts";
import type { Logger } from "./logger.ts";
import { planShards } from "./shard-plan.ts";
import { leaderName, memberPrefix, type Share, shardCount, shardName, shardNamed, shardPrefix } from "./shards.ts";
import type { Lease, Leases } from "./store.ts";

/** A right that a runner has for a time: a shard, or being the leader. */
export interface Hold {
  /** As it was renewed last. After a loss the last one stays in use, so that the store's fencing has the last word. */
  lease(): Lease;
  /** Whether it may have run out: a process that was stopped for a while, and wakes up, begins nothing until it knows. */
  doubtful(): boolean;
  /** Aborted when it passed to another runner, or was not renewed before it ran out. */
  readonly lost: AbortSignal;
}

/** What is told of a runner's part of the work. Nothing may throw. */
export interface ShardEvents {
  /** What running the shard costs, in any unit that all runners use, above 0. */
  readonly load: (shard: number) => number;
  readonly gained: (shard: number, hold: Hold) => void;
  /** The shard is another runner's by now, or may be. Told after its hold's `lost`. */
  readonly lost: (shard: number) => void;
  /** The shard is to be given up: resolves once nothing of it is under way. */
  readonly leaving: (shard: number) => Promise<void>;
  /** The runners have been looked at: what this one has not been given by now is another's. */
  readonly divided: () => void;
  /** This runner does what only one should. */
  readonly leading: (hold: Hold) => void;
}

/** The shards that a runner has, kept even among all runners on a store. */
export interface ShardKeeper {
  /** Takes part until the signal is aborted. What it has by then it keeps until {@link ShardKeeper.release}, or its time is over. */
  run(signal: AbortSignal): Promise<void>;
  /** Gives everything up at once. */
  release(): Promise<void>;
  /** As of its last look. */
  share(): Share;
}

/** In so many looks, four times the leases' time, a runner gives no shard up for the load's sake: what it knows of it is too new. */
const settlingLooks = 12;

interface Held {
  lease: Lease;
  /** When it runs out at the earliest, by this process's clock: the store's may show another time. Unix ms. */
  until: number;
  readonly losing: AbortController;
}

/**
 * Makes one. Three times in the leases' time it renews what it has, looks who else is there, and takes and gives up what
 * the plan says. So what a runner had that died is run again after its leases' time and a third of it, at the latest.
 */
export function createShardKeeper(
  leases: Leases,
  holder: string,
  ttlMs: number,
  { clock, logger, events }: { readonly clock: Clock; readonly logger: Logger; readonly events: ShardEvents },
): ShardKeeper {
  const member = `${memberPrefix}${holder}`;
  const shards = new Map<number, Held>();
  const leaving = new Set<number>();
  let self: Lease | undefined;
  let leader: Held | undefined;
  let waitsFor: string | undefined;
  let runners = 0;
  /** Shards that nobody had at the last look. */
  let free: ReadonlySet<number> = new Set();
  /** Counted, not timed: a clock that is set back must not keep shards from others for as long. */
  let looks = 0;

  const holdOf = (held: Held): Hold => ({
    lease: () => held.lease,
    doubtful: () => clock.now() >= held.until,
    lost: held.losing.signal,
  });

  function lose(shard: number, held: Held): void {
    if (shards.get(shard) !== held) return;
    shards.delete(shard);
    logger.warn("a shard was lost", { shard, holder: held.lease.holder });
    held.losing.abort();
    events.lost(shard);
  }

  function resign(): void {
    leader?.losing.abort();
    leader = undefined;
  }

  /** Renews what is held. What came back with another token was somebody else's in between. */
  function renewed(got: readonly Lease[], until: number): void {
    const byName = new Map(got.map((lease) => [lease.name, lease]));
    self = byName.get(member);
    for (const [shard, held] of shards) {
      const lease = byName.get(shardName(shard));
      if (lease !== undefined && lease.token === held.lease.token) Object.assign(held, { lease, until });
      else lose(shard, held);
    }
    const lead = byName.get(leaderName);
    if (leader !== undefined && lead?.token !== leader.lease.token) resign();
    if (lead === undefined) return;
    if (leader !== undefined) Object.assign(leader, { lease: lead, until });
    else {
      leader = { lease: lead, until, losing: new AbortController() };
      events.leading(holdOf(leader));
    }
  }

  /** The store could not be asked: what has run out by now may be another runner's. */
  function outlived(): void {
    const now = clock.now();
    for (const [shard, held] of shards) if (now >= held.until) lose(shard, held);
    if (leader !== undefined && now >= leader.until) resign();
  }

  function take(got: readonly Lease[], until: number): void {
    for (const lease of got) {
      const shard = shardNamed(lease.name);
      if (shard === undefined || shards.has(shard)) continue;
      const held = { lease, until, losing: new AbortController() };
      shards.set(shard, held);
      events.gained(shard, holdOf(held));
    }
  }

  /** Gives a shard up once nothing of it is under way; meanwhile it is renewed like the others. */
  function give(shard: number): void {
    const held = shards.get(shard);
    if (held === undefined || leaving.has(shard)) return;
    leaving.add(shard);
    void events
      .leaving(shard)
      .then(async () => {
        if (shards.get(shard) !== held) return;
        shards.delete(shard);
        held.losing.abort();
        await leases.release(held.lease);
      })
      .catch((error: unknown) => logger.warn("a shard was not given up", { shard, error: codeOf(error) }))
      .finally(() => leaving.delete(shard));
  }

  /** A runner of a release that knew no shards delivers everything by itself, by the leader's lease. */
  function aloneBy(members: readonly string[], others: readonly Lease[]): string | undefined {
    const lead = others.find(({ name }) => name === leaderName)?.holder;
    return lead === undefined || members.includes(lead) ? undefined : lead;
  }

  async function look(): Promise<void> {
    const mine = [member, leaderName, ...[...shards.keys()].map(shardName)];
    const until = clock.now() + ttlMs;
    renewed(await leases.acquireAll(mine, holder, ttlMs), until);
    const all = await leases.list("");
    looks += 1;
    const members = all.flatMap(({ name, holder: one }) => (name === `${memberPrefix}${one}` ? [one] : []));
    runners = members.length;
    const alone = aloneBy(members, all);
    if (alone !== waitsFor) {
      waitsFor = alone;
      if (alone !== undefined)
        logger.info("another runner, of an earlier release, delivers; standing by", { holder: alone });
    }
    if (alone !== undefined) {
      for (const shard of shards.keys()) give(shard);
      events.divided();
      return;
    }
    const owners = new Map(
      all.flatMap(({ name, holder: one }) => {
        const shard = name.startsWith(shardPrefix) ? shardNamed(name) : undefined;
        return shard === undefined ? [] : [[shard, one] as const];
      }),
    );
    const wanted: number[] = [];
    const strays: Lease[] = [];
    const byName = new Map(all.map((lease) => [lease.name, lease]));
    for (const [shard, owner] of planShards({ members, owners, load: events.load })) {
      const known = shards.has(shard) || leaving.has(shard);
      // Where each runner sees another load, each may think that a shard is another's to take: after a look nobody waits any more.
      if (owner === holder || (!owners.has(shard) && free.has(shard))) {
        if (!known) wanted.push(shard);
      } else if (shards.has(shard)) {
        // What it has seen of the others' load so far is too little to send them work.
        if (looks > settlingLooks || owners.get(shard) !== holder) give(shard);
      } else {
        // Ours by the store alone: a reply was lost, or a renewal overtook a release.
        const lease = byName.get(shardName(shard));
        if (!known && lease?.holder === holder) strays.push(lease);
      }
    }
    free = new Set([...Array(shardCount).keys()].filter((shard) => !owners.has(shard)));
    await leases.releaseAll(strays);
    const takenUntil = clock.now() + ttlMs;
    if (wanted.length > 0) take(await leases.acquireAll(wanted.map(shardName), holder, ttlMs), takenUntil);
    events.divided();
  }

  return {
    async run(signal) {
      while (!signal.aborted) {
        try {
          await look();
        } catch (error) {
          // A store that cannot be asked for a moment costs a lease only when its time is over.
          if (!isHeadgateError(error, "store_busy"))
            logger.warn("the runners' leases could not be renewed", { error: codeOf(error) });
          outlived();
        }
        await sleep(clock, ttlMs / 3, signal).catch(() => {});
      }
    },

    async release() {
      const held = [...shards.values()].map(({ lease }) => lease);
      for (const one of shards.values()) one.losing.abort();
      const all = [...held, ...(leader === undefined ? [] : [leader.lease]), ...(self === undefined ? [] : [self])];
      shards.clear();
      resign();
      self = undefined;
      await leases.releaseAll(all);
    },

    share: () => ({ shards: [...shards.keys()].sort((a, b) => a - b), runners }),
  };
}

function codeOf(error: unknown): string {
  return isHeadgateError(error) ? error.code : "internal";
}
