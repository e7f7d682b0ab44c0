import {
  createLeaseKeeper,
  type LeaseKeeper,
  type Clock,
  HeadgateError,
  isHeadgateError,
  type Logger,
  type Store,
} from "@headgate/core";
import pRetry from "p-retry";
import type { Source, SourceProgress, SourceSummary } from "./sources/index.ts";

/** What became of one source. */
export interface SourceOutcome extends SourceSummary {
  readonly source: string;
  /** Why it ended early. */
  readonly error?: HeadgateError;
}

/** How sources are run. */
export interface RunSourcesOptions {
  readonly store: Pick<Store, "leases">;
  /** Who reads, for the lease. */
  readonly holder: string;
  /** How long a runner that hangs keeps others from reading, in ms. */
  readonly leaseTtlMs: number;
  /** Read each to its present end, once; otherwise follow them, and begin again after errors. */
  readonly once: boolean;
  /** With `once`: how long to wait for another runner that reads, in ms. @default for ever */
  readonly patienceMs?: number;
  readonly signal: AbortSignal;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Called after each acknowledged batch, with what all sources have come to. */
  readonly onProgress?: (progress: SourceProgress) => void;
}

const nothing: SourceProgress = { read: 0, accepted: 0, duplicates: 0, rejected: 0, bytes: 0 };

/**
 * Runs sources side by side, while this runner has the lease for it: of several runners on one store, one reads. Resolves
 * when all have ended, or the signal is aborted. Errors of one source are its own.
 *
 * @throws `store_busy` under `once` where another runner reads for longer than `patienceMs`
 */
export async function runSources(
  sources: readonly Source[],
  options: RunSourcesOptions,
): Promise<readonly SourceOutcome[]> {
  const { store, holder, leaseTtlMs, clock, logger, signal } = options;
  if (sources.length === 0) return [];
  const keeper = createLeaseKeeper(store.leases, "sources", holder, leaseTtlMs, { clock, logger });
  const progress = new Map<string, SourceProgress>();
  try {
    for (;;) {
      const { lost } = await hold(keeper, options);
      const ended = AbortSignal.any([signal, lost]);
      const outcomes = await Promise.all(
        sources.map((source) => runSource(source, { ...options, signal: ended }, progress)),
      );
      if (signal.aborted || !lost.aborted) return outcomes;
    }
  } catch (error) {
    if (!signal.aborted) throw error;
    return [];
  } finally {
    await keeper.release();
  }
}

/** Takes the lease, under `once` within the patience. */
async function hold(keeper: LeaseKeeper, options: RunSourcesOptions): ReturnType<LeaseKeeper["hold"]> {
  const { store, once, patienceMs, signal, clock } = options;
  if (!once || patienceMs === undefined) return keeper.hold(signal);
  const impatient = new AbortController();
  const cancel = clock.after(patienceMs, () => impatient.abort());
  try {
    return await keeper.hold(AbortSignal.any([signal, impatient.signal]));
  } catch (error) {
    if (signal.aborted || !impatient.signal.aborted) throw error;
    const other = await store.leases.current("sources");
    const who = other === undefined ? "Another runner" : `Another runner (${other.holder})`;
    throw new HeadgateError(
      "store_busy",
      `${who} holds the lease on the sources and did not let go in ${patienceMs / 1000} s.`,
      {
        hint: "It reads them and delivers what they hold: wait for it, or stop it and run again.",
        cause: error,
      },
    );
  } finally {
    cancel();
  }
}

async function runSource(
  source: Source,
  options: RunSourcesOptions,
  progress: Map<string, SourceProgress>,
): Promise<SourceOutcome> {
  const { once, signal, logger, onProgress } = options;
  const attempt = (): Promise<SourceSummary> =>
    source.run({
      signal,
      once,
      onProgress(now) {
        progress.set(source.name, now);
        onProgress?.([...progress.values()].reduce(add, nothing));
      },
    });
  try {
    const summary = once ? await attempt() : await again(attempt, source, signal, logger);
    return { source: source.name, ...summary };
  } catch (error) {
    const { read, accepted, duplicates, rejected } = progress.get(source.name) ?? nothing;
    const outcome = { source: source.name, read, accepted, duplicates, rejected };
    if (signal.aborted) return outcome;
    if (!isHeadgateError(error)) throw error;
    logger.error("a source ended on an error", { source: source.name, code: error.code, error: error.message });
    return { ...outcome, error };
  }
}

/** A full disk is emptied, a missing file appears: a source that follows begins again where it was, for ever. */
function again(
  attempt: () => Promise<SourceSummary>,
  source: Source,
  signal: AbortSignal,
  logger: Logger,
): Promise<SourceSummary> {
  return pRetry(attempt, {
    retries: Number.POSITIVE_INFINITY,
    minTimeout: 1000,
    maxTimeout: 30_000,
    randomize: true,
    signal,
    shouldRetry: () => !signal.aborted && source.resumable !== false,
    onFailedAttempt({ error, attemptNumber }) {
      logger.warn("a source failed and is tried again", {
        source: source.name,
        attempt: attemptNumber,
        error: error.message,
      });
    },
  });
}

function add(a: SourceProgress, b: SourceProgress): SourceProgress {
  const total =
    a === nothing
      ? b.totalBytes
      : a.totalBytes === undefined || b.totalBytes === undefined
        ? undefined
        : a.totalBytes + b.totalBytes;
  return {
    read: a.read + b.read,
    accepted: a.accepted + b.accepted,
    duplicates: a.duplicates + b.duplicates,
    rejected: a.rejected + b.rejected,
    bytes: a.bytes + b.bytes,
    ...(total !== undefined && { totalBytes: total }),
  };
}
