import type { Clock } from "./clock.ts";
import { shardCount } from "./shards.ts";

/** Bytes a minute that cost a runner about as much as having one more stream that is idle. */
const bytesPerStream = 16 * 1024;
const halfLifeMs = 5 * 60_000;

/** What an empty shard costs, in streams' worth: a row in a renewal. */
const emptyShard = 0.01;

/** What each shard costs its runner: its streams, and what is appended for them. Each runner sees all of it, not its own alone. */
export interface ShardLoad {
  /** So many streams more, or fewer. */
  streams(shard: number, change: number): void;
  /** So many bytes were appended for one of its streams. */
  appended(shard: number, bytes: number): void;
  /** In streams' worth, above 0. */
  of(shard: number): number;
}

/**
 * Makes one. The rate is a mean whose weight halves every five minutes, of the time that was watched alone: a runner that
 * came a minute ago sees much the same as one that has been there for a week.
 */
export function createShardLoad(clock: Clock): ShardLoad {
  const counts = new Int32Array(shardCount);
  const sums = new Float64Array(shardCount);
  let minutes = 0;
  let at = clock.now();

  function fade(): void {
    const now = clock.now();
    const passed = Math.max(0, now - at);
    at = now;
    if (passed === 0) return;
    const factor = 0.5 ** (passed / halfLifeMs);
    for (let shard = 0; shard < shardCount; shard++) sums[shard]! *= factor;
    minutes = minutes * factor + passed / 60_000;
  }

  return {
    streams(shard, change) {
      counts[shard]! += change;
    },
    appended(shard, bytes) {
      fade();
      sums[shard]! += bytes;
    },
    of(shard) {
      fade();
      // In the first minute a single append must not look like a flood.
      return emptyShard + (counts[shard] ?? 0) + (sums[shard] ?? 0) / Math.max(1, minutes) / bytesPerStream;
    },
  };
}
