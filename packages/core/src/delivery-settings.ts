import { defaultRetryPolicy, type RetryPolicy } from "./backoff.ts";
import type { LaneLimits } from "./lanes.ts";

/** How delivery behaves. */
export interface DeliverySettings extends LaneLimits {
  readonly retry: RetryPolicy;
  /** How long a runner that dies keeps the lease, in ms. @default 15_000 */
  readonly leaseTtlMs: number;
  /** How often other processes' appends and changes are looked for, in ms. @default 1000 */
  readonly pollMs: number;
  /** A stream that has failed for so long is disconnected, in ms. @default 300_000 */
  readonly disconnectAfterMs: number;
  /** After so long a request is aborted, whatever the sink's own limits, in ms. @default 180_000 */
  readonly requestTimeoutMs: number;
  /**
   * Events that a stream has not delivered so long after their append are given up for it, in ms, a day at least: alerts count
   * down to it, and a digest lists them as lost. @default none: nothing is ever given up
   */
  readonly giveUpAfterMs?: number;
  /** Whether that goes for streams too that somebody has paused. @default false */
  readonly giveUpPaused?: boolean;
}

/** @default 64 turns, 8 a host, 160 MiB of windows: two of the largest that S3 takes by default */
export const defaultDeliverySettings: DeliverySettings = Object.freeze({
  concurrency: 64,
  perHost: 8,
  memoryBytes: 160 * 1024 * 1024,
  retry: defaultRetryPolicy,
  leaseTtlMs: 15_000,
  pollMs: 1000,
  disconnectAfterMs: 300_000,
  requestTimeoutMs: 180_000,
});
