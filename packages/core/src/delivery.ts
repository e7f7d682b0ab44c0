import { backoff, defaultRetryPolicy, probeDelay, type RetryPolicy } from "./backoff.ts";
import type { Checkpoint } from "./checkpoint.ts";
import type { Clock, Random } from "./clock.ts";
import { dueQueue } from "./due-queue.ts";
import { isHeadgateError } from "./errors.ts";
import { type HealthEvent, initialHealth, nextHealth } from "./health.ts";
import type { JournalHead, JournalPosition } from "./journal.ts";
import { createLanes, type LaneLimits } from "./lanes.ts";
import type { Logger } from "./logger.ts";
import type { DeliveryObserver } from "./observer.ts";
import { retryQuarantined } from "./quarantine-retry.ts";
import type { FlushPolicy, Sink, SinkFailure } from "./sink.ts";
import type { Lease, Store, StreamHealth, StreamRecord } from "./store.ts";
import { firstCheckpoint } from "./stream-status.ts";
import { hourMs, hourOf } from "./time.ts";
import { takeTurn, type TurnResult } from "./turn.ts";

/** How delivery behaves. */
export interface DeliverySettings extends LaneLimits {
  readonly retry: RetryPolicy;
  /** How long a runner that dies keeps the lease, in ms. @default 15_000 */
  readonly leaseTtlMs: number;
  /** How often other processes' appends and changes are looked for, in ms. @default 1000 */
  readonly pollMs: number;
  /** A stream that has failed for so long is disconnected, in ms. @default 300_000 */
  readonly disconnectAfterMs: number;
  /** After so long a request is aborted, whatever the sink's own limits, in ms. @default 180_000 */
  readonly requestTimeoutMs: number;
}

/** @default 32 turns, 8 a host, 160 MiB of windows: two of the largest that S3 takes by default */
export const defaultDeliverySettings: DeliverySettings = Object.freeze({
  concurrency: 32,
  perHost: 8,
  memoryBytes: 160 * 1024 * 1024,
  retry: defaultRetryPolicy,
  leaseTtlMs: 15_000,
  pollMs: 1000,
  disconnectAfterMs: 300_000,
  requestTimeoutMs: 180_000,
});

/** A stream that delivery takes care of. `sink` is a failure where it could not be made. */
export interface DeliveryStream {
  readonly record: StreamRecord;
  readonly sink: Sink | SinkFailure;
  readonly flush: FlushPolicy;
}

/** Runs the turns of all streams while it holds the lease. */
export interface Delivery {
  /** Adds a stream, or replaces it after its record has changed. */
  put(stream: DeliveryStream): Promise<void>;
  /** Waits for the stream's turn to end, then forgets it. */
  remove(id: string): Promise<void>;
  has(id: string): boolean;
  health(id: string): StreamHealth | undefined;
  /** Delivers until `signal` is aborted; then ends turns in order and resolves. Aborting `abandon` cancels their requests. */
  run(run: {
    readonly signal: AbortSignal;
    readonly abandon: AbortSignal;
    readonly lease: () => Lease;
    /** Called once the store has told what is pending. */
    readonly onStarted: () => void;
  }): Promise<void>;
  /** Whether every window is due at once. */
  flushAll(on: boolean): void;
  /** Whether a stream has nothing pending, is paused, or has given up for now: blocked, or failing for `patienceMs`. */
  settled(patienceMs: number): Promise<boolean>;
}

/** What a turn has in memory beside its window, in bytes: the groups that the store reads ahead. */
const groupAllowance = 2 * 1024 * 1024;

interface Entry {
  stream: DeliveryStream;
  /** Undefined until read, and again when the stored one may differ. */
  checkpoint: Checkpoint | undefined;
  health: StreamHealth;
  savedAt: number;
  oldest: JournalPosition | undefined;
  notBefore: number;
  failingSince: number | undefined;
  turn: Promise<void> | undefined;
  queued: boolean;
}

export function createDelivery(options: {
  readonly store: Store;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly observer: DeliveryObserver;
  readonly settings: DeliverySettings;
}): Delivery {
  const { store, clock, random, logger, observer, settings } = options;
  const entries = new Map<string, Entry>();
  const byOrganization = new Map<string, Set<Entry>>();
  const heads = new Map<string, JournalHead>();
  const due = dueQueue<Entry>();
  const lanes = createLanes(settings);
  let cursor: string | undefined;
  let flushing = false;
  let lease: (() => Lease) | undefined;
  let abandon: AbortSignal | undefined;
  let woken = false;
  let endWait: () => void = () => {};
  const wake = (): void => {
    woken = true;
    endWait();
  };

  function isSink(sink: Sink | SinkFailure): sink is Sink {
    return "deliver" in sink;
  }

  function pendingOf(entry: Entry): number {
    const head = heads.get(entry.stream.record.organization);
    return Math.max(0, (head?.lastSequence ?? 0) - (entry.checkpoint?.position ?? entry.stream.record.start));
  }

  /** When the entry's next turn is due; infinity where nothing is pending. */
  async function dueAt(entry: Entry): Promise<number> {
    const { record, flush, sink } = entry.stream;
    if (record.paused) return Number.POSITIVE_INFINITY;
    entry.checkpoint ??= (await store.checkpoints.get(record.id)) ?? firstCheckpoint(record);
    const { checkpoint } = entry;
    const pending = pendingOf(entry);
    if (checkpoint.window === undefined && pending === 0) return Number.POSITIVE_INFINITY;
    if (!isSink(sink)) {
      await report(entry, { kind: "blocked", error: sink, nextAttemptAt: Number.POSITIVE_INFINITY });
      return Number.POSITIVE_INFINITY;
    }
    if (flushing || checkpoint.window !== undefined) return entry.notBefore;
    entry.oldest ??= await store.journal.position(record.organization, checkpoint.position);
    const head = heads.get(record.organization);
    const bytes = (head?.totalBytes ?? 0) - entry.oldest.bytesBefore;
    if (pending >= flush.maxEvents || bytes >= flush.maxBytes) return entry.notBefore;
    const { appendedAt } = entry.oldest;
    // The hour's end is spread over a minute, so that all streams do not knock at once.
    const spread = random() * Math.min(60_000, flush.maxAgeMs);
    const when = Math.min(appendedAt + flush.maxAgeMs, hourOf(appendedAt) + hourMs + spread);
    return Math.max(entry.notBefore, when);
  }

  async function schedule(entry: Entry): Promise<void> {
    if (entry.turn !== undefined || entry.queued || lease === undefined) return;
    const at = await dueAt(entry);
    if (entry.turn !== undefined || entry.queued || !entries.has(entry.stream.record.id)) return;
    due.put(entry, at);
    wake();
  }

  /** Schedules, and where the store cannot tell what is pending, has the entry looked at again a little later. */
  async function reschedule(entry: Entry): Promise<void> {
    try {
      await schedule(entry);
    } catch (error) {
      logDefect(error);
      if (entry.turn === undefined && !entry.queued) due.put(entry, clock.now() + settings.retry.baseMs);
      wake();
    }
  }

  function enqueue(entry: Entry): void {
    const { sink, flush } = entry.stream;
    if (!isSink(sink)) return;
    const head = heads.get(entry.stream.record.organization);
    const backlog = (head?.totalBytes ?? 0) - (entry.oldest?.bytesBefore ?? 0);
    entry.queued = true;
    lanes.add({
      host: sink.host,
      troubled: entry.failingSince !== undefined,
      // A window's bodies, and beside them the groups that are being read.
      bytes: Math.min(backlog, flush.maxBytes) + groupAllowance,
      run: () =>
        (entry.turn = turn(entry)
          .catch(logDefect)
          .finally(() => (entry.turn = undefined))
          .then(() => reschedule(entry))),
    });
  }

  function logDefect(error: unknown): void {
    logger.error("delivery met an error that nothing expected", {
      error: error instanceof Error ? error.name : typeof error,
    });
  }

  async function turn(entry: Entry): Promise<void> {
    entry.queued = false;
    const { record, flush, sink } = entry.stream;
    if (
      !isSink(sink) ||
      lease === undefined ||
      abandon === undefined ||
      abandon.aborted ||
      !entries.has(record.id) ||
      record.paused
    )
      return;
    let result: TurnResult;
    try {
      const from = entry.checkpoint ?? (await store.checkpoints.get(record.id)) ?? firstCheckpoint(record);
      const { id, organization, resealThrough } = record;
      result = await takeTurn({ id, organization, sink, flush, resealThrough }, from, {
        store,
        lease,
        clock,
        logger,
        observer,
        signal: abandon,
        attempt: entry.health.consecutiveFailures + 1,
        requestTimeoutMs: settings.requestTimeoutMs,
      });
    } catch (error) {
      if (abandon.aborted) return;
      // Nothing is known of what the store holds now: read it again before the next turn.
      entry.checkpoint = undefined;
      entry.oldest = undefined;
      const code = isHeadgateError(error) ? error.code : "internal";
      logger.warn("a turn ended on a store error", {
        stream: record.id,
        code,
        error: error instanceof Error ? error.message : "",
      });
      if (code !== "lease_lost" && code !== "checkpoint_conflict") {
        const text = isHeadgateError(error) ? error.message : "The store failed unexpectedly.";
        await failed(entry, { status: "retry", error: { code, message: text } });
      } else {
        entry.notBefore = clock.now() + settings.retry.baseMs;
      }
      return;
    }
    if (entry.checkpoint?.position !== result.checkpoint.position) entry.oldest = undefined;
    entry.checkpoint = result.checkpoint;
    if (result.status === "retry" || result.status === "blocked") await failed(entry, result);
    else if (result.status === "done") {
      entry.failingSince = undefined;
      entry.notBefore = 0;
      await report(entry, { kind: "delivered" });
    }
  }

  async function failed(
    entry: Entry,
    failure: { readonly status: "retry" | "blocked"; readonly error: SinkFailure; readonly afterMs?: number },
  ): Promise<void> {
    const failures = entry.health.consecutiveFailures + 1;
    const wait =
      failure.status === "blocked"
        ? probeDelay(settings.retry, random)
        : backoff(settings.retry, failures, failure.afterMs, random);
    entry.notBefore = clock.now() + wait;
    entry.failingSince ??= clock.now();
    logger.warn("a stream's delivery failed", {
      stream: entry.stream.record.id,
      status: failure.status,
      code: failure.error.code,
      message: failure.error.message,
      failures,
      retry_in_ms: Math.round(wait),
    });
    await report(entry, { kind: failure.status, error: failure.error, nextAttemptAt: entry.notBefore });
  }

  /** Saves health when it tells something new, or now and then while it does not. */
  async function report(entry: Entry, event: HealthEvent): Promise<void> {
    const before = entry.health;
    const now = clock.now();
    entry.health = nextHealth(before, event, now, settings.disconnectAfterMs);
    const { state, lastError } = entry.health;
    const news =
      state !== before.state ||
      lastError?.code !== before.lastError?.code ||
      before.consecutiveFailures > 0 !== entry.health.consecutiveFailures > 0;
    if (!news && now - entry.savedAt < 10_000) return;
    entry.savedAt = now;
    observer.health?.(entry.stream.record.id, entry.health);
    if (state !== before.state)
      logger.info("a stream changed its state", { stream: entry.stream.record.id, from: before.state, to: state });
    // Health is for people: a store that is full or busy must not keep the stream from being tried again.
    await store.streams.saveHealth(entry.stream.record.id, entry.health).catch(logDefect);
  }

  async function poll(): Promise<void> {
    const changes = await store.journal.changes(cursor);
    cursor = changes.cursor;
    for (const head of changes.heads) {
      heads.set(head.organization, head);
      for (const entry of byOrganization.get(head.organization) ?? []) await reschedule(entry);
    }
    for (const record of await store.quarantine.retries(100)) {
      const entry = entries.get(record.stream);
      if (entry === undefined || entry.turn !== undefined || lease === undefined || abandon === undefined) continue;
      const { sink, record: stream } = entry.stream;
      if (!isSink(sink)) continue;
      const context = {
        store,
        lease,
        clock,
        logger,
        observer,
        signal: abandon,
        attempt: 1,
        requestTimeoutMs: settings.requestTimeoutMs,
      };
      entry.turn = retryQuarantined(stream, sink, record, context)
        .then(() => {}, logDefect)
        .then(() => {
          entry.turn = undefined;
          entry.checkpoint = undefined;
          return reschedule(entry);
        });
    }
  }

  return {
    async put(stream) {
      const known = entries.get(stream.record.id);
      if (known !== undefined) {
        await known.turn;
        if (isSink(known.stream.sink)) await known.stream.sink[Symbol.asyncDispose]();
        if (known.stream.record.paused !== stream.record.paused) {
          known.stream = stream;
          await report(known, { kind: stream.record.paused ? "paused" : "resumed" });
        }
        known.stream = stream;
        known.notBefore = 0;
        return schedule(known);
      }
      const entry: Entry = {
        stream,
        checkpoint: undefined,
        health: (await store.streams.health(stream.record.id)) ?? initialHealth(clock.now()),
        savedAt: 0,
        oldest: undefined,
        notBefore: 0,
        failingSince: undefined,
        turn: undefined,
        queued: false,
      };
      entries.set(stream.record.id, entry);
      const { organization } = stream.record;
      if (!byOrganization.has(organization)) byOrganization.set(organization, new Set());
      byOrganization.get(organization)?.add(entry);
      if (stream.record.paused && entry.health.state !== "paused") await report(entry, { kind: "paused" });
      if (lease !== undefined && !heads.has(organization))
        heads.set(organization, await store.journal.head(organization));
      await schedule(entry);
    },

    async remove(id) {
      const entry = entries.get(id);
      if (entry === undefined) return;
      entries.delete(id);
      due.put(entry, Number.POSITIVE_INFINITY);
      byOrganization.get(entry.stream.record.organization)?.delete(entry);
      await entry.turn;
      if (isSink(entry.stream.sink)) await entry.stream.sink[Symbol.asyncDispose]();
    },

    has: (id) => entries.has(id),
    health: (id) => entries.get(id)?.health,

    async run({ signal, onStarted, ...fence }) {
      ({ lease, abandon } = fence);
      cursor = undefined;
      for (const entry of entries.values()) {
        // Another runner may have moved it since.
        entry.checkpoint = undefined;
        entry.oldest = undefined;
        entry.notBefore = 0;
      }
      let hinted = true;
      const unsubscribe = store.journal.subscribe(() => {
        hinted = true;
        wake();
      });
      try {
        await poll();
        for (const entry of entries.values()) await reschedule(entry);
        onStarted();
        let polledAt = clock.now();
        while (!signal.aborted) {
          woken = false;
          const now = clock.now();
          // Appends in quick succession are looked at together.
          if (now - polledAt >= (hinted ? Math.min(20, settings.pollMs) : settings.pollMs)) {
            hinted = false;
            polledAt = now;
            await poll().catch(logDefect);
          }
          for (let entry = due.takeDue(clock.now()); entry !== undefined; entry = due.takeDue(clock.now()))
            enqueue(entry);
          const nextPoll = polledAt + (hinted ? Math.min(20, settings.pollMs) : settings.pollMs);
          await nextWake(signal, Math.min(due.nextAt(), nextPoll) - clock.now());
        }
      } finally {
        unsubscribe();
        lanes.clear();
        for (const entry of entries.values()) {
          entry.queued = false;
          due.put(entry, Number.POSITIVE_INFINITY);
        }
        await Promise.all([...entries.values()].flatMap((entry) => entry.turn ?? []));
        lease = undefined;
      }
    },

    flushAll(on) {
      flushing = on;
      for (const entry of entries.values()) void reschedule(entry);
    },

    async settled(patienceMs) {
      for (const entry of entries.values()) {
        const { record, sink } = entry.stream;
        if (record.paused) continue;
        // What an earlier process saw may have been mended since: a blocked stream is tried before it is given up.
        if (entry.health.state === "blocked" && (entry.failingSince !== undefined || !isSink(sink))) continue;
        if (entry.failingSince !== undefined && clock.now() - entry.failingSince >= patienceMs) continue;
        const head = await store.journal.head(record.organization);
        heads.set(record.organization, head);
        // While another runner delivers, its progress is what counts.
        const checkpoint = lease === undefined ? await store.checkpoints.get(record.id) : entry.checkpoint;
        const position = checkpoint?.position ?? -1;
        if (position < Math.max(head.lastSequence, record.start) || entry.turn !== undefined) {
          if (entry.turn === undefined && !entry.queued) await schedule(entry);
          return false;
        }
      }
      return true;
    },
  };

  /** Waits until something calls `wake`, the time has passed, or the signal is aborted. */
  async function nextWake(signal: AbortSignal, ms: number): Promise<void> {
    if (signal.aborted || woken || ms <= 0) {
      // Let input and timers have their turn even when work never ends.
      await new Promise<void>((resolve) => clock.after(0, resolve));
      return;
    }
    await new Promise<void>((resolve) => {
      const done = (): void => {
        cancel();
        signal.removeEventListener("abort", done);
        endWait = () => {};
        resolve();
      };
      const cancel = clock.after(ms, done);
      endWait = done;
      signal.addEventListener("abort", done, { once: true });
    });
  }
}
