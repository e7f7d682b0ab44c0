import type { Clock, Random } from "@headgate/core";

/** Numbers in [0, 1) that are the same for the same seed, on every machine (mulberry32). Not for secrets. */
export function seededRandom(seed: string | number): Random {
  let state = 0x9e3779b9;
  for (const character of String(seed)) {
    state = Math.imul(state ^ (character.codePointAt(0) as number), 0x85ebca6b);
    state ^= state >>> 13;
  }
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A clock that moves on by itself each time it is read: for making hours of events in a moment. */
export function steppingClock(options: {
  /** Unix ms of the first reading. */
  readonly from: number;
  /** Mean time between two readings, in ms. */
  readonly meanGapMs: number;
  readonly random: Random;
}): Pick<Clock, "now"> {
  let now = options.from;
  let first = true;
  return {
    now() {
      if (!first) now += Math.round(-Math.log(1 - options.random()) * options.meanGapMs);
      first = false;
      return now;
    },
  };
}
