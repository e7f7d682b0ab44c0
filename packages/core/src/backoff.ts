import type { Random } from "./clock.ts";

/** Waits between attempts, in ms. */
export interface RetryPolicy {
  /** Ceiling of the first wait. @default 1000 */
  readonly baseMs: number;
  /** Ceiling of every wait. @default 300_000 */
  readonly capMs: number;
  /** Between probes of a blocked stream: from half of this to all of it. @default 60_000 */
  readonly blockedMs: number;
}

export const defaultRetryPolicy: RetryPolicy = { baseMs: 1000, capMs: 300_000, blockedMs: 60_000 };

/**
 * How long to wait after the n-th failure in a row (n ≥ 1): exponential with full jitter, capped, and never sooner than
 * the destination asked, even beyond the cap.
 */
export function backoff(policy: RetryPolicy, failures: number, afterMs: number | undefined, random: Random): number {
  const ceiling = Math.min(policy.capMs, policy.baseMs * 2 ** Math.min(failures - 1, 50));
  return Math.max(random() * ceiling, afterMs ?? 0);
}

/** How long to wait before a blocked stream is probed again: a person may have mended it. */
export function probeDelay(policy: RetryPolicy, random: Random): number {
  return policy.blockedMs * (0.5 + random() / 2);
}
