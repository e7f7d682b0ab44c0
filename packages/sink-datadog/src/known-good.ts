/** How long an accepted log speaks for the destination, in ms. */
const evidenceMs = 5 * 60_000;

/**
 * Evidence that the destination takes good logs with these settings. A refused event goes to quarantine only where there
 * is some: a destination that refuses everything, because of a setting or of something on the way, must not empty the
 * stream into quarantine. Each acceptance speaks for one refusal.
 */
export interface KnownGood {
  /** A request was taken at this time (Unix ms). */
  accepted(now: number): void;
  /** Whether there is evidence for a refusal at this time; it is used up by the question. */
  vouches(now: number): boolean;
}

/** Starts without evidence. */
export function knownGood(): KnownGood {
  let acceptedAt = Number.NEGATIVE_INFINITY;
  return {
    accepted(now) {
      acceptedAt = now;
    },
    vouches(now) {
      const good = now - acceptedAt <= evidenceMs;
      acceptedAt = Number.NEGATIVE_INFINITY;
      return good;
    },
  };
}
