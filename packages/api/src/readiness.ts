import type { Clock } from "@headgate/core";

/** Probes wait for a few seconds at most, and learn nothing from an answer that comes after that. */
const answerMs = 2000;

/**
 * Asks whether requests can be served, for probes that come whatever the answer: one look is under way at a time, and
 * whoever asks meanwhile waits for the same one. Rejects where it fails, and where it has not ended after 2 s.
 */
export function readiness(look: () => Promise<void>, clock: Clock): () => Promise<void> {
  let underWay: Promise<void> | undefined;
  return async () => {
    underWay ??= look().finally(() => {
      underWay = undefined;
    });
    const late = Promise.withResolvers<never>();
    const cancel = clock.after(answerMs, () =>
      late.reject(new Error(`The store has not answered within ${answerMs / 1000} s.`)),
    );
    try {
      await Promise.race([underWay, late.promise]);
    } finally {
      cancel();
    }
  };
}
