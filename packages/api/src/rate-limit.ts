import type { Clock } from "@headgate/core";
import { problem } from "./problem.ts";
import { recent } from "./recent.ts";

interface Bucket {
  tokens: number;
  at: number;
}

/** Counts requests per key, as a bucket that fills again evenly. */
export interface RateLimit {
  /** Takes one. @throws `too_many_requests` with `retry-after` where there is none left */
  take(key: string): void;
  /** Whether there is one, without taking it. */
  has(key: string): boolean;
}

/** Beyond so many keys the one that was used longest ago starts anew: memory stays bounded. */
const mostKeys = 10_000;

/** Makes a limit of so many per minute, which may also come at once. */
export function rateLimit(perMinute: number, clock: Clock): RateLimit {
  const buckets = recent<Bucket>(mostKeys);
  const perMs = perMinute / 60_000;

  function bucketOf(key: string): Bucket {
    const now = clock.now();
    const bucket = buckets.get(key) ?? { tokens: perMinute, at: now };
    // A clock that was set back must not take anything away.
    bucket.tokens = Math.min(perMinute, bucket.tokens + Math.max(0, now - bucket.at) * perMs);
    bucket.at = now;
    buckets.set(key, bucket);
    return bucket;
  }

  return {
    has: (key) => bucketOf(key).tokens >= 1,
    take(key) {
      const bucket = bucketOf(key);
      if (bucket.tokens < 1) throw slowDown((1 - bucket.tokens) / perMs);
      bucket.tokens--;
    },
  };
}

/** The error of whoever asks too often. */
export function slowDown(waitMs: number, message = "These are more requests than are taken."): Error {
  const seconds = Math.min(3600, Math.max(1, Math.ceil(waitMs / 1000)));
  return problem("too_many_requests", message, {
    hint: `Try again in ${seconds} s.`,
    headers: { "retry-after": String(seconds) },
  });
}
