import { slowDown } from "./rate-limit.ts";

/** Places for answers that last, so many per key. */
export interface Places {
  /** Takes one; the function gives it back, once. @throws `too_many_requests` where none is left */
  take(key: string): () => void;
}

/** Makes places for `most` at a time per key. `what` names them in the message, e.g. `exports`. */
export function places(most: number, what: string): Places {
  const taken = new Map<string, number>();
  return {
    take(key) {
      const count = taken.get(key) ?? 0;
      if (count >= most) throw slowDown(5000, `There are ${most} ${what} open already, as many as may be at a time.`);
      taken.set(key, count + 1);
      let given = false;
      return () => {
        if (given) return;
        given = true;
        const left = (taken.get(key) ?? 1) - 1;
        if (left > 0) taken.set(key, left);
        else taken.delete(key);
      };
    },
  };
}
