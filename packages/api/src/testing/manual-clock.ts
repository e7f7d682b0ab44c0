import type { Clock } from "@headgate/core";

/** A clock that stands still until it is told to go on. */
export interface ManualClock extends Clock {
  /** Goes on by `ms`; timers fire in order, and what they begin goes on before the next one. */
  advance(ms: number): Promise<void>;
}

/** Makes one. `start` is Unix ms. */
export function manualClock(start: number): ManualClock {
  const timers = new Set<{ readonly at: number; readonly callback: () => void }>();
  let now = start;

  async function settle(): Promise<void> {
    for (let i = 0; i < 5; i++) await new Promise((resolve) => setImmediate(resolve));
  }

  return {
    now: () => now,
    after(ms, callback) {
      const timer = { at: now + Math.max(0, ms), callback };
      timers.add(timer);
      return () => void timers.delete(timer);
    },
    async advance(ms) {
      const end = now + ms;
      await settle();
      for (;;) {
        const [next] = [...timers].filter(({ at }) => at <= end).sort((a, b) => a.at - b.at);
        if (next === undefined) break;
        timers.delete(next);
        now = next.at;
        next.callback();
        await settle();
      }
      now = end;
    },
  };
}
