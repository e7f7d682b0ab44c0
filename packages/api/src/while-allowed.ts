import { type Clock, isHeadgateError } from "@headgate/core";
import { statusOf } from "./problem.ts";

/** Whether an answer that lasts may go on is asked so often, in ms. */
const everyMs = 15_000;

/**
 * Asks again and again whether whoever takes a lasting answer still may: a token is revoked, or runs out, also while
 * something is read with it. `end` is called once, when it may not; what keeps the question from being answered, such as
 * a store that cannot be read, ends nothing. Returns what stops the asking.
 */
export function whileAllowed(check: () => Promise<void>, clock: Clock, end: () => void): () => void {
  let over = false;
  let cancel = (): void => {};

  async function ask(): Promise<void> {
    try {
      await check();
    } catch (error) {
      if (over) return;
      // What a host's own hook throws is a no, as it is for a request that begins.
      if (!isHeadgateError(error) || statusOf(error.code) < 500) {
        over = true;
        return end();
      }
    }
    if (!over) wait();
  }

  function wait(): void {
    cancel = clock.after(everyMs, () => void ask());
  }

  wait();
  return () => {
    over = true;
    cancel();
  };
}
