import { type Clock, type Random, sleep } from "./clock.ts";
import { addDeleted, readDeletedTotals } from "./deleted-totals.ts";
import type { Delivery, DeliveryStream } from "./delivery-run.ts";
import { HeadgateError, isHeadgateError } from "./errors.ts";
import { initialHealth } from "./health.ts";
import { mintEventId } from "./event-id.ts";
import type { DeclaredStream, HeadgateStreams, StreamChanges } from "./headgate-streams.ts";
import type { Logger } from "./logger.ts";
import { assertOrganization } from "./prepare.ts";
import type { SinkDefinition, VerificationStep } from "./sink.ts";
import type { Store, StreamRecord } from "./store.ts";
import {
  assertStreamName,
  checkOptions,
  createStreamRecords,
  destinationTaken,
  unknownStream,
} from "./stream-records.ts";
import { createStreamLock } from "./stream-lock.ts";
import { createStreamSinks } from "./stream-sinks.ts";
import { readStreamStatus, streamStatus, type StreamStatus } from "./stream-status.ts";
import { hourMs } from "./time.ts";
import type { Vault } from "./vault.ts";
import { settingsMark } from "./verification.ts";

/** Streams as records in the store and as running sinks. */
export interface StreamRegistry<Sinks extends readonly SinkDefinition[]> {
  api(open: () => Promise<void>): HeadgateStreams<Sinks>;
  /** Hands all streams of the store to delivery. */
  load(): Promise<void>;
  /** Follows changes that other processes make, until aborted. */
  watch(signal: AbortSignal, everyMs: number): Promise<void>;
  dispose(): Promise<void>;
}

/** Streams that one call for statuses looks at, at most: where few are in a wanted state, the page comes back short. */
const mostLooked = 5000;

export function createStreamRegistry<Sinks extends readonly SinkDefinition[]>({
  store,
  sinks,
  clock,
  random,
  logger,
  delivery,
  vault,
}: {
  readonly store: Store;
  readonly sinks: Sinks;
  readonly vault?: Vault | undefined;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly delivery: Delivery;
}): StreamRegistry<Sinks> {
  const streamSinks = createStreamSinks({ sinks, clock, random, logger, vault });
  const records = createStreamRecords({ store, clock, sinks: streamSinks });
  const exclusively = createStreamLock(store.leases, clock);
  const warn = (error: unknown): void =>
    logger.warn("looking for changed streams failed and is tried again", {
      error: error instanceof Error ? error.message : typeof error,
    });
  /** Records as delivery has them, as text for comparing. */
  const loaded = new Map<string, string>();
  let loadedOnce = false;

  function running(record: StreamRecord): DeliveryStream {
    const sink = streamSinks.sinkOf(record);
    const base = "deliver" in sink ? sink.flush : { maxAgeMs: 0, maxBytes: 0, maxEvents: 0 };
    return { record, sink, flush: { ...base, ...record.flush } };
  }

  async function put(record: StreamRecord): Promise<void> {
    const text = JSON.stringify(record);
    if (!loadedOnce || loaded.get(record.id) === text) return;
    await delivery.put(running(record));
    loaded.set(record.id, text);
  }

  /** Takes over what another process may have changed; the record is read anew, because a page ages while it is gone through. */
  async function refresh(seen: StreamRecord): Promise<void> {
    if (loaded.get(seen.id) === JSON.stringify(seen)) return;
    const record = await store.streams.get(seen.id);
    if (record !== undefined) await put(record);
  }

  async function declareOne(stream: DeclaredStream<Sinks>): Promise<void> {
    const { id, organization, sink, options }: DeclaredStream<readonly SinkDefinition[]> = stream;
    const fresh = await records.fresh(organization, stream, true);
    const old = await store.streams.get(id);
    if (old !== undefined && (old.organization !== organization || old.sink !== sink)) {
      throw new HeadgateError(
        "stream_exists",
        `The stream "${id}" is one of organization "${old.organization}" to ${old.sink}, and cannot become one of "${organization}" to ${sink}.`,
        { hint: "Give the new stream another id, or delete the old one first." },
      );
    }
    const twin = await records.sameDestination(fresh, options, id);
    if (twin !== undefined) throw destinationTaken(twin);
    streamSinks.declare({ id, organization, sink }, options);
    if (old === undefined) {
      try {
        await records.create(fresh);
      } catch (error) {
        // Another runner declares the same configuration at this very moment: then it is there now.
        if (!isHeadgateError(error, "stream_exists") || (await store.streams.get(id)) === undefined) throw error;
        return declareOne(stream);
      }
    } else {
      const { incarnation, createdAt, start, resealThrough } = old;
      const paused = (old.paused && old.dropped !== true) || fresh.paused;
      const pausedAt = !old.paused && paused ? clock.now() : old.pausedAt;
      const resumedAt = old.paused && !paused ? clock.now() : old.resumedAt;
      const kept = {
        incarnation,
        createdAt,
        start,
        paused,
        ...(pausedAt !== undefined && { pausedAt }),
        ...(resumedAt !== undefined && { resumedAt }),
        ...(resealThrough !== undefined && { resealThrough }),
      };
      await store.streams.update(await resealed({ ...fresh, ...kept }, old));
    }
    // The live options may have changed where the kept ones, with secrets redacted, look the same.
    loaded.delete(id);
    await put(await records.known(id));
  }

  async function statusOf(id: string): Promise<StreamStatus> {
    const status = await readStreamStatus(store, id, clock.now());
    if (status === undefined) throw unknownStream(id);
    return status;
  }

  /** Changes a record as it is by then. */
  async function changing(id: string, work: (record: StreamRecord) => Promise<void>): Promise<void> {
    const { organization } = await records.known(id);
    await exclusively(organization, async () => work(await records.known(id)));
  }

  async function change(record: StreamRecord, { name, options, flush }: StreamChanges): Promise<void> {
    const { id } = record;
    if (record.declared) {
      throw new HeadgateError("stream_declared", `The stream "${id}" is declared by a configuration file.`, {
        hint: "Change it there; the runner takes it over when it starts.",
      });
    }
    if (name !== undefined) assertStreamName(name);
    let next: StreamRecord = { ...record, ...(name !== undefined && { name }), ...(flush && { flush }) };
    if (options !== undefined) {
      await checkOptions(streamSinks, record, options);
      const twin = await records.sameDestination(record, options, id);
      if (twin !== undefined) throw destinationTaken(twin);
      next = { ...next, options: streamSinks.stored(record, options, false) };
      next = await resealed(next, record);
    }
    await store.streams.update(next);
    await put(next);
  }

  /**
   * The record with the consent to finish a window that is under way at another place, where there is another one now and
   * the stream does not get through: it may be stuck at the very place that is being corrected. What else changes waits for
   * the next window, and takes back a consent of before, which was not given for it.
   */
  async function resealed(next: StreamRecord, before: StreamRecord): Promise<StreamRecord> {
    if (settingsMark(next) === settingsMark(before)) return next;
    const { resealThrough: _, ...rest } = next;
    const definition = streamSinks.definitionOf(next.sink);
    if (definition.location?.(next.options) === definition.location?.(before.options)) return rest;
    const { state } = (await store.streams.health(next.id)) ?? initialHealth(next.createdAt);
    if (state !== "blocked" && state !== "disconnected" && state !== "degraded") return rest;
    const through = (await store.checkpoints.get(next.id))?.window?.through;
    return through === undefined ? rest : { ...rest, resealThrough: through };
  }

  async function setPaused(record: StreamRecord, paused: boolean): Promise<void> {
    if (record.paused === paused) return;
    const { dropped: _, ...rest } = record;
    const next = { ...rest, paused, ...(paused ? { pausedAt: clock.now() } : { resumedAt: clock.now() }) };
    await store.streams.update(next);
    await put(next);
  }

  return {
    api: (open) => ({
      async create(organization, stream) {
        await open();
        const id = await exclusively(organization, async () => {
          const fresh = await records.fresh(organization, stream, false);
          const twin = await records.sameDestination(fresh, stream.options);
          if (twin !== undefined) {
            const same = stream.id === undefined || stream.id === twin.id;
            if (!same || JSON.stringify(twin.options) !== JSON.stringify(fresh.options)) throw destinationTaken(twin);
            return twin.id;
          }
          const record = await records.create(fresh);
          await put(record);
          return record.id;
        });
        return statusOf(id);
      },

      async declare(streams) {
        await open();
        for (const stream of streams) await declareOne(stream);
        const ids = new Set<string>(streams.map(({ id }) => id));
        for await (const record of records.each()) {
          if (!record.declared || ids.has(record.id) || record.paused) continue;
          logger.warn("a stream is not declared any more and is paused; declare it again, or delete it", {
            stream: record.id,
          });
          const dropped: StreamRecord = { ...record, paused: true, pausedAt: clock.now(), dropped: true };
          await store.streams.update(dropped);
          await put(dropped);
        }
      },

      async list(page) {
        await open();
        return store.streams.list(page);
      },
      async get(id) {
        await open();
        return store.streams.get(id);
      },
      async status(id) {
        await open();
        return statusOf(id);
      },
      async statuses({ states, limit = 100, after, ...which } = {}) {
        await open();
        const now = clock.now();
        const streams: StreamStatus[] = [];
        let from = after;
        for (let looked = 0; looked < mostLooked; looked += limit) {
          const page = { ...which, ...(from !== undefined && { after: from }), overdueBefore: now - hourMs };
          // One more than is wanted tells whether there is a next page.
          const found = await store.streams.snapshots({ ...page, limit: limit + 1 });
          for (const snapshot of found) {
            if (streams.length === limit) return { streams, ...(from !== undefined && { after: from }) };
            from = snapshot.record.id;
            const status = streamStatus(snapshot, now);
            if (states === undefined || states.includes(status.health.state)) streams.push(status);
          }
          if (found.length <= limit) return { streams };
        }
        return { streams, ...(from !== undefined && { after: from }) };
      },
      async update(id, changes) {
        await open();
        await changing(id, (record) => change(record, changes));
        return statusOf(id);
      },
      async options(id) {
        await open();
        return streamSinks.optionsOf(await records.known(id));
      },
      async *tryOut(organization, { sink: type, options }, { signal = new AbortController().signal } = {}) {
        assertOrganization(organization);
        await using sink = streamSinks.make({ id: mintEventId(clock.now()), organization, sink: type }, options);
        if (sink.verify !== undefined) yield* sink.verify({ signal });
      },
      async deliveries(id, page) {
        await open();
        await records.known(id);
        return store.deliveries.list(id, { limit: 50, ...page });
      },
      async *verify(id, { signal = new AbortController().signal } = {}) {
        await open();
        const record = await records.known(id);
        await using sink = streamSinks.make(record, streamSinks.optionsOf(record));
        if (sink.verify === undefined) return;
        const steps: VerificationStep[] = [];
        for await (const step of sink.verify({ signal })) {
          steps.push(step);
          yield step;
        }
        if (signal.aborted) return;
        const ok = steps.every(({ status }) => status !== "failed");
        await delivery.verified(id, { at: clock.now(), ok, steps, of: settingsMark(record) });
      },
      async pause(id) {
        await open();
        await changing(id, (record) => setPaused(record, true));
      },
      async resume(id) {
        await open();
        await changing(id, (record) => setPaused(record, false));
      },
      async reseal(id) {
        await open();
        await records.known(id);
        const through = (await store.checkpoints.get(id))?.window?.through;
        if (through === undefined) return false;
        await changing(id, async (record) => {
          const next = { ...record, resealThrough: through };
          await store.streams.update(next);
          await put(next);
        });
        return true;
      },
      async delete(id) {
        await open();
        const { organization } = await records.known(id);
        return exclusively(organization, async () => {
          await records.known(id);
          loaded.delete(id);
          streamSinks.forget(id);
          // From here on nothing of it moves any more.
          await delivery.remove(id);
          const last = await statusOf(id);
          await addDeleted(store.documents, last.sink, last);
          await store.streams.delete(id);
          return { ...last, health: { ...last.health, state: "deleted" as const } };
        });
      },
      async deletedTotals() {
        await open();
        return readDeletedTotals(store.documents);
      },
    }),

    async load() {
      loadedOnce = true;
      // One that fails here is looked at again by `watch`.
      for await (const record of records.each()) await put(record).catch(warn);
    },

    async watch(signal, everyMs) {
      while (!signal.aborted) {
        // At 100,000 streams a look is 200 pages; so the more streams there are, the rarer it is.
        await sleep(clock, Math.max(everyMs, loaded.size), signal).catch(() => {});
        if (signal.aborted) return;
        try {
          const seen = new Set<string>();
          for await (const record of records.each()) {
            seen.add(record.id);
            await refresh(record).catch(warn);
          }
          for (const id of loaded.keys()) {
            if (seen.has(id)) continue;
            loaded.delete(id);
            await delivery.remove(id);
          }
        } catch (error) {
          warn(error);
        }
      }
    },

    async dispose() {
      for (const id of loaded.keys()) await delivery.remove(id);
      loaded.clear();
    },
  };
}
