import type { Clock } from "./clock.ts";

/** Lets a loop wait for the first of: being woken, a time, an abort. */
export interface Waker {
  /** Ends the wait, or keeps the next one from beginning. */
  wake(): void;
  /** Forgets earlier calls of `wake`: the loop is about to look at everything. */
  rest(): void;
  wait(signal: AbortSignal, ms: number): Promise<void>;
}

export function createWaker(clock: Clock): Waker {
  let woken = false;
  let endWait: () => void = () => {};
  return {
    wake() {
      woken = true;
      endWait();
    },
    rest() {
      woken = false;
    },
    async wait(signal, ms) {
      if (signal.aborted || woken || ms <= 0) {
        // Let input and timers have their turn even when work never ends.
        await new Promise<void>((resolve) => clock.after(0, resolve));
        return;
      }
      await new Promise<void>((resolve) => {
        const done = (): void => {
          cancel();
          signal.removeEventListener("abort", done);
          endWait = () => {};
          resolve();
        };
        const cancel = clock.after(ms, done);
        endWait = done;
        signal.addEventListener("abort", done, { once: true });
      });
    },
  };
}
