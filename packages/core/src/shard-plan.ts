import { shardCount } from "./shards.ts";

/** What a runner knows of all of them when it decides which shards it should have. */
export interface ShardView {
  /** The runners that are there. */
  readonly members: readonly string[];
  /** Who has which shard; one without an entry is free. */
  readonly owners: ReadonlyMap<number, string>;
  /** What running the shard costs, in any unit, above 0. */
  readonly load: (shard: number) => number;
}

/** Busier by this share of the mean than the idlest a runner may be: evening out less is not worth the pauses that moves are. */
const tolerated = 0.1;

/**
 * Who should have which shard. Free ones go to whoever has least; then the busiest gives to the idlest for as long as that
 * makes a difference. Every runner works it out for itself, and takes and gives up what is its own part of it: those that
 * see the same come to the same, and where they do not, the leases decide and the next look goes on from there.
 */
export function planShards({ members, owners, load }: ShardView): ReadonlyMap<number, string> {
  const plan = new Map<number, string>();
  const sums = new Map([...members].sort().map((member) => [member, 0]));
  if (sums.size === 0) return plan;
  const assign = (shard: number, member: string): void => {
    plan.set(shard, member);
    sums.set(member, (sums.get(member) ?? 0) + load(shard));
  };

  const free: number[] = [];
  for (let shard = 0; shard < shardCount; shard++) {
    const owner = owners.get(shard);
    // Of one that is no member the lease runs out: nothing to be done until then.
    if (owner === undefined) free.push(shard);
    else if (sums.has(owner)) assign(shard, owner);
  }
  free.sort((a, b) => load(b) - load(a) || a - b);
  for (const shard of free) assign(shard, idlest(sums));

  const mean = [...sums.values()].reduce((sum, one) => sum + one, 0) / sums.size;
  for (let moves = 0; moves < shardCount; moves++) {
    const [from, to] = [busiest(sums), idlest(sums)];
    const gap = (sums.get(from) ?? 0) - (sums.get(to) ?? 0);
    const shard = bestMove(plan, from, gap, load);
    if (shard === undefined || gap <= tolerated * mean) break;
    sums.set(from, (sums.get(from) ?? 0) - load(shard));
    assign(shard, to);
  }
  return plan;
}

/** The shard of `from` that, given away, evens a gap out best; undefined where each would turn it round. */
function bestMove(
  plan: ReadonlyMap<number, string>,
  from: string,
  gap: number,
  load: (shard: number) => number,
): number | undefined {
  let best: number | undefined;
  let left = gap;
  for (const [shard, owner] of plan) {
    if (owner !== from) continue;
    const after = Math.abs(gap - 2 * load(shard));
    if (after < left) [best, left] = [shard, after];
  }
  return best;
}

function idlest(sums: ReadonlyMap<string, number>): string {
  return [...sums].reduce((least, one) => (one[1] < least[1] ? one : least))[0];
}

function busiest(sums: ReadonlyMap<string, number>): string {
  return [...sums].reduce((most, one) => (one[1] > most[1] ? one : most))[0];
}
