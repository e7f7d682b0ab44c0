import type { Clock, Random } from "./clock.ts";
import type { Delivery, DeliveryRun, DeliveryStream, TurnRun } from "./delivery-run.ts";
import type { DeliverySettings } from "./delivery-settings.ts";
import { createPendingLimit, limitLookMs } from "./pending-limit.ts";
import { createAsideTurns } from "./aside-turns.ts";
import { chainIdOf, type DigestSettings } from "./digest-chain.ts";
import { dueQueue } from "./due-queue.ts";
import { createDueTimes } from "./due-times.ts";
import { createChainEnd } from "./final-digest.ts";
import { initialHealth } from "./health.ts";
import { createHealthReports, logDefect } from "./health-reports.ts";
import type { JournalHead } from "./journal.ts";
import { createLanes } from "./lanes.ts";
import type { Logger } from "./logger.ts";
import type { DeliveryObserver } from "./observer.ts";
import { replayingStreams } from "./replay.ts";
import { hasWork } from "./settled-streams.ts";
import type { Hold } from "./shard-keeper.ts";
import { createShardLoad } from "./shard-load.ts";
import type { Store } from "./store.ts";
import { shardOf } from "./shards.ts";
import { isSink, newEntry, type StreamEntry } from "./stream-entry.ts";
import { createStreamTurns } from "./stream-turns.ts";
import { settingsMark, type Verification } from "./verification.ts";
import { createVerifier } from "./verifier.ts";
import { createWaker } from "./waker.ts";

/** What a turn has in memory beside its window, in bytes: the groups that the store reads ahead. */
const groupAllowance = 2 * 1024 * 1024;

/** How long a shard that is given up waits for the requests under way, in ms: its other streams rest meanwhile. As a stop does. */
const leavingMs = 10_000;

/** How many streams of a shard that has just been gained are asked about at a time. */
const gainedAtOnce = 64;

/** A shard that this process has. */
interface Part {
  readonly hold: Hold;
  readonly leaving: AbortController;
  readonly abandoned: AbortController;
  readonly run: TurnRun;
}

export function createDelivery(options: {
  readonly store: Store;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly observer: DeliveryObserver;
  readonly settings: DeliverySettings;
  /** Absent: no digests are made. */
  readonly digests: DigestSettings | undefined;
  /** See {@link createHealthReports}. */
  readonly onState: (stream: string) => void;
}): Delivery {
  const { store, clock, random, logger, observer, settings, digests, onState } = options;
  const entries = new Map<string, StreamEntry>();
  const byOrganization = new Map<string, Set<StreamEntry>>();
  const heads = new Map<string, JournalHead>();
  const due = dueQueue<StreamEntry>();
  const lanes = createLanes(settings);
  let cursor: string | undefined;
  let flushing = false;
  let running: DeliveryRun | undefined;
  const parts = new Map<number, Part>();
  const load = createShardLoad(clock);
  /** Whose shards this process has is known by now. */
  let divided = false;
  const waker = createWaker(clock);
  const defect = (error: unknown): void => logDefect(logger, error);
  const { disconnectAfterMs } = settings;
  const report = createHealthReports({ store, clock, logger, observer, disconnectAfterMs, onState });
  const { dueAt, digestAt } = createDueTimes({
    store,
    clock,
    random,
    digests,
    report,
    headOf,
    flushing: () => flushing,
  });
  const asides = { clock, random, logger, settings, digests, flushing: () => flushing };
  const asideTurns = createAsideTurns(asides);
  const takeStreamTurn = createStreamTurns({
    store,
    clock,
    random,
    logger,
    observer,
    settings,
    report,
    asides: asideTurns,
  });
  const endChain = createChainEnd({ store, clock, logger, observer, settings, digests });
  const holdToLimit = createPendingLimit({ store, clock, logger, settings, digests, onLost: onState });
  const verifier = createVerifier({ clock, logger, report: takeVerification });

  async function takeVerification(id: string, verification: Verification): Promise<void> {
    const entry = entries.get(id);
    if (entry === undefined) return;
    const { state } = entry.health;
    await report(entry, { kind: "verified", verification });
    // Somebody may have mended what it was blocked on: then it need not wait for its next probe.
    if (!verification.ok || state !== "blocked") return;
    entry.notBefore = 0;
    await schedule(entry);
  }

  function verify(
    { stream, shard, health, gone }: StreamEntry,
    how: { readonly again?: boolean; readonly soon?: boolean },
  ): void {
    const { record, sink } = stream;
    // A turn may outlive its stream, or the run: nobody would stop what its end begins.
    if (runOf(shard) === undefined || gone.signal.aborted || record.paused || !isSink(sink)) return;
    verifier.consider({ record, sink }, health.verification, how);
  }

  /** What is done for the shard's streams is bound by; undefined where nothing more of it is this process's to begin. */
  function runOf(shard: number): TurnRun | undefined {
    const run = running === undefined ? undefined : parts.get(shard)?.run;
    return run?.signal.aborted === false ? run : undefined;
  }

  function headOf(entry: StreamEntry): JournalHead | undefined {
    return heads.get(entry.stream.record.organization);
  }

  async function schedule(entry: StreamEntry): Promise<void> {
    const idle = (): boolean => entry.turn === undefined && !entry.queued && runOf(entry.shard) !== undefined;
    if (!idle()) return;
    let at: number;
    try {
      at = await dueAt(entry);
    } catch (error) {
      // Where the store cannot tell what is pending, it is asked again a little later.
      defect(error);
      at = clock.now() + settings.retry.baseMs;
    }
    if (!idle() || entries.get(entry.stream.record.id) !== entry) return;
    due.put(entry, at);
    waker.wake();
  }

  async function turn(entry: StreamEntry): Promise<void> {
    entry.queued = false;
    await replace(entry);
    const run = runOf(entry.shard);
    if (run === undefined) return;
    if (parts.get(entry.shard)?.hold.doubtful() === true) {
      entry.notBefore = clock.now() + settings.pollMs;
      return;
    }
    // A destination that takes a backlog slowly leaves its stream no time without a turn.
    await holdToLimit?.(entry, headOf(entry), run);
    await takeStreamTurn(entry, run);
  }

  /** Holds all streams without a turn against the limit on pending age, one after another; the others do so as their turns begin. */
  async function lookAtAges(run: DeliveryRun): Promise<void> {
    if (holdToLimit === undefined) return;
    for (const entry of entries.values()) {
      if (run.signal.aborted) return;
      const own = runOf(entry.shard);
      if (own === undefined || entry.turn !== undefined || entry.queued) continue;
      due.put(entry, Number.POSITIVE_INFINITY);
      const held = holdToLimit(entry, headOf(entry), own);
      await occupied(entry, () => held);
    }
  }

  function enqueue(entry: StreamEntry): void {
    const { sink, flush } = entry.stream;
    if (!isSink(sink)) return;
    // A digest, or a step of a replay, comes after what is new, and holds no window.
    const aside = !entry.retrying && entry.windowAt > clock.now();
    const replayed = aside && entry.replaying ? flush.maxBytes : 0;
    const pending = (headOf(entry)?.totalBytes ?? 0) - (entry.oldest?.bytesBefore ?? 0);
    const backlog = aside ? replayed : pending;
    entry.queued = true;
    lanes.add({
      host: sink.host,
      owner: entry.stream.record.organization,
      troubled: aside || entry.failingSince !== undefined,
      // A window's bodies, and beside them the groups that are being read.
      bytes: Math.min(backlog, flush.maxBytes) + Math.min(backlog, groupAllowance),
      run: async () => {
        // Deleted while it waited.
        if (entries.get(entry.stream.record.id) !== entry) return;
        await occupied(entry, () => turn(entry));
      },
    });
  }

  /** Does the work as the entry's turn, and then what has waited for its end. */
  async function occupied(entry: StreamEntry, work: () => Promise<void>): Promise<void> {
    async function all(): Promise<void> {
      await work().catch(defect);
      while (entry.next !== undefined) await replace(entry).catch(defect);
      // At once: who comes later finds no turn, and does not count on this one.
      entry.turn = undefined;
    }
    entry.turn = all();
    await entry.turn;
    await schedule(entry);
  }

  /** Whether its next record is of another place, so that the chain of its digests ends at the one of now. */
  function moves({ stream, next, shard }: StreamEntry): boolean {
    const isHere = runOf(shard) !== undefined;
    return isHere && next !== undefined && chainIdOf(next.record) !== chainIdOf(stream.record);
  }

  /** Puts the stream's next record and sink into force. Only between turns. */
  async function replace(entry: StreamEntry): Promise<void> {
    const { stream } = entry;
    const run = runOf(entry.shard);
    if (run !== undefined && moves(entry)) {
      await endChain({ stream, splits: entry.splits, gone: entry.gone.signal }, run);
      entry.checkpoint = undefined;
    }
    const { next } = entry;
    if (next === undefined) return;
    entry.next = undefined;
    entry.stream = next;
    entry.notBefore = 0;
    verifier.forget(next.record.id);
    if (isSink(stream.sink)) await stream.sink[Symbol.asyncDispose]();
    // How it does is its own runner's to tell: the others hear of the change at another time, and know less.
    if (runOf(entry.shard) !== undefined) {
      if (next.record.paused !== stream.record.paused)
        await report(entry, { kind: next.record.paused ? "paused" : "resumed" });
      // Whether it works with other settings nobody knows yet.
      else if (settingsMark(next.record) !== settingsMark(stream.record) && !next.record.paused)
        await report(entry, { kind: "resumed" });
    }
    verify(entry, { again: entry.resumed, soon: true });
    entry.resumed = false;
  }

  async function add(stream: DeliveryStream): Promise<void> {
    const { id, organization } = stream.record;
    const entry = newEntry(stream, initialHealth(clock.now()), clock.now());
    load.streams(entry.shard, 1);
    if (running !== undefined && !heads.has(organization))
      heads.set(organization, await store.journal.head(organization));
    entries.set(id, entry);
    const siblings = byOrganization.get(organization) ?? new Set();
    byOrganization.set(organization, siblings.add(entry));
    await schedule(entry);
    verify(entry, { soon: true });
  }

  /** Takes an entry out, so that no turn of it begins any more. */
  function takeOut(id: string): StreamEntry | undefined {
    const entry = entries.get(id);
    if (entry === undefined) return undefined;
    entries.delete(id);
    load.streams(entry.shard, -1);
    verifier.forget(id);
    due.put(entry, Number.POSITIVE_INFINITY);
    byOrganization.get(entry.stream.record.organization)?.delete(entry);
    return entry;
  }

  async function remove(id: string): Promise<void> {
    const entry = takeOut(id);
    if (entry !== undefined) await dismiss(entry);
  }

  async function conclude(id: string): Promise<void> {
    const entry = takeOut(id);
    if (entry === undefined) return;
    entry.ending.abort();
    const ending = { stream: entry.next ?? entry.stream, splits: entry.splits, underWay: entry.turn };
    const run = runOf(entry.shard);
    if (run !== undefined) await endChain(ending, run);
    await dismiss(entry);
  }

  async function dismiss(entry: StreamEntry): Promise<void> {
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
      const bytes = head.totalBytes - (heads.get(head.organization)?.totalBytes ?? head.totalBytes);
      heads.set(head.organization, head);
      for (const entry of byOrganization.get(head.organization) ?? []) {
        if (bytes > 0) load.appended(entry.shard, bytes);
        await schedule(entry);
      }
    }
    for (const id of await replayingStreams(store)) {
      const entry = entries.get(id);
      if (entry === undefined || entry.replaying) continue;
      entry.replaying = true;
      await schedule(entry);
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

  /** The streams of a shard that has just been gained are looked at, a shard after another. */
  let gaining = Promise.resolve();

  async function begin(shard: number, part: Part): Promise<void> {
    const own = [...entries.values()].filter((entry) => entry.shard === shard);
    // A store answers many questions in little more time than one.
    for (let i = 0; i < own.length; i += gainedAtOnce) {
      await Promise.all(
        own.slice(i, i + gainedAtOnce).map(async (entry) => {
          if (parts.get(shard) !== part || part.run.signal.aborted) return;
          entry.notBefore = 0;
          await schedule(entry);
          verify(entry, {});
        }),
      );
    }
  }

  /** Has no turn of the shard begin any more, and resolves once none is under way. */
  async function end(shard: number): Promise<void> {
    const part = parts.get(shard);
    if (part === undefined) return;
    part.leaving.abort();
    const own = [...entries.values()].filter((entry) => entry.shard === shard);
    for (const entry of own) {
      due.put(entry, Number.POSITIVE_INFINITY);
      verifier.forget(entry.stream.record.id);
      entry.outdated = true;
    }
    const cancel = clock.after(leavingMs, () => part.abandoned.abort());
    await Promise.all(own.flatMap((entry) => entry.turn ?? []));
    cancel();
    if (parts.get(shard) === part) parts.delete(shard);
  }

  return {
    load: (shard) => load.of(shard),

    gained(shard, hold) {
      if (running === undefined) return;
      const [leaving, abandoned] = [new AbortController(), new AbortController()];
      const signal = AbortSignal.any([running.signal, hold.lost, leaving.signal]);
      const abandon = AbortSignal.any([running.abandon, hold.lost, abandoned.signal]);
      const part: Part = { hold, leaving, abandoned, run: { signal, abandon, lease: () => hold.lease() } };
      parts.set(shard, part);
      gaining = gaining.then(() => begin(shard, part)).catch(defect);
    },

    leaving: end,

    lost(shard) {
      void end(shard).catch(defect);
    },

    divided() {
      divided = true;
    },

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
      if (moves(known)) {
        // A place that takes its time with its last digest keeps nobody waiting here; a turn that waits for its own does it first.
        if (!known.queued) void occupied(known, () => Promise.resolve());
        return undefined;
      }
      await replace(known);
      return schedule(known);
    },

    remove,
    conclude,
    delivers: (id) => runOf(shardOf(id)) !== undefined,

    async verified(id, verification) {
      const record = entries.get(id)?.stream.record;
      // Elsewhere it is another runner's to tell, and of other settings it tells nothing.
      if (record === undefined || runOf(shardOf(id)) === undefined || verification.of !== settingsMark(record)) return;
      if (verification.ok) verifier.forget(id);
      await takeVerification(id, verification);
    },

    sinkOf(id) {
      const sink = entries.get(id)?.stream.sink;
      return sink !== undefined && isSink(sink) ? sink : undefined;
    },

    async run(run) {
      running = run;
      divided = false;
      cursor = undefined;
      let looking: Promise<void> | undefined;
      let lookedAt = Number.NEGATIVE_INFINITY;
      let hinted = true;
      const unsubscribe = store.journal.subscribe(() => {
        hinted = true;
        waker.wake();
      });
      try {
        await poll();
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
            await poll().catch(defect);
          }
          if (looking === undefined && Math.abs(now - lookedAt) >= limitLookMs) {
            lookedAt = now;
            looking = lookAtAges(run).finally(() => (looking = undefined));
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
        await looking;
        await gaining;
        await Promise.all([...entries.values()].flatMap((entry) => entry.turn ?? []));
        for (const entry of entries.values()) entry.outdated = true;
        parts.clear();
        running = undefined;
      }
    },

    flushAll(on) {
      flushing = on;
      for (const entry of entries.values()) void schedule(entry);
    },

    async settled(patienceMs) {
      const marked = new Set(await store.quarantine.retrying());
      const replays = new Set(await replayingStreams(store));
      const onHead = (head: JournalHead): unknown => heads.set(head.organization, head);
      for (const entry of entries.values()) {
        const { checkpoint } = entry;
        const standingBy = running === undefined || (divided && runOf(entry.shard) === undefined);
        entry.replaying = replays.has(entry.stream.record.id);
        const digestDue = !standingBy && checkpoint !== undefined && digestAt(entry, checkpoint) <= clock.now();
        if (
          !(await hasWork(entry, {
            store,
            clock,
            patienceMs,
            standingBy,
            marked,
            unfinished: digestDue || entry.replaying,
            onHead,
          }))
        )
          continue;
        if (marked.has(entry.stream.record.id)) entry.retrying = true;
        await schedule(entry);
        return false;
      }
      return true;
    },
  };
}
