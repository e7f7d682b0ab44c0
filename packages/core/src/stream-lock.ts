import { type Clock, sleep } from "./clock.ts";
import { HeadgateError } from "./errors.ts";
import { mintEventId } from "./event-id.ts";
import type { Leases } from "./store.ts";

/** A change of a stream takes milliseconds; whoever dies in the midst of one holds the others up for so long. */
const leaseMs = 10_000;
const pauseMs = 25;
const mostTries = 600;

/** Has one change of an organization's streams made at a time, in all processes on one store. */
export type StreamLock = <T>(organization: string, work: () => Promise<T>) => Promise<T>;

/**
 * Makes one. Records are read, changed and written whole: two changes at once would lose one of them, and two streams to
 * the same place could be created, each sure that there is no other.
 */
export function createStreamLock(leases: Leases, clock: Clock): StreamLock {
  /** The last change of each organization in this process: they queue here, and ask the store one at a time. */
  const last = new Map<string, Promise<unknown>>();

  async function leased<T>(organization: string, work: () => Promise<T>): Promise<T> {
    const holder = mintEventId(clock.now());
    for (let tries = 0; tries < mostTries; tries++) {
      const lease = await leases.acquire(`streams of ${organization}`, holder, leaseMs);
      if (lease === undefined) {
        await sleep(clock, pauseMs);
        continue;
      }
      try {
        return await work();
      } finally {
        // It runs out by itself.
        await leases.release(lease).catch(() => {});
      }
    }
    throw new HeadgateError("store_busy", "Another process is changing the organization's streams and does not end.", {
      hint: "Try again in a moment.",
    });
  }

  return async (organization, work) => {
    const mine = (last.get(organization) ?? Promise.resolve()).catch(() => {}).then(() => leased(organization, work));
    last.set(organization, mine);
    try {
      return await mine;
    } finally {
      if (last.get(organization) === mine) last.delete(organization);
    }
  };
}
