import { type Clock, sleep } from "./clock.ts";
import { isHeadgateError } from "./errors.ts";
import type { Logger } from "./logger.ts";
import type { Lease, Leases } from "./store.ts";

/** Keeps a lease for as long as it can. */
export interface LeaseKeeper {
  /**
   * Resolves once the lease is held; `lost` is aborted when it is held no more: passed to another runner, or not renewed
   * before it ran out. Then call it again.
   */
  hold(signal: AbortSignal): Promise<{ readonly lost: AbortSignal; current(): Lease }>;
  /** Gives the lease up at once. */
  release(): Promise<void>;
}

/** Acquires by asking every third of the time to live, and renews as often. */
export function createLeaseKeeper(
  leases: Leases,
  name: string,
  holder: string,
  ttlMs: number,
  { clock, logger }: { readonly clock: Clock; readonly logger: Logger },
): LeaseKeeper {
  let held: Lease | undefined;
  let renewing: AbortController | undefined;

  async function acquire(signal: AbortSignal): Promise<Lease> {
    for (let standby = false; ;) {
      signal.throwIfAborted();
      let lease: Lease | undefined;
      try {
        lease = await leases.acquire(name, holder, ttlMs);
      } catch (error) {
        if (!isHeadgateError(error, "store_busy")) throw error;
      }
      if (lease !== undefined) return lease;
      if (!standby) {
        const other = await leases.current(name);
        logger.info("another runner holds the lease; standing by", { lease: name, holder: other?.holder });
        standby = true;
      }
      await sleep(clock, ttlMs / 3, signal);
    }
  }

  async function renew(lost: AbortController, stop: AbortSignal): Promise<void> {
    while (held !== undefined && !stop.aborted) {
      try {
        await sleep(clock, ttlMs / 3, stop);
        if (held === undefined) return;
        held = await leases.renew(held, ttlMs);
      } catch (error) {
        if (stop.aborted) return;
        // A store that cannot be asked for a moment costs the lease only when its time is up.
        const over = held === undefined || clock.now() >= held.expiresAt || isHeadgateError(error, "lease_lost");
        logger.warn("the lease was not renewed", {
          lease: name,
          lost: over,
          error: isHeadgateError(error) ? error.code : "internal",
        });
        if (!over) continue;
        held = undefined;
        lost.abort();
      }
    }
  }

  return {
    async hold(signal) {
      held = await acquire(signal);
      logger.debug("lease held", { lease: name, token: held.token });
      const lost = new AbortController();
      renewing = new AbortController();
      void renew(lost, renewing.signal);
      let last = held;
      // After a loss the old lease stays in use, so that the store's fencing, not this process, has the last word.
      return { lost: lost.signal, current: () => (last = held ?? last) };
    },
    async release() {
      renewing?.abort();
      const lease = held;
      held = undefined;
      if (lease !== undefined) await leases.release(lease);
    },
  };
}
