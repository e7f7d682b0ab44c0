/** What became of one step. */
export interface Outcome {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  /** Shown when something failed. */
  readonly output: string;
  /** What failed, one line each, where the step can tell. */
  readonly failures: readonly string[];
  /** What was skipped and why, one line each. */
  readonly notes: readonly string[];
}
