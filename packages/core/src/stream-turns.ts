import type { AsideTurns } from "./aside-turns.ts";
import { backoff, probeDelay } from "./backoff.ts";
import type { Checkpoint } from "./checkpoint.ts";
import type { Clock, Random } from "./clock.ts";
import type { TurnRun } from "./delivery-run.ts";
import type { DeliverySettings } from "./delivery-settings.ts";
import { isHeadgateError } from "./errors.ts";
import type { HealthReports } from "./health-reports.ts";
import { linkedSignal } from "./linked-signal.ts";
import type { Logger } from "./logger.ts";
import type { DeliveryObserver } from "./observer.ts";
import { retryQuarantined } from "./quarantine-retry.ts";
import { foreignDigest } from "./restored-store.ts";
import type { SinkFailure } from "./sink.ts";
import type { Store } from "./store.ts";
import { isSink, type StreamEntry } from "./stream-entry.ts";
import { firstCheckpoint } from "./stream-status.ts";
import { takeTurn, type TurnResult } from "./turn.ts";

/** The store is ours: once it is well again, nothing waits for minutes. */
const storeRetryMs = 10_000;

/** A destination that takes no digest may take events all the same: after so many failures they go first. */
const mostFirstTries = 5;

/** Takes a stream's turn within a run, and decides from how it ended when the next one may begin. */
export type StreamTurns = (entry: StreamEntry, run: TurnRun) => Promise<void>;

export function createStreamTurns({
  store,
  clock,
  random,
  logger,
  observer,
  settings,
  report,
  asides,
}: {
  readonly store: Store;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly observer: DeliveryObserver;
  readonly settings: DeliverySettings;
  readonly report: HealthReports;
  /** What is done beside: digests, replays. */
  readonly asides: AsideTurns;
}): StreamTurns {
  async function turn(entry: StreamEntry, run: TurnRun): Promise<void> {
    const { record, flush, sink } = entry.stream;
    if (!isSink(sink) || run.signal.aborted || record.paused || entry.gone.signal.aborted) return;
    entry.ending = new AbortController();
    using cancelling = linkedSignal(run.abandon, entry.gone.signal);
    using ending = linkedSignal(run.signal, entry.ending.signal);
    const context = {
      store,
      lease: run.lease,
      clock,
      logger,
      observer,
      signal: cancelling.signal,
      ending: ending.signal,
      splits: entry.splits,
      attempt: entry.health.consecutiveFailures + 1,
      requestTimeoutMs: settings.requestTimeoutMs,
    };
    const { id, organization, resealThrough } = record;
    const stream = { id, organization, sink, flush, absences: record, resealThrough };
    let result: TurnResult;
    let settledBefore = 0;
    try {
      let from = entry.checkpoint ?? (await store.checkpoints.get(id)) ?? firstCheckpoint(record);
      result = { status: "idle", checkpoint: from };
      settledBefore = settledIn(from);
      if (!entry.begun || from.chain?.doubted === true) {
        // A digest that is overdue goes before anything else: its place is taken where the store is an older copy.
        if (!entry.begun) entry.digest.notBefore = 0;
        for (let tries = 0; tries === 0 || (tries === 1 && from.chain?.doubted === true); tries++) {
          result = await asides.digest(entry, stream, result, context);
          from = result.checkpoint;
        }
        const { unreached, failures } = entry.digest;
        if (!entry.begun && unreached !== undefined && failures < mostFirstTries) {
          await ended(entry, { status: "retry", error: unreached, checkpoint: from }, false);
          return;
        }
        entry.begun = true;
      }
      const foreign = foreignDigest(record, from);
      if (foreign !== undefined) {
        await ended(entry, { status: "blocked", error: foreign, checkpoint: from }, false);
        return;
      }
      const retries = entry.retrying && !entry.windowNext;
      entry.windowNext = false;
      if (retries) {
        result = await retryQuarantined(stream, from, context);
        from = result.checkpoint;
        entry.retrying = result.status === "done" || result.status === "slowed";
        entry.windowNext = result.status === "slowed";
      }
      const due = entry.windowAt <= clock.now() || from.window !== undefined;
      if (due && (result.status === "idle" || result.status === "done")) result = await takeTurn(stream, from, context);
      result = await asides.all(entry, stream, result, context);
    } catch (error) {
      if (!cancelling.signal.aborted) await storeFailed(entry, error);
      return;
    }
    await ended(entry, result, settledIn(result.checkpoint) > settledBefore);
  }

  /** The turn ended on an error of the store's: what it holds now is not known. */
  async function storeFailed(entry: StreamEntry, error: unknown): Promise<void> {
    entry.checkpoint = undefined;
    entry.oldest = undefined;
    const code = isHeadgateError(error) ? error.code : "internal";
    if (code === "lease_lost" || code === "checkpoint_conflict" || code === "stream_unknown") {
      // Somebody else has moved on: read again, and go on from there.
      logger.info("a turn was overtaken", { stream: entry.stream.record.id, code });
      entry.notBefore = clock.now() + settings.retry.baseMs;
      return;
    }
    const message = isHeadgateError(error) ? error.message : "The store failed unexpectedly.";
    await failed(entry, { status: "retry", error: { code, message } }, { longestMs: storeRetryMs });
  }

  async function ended(entry: StreamEntry, result: TurnResult, progressed: boolean): Promise<void> {
    const now = clock.now();
    const settled = settledIn(result.checkpoint);
    if (settled !== entry.progress.settled) entry.progress = { settled, at: now };
    if (entry.checkpoint?.position !== result.checkpoint.position) entry.oldest = undefined;
    entry.checkpoint = result.checkpoint;
    switch (result.status) {
      case "retry":
      case "blocked":
        return failed(entry, result, { progressed });
      case "done":
      case "slowed":
        entry.failingSince = undefined;
        entry.restsSince = result.status === "slowed" ? now : undefined;
        entry.notBefore = result.status === "slowed" ? now + result.afterMs : 0;
        return report(entry, { kind: "delivered" });
      case "idle":
        // Something was pending by the head, and nothing was found: do not ask in a tight circle.
        entry.notBefore = now + settings.pollMs;
        return undefined;
      case "ended":
        return undefined;
    }
  }

  async function failed(
    entry: StreamEntry,
    failure: { readonly status: "retry" | "blocked"; readonly error: SinkFailure; readonly afterMs?: number },
    {
      progressed = false,
      longestMs = Number.POSITIVE_INFINITY,
    }: { readonly progressed?: boolean; readonly longestMs?: number },
  ): Promise<void> {
    // What gets some of its requests through is no destination that is out of reach: its next try comes soon.
    const failures = progressed ? 1 : entry.health.consecutiveFailures + 1;
    const usual =
      failure.status === "blocked"
        ? probeDelay(settings.retry, random)
        : backoff(settings.retry, failures, failure.afterMs, random);
    const wait = Math.min(usual, longestMs);
    entry.notBefore = clock.now() + wait;
    entry.failingSince = progressed ? clock.now() : (entry.failingSince ?? clock.now());
    logger.warn("a stream's delivery failed", {
      stream: entry.stream.record.id,
      status: failure.status,
      code: failure.error.code,
      message: failure.error.message,
      failures,
      retry_in_ms: Math.round(wait),
    });
    const { status: kind, error } = failure;
    await report(entry, { kind, error, nextAttemptAt: entry.notBefore, progressed });
  }

  return turn;
}

/** Events that are through, be it into quarantine. */
function settledIn({ delivered, quarantined, filtered = 0 }: Checkpoint): number {
  return delivered + quarantined + filtered;
}
