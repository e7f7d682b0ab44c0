import type { Checkpoint } from "./checkpoint.ts";
import type { SkippedRange } from "./journal.ts";
import { joined } from "./labelled-ranges.ts";

/** Why sequences are without events, as digests say it. */
const reason = "store_restored";

/**
 * The checkpoint beyond sequences that this store never gave. Digests list them as lost: another life of the store may have
 * given some, and what became of those events only the destination can tell.
 */
export function pastSkipped(before: Checkpoint, { after, through }: SkippedRange, now: number): Checkpoint {
  const { lost } = before;
  const count = through - after;
  return {
    ...before,
    position: through,
    lost: {
      count: (lost?.count ?? 0) + count,
      skipped: (lost?.skipped ?? 0) + count,
      at: lost?.at ?? now,
      ranges: joined([...(lost?.ranges ?? []), [after + 1, through, reason]]),
    },
  };
}
