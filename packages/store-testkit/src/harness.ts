import type { Clock, Store } from "@headgate/core";

/** A clock that stands still until it is set. */
export interface SettableClock extends Clock {
  /** Unix ms. */
  set(now: number): void;
}

/** How the kit gets at the stores under test. What a harness cannot give, the kit leaves out. */
export interface StoreHarness {
  /** A fresh, empty store, opened. The kit disposes of it. */
  open(): Promise<Store>;
  /** Closes the store and opens the same data again. Leave it out where nothing outlives the store. */
  reopen?(store: Store): Promise<Store>;
  /** Another handle on the same data while the first stays open, as another process would have. The kit disposes of it. */
  second?(store: Store): Promise<Store>;
  /** The clock that every store of this harness goes by. The kit sets it forward and back. */
  readonly clock?: SettableClock;
  /** How many random schedules the model check runs. @default 40 */
  readonly schedules?: number;
}

/** One promise of a store, as a check that can fail. */
export interface StoreCheck {
  /** `concern: sentence`. Waivers name it. */
  readonly name: string;
  /** What of the harness it needs; it is left out where that is absent. */
  readonly needs?: readonly ("reopen" | "second" | "clock")[];
  readonly run: (harness: StoreHarness) => Promise<void>;
}

/** A check that a store is known not to pass, and why that is all right. */
export interface Waiver {
  readonly check: string;
  readonly reason: string;
}

/**
 * A clock for harnesses. Timers never fire.
 *
 * @example
 * ```ts
 * const clock = settableClock(1_750_000_000_000);
 * const store = memoryStore({ clock });
 * clock.set(clock.now() + 60_000);
 * ```
 */
export function settableClock(start = 1_750_000_000_000): SettableClock {
  let now = start;
  return {
    now: () => now,
    set(instant) {
      now = instant;
    },
    after: () => () => {},
  };
}
