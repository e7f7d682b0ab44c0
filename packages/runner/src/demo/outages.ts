/** When a destination of the demo is away by itself. All in ms. */
export interface OutagePlan {
  /** From the start to the first one. */
  readonly firstMs: number;
  /** From one beginning to the next. */
  readonly everyMs: number;
  readonly lastMs: number;
}

/** As in life, only sooner: long enough for a stream to be blocked, alert and recover. */
export const usualOutages: OutagePlan = { firstMs: 40_000, everyMs: 300_000, lastMs: 60_000 };

/** Whether a destination is to be away so long after the start. */
export function isAway({ firstMs, everyMs, lastMs }: OutagePlan, elapsedMs: number): boolean {
  return elapsedMs >= firstMs && (elapsedMs - firstMs) % everyMs < lastMs;
}
