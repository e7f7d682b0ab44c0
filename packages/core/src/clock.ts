/** Time as core sees it. All instants are Unix milliseconds, UTC. Passed in, so that tests can own it. */
export interface Clock {
  /** Now, in Unix milliseconds. */
  now(): number;
  /** Calls back once after `ms` milliseconds; the returned function cancels. */
  after(ms: number, callback: () => void): () => void;
}

/** A number in [0, 1), as `Math.random` gives. Passed in, so that tests can own it. */
export type Random = () => number;

/** The machine's clock. Timers are at most one day long; whoever waits longer asks again. */
export const systemClock: Clock = {
  now: () => Date.now(),
  after(ms, callback) {
    const timer = setTimeout(callback, Math.min(Math.max(0, ms), 86_400_000));
    return () => clearTimeout(timer);
  },
};

/** Resolves after `ms` on the clock, or rejects with the signal's reason when it is aborted first. */
export function sleep(clock: Clock, ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason as Error);
    const onAbort = (): void => {
      cancel();
      reject(signal?.reason as Error);
    };
    const cancel = clock.after(ms, () => {
      signal?.removeEventListener("abort", onAbort);
      resolve();
    });
    signal?.addEventListener("abort", onAbort, { once: true });
  });
}
