import type { Clock } from "@headgate/core";

/**
 * Whether the destination is known to take good events. A destination that refuses everything refuses the first event of
 * every request, and must not send them all to quarantine one by one.
 */
export interface KnownGood {
  /** The destination took events of the stream. */
  took(): void;
  /** It took a test event. */
  tookTest(): void;
  /** Whether a first event that is refused may be called bad without asking. What was known is used up by it. */
  spend(): boolean;
}

/** What a delivery proves of the next refusal, and a test event of those after it: many bad events may stand together. */
const refusalsPerTest = 20;
const testHoldsMs = 60_000;
const deliveryHoldsMs = 300_000;

export function knownGood(clock: Clock): KnownGood {
  let left = 0;
  let until = 0;
  return {
    took() {
      left = Math.max(left, 1);
      until = Math.max(until, clock.now() + deliveryHoldsMs);
    },
    tookTest() {
      left = refusalsPerTest;
      until = clock.now() + testHoldsMs;
    },
    spend() {
      if (left === 0 || clock.now() > until) return false;
      left--;
      return true;
    },
  };
}
