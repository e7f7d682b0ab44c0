import type { Clock } from "../clock.ts";

/** A clock that stands still until it is told to go on. */
export interface VirtualClock extends Clock {
  /** Goes on by `ms`, firing timers in order and letting promises settle after each. */
  advance(ms: number): Promise<void>;
  /** Lets promises settle without time passing. */
  settle(): Promise<void>;
}

export function virtualClock(start: number): VirtualClock {
  let now = start;
  let last = 0;
  const timers = new Map<number, { readonly at: number; readonly callback: () => void }>();

  async function settle(): Promise<void> {
    // Each turn of the event loop drains the whole microtask queue; a few cover work that hops through timers.
    for (let i = 0; i < 4; i++) await new Promise((resolve) => setImmediate(resolve));
  }

  return {
    now: () => now,
    after(ms, callback) {
      last += 1;
      const ticket = last;
      timers.set(ticket, { at: now + Math.max(0, ms), callback });
      return () => timers.delete(ticket);
    },
    settle,
    async advance(ms) {
      const end = now + ms;
      await settle();
      for (;;) {
        let next: [number, { readonly at: number; readonly callback: () => void }] | undefined;
        for (const timer of timers)
          if (timer[1].at <= end && (next === undefined || timer[1].at < next[1].at)) next = timer;
        if (next === undefined) break;
        timers.delete(next[0]);
        now = Math.max(now, next[1].at);
        next[1].callback();
        await settle();
      }
      now = end;
    },
  };
}
