import { type Clock, sleep } from "./clock.ts";
import type { Logger } from "./logger.ts";
import type { Store } from "./store.ts";
import { hourMs } from "./time.ts";

/** Deliveries are history, kept for people: for so long, whatever the events' retention. */
const historyMs = 30 * 24 * hourMs;
const everyMs = 600_000;

/**
 * Trims the journals and the history of deliveries now and then until the signal is aborted: only what every stream of the organization has, paused and
 * blocked ones included, and only after the retention.
 */
export async function startRetention(options: {
  readonly store: Store;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly retentionMs: number;
  readonly signal: AbortSignal;
}): Promise<void> {
  const { clock, logger, signal } = options;
  while (!signal.aborted) {
    try {
      await trimJournals(options);
      await options.store.deliveries.trim(clock.now() - historyMs);
    } catch (error) {
      logger.warn("trimming failed and is tried again", {
        error: error instanceof Error ? error.message : typeof error,
      });
    }
    await sleep(clock, everyMs, signal).catch(() => {});
  }
}

/** One pass over all organizations. */
export async function trimJournals({
  store,
  clock,
  retentionMs,
}: {
  readonly store: Store;
  readonly clock: Clock;
  readonly retentionMs: number;
}): Promise<void> {
  const { heads } = await store.journal.changes();
  const appendedBefore = clock.now() - retentionMs;
  // The store itself holds back what a stream still lacks.
  for (const { organization, lastSequence } of heads) {
    await store.journal.trim(organization, lastSequence, appendedBefore);
  }
}
