import { type Clock, sleep } from "./clock.ts";
import { runnersOn, shardName, shardOf } from "./shards.ts";
import type { Documents, Store } from "./store.ts";

const collection = "chain_ends";

/** How long who deletes a stream waits for another process to end its chain, in ms: its next look, and a slow destination. */
const patienceMs = 15_000;

const pauseMs = 100;

/** Asks the process that delivers to end the chain of a stream that this one is about to delete. */
export type AskForChainEnd = (stream: string) => Promise<void>;

/**
 * Makes one. Resolves once the other process has ended the chain or could not, at once where no process delivers or nothing
 * was delivered, and never later than after 15 s: the deletion does not depend on it.
 */
export function askForChainEnd({ store, clock }: { readonly store: Store; readonly clock: Clock }): AskForChainEnd {
  const { documents, leases } = store;
  return async (stream) => {
    const lease = await leases.current(shardName(shardOf(stream)));
    // A shard that is nobody's is on its way from one runner to another, where there are any.
    if (lease === undefined && (await runnersOn(leases)).length === 0) return;
    // What was never delivered has no end.
    if ((await store.checkpoints.get(stream)) === undefined) return;
    const until = clock.now() + patienceMs;
    await documents.write([{ collection, key: stream, value: String(clock.now()) }]);
    try {
      while (clock.now() < until && (await documents.get(collection, stream)) !== undefined)
        await sleep(clock, pauseMs);
    } finally {
      await documents.write([{ collection, key: stream }]);
    }
  };
}

/** The streams whose chains somebody waits to be ended. What nobody can be waiting for any more is dropped. */
export async function chainEndsAskedFor(documents: Documents, now: number): Promise<readonly string[]> {
  const asked = await documents.list(collection);
  const old = asked.filter(({ value }) => Math.abs(now - Number(value)) > patienceMs);
  if (old.length > 0) await documents.write(old.map(({ key }) => ({ collection, key })));
  return asked.filter((one) => !old.includes(one)).map(({ key }) => key);
}

/** Tells who waits that there is nothing more to wait for. */
export async function chainEndAnswered(documents: Documents, stream: string): Promise<void> {
  await documents.write([{ collection, key: stream }]);
}
