import type { Ledger } from "./ledger.ts";

/** Enters the runs of consecutive sequences of one object into the ledger. */
export function createSpans(file: number, ledger: Ledger): { add(sequence: number): void; end(): void } {
  let [first, last] = [0, 0];
  const end = (): void => {
    if (first > 0) ledger.run("INSERT INTO span VALUES (?, ?, ?)", file, first, last);
  };
  return {
    add(sequence) {
      if (sequence !== last + 1 || first === 0) {
        end();
        first = sequence;
      }
      last = sequence;
    },
    end,
  };
}
