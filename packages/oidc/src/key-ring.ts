import { HeadgateError } from "@headgate/core";
import type { IssuerKey } from "./keys.ts";

/** For how long a key is published after the next one has begun to sign, in ms: caches and late processes have a day. */
export const overlapMs = 86_400_000;

/** The keys of an issuer over time. */
export interface KeyRing {
  /** The one that signs. @throws `config_invalid` where the clock was set back before all of them */
  signing(now: number): IssuerKey;
  /** Those to publish, the signing one first: some verifiers, such as Ceph's gateway, read no further. */
  published(now: number): readonly IssuerKey[];
}

/**
 * Orders keys by when they sign. Each is published from the beginning, and until a day after the next one signs.
 * @throws `config_invalid` where none signs yet, or it is open which one does
 */
export function keyRing(keys: readonly IssuerKey[], now: number): KeyRing {
  const ordered = keys.toSorted((a, b) => (a.signsFrom < b.signsFrom ? -1 : Number(a.signsFrom > b.signsFrom)));
  for (const [at, key] of ordered.entries()) {
    const before = ordered[at - 1];
    if (before?.signsFrom === key.signsFrom)
      throw invalid(
        "Two OIDC keys sign from the same time on.",
        "Give the newer one a signsFrom of its own, a day ahead.",
      );
    if (ordered.findIndex(({ id }) => id === key.id) !== at)
      throw invalid("One OIDC key is given twice.", "Leave one of them out.");
  }
  const ring: KeyRing = {
    signing(when) {
      const key = ordered.findLast(({ signsFrom }) => signsFrom <= when);
      if (key !== undefined) return key;
      throw invalid("No OIDC key signs yet.", "Give one key without signsFrom.");
    },
    published(when) {
      const current = ring.signing(when);
      const at = ordered.indexOf(current);
      const past = ordered.filter((_, index) => index < at && when < (ordered[index + 1]?.signsFrom ?? 0) + overlapMs);
      return [current, ...ordered.slice(at + 1), ...past.toReversed()];
    },
  };
  ring.signing(now);
  return ring;
}

function invalid(said: string, hint: string): HeadgateError {
  return new HeadgateError("config_invalid", said, { hint });
}
