import { type Clock, type Random, systemClock } from "./clock.ts";
import { mintEventId } from "./event-id.ts";
import type { Store } from "./store.ts";

/** Nothing appends as many events between two backups. */
const step = 1_000_000_000;

/** Sequences go on so many steps further at most. By chance: the same backup, restored a second time, must not give what the first one gave. */
const mostSteps = 100_000;
const pageSize = 500;

/** What became of a store that was put back. */
export interface RestoredStore {
  readonly organizations: number;
  readonly streams: number;
}

/**
 * Makes an older copy of a store one that can go on. What was appended after the copy was made is not in it, and how much it
 * was is not known: so every organization's next event gets a sequence far beyond, also where the copy knows of none, and every
 * stream begins another chain of digests, which lists what lies between as lost to this store (`store_restored`). No runner may use the store meanwhile.
 * Done twice it leaves out more, and harms nothing.
 *
 * What the copy holds and a stream lacks by its word is delivered, though its destination may have it from the time after
 * the copy.
 *
 * @example
 * ```ts
 * const store = memoryStore();
 * await store.open();
 * await continueRestoredStore(store); // { organizations: 0, streams: 0 }
 * ```
 */
export async function continueRestoredStore(
  store: Store,
  {
    clock = systemClock,
    random = Math.random,
    onProgress,
  }: {
    readonly clock?: Clock;
    readonly random?: Random;
    readonly onProgress?: (done: RestoredStore) => void;
  } = {},
): Promise<RestoredStore> {
  const steps = 2 + Math.floor(random() * mostSteps);
  await store.journal.beginAfter(steps * step);
  let organizations = 0;
  let streams = 0;
  for (const { organization, lastSequence } of (await store.journal.changes()).heads) {
    await store.journal.skip(organization, (Math.floor(lastSequence / step) + steps) * step);
    organizations++;
    onProgress?.({ organizations, streams });
  }
  for (let after = ""; ;) {
    const page = await store.streams.list({ after, limit: pageSize });
    for (const record of page) {
      await store.streams.update({ ...record, chain: mintEventId(clock.now()) });
      streams++;
      onProgress?.({ organizations, streams });
    }
    after = page.at(-1)?.id ?? after;
    if (page.length < pageSize) return { organizations, streams };
  }
}
