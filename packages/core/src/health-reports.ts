import type { Clock } from "./clock.ts";
import { isHeadgateError } from "./errors.ts";
import { type HealthEvent, nextHealth } from "./health.ts";
import type { Logger } from "./logger.ts";
import type { DeliveryObserver } from "./observer.ts";
import type { Store } from "./store.ts";
import type { StreamEntry } from "./stream-entry.ts";

/** Takes what happened to a stream into its health, and stores that when it tells something new, or now and then while it does not. */
export type HealthReports = (entry: StreamEntry, event: HealthEvent) => Promise<void>;

/** How old a stored health may be while nothing in it is news, in ms. */
const staleMs = 10_000;

export function createHealthReports({
  store,
  clock,
  logger,
  observer,
  disconnectAfterMs,
  onState,
}: {
  readonly store: Store;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly observer: DeliveryObserver;
  readonly disconnectAfterMs: number;
  /** Told of a stream whose state, or verification, is another one by now. */
  readonly onState: (stream: string) => void;
}): HealthReports {
  return async (entry, event) => {
    const before = entry.health;
    const now = clock.now();
    entry.health = nextHealth(before, event, now, disconnectAfterMs);
    const { state, lastError, consecutiveFailures } = entry.health;
    const { id } = entry.stream.record;
    const failing = consecutiveFailures > 0;
    const news =
      event.kind === "verified" ||
      state !== before.state ||
      lastError?.code !== before.lastError?.code ||
      failing !== before.consecutiveFailures > 0;
    if (!news && Math.abs(now - entry.savedAt) < staleMs) return;
    entry.savedAt = now;
    if (state !== before.state)
      logger.info("a stream changed its state", { stream: id, from: before.state, to: state });
    // Health is for people: a store that is full or busy must not keep the stream from being tried again.
    await store.streams.saveHealth(id, entry.health).catch((error: unknown) => logDefect(logger, error));
    observer.health?.(id, entry.health);
    if (state !== before.state || event.kind === "verified") onState(id);
  };
}

/** Logs an error that nothing expected, by what is safe to tell of it. */
export function logDefect(logger: Logger, error: unknown): void {
  logger.error("delivery met an error that nothing expected", {
    error: isHeadgateError(error)
      ? `${error.code}: ${error.message}`
      : error instanceof Error
        ? error.name
        : typeof error,
  });
}
