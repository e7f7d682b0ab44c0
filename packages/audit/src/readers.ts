import { createRoom } from "./room.ts";

/** How much is read at a time. */
export interface ReadersOptions {
  readonly concurrency: number;
  /** One larger file is read alone. */
  readonly memoryBytes: number;
  readonly signal?: AbortSignal | undefined;
}

const breathMs = 20;

/**
 * Runs `work` on each item, several at a time and no more bytes of them than there is room for. The first failure stops
 * the others from beginning anything, and is thrown once all have ended.
 */
export async function eachOf<T extends { readonly size: number }>(
  items: AsyncIterable<T>,
  { concurrency, memoryBytes, signal }: ReadersOptions,
  work: (item: T) => Promise<void>,
): Promise<void> {
  // Generators queue calls of next(), so that all readers draw from one listing.
  const listing = items[Symbol.asyncIterator]();
  const room = createRoom(memoryBytes);
  const halt = new AbortController();
  let breathed = performance.now();
  async function reader(): Promise<void> {
    while (!halt.signal.aborted) {
      signal?.throwIfAborted();
      // Work that waits for nothing would keep signals and the rest of the process waiting.
      if (performance.now() - breathed > breathMs) {
        await new Promise((resolve) => void setImmediate(resolve));
        breathed = performance.now();
      }
      const next = await listing.next();
      if (next.done === true) return;
      await room.take(next.value.size);
      await work(next.value).finally(() => room.give(next.value.size));
    }
  }
  const readers = Array.from({ length: concurrency }, () =>
    reader().catch((error: unknown) => {
      halt.abort();
      throw error;
    }),
  );
  await Promise.allSettled(readers);
  await Promise.all(readers);
}
