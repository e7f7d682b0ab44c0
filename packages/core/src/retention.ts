import { type Clock, sleep } from "./clock.ts";
import type { Logger } from "./logger.ts";
import type { Store } from "./store.ts";

const everyMs = 600_000;

/**
 * Trims the journals now and then until the signal is aborted: only what every stream of the organization has, paused and
 * blocked ones included, and only after the retention.
 */
export async function startRetention(options: {
  readonly store: Store;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly retentionMs: number;
  readonly signal: AbortSignal;
}): Promise<void> {
  const { clock, logger, signal } = options;
  while (!signal.aborted) {
    try {
      await trimJournals(options);
    } catch (error) {
      logger.warn("trimming failed and is tried again", {
        error: error instanceof Error ? error.message : typeof error,
      });
    }
    await sleep(clock, everyMs, signal).catch(() => {});
  }
}

/** One pass over all organizations. */
export async function trimJournals({
  store,
  clock,
  retentionMs,
}: {
  readonly store: Store;
  readonly clock: Clock;
  readonly retentionMs: number;
}): Promise<void> {
  // Heads first: a stream that is created after this begins at or after what is trimmed here.
  const { heads } = await store.journal.changes();
  const claims = new Map<string, number>();
  for (let after: string | undefined; ;) {
    const page = await store.streams.list({ ...(after !== undefined && { after }), limit: 500 });
    for (const { id, organization, start } of page) {
      const position = (await store.checkpoints.get(id))?.position ?? start;
      claims.set(organization, Math.min(claims.get(organization) ?? Number.POSITIVE_INFINITY, position));
    }
    after = page.at(-1)?.id;
    if (page.length < 500) break;
  }
  const appendedBefore = clock.now() - retentionMs;
  for (const { organization, lastSequence } of heads) {
    await store.journal.trim(
      organization,
      Math.min(claims.get(organization) ?? lastSequence, lastSequence),
      appendedBefore,
    );
  }
}
