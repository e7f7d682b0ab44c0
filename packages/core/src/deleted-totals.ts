import { isHeadgateError } from "./errors.ts";
import type { Documents } from "./store.ts";

/** What the deleted streams of one kind of sink had come to. */
export interface DeletedTotals {
  readonly accepted: number;
  readonly delivered: number;
  /** @default 0 */
  readonly lost?: number;
}

const collection = "deleted_streams";

/** What all deleted streams had come to, by type of sink: without it, counters over all streams would fall at a restart. */
export async function readDeletedTotals(documents: Documents): Promise<ReadonlyMap<string, DeletedTotals>> {
  const found = await documents.list(collection, { limit: 1000 });
  return new Map(found.map(({ key, value }) => [key, JSON.parse(value) as DeletedTotals]));
}

/** Adds a stream that is about to be deleted. */
export async function addDeleted(
  documents: Documents,
  sink: string,
  { accepted, delivered, lost = 0 }: DeletedTotals,
): Promise<void> {
  for (;;) {
    const stored = await documents.get(collection, sink);
    const before: DeletedTotals =
      stored === undefined ? { accepted: 0, delivered: 0 } : (JSON.parse(stored.value) as DeletedTotals);
    const value = JSON.stringify({
      accepted: before.accepted + accepted,
      delivered: before.delivered + delivered,
      lost: (before.lost ?? 0) + lost,
    } satisfies DeletedTotals);
    try {
      return await documents.write([{ collection, key: sink, value, expected: stored?.version ?? 0 }]);
    } catch (error) {
      if (!isHeadgateError(error, "document_conflict")) throw error;
    }
  }
}
