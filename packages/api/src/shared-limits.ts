import type { Clock } from "@headgate/core";
import { places } from "./places.ts";
import { rateLimit } from "./rate-limit.ts";

/** All principals of an organization together may do so many times what one of them may: tokens can be made by the dozen. */
const organizationShare = 5;

/** By what a principal's requests are counted. */
export interface Keys {
  readonly principal: string;
  /** Absent of operators. */
  readonly organization: string | undefined;
}

/** Places of each principal, and {@link organizationShare} as many of its organization. */
export function sharedPlaces(most: number, what: string): (keys: Keys) => () => void {
  const [own, shared] = [places(most, what), places(most * organizationShare, what)];
  return ({ principal, organization }) => {
    const release = own.take(principal);
    if (organization === undefined) return release;
    try {
      const releaseShared = shared.take(organization);
      return () => {
        release();
        releaseShared();
      };
    } catch (error) {
      release();
      throw error;
    }
  };
}

/** Requests of each principal per minute, and {@link organizationShare} as many of its organization. */
export function sharedRate(perMinute: number, clock: Clock): (keys: Keys) => void {
  const [own, shared] = [rateLimit(perMinute, clock), rateLimit(perMinute * organizationShare, clock)];
  return ({ principal, organization }) => {
    own.take(principal);
    if (organization !== undefined) shared.take(organization);
  };
}
