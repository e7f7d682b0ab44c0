import type { Journal } from "./journal.ts";
import { boundsOf, type ReplayRange } from "./replay.ts";
import { inTime } from "./replay-range.ts";

/** Events whose times are looked at together. */
const pageEvents = 20_000;

/**
 * How many events of a range the journal holds: what a replay of it would find. The stream's filter may leave some out.
 * @throws `request_invalid`
 */
export async function countReplay(journal: Journal, organization: string, range: ReplayRange): Promise<number> {
  const [first, last] = boundsOf(range);
  const through = Math.min(last, (await journal.head(organization)).lastSequence);
  let after = Math.max(first, await journal.firstSequence(organization)) - 1;
  if (after >= through) return 0;
  if (range.from === undefined && range.to === undefined) {
    const skipped = await journal.skipped(organization, after);
    const missing = skipped.map((gap) => Math.min(gap.through, through) - Math.max(gap.after, after));
    return missing.reduce((sum, count) => sum - Math.max(0, count), through - after);
  }
  let count = 0;
  for (;;) {
    const groups = await journal.index(organization, { after, through, maxEvents: pageEvents });
    const end = groups.at(-1);
    if (end === undefined) return count;
    for (const { occurredAt } of groups) for (const instant of occurredAt) if (inTime(instant, range)) count++;
    after = end.firstSequence + end.occurredAt.length - 1;
    if (after >= through) return count;
  }
}
