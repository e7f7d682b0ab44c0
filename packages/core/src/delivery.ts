import { backoff, probeDelay } from "./backoff.ts";
import type { Checkpoint } from "./checkpoint.ts";
import type { Clock, Random } from "./clock.ts";
import type { Delivery, DeliveryRun, DeliveryStream } from "./delivery-run.ts";
import type { DeliverySettings } from "./delivery-settings.ts";
import { dueQueue } from "./due-queue.ts";
import { isHeadgateError } from "./errors.ts";
import { type HealthEvent, initialHealth, nextHealth } from "./health.ts";
import type { JournalHead, JournalPosition } from "./journal.ts";
import { createLanes } from "./lanes.ts";
import { linkedSignal } from "./linked-signal.ts";
import type { Logger } from "./logger.ts";
import type { DeliveryObserver } from "./observer.ts";
import { retryQuarantined } from "./quarantine-retry.ts";
import type { Sink, SinkFailure } from "./sink.ts";
import type { Store, StreamHealth } from "./store.ts";
import { firstCheckpoint } from "./stream-status.ts";
import { hourMs, hourOf } from "./time.ts";
import { takeTurn, type TurnResult } from "./turn.ts";
import { createVerifier } from "./verifier.ts";
import { createWaker } from "./waker.ts";

interface Entry {
  stream: DeliveryStream;
  /** Takes the stream's place once its turn is over. */
  next: DeliveryStream | undefined;
  /** Resumed since its last verification, be it that the pause was over before its turn was. */
  resumed: boolean;
  /** Undefined until read, and again when the stored one may differ. */
  checkpoint: Checkpoint | undefined;
  health: StreamHealth;
  savedAt: number;
  oldest: JournalPosition | undefined;
  notBefore: number;
  failingSince: number | undefined;
  /** Since when it rests because its destination, which takes events, asked for a pause. */
  restsSince: number | undefined;
  /** What was delivered when, for telling whether anything moves. */
  progress: { readonly settled: number; readonly at: number };
  /** Quarantined events are marked to be sent again. */
  retrying: boolean;
  /** The last turn was slowed by such events: the next one is the window's, or they could keep it waiting for hours. */
  windowNext: boolean;
  /** See `TurnContext.splits`. */
  readonly splits: Map<number, number[]>;
  turn: Promise<void> | undefined;
  queued: boolean;
  /** Ends the present turn after its requests. */
  ending: AbortController;
  /** Cancels the present turn. */
  readonly gone: AbortController;
}

/** The store is ours: once it is well again, nothing waits for minutes. */
const storeRetryMs = 10_000;

/** What a turn has in memory beside its window, in bytes: the groups that the store reads ahead. */
const groupAllowance = 2 * 1024 * 1024;

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
  let running: DeliveryRun | undefined;
  const waker = createWaker(clock);
  const verifier = createVerifier({
    clock,
    logger,
    async report(id, verification) {
      const entry = entries.get(id);
      if (entry === undefined) return;
      const { state } = entry.health;
      await report(entry, { kind: "verified", verification });
      // Somebody may have mended what it was blocked on: then it need not wait for its next probe.
      if (!verification.ok || state !== "blocked") return;
      entry.notBefore = 0;
      await schedule(entry);
    },
  });

  function verify({ stream, health, gone }: Entry, how: { readonly again?: boolean; readonly soon?: boolean }): void {
    const { record, sink } = stream;
    // A turn may outlive its stream, or the run: nobody would stop what its end begins.
    const over = running === undefined || running.signal.aborted || gone.signal.aborted;
    if (over || record.paused || !isSink(sink)) return;
    verifier.consider({ record, sink }, health.verification, how);
  }

  function headOf(entry: Entry): JournalHead | undefined {
    return heads.get(entry.stream.record.organization);
  }

  /** When the entry's next turn is due; infinity where nothing is to be done. */
  async function dueAt(entry: Entry): Promise<number> {
    const { record, flush, sink } = entry.stream;
    if (record.paused) return Number.POSITIVE_INFINITY;
    entry.checkpoint ??= (await store.checkpoints.get(record.id)) ?? firstCheckpoint(record);
    const { position, window } = entry.checkpoint;
    const head = headOf(entry);
    const pending = (head?.lastSequence ?? 0) - position;
    if (window === undefined && pending <= 0 && !entry.retrying) return Number.POSITIVE_INFINITY;
    if (!isSink(sink)) {
      await report(entry, { kind: "blocked", error: sink, nextAttemptAt: Number.POSITIVE_INFINITY });
      return Number.POSITIVE_INFINITY;
    }
    if (flushing || window !== undefined || entry.retrying) return entry.notBefore;
    entry.oldest ??= await store.journal.position(record.organization, position);
    const bytes = (head?.totalBytes ?? 0) - entry.oldest.bytesBefore;
    if (pending >= flush.maxEvents || bytes >= flush.maxBytes) return entry.notBefore;
    // A clock that was set back since makes an append of then look like one of the future.
    const appendedAt = Math.min(entry.oldest.appendedAt, clock.now());
    // The hour's end is spread over a minute, so that all streams do not knock at once.
    const spread = random() * Math.min(60_000, flush.maxAgeMs);
    const when = Math.min(appendedAt + flush.maxAgeMs, hourOf(appendedAt) + hourMs + spread);
    return Math.max(entry.notBefore, when);
  }

  async function schedule(entry: Entry): Promise<void> {
    const idle = (): boolean => entry.turn === undefined && !entry.queued && running !== undefined;
    if (!idle()) return;
    let at: number;
    try {
      at = await dueAt(entry);
    } catch (error) {
      // Where the store cannot tell what is pending, it is asked again a little later.
      logDefect(error);
      at = clock.now() + settings.retry.baseMs;
    }
    if (!idle() || entries.get(entry.stream.record.id) !== entry) return;
    due.put(entry, at);
    waker.wake();
  }

  function enqueue(entry: Entry): void {
    const { sink, flush } = entry.stream;
    if (!isSink(sink)) return;
    const backlog = (headOf(entry)?.totalBytes ?? 0) - (entry.oldest?.bytesBefore ?? 0);
    entry.queued = true;
    lanes.add({
      host: sink.host,
      troubled: entry.failingSince !== undefined,
      // A window's bodies, and beside them the groups that are being read.
      bytes: Math.min(backlog, flush.maxBytes) + Math.min(backlog, groupAllowance),
      run: async () => {
        entry.turn = turn(entry).catch(logDefect);
        await entry.turn;
        entry.turn = undefined;
        await replace(entry).catch(logDefect);
        await schedule(entry);
      },
    });
  }

  function logDefect(error: unknown): void {
    logger.error("delivery met an error that nothing expected", {
      error: isHeadgateError(error)
        ? `${error.code}: ${error.message}`
        : error instanceof Error
          ? error.name
          : typeof error,
    });
  }

  async function turn(entry: Entry): Promise<void> {
    entry.queued = false;
    await replace(entry);
    const { record, flush, sink } = entry.stream;
    const run = running;
    if (!isSink(sink) || run === undefined || run.signal.aborted || record.paused || entry.gone.signal.aborted) return;
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
    const stream = { id, organization, sink, flush, resealThrough };
    let result: TurnResult;
    try {
      let from = entry.checkpoint ?? (await store.checkpoints.get(id)) ?? firstCheckpoint(record);
      result = { status: "idle", checkpoint: from };
      const retries = entry.retrying && !entry.windowNext;
      entry.windowNext = false;
      if (retries) {
        result = await retryQuarantined(stream, from, context);
        from = result.checkpoint;
        entry.retrying = result.status === "done" || result.status === "slowed";
        entry.windowNext = result.status === "slowed";
      }
      if (result.status === "idle" || result.status === "done") result = await takeTurn(stream, from, context);
    } catch (error) {
      if (!cancelling.signal.aborted) await storeFailed(entry, error);
      return;
    }
    await ended(entry, result);
  }

  /** The turn ended on an error of the store's: what it holds now is not known. */
  async function storeFailed(entry: Entry, error: unknown): Promise<void> {
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
    await failed(entry, { status: "retry", error: { code, message } }, storeRetryMs);
  }

  async function ended(entry: Entry, result: TurnResult): Promise<void> {
    const now = clock.now();
    const settled = result.checkpoint.delivered + result.checkpoint.quarantined;
    if (settled !== entry.progress.settled) entry.progress = { settled, at: now };
    if (entry.checkpoint?.position !== result.checkpoint.position) entry.oldest = undefined;
    entry.checkpoint = result.checkpoint;
    switch (result.status) {
      case "retry":
      case "blocked":
        return failed(entry, result);
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
    entry: Entry,
    failure: { readonly status: "retry" | "blocked"; readonly error: SinkFailure; readonly afterMs?: number },
    longestMs = Number.POSITIVE_INFINITY,
  ): Promise<void> {
    const failures = entry.health.consecutiveFailures + 1;
    const usual =
      failure.status === "blocked"
        ? probeDelay(settings.retry, random)
        : backoff(settings.retry, failures, failure.afterMs, random);
    const wait = Math.min(usual, longestMs);
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
    const { state, lastError, consecutiveFailures } = entry.health;
    const { id } = entry.stream.record;
    const failing = consecutiveFailures > 0;
    const news =
      event.kind === "verified" ||
      state !== before.state ||
      lastError?.code !== before.lastError?.code ||
      failing !== before.consecutiveFailures > 0;
    if (!news && Math.abs(now - entry.savedAt) < 10_000) return;
    entry.savedAt = now;
    observer.health?.(id, entry.health);
    if (state !== before.state)
      logger.info("a stream changed its state", { stream: id, from: before.state, to: state });
    // Health is for people: a store that is full or busy must not keep the stream from being tried again.
    await store.streams.saveHealth(id, entry.health).catch(logDefect);
  }

  /** Puts the stream's next record and sink into force. Only between turns. */
  async function replace(entry: Entry): Promise<void> {
    const { next, stream } = entry;
    if (next === undefined) return;
    entry.next = undefined;
    entry.stream = next;
    entry.notBefore = 0;
    verifier.forget(next.record.id);
    if (isSink(stream.sink)) await stream.sink[Symbol.asyncDispose]();
    if (next.record.paused !== stream.record.paused)
      await report(entry, { kind: next.record.paused ? "paused" : "resumed" });
    verify(entry, { again: entry.resumed, soon: true });
    entry.resumed = false;
  }

  async function add(stream: DeliveryStream): Promise<void> {
    const { id, organization, paused } = stream.record;
    const entry: Entry = {
      stream,
      next: undefined,
      resumed: false,
      checkpoint: undefined,
      health: (await store.streams.health(id)) ?? initialHealth(clock.now()),
      savedAt: 0,
      oldest: undefined,
      notBefore: 0,
      failingSince: undefined,
      restsSince: undefined,
      progress: { settled: 0, at: clock.now() },
      retrying: false,
      windowNext: false,
      splits: new Map(),
      turn: undefined,
      queued: false,
      ending: new AbortController(),
      gone: new AbortController(),
    };
    if (running !== undefined && !heads.has(organization))
      heads.set(organization, await store.journal.head(organization));
    entries.set(id, entry);
    const siblings = byOrganization.get(organization) ?? new Set();
    byOrganization.set(organization, siblings.add(entry));
    if (paused !== (entry.health.state === "paused")) await report(entry, { kind: paused ? "paused" : "resumed" });
    verify(entry, { soon: true });
    await schedule(entry);
  }

  async function remove(id: string): Promise<void> {
    const entry = entries.get(id);
    if (entry === undefined) return;
    entries.delete(id);
    verifier.forget(id);
    due.put(entry, Number.POSITIVE_INFINITY);
    byOrganization.get(entry.stream.record.organization)?.delete(entry);
    entry.gone.abort();
    await entry.turn;
    for (const { sink } of [entry.stream, ...(entry.next === undefined ? [] : [entry.next])]) {
      if (isSink(sink)) await sink[Symbol.asyncDispose]();
    }
  }

  /** Looks for what has changed in the store. */
  async function poll(): Promise<void> {
    const changes = await store.journal.changes(cursor);
    cursor = changes.cursor;
    for (const head of changes.heads) {
      heads.set(head.organization, head);
      for (const entry of byOrganization.get(head.organization) ?? []) await schedule(entry);
    }
    for (const id of await store.quarantine.retrying()) {
      const entry = entries.get(id);
      if (entry === undefined || entry.retrying) continue;
      entry.retrying = true;
      await schedule(entry);
    }
  }

  /** The clock was set back: no wait may be longer than it could be by the new time. */
  async function clockSetBack(now: number): Promise<void> {
    logger.warn("the clock was set back");
    const longest = Math.max(settings.retry.capMs, settings.retry.blockedMs);
    for (const entry of entries.values()) {
      entry.notBefore = Math.min(entry.notBefore, now + longest);
      await schedule(entry);
    }
  }

  return {
    async put(stream) {
      const { id, incarnation, organization } = stream.record;
      const known = entries.get(id);
      if (known === undefined) return add(stream);
      const { record } = known.stream;
      if (record.incarnation !== incarnation || record.organization !== organization) {
        await remove(id);
        return add(stream);
      }
      if (known.next !== undefined && isSink(known.next.sink)) await known.next.sink[Symbol.asyncDispose]();
      known.resumed ||= (known.next ?? known.stream).record.paused && !stream.record.paused;
      known.next = stream;
      known.ending.abort();
      if (known.turn !== undefined) return undefined;
      await replace(known);
      return schedule(known);
    },

    remove,

    async run(run) {
      running = run;
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
        waker.wake();
      });
      try {
        await poll();
        for (const entry of entries.values()) {
          verify(entry, {});
          await schedule(entry);
        }
        run.onStarted();
        let polledAt = clock.now();
        while (!run.signal.aborted) {
          waker.rest();
          const now = clock.now();
          if (now < polledAt) await clockSetBack(now);
          // Appends in quick succession are looked at together.
          const pause = hinted ? Math.min(20, settings.pollMs) : settings.pollMs;
          if (now - polledAt >= pause || now < polledAt) {
            hinted = false;
            polledAt = now;
            await poll().catch(logDefect);
          }
          for (let entry = due.takeDue(clock.now()); entry !== undefined; entry = due.takeDue(clock.now()))
            enqueue(entry);
          const nextPoll = polledAt + (hinted ? Math.min(20, settings.pollMs) : settings.pollMs);
          // Never longer than to the next poll, also when the clock is set back meanwhile.
          const wait = Math.min(due.nextAt(), nextPoll) - clock.now();
          await waker.wait(run.signal, Math.min(wait, settings.pollMs));
        }
      } finally {
        unsubscribe();
        verifier.stop();
        lanes.clear();
        for (const entry of entries.values()) {
          entry.queued = false;
          due.put(entry, Number.POSITIVE_INFINITY);
        }
        await Promise.all([...entries.values()].flatMap((entry) => entry.turn ?? []));
        running = undefined;
      }
    },

    flushAll(on) {
      flushing = on;
      for (const entry of entries.values()) void schedule(entry);
    },

    async settled(patienceMs) {
      const marked = new Set(await store.quarantine.retrying());
      for (const entry of entries.values()) {
        const { record, sink } = entry.stream;
        if (record.paused) continue;
        // While another runner delivers, what it has stored is what counts.
        const standingBy = running === undefined;
        const health = standingBy ? ((await store.streams.health(record.id)) ?? entry.health) : entry.health;
        // What an earlier process saw may have been mended since: a blocked stream is tried before it is given up.
        const tried = standingBy || entry.failingSince !== undefined || !isSink(sink);
        if (health.state === "blocked" && tried) continue;
        const now = clock.now();
        if (entry.failingSince !== undefined && now - entry.failingSince >= patienceMs) continue;
        const { restsSince } = entry;
        if (restsSince !== undefined && entry.notBefore > now && now - restsSince >= patienceMs) continue;
        const head = await store.journal.head(record.organization);
        heads.set(record.organization, head);
        const checkpoint = standingBy ? await store.checkpoints.get(record.id) : entry.checkpoint;
        if (standingBy) {
          const settled = (checkpoint?.delivered ?? 0) + (checkpoint?.quarantined ?? 0);
          if (settled !== entry.progress.settled) entry.progress = { settled, at: now };
          if (now - entry.progress.at >= patienceMs) continue;
        }
        const behind = (checkpoint?.position ?? -1) < Math.max(head.lastSequence, record.start);
        if (behind || entry.turn !== undefined || marked.has(record.id)) {
          if (marked.has(record.id)) entry.retrying = true;
          await schedule(entry);
          return false;
        }
      }
      return true;
    },
  };
}

function isSink(sink: Sink | SinkFailure): sink is Sink {
  return "deliver" in sink;
}
