import type { Clock } from "@headgate/core";

/** A clock that stands still until it is told to go on, and tells who waits. */
export interface ManualClock extends Clock {
  advance(ms: number): void;
  /** Resolves once somebody waits for exactly so long. */
  waiting(ms: number): Promise<void>;
}

export function manualClock(start: number): ManualClock {
  let now = start;
  const timers = new Set<{ readonly at: number; readonly ms: number; readonly callback: () => void }>();
  const watchers = new Set<() => void>();
  return {
    now: () => now,
    after(ms, callback) {
      const timer = { at: now + ms, ms, callback };
      timers.add(timer);
      for (const watcher of watchers) watcher();
      return () => timers.delete(timer);
    },
    advance(ms) {
      now += ms;
      for (const timer of timers) {
        if (timer.at > now) continue;
        timers.delete(timer);
        timer.callback();
      }
    },
    waiting: (ms) =>
      new Promise((resolve) => {
        const look = (): void => {
          if (![...timers].some((timer) => timer.ms === ms)) return;
          watchers.delete(look);
          resolve();
        };
        watchers.add(look);
        look();
      }),
  };
}
