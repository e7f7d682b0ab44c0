import type { AlertOptions, HeadgateAlerts } from "./alert.ts";
import { createAlerts } from "./alerts.ts";
import type { WatchedStream } from "./alert-rules.ts";
import { oldestPendingOccurrence } from "./pending-occurrence.ts";
import { type Catalog, type CatalogEvent } from "./catalog.ts";
import type { QuarantineRecord } from "./checkpoint.ts";
import { type Clock, type Random, sleep, systemClock } from "./clock.ts";
import { createDelivery } from "./delivery.ts";
import { defaultDeliverySettings, type DeliverySettings } from "./delivery-settings.ts";
import { assertDigestSettings, type DigestSettings } from "./digest-chain.ts";
import type { DigestKeySet } from "./digest-keys.ts";
import { HeadgateError } from "./errors.ts";
import { assertPendingLimit } from "./giving-up.ts";
import { mintEventId } from "./event-id.ts";
import type { AppendOptions, AppendResult, PreparedEvent } from "./journal.ts";
import { logDefect } from "./health-reports.ts";
import { createShardKeeper, type ShardKeeper } from "./shard-keeper.ts";
import type { Share } from "./shards.ts";
import { type Logger, silentLogger } from "./logger.ts";
import { type DeliveryObserver, guardedObserver } from "./observer.ts";
import { createPreparer, type Preparer } from "./prepare.ts";
import { startRetention } from "./retention.ts";
import type { EventFormat } from "./event-format.ts";
import type { Pseudonyms } from "./pseudonyms.ts";
import { createShapes, type Shapes } from "./shape.ts";
import type { SinkDefinition } from "./sink.ts";
import type { Store } from "./store.ts";
import type { HeadgateStreams } from "./headgate-streams.ts";
import { createStreamRegistry } from "./stream-registry.ts";
import { readStreamStatus, type StreamStatus } from "./stream-status.ts";
import type { NewEvent } from "./event.ts";
import type { Vault } from "./vault.ts";
import { hourMs } from "./time.ts";

/** What `createHeadgate` takes. */
export interface HeadgateOptions<Sinks extends readonly SinkDefinition[], C extends Catalog | undefined> {
  /** Opened by `createHeadgate`'s first use and closed with it. */
  readonly store: Store;
  readonly sinks: Sinks;
  readonly catalog?: C;
  /** What happens to an action that the catalog does not know. @default "allow" */
  readonly unknownActions?: "allow" | "warn" | "refuse";
  /** How long events are kept after every stream has them, and how old an appended event may be, in ms. @default 30 d */
  readonly retentionMs?: number;
  readonly delivery?: Partial<DeliverySettings>;
  readonly observer?: DeliveryObserver;
  /** Seals the secrets of streams that are created over the API. @default none: such streams cannot hold secrets */
  readonly vault?: Vault;
  /** Signs what was delivered, hour by hour, for customers' auditors. @default none: there is no proof of completeness */
  readonly digests?: DigestSettings;
  /** Forms that streams may send events in, beside the native one. @default none */
  readonly formats?: readonly EventFormat[];
  /** Keys that streams' privacy rules hash with. @default none: rules may only drop and mask */
  readonly pseudonyms?: Pseudonyms;
  readonly alerts?: AlertOptions;
  readonly clock?: Clock;
  readonly random?: Random;
  readonly logger?: Logger;
}

/** What an append came to. */
export interface AppendSummary {
  readonly accepted: number;
  readonly duplicates: number;
  /** Lowest and highest sequence of the events handed in, repeats included; absent for an empty append. */
  readonly first_sequence?: number;
  readonly last_sequence?: number;
  /** In the order of the events handed in. */
  readonly sequences: readonly number[];
}

/** What a drain came to. */
export interface DrainSummary {
  /** Whether nothing is pending on any stream that is not paused. */
  readonly complete: boolean;
  readonly streams: readonly StreamStatus[];
}

/** Audit-log streaming, embedded. */
export interface Headgate<
  Sinks extends readonly SinkDefinition[] = readonly SinkDefinition[],
  C extends Catalog | undefined = undefined,
> extends AsyncDisposable {
  /**
   * Appends events of one organization and resolves once they are on disk. All or nothing; idempotent by id. With
   * `options.transaction`, on a store that takes one, they become durable with the caller's own change or not at all.
   * @throws `event_invalid` naming each event and path at fault, `store_full`
   */
  append(
    organization: string,
    events: readonly (C extends Catalog ? CatalogEvent<C> : NewEvent)[],
    options?: AppendOptions,
  ): Promise<AppendSummary>;
  /** Appends events that a preparer made: for sources. */
  appendPrepared(organization: string, events: readonly PreparedEvent[]): Promise<AppendResult>;
  /** Checks events by the catalog and makes them ready for `appendPrepared`, as `append` does: for those that take many, one by one. */
  readonly preparer: Preparer;
  /** Opens the store, if that has not happened yet. The other methods do so by themselves; who uses `store` directly calls it first. */
  open(): Promise<void>;
  readonly store: Store;
  readonly sinks: readonly SinkDefinition[];
  readonly streams: HeadgateStreams<Sinks>;
  readonly alerts: HeadgateAlerts;
  /** The public keys that digests verify by, for customers' auditors; undefined where none are made. */
  readonly digestKeys: DigestKeySet | undefined;
  /** Names and titles of the forms that events can take, the native one first. */
  readonly formats: Shapes["formats"];
  readonly quarantine: {
    list(
      stream: string,
      page?: { readonly after?: number; readonly limit?: number },
    ): Promise<readonly QuarantineRecord[]>;
    /** Has the event sent again, soon, by the runner that delivers. False where there is none to retry. */
    retry(stream: string, sequence: number): Promise<boolean>;
    /** Drops the event's line for this stream for good; it stays counted. */
    discard(stream: string, sequence: number): Promise<boolean>;
  };
  /** What of the streams this process delivers: nothing before it has been started. */
  share(): Share;
  /** Begins to deliver its share of the streams: all of them, unless other processes on the same store deliver too. */
  start(): Promise<void>;
  /**
   * Delivers all that is pending, now, and resolves when nothing is left, or when every stream with something left is
   * blocked, has failed for `patienceMs`, or rests for longer because its destination asked for that. Starts delivery if need be.
   */
  drain(options?: {
    readonly signal?: AbortSignal;
    /** @default 60_000 */
    readonly patienceMs?: number;
    /** Called about four times a second. */
    readonly onProgress?: (streams: readonly StreamStatus[]) => void;
  }): Promise<DrainSummary>;
  /** How every stream stands. */
  status(): Promise<readonly StreamStatus[]>;
  /** Ends delivery: no new requests, those under way may finish for `deadlineMs`, then they are abandoned. @default 10_000 */
  stop(options?: { readonly deadlineMs?: number }): Promise<void>;
}

/**
 * Puts store, sinks and catalog together.
 *
 * @example
 * ```ts
 * const headgate = createHeadgate({ store: memoryStore(), sinks: [fileSink()] });
 * await headgate.append("org_1", [{ action: "user.login", actor: { type: "user", id: "u_1" } }]);
 * await headgate.streams.create("org_1", { sink: "file", options: { directory: "./out" } });
 * await headgate.start();
 * ```
 */
export function createHeadgate<
  const Sinks extends readonly SinkDefinition[],
  C extends Catalog | undefined = undefined,
>(options: HeadgateOptions<Sinks, C>): Headgate<Sinks, C> {
  const { store, clock = systemClock, random = Math.random, logger = silentLogger } = options;
  const observer = guardedObserver(options.observer ?? {}, logger);
  const { retentionMs = 30 * 86_400_000, unknownActions = "allow" } = options;
  assertPendingLimit(options.delivery?.giveUpAfterMs);
  if (options.digests !== undefined) assertDigestSettings(options.digests);
  const settings: DeliverySettings = { ...defaultDeliverySettings, ...options.delivery };
  const preparer = createPreparer({
    ...(options.catalog && { catalog: options.catalog }),
    unknownActions,
    maxAgeMs: retentionMs,
    clock,
    logger,
  });
  const onState = (stream: string): void => alerts.wake(stream);
  const delivery = createDelivery({
    store,
    clock,
    random,
    logger,
    observer,
    settings,
    digests: options.digests,
    onState,
  });
  const { sinks, vault } = options;
  const { formats, pseudonyms } = options;
  const shapes = createShapes({ ...(formats && { formats }), ...(pseudonyms && { pseudonyms }) });
  const streams = createStreamRegistry({ store, sinks, clock, random, logger, delivery, vault, shapes });
  const streamsApi = streams.api(() => open());
  const { giveUpAfterMs, giveUpPaused = false } = settings;
  const madeAt = clock.now();
  async function watched(status: StreamStatus): Promise<WatchedStream> {
    const sink = delivery.sinkOf(status.id);
    const maxEventAgeMs = sink?.limits.maxEventAgeMs;
    // A pause and an outage keep digests waiting too, and so does a process that was not there.
    const since = Math.max(status.digest?.at ?? status.createdAt, status.health.since, madeAt);
    const vouched = options.digests !== undefined && sink?.digests !== undefined;
    const oldestOccurredAt =
      maxEventAgeMs === undefined || status.pending === 0 ? undefined : await oldestPendingOccurrence(store, status.id);
    return {
      status,
      ...(giveUpAfterMs !== undefined && { limit: { ms: giveUpAfterMs, paused: giveUpPaused } }),
      ...(maxEventAgeMs !== undefined && { maxEventAgeMs }),
      ...(oldestOccurredAt !== undefined && { oldestOccurredAt }),
      ...(vouched && { digest: { since, dueAt: since + (options.digests?.everyMs ?? hourMs) } }),
    };
  }
  // Health events are none of the platform's actions: its catalog does not judge them.
  const ownEvents = createPreparer({ maxAgeMs: retentionMs, clock, logger });
  const alerts = createAlerts({
    options: options.alerts ?? {},
    store,
    open: () => open(),
    async *streams() {
      for await (const status of statuses()) yield await watched(status);
    },
    async stream(id) {
      const status = await readStreamStatus(store, id, clock.now());
      return status && (await watched(status));
    },
    async append(organization, event) {
      await store.journal.append(organization, [ownEvents.prepare(organization, event)]);
    },
    clock,
    random,
    logger,
  });
  const holder = mintEventId(clock.now());

  let opening: Promise<void> | undefined;
  const open = (): Promise<void> =>
    (opening ??= store.open().catch((error: unknown) => {
      // What kept it from opening may be mended by the next call.
      opening = undefined;
      throw error;
    }));
  let running:
    | { readonly stopping: AbortController; readonly abandon: AbortController; readonly done: Promise<void> }
    | undefined;
  let sharing: ShardKeeper | undefined;
  let failure: { readonly error: unknown; readonly since: number } | undefined;

  async function deliver(stopping: AbortSignal, abandon: AbortSignal): Promise<void> {
    while (!stopping.aborted) {
      const ended = new AbortController();
      let alerting = Promise.resolve();
      const keeper: ShardKeeper = createShardKeeper(store.leases, holder, settings.leaseTtlMs, {
        clock,
        logger,
        events: {
          ...delivery,
          leading({ lost }) {
            alerting = alerting.then(() => alerts.run(AbortSignal.any([stopping, lost, ended.signal])));
          },
        },
      });
      let keeping = Promise.resolve();
      sharing = keeper;
      try {
        await delivery.run({
          signal: stopping,
          abandon,
          onStarted() {
            failure = undefined;
            keeping = keeper.run(ended.signal);
          },
        });
      } catch (error) {
        if (stopping.aborted) return;
        failure ??= { error, since: clock.now() };
        logger.error("delivery stopped on an error and begins again", {
          error: error instanceof Error ? error.message : typeof error,
        });
        await sleep(clock, settings.pollMs, stopping).catch(() => {});
      } finally {
        ended.abort();
        await keeping;
        await alerting;
        // What cannot be given up runs out by itself.
        await keeper.release().catch((error: unknown) => logDefect(logger, error));
        sharing = undefined;
      }
    }
  }

  async function* statuses(): AsyncGenerator<StreamStatus> {
    for (let after: string | undefined; ;) {
      const page = await streamsApi.statuses({ ...(after !== undefined && { after }), limit: 500 });
      yield* page.streams;
      after = page.after;
      if (after === undefined) return;
    }
  }

  /** Starts and stops one after another, in the order they were asked for. */
  let turnover: Promise<unknown> = Promise.resolve();
  function afterwards<T>(step: () => Promise<T>): Promise<T> {
    const done = turnover.then(step);
    turnover = done.catch(() => {});
    return done;
  }

  const start = (): Promise<void> =>
    afterwards(async () => {
      await open();
      if (running !== undefined) return;
      await streams.load();
      const [stopping, abandon] = [new AbortController(), new AbortController()];
      const { signal } = stopping;
      const done = Promise.all([
        deliver(signal, abandon.signal),
        streams.watch(signal, Math.max(settings.pollMs, 1000)),
        startRetention({ store, clock, logger, retentionMs, signal }),
      ]).then(() => {});
      running = { stopping, abandon, done };
    });

  const stop = ({ deadlineMs = 10_000 }: { readonly deadlineMs?: number } = {}): Promise<void> =>
    afterwards(async () => {
      if (running === undefined) return;
      const { stopping, abandon, done } = running;
      stopping.abort();
      const cancel = clock.after(deadlineMs, () =>
        abandon.abort(new HeadgateError("cancelled", "The runner is stopping.")),
      );
      await done.finally(cancel);
      running = undefined;
    });

  return {
    async append(organization, events, appendOptions) {
      const single = events.length === 1;
      const problems: string[] = [];
      const prepared: PreparedEvent[] = [];
      events.forEach((event, i) => {
        try {
          prepared.push(preparer.prepare(organization, event, { at: single ? "event" : `events[${i}]` }));
        } catch (error) {
          if (single || !(error instanceof HeadgateError) || error.code === "organization_invalid") throw error;
          problems.push(error.message);
        }
      });
      if (problems.length > 0) {
        const more = problems.length > 20 ? ` And ${problems.length - 20} more.` : "";
        throw new HeadgateError("event_invalid", `Nothing was stored. ${problems.slice(0, 20).join(" ")}${more}`);
      }
      await open();
      const { accepted, duplicates, sequences } = await store.journal.append(organization, prepared, appendOptions);
      let [first, last] = [Number.POSITIVE_INFINITY, 0];
      for (const sequence of sequences) [first, last] = [Math.min(first, sequence), Math.max(last, sequence)];
      return {
        accepted,
        duplicates,
        sequences,
        ...(sequences.length > 0 && { first_sequence: first, last_sequence: last }),
      };
    },

    async appendPrepared(organization, events) {
      await open();
      return store.journal.append(organization, events);
    },

    preparer,
    open,
    store,
    sinks,
    streams: streamsApi,
    alerts,
    formats: shapes.formats,
    digestKeys: options.digests?.signer.published,

    quarantine: {
      async list(stream, page) {
        await open();
        return store.quarantine.list(stream, page);
      },
      async retry(stream, sequence) {
        await open();
        return store.quarantine.mark(stream, sequence, "retry");
      },
      async discard(stream, sequence) {
        await open();
        return store.quarantine.mark(stream, sequence, "discarded");
      },
    },

    share: () => sharing?.share() ?? { shards: [], runners: 0 },
    start,
    stop,
    status: () => Array.fromAsync(statuses()),

    async drain({ signal, patienceMs = 60_000, onProgress } = {}) {
      await start();
      delivery.flushAll(true);
      let reportedAt = clock.now();
      while (signal?.aborted !== true && !(await delivery.settled(patienceMs))) {
        if (failure !== undefined && clock.now() - failure.since >= patienceMs) throw failure.error;
        if (onProgress !== undefined && clock.now() - reportedAt >= 250) {
          reportedAt = clock.now();
          onProgress(await Array.fromAsync(statuses()));
        }
        await sleep(clock, 20, signal).catch(() => {});
      }
      delivery.flushAll(false);
      const streamsNow = await Array.fromAsync(statuses());
      onProgress?.(streamsNow);
      return {
        complete: streamsNow.every(({ pending, health }) => pending === 0 || health.state === "paused"),
        streams: streamsNow,
      };
    },

    async [Symbol.asyncDispose]() {
      await stop();
      await streams.dispose();
      if (opening !== undefined) await store[Symbol.asyncDispose]();
    },
  };
}
