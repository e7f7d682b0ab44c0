import { type AppendResult, isHeadgateError, type PreparedEvent } from "@headgate/core";

/** Writes several appends of one organization, all of them or none. */
export type WriteAppends = (
  organization: string,
  appends: readonly (readonly PreparedEvent[])[],
) => Promise<readonly AppendResult[]>;

/** One transaction takes so much of what waits; more would keep the first ones waiting, and the memory of both sides busy. */
const bytesAtOnce = 8 * 1024 * 1024;
const eventsAtOnce = 20_000;

interface Waiting {
  readonly events: readonly PreparedEvent[];
  readonly bytes: number;
  readonly settle: (result: Promise<AppendResult>) => void;
}

/**
 * Appends of one organization wait for its row anyway: those that arrive while one transaction is under way share the
 * next, so that many small appends cost one commit. So many organizations write `atOnce`, in turns: rows that somebody's
 * long transactions hold must not keep every connection waiting, and those that move checkpoints among them.
 */
export function appendQueue(
  write: WriteAppends,
  atOnce: number,
): (organization: string, events: readonly PreparedEvent[]) => Promise<AppendResult> {
  const queues = new Map<string, Waiting[]>();
  const turns: (() => void)[] = [];
  let free = atOnce;

  async function turn(): Promise<void> {
    if (free > 0) free -= 1;
    else await new Promise<void>((resolve) => turns.push(resolve));
  }

  function endTurn(): void {
    const begin = turns.shift();
    if (begin === undefined) free += 1;
    else begin();
  }

  function next(waiting: Waiting[]): readonly Waiting[] {
    let [count, bytes, events] = [0, 0, 0];
    for (const one of waiting) {
      bytes += one.bytes;
      events += one.events.length;
      if (count > 0 && (bytes > bytesAtOnce || events > eventsAtOnce)) break;
      count += 1;
    }
    return waiting.splice(0, count);
  }

  async function writeEach(organization: string, batch: readonly Waiting[]): Promise<void> {
    for (const one of batch) {
      const alone = write(organization, [one.events]).then(([result]) => result as AppendResult);
      one.settle(alone);
      await alone.catch(() => {});
    }
  }

  async function work(organization: string, waiting: Waiting[]): Promise<void> {
    while (waiting.length > 0) {
      await turn();
      const batch = next(waiting);
      try {
        const results = await write(
          organization,
          batch.map(({ events }) => events),
        );
        for (const [at, { settle }] of batch.entries()) settle(Promise.resolve(results[at] as AppendResult));
      } catch (error) {
        // What one of them is at fault for must not take its neighbours down; what all would meet is not tried again.
        const concernsAll = isHeadgateError(error) && error.code !== "store_full" && error.code !== "internal";
        if (batch.length > 1 && !concernsAll) await writeEach(organization, batch);
        else for (const { settle } of batch) settle(Promise.reject(error));
      } finally {
        endTurn();
      }
    }
    queues.delete(organization);
  }

  return (organization, events) =>
    new Promise<AppendResult>((resolve) => {
      const bytes = events.reduce((sum, { stub }) => sum + stub.length, 0);
      const one: Waiting = { events, bytes, settle: resolve };
      const waiting = queues.get(organization);
      if (waiting === undefined) {
        const begun = [one];
        queues.set(organization, begun);
        // Those of this very moment share the first transaction too.
        queueMicrotask(() => void work(organization, begun));
      } else waiting.push(one);
    });
}
