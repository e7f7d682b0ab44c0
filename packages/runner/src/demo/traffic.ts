import { type Clock, type HeadgateError, isHeadgateError, type Random, sleep } from "@headgate/core";

/** What makes events happen. */
export interface TrafficOptions<Event> {
  /** Taken from as long as the traffic runs. */
  readonly events: Iterator<Event, never, void>;
  readonly append: (events: readonly Event[]) => Promise<unknown>;
  /** Events per second at this moment. */
  readonly rate: () => number;
  /** Told of an append that failed, and with undefined that appends work again. */
  readonly onTrouble: (trouble: HeadgateError | undefined) => void;
  readonly clock: Clock;
  readonly random: Random;
  readonly signal: AbortSignal;
}

const tickMs = 200;
const pauseMs = 1000;
/** Of one append; what is beyond that after a stall never happened. */
const mostAtOnce = 2000;

/** Appends events at a rate, unevenly as in life, until the signal is aborted. An append that failed is tried again. */
export async function runTraffic<Event>(options: TrafficOptions<Event>): Promise<void> {
  const { events, append, rate, onTrouble, clock, random, signal } = options;
  let at = clock.now();
  let owed = 0;
  let batch: readonly Event[] = [];
  while (!signal.aborted) {
    const now = clock.now();
    owed = Math.min(mostAtOnce, owed + (rate() * Math.max(0, now - at) * 2 * random()) / 1000);
    at = now;
    if (batch.length === 0) {
      batch = Array.from({ length: Math.floor(owed) }, () => events.next().value);
      owed -= batch.length;
    }
    try {
      if (batch.length > 0) await append(batch);
      batch = [];
      onTrouble(undefined);
    } catch (error) {
      // The store refuses while it is full, and says so; what it has not taken is still to be appended.
      if (!isHeadgateError(error) || error.code === "event_invalid" || error.code === "store_closed") throw error;
      onTrouble(error);
    }
    await sleep(clock, batch.length > 0 ? pauseMs : tickMs, signal).catch(() => {});
  }
}
