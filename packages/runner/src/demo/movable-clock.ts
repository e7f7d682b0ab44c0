import { type Clock, systemClock } from "@headgate/core";

/** A clock that goes on as any other, from whatever time it is set to. */
export interface MovableClock extends Clock {
  /** Sets it, in Unix ms. */
  moveTo(instant: number): void;
}

/** Makes one. Waits take as long as they take: only what time it is can be moved. */
export function movableClock(clock: Clock = systemClock): MovableClock {
  let ahead = 0;
  return {
    now: () => clock.now() + ahead,
    after: (ms, wake) => clock.after(ms, wake),
    moveTo: (instant) => void (ahead = instant - clock.now()),
  };
}
