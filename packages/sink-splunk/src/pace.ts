/** How long to pause where the collector takes events and says that its queues fill (codes 24 and 25). */
export interface Pace {
  /** The pause after a reply, in ms; undefined for none. Longer each time, shorter with each reply that is well. */
  readonly after: (slow: boolean) => number | undefined;
}

const leastMs = 1000;
const mostMs = 30_000;

export function pace(): Pace {
  let pauseMs = 0;
  return {
    after(slow) {
      if (!slow) {
        pauseMs = pauseMs <= leastMs ? 0 : pauseMs / 2;
        return undefined;
      }
      pauseMs = Math.min(mostMs, Math.max(leastMs, pauseMs * 2));
      return pauseMs;
    },
  };
}
