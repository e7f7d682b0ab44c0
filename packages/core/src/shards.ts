import type { Leases } from "./store.ts";

/**
 * Into how many parts the streams of a store are divided. Whoever runs a part holds its lease. Fixed: two runners that
 * divided otherwise would both run a stream. Enough for some thirty runners to be loaded evenly, few enough that one
 * statement renews them all.
 */
export const shardCount = 64;

/** The part that a stream belongs to, from 0: FNV-1a over the UTF-16 code units of its id. */
export function shardOf(stream: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < stream.length; i++) hash = Math.imul(hash ^ stream.charCodeAt(i), 0x01000193);
  // The low bits of similar ids are similar: the high ones are folded in.
  return ((hash ^ (hash >>> 15)) >>> 0) % shardCount;
}

/** Begins the names of the shards' leases. */
export const shardPrefix = "shard ";

/** Begins the names of the leases by which runners say that they are there. */
export const memberPrefix = "runner ";

/** The holders' names of the runners that are on a store now. */
export async function runnersOn(leases: Leases): Promise<readonly string[]> {
  return (await leases.list(memberPrefix)).map(({ holder }) => holder);
}

/** A runner's part of the work. */
export interface Share {
  /** The shards that it delivers now, ascending; there are 64. */
  readonly shards: readonly number[];
  /** How many runners are on the store, this one among them. 0 until it has looked. */
  readonly runners: number;
}

/** The one lease of runners that shared nothing; now that of the runner that does what only one should: alerts. */
export const leaderName = "delivery";

export function shardName(shard: number): string {
  return `${shardPrefix}${String(shard).padStart(2, "0")}`;
}

/** The shard that a lease is of; undefined where it is of none. */
export function shardNamed(name: string): number | undefined {
  const shard = Number(name.slice(shardPrefix.length));
  return Number.isInteger(shard) && shard >= 0 && shard < shardCount && name === shardName(shard) ? shard : undefined;
}
