/** Faults to come, in order. */
export interface FaultScript<F extends { readonly times?: number | null }> {
  /** Replaces what is still to come. */
  set(faults: readonly F[]): void;
  /** The first one that fits, counted down. */
  take(fits: (fault: F) => boolean): F | undefined;
}

/** An empty {@link FaultScript}. A fault counts for one request where it does not say `times`, `null` for all of them. */
export function faultScript<F extends { readonly times?: number | null }>(): FaultScript<F> {
  let waiting: { readonly fault: F; left: number }[] = [];
  return {
    set(faults) {
      waiting = faults.map((fault) => {
        const { times = 1 } = fault;
        return { fault, left: times ?? Number.POSITIVE_INFINITY };
      });
    },
    take(fits) {
      const entry = waiting.find(({ fault, left }) => left > 0 && fits(fault));
      if (entry !== undefined) entry.left--;
      return entry?.fault;
    },
  };
}
