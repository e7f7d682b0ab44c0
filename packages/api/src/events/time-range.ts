import { hourMs, type Journal } from "@headgate/core";

/** No event occurs later after its append than this: preparers refuse more than 1 h. The rest is for clocks set back. */
const aheadMs = hourMs + 5 * 60_000;

/**
 * The last sequence before which no event occurred at `from`, Unix ms, or later: events are refused that are further ahead of
 * the clock than an hour, and later sequences were never appended earlier. It halves the range, so a journal of any
 * length takes a few look-ups in its index.
 */
export async function sequenceBefore(
  journal: Journal,
  organization: string,
  from: number,
  range: { readonly after: number; readonly through: number },
): Promise<number> {
  let { after: low, through: high } = range;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    const { nextSequence, appendedAt } = await journal.position(organization, middle);
    if (nextSequence !== 0 && appendedAt < from - aheadMs) low = middle + 1;
    else high = middle;
  }
  return low;
}
