import type { Store } from "./store.ts";

/** So many of a stream's next events are looked at: its next window, and more than that at most destinations that refuse old ones. */
const mostEvents = 10_000;

/**
 * When the oldest of a stream's next pending events occurred, Unix ms: what a destination that refuses old events goes by,
 * and earlier than their append where they came late. Undefined where nothing is pending.
 */
export async function oldestPendingOccurrence(store: Store, stream: string): Promise<number | undefined> {
  const snapshot = await store.streams.snapshot(stream);
  if (snapshot === undefined) return undefined;
  const { organization, start } = snapshot.record;
  const position = snapshot.checkpoint?.position ?? start;
  const groups = await store.journal.index(organization, { after: position, maxEvents: mostEvents });
  let oldest: number | undefined;
  for (const { occurredAt } of groups)
    for (const at of occurredAt) oldest = oldest === undefined || at < oldest ? at : oldest;
  return oldest;
}
