import { askForChainEnd, chainEndAnswered, chainEndsAskedFor } from "./chain-ends.ts";
import { type Clock, type Random, sleep } from "./clock.ts";
import { forgetDigests } from "./digest-turn.ts";
import { addDeleted, readDeletedTotals } from "./deleted-totals.ts";
import type { Delivery, DeliveryStream } from "./delivery-run.ts";
import { isHeadgateError } from "./errors.ts";
import { mintEventId } from "./event-id.ts";
import type { HeadgateStreams } from "./headgate-streams.ts";
import type { Logger } from "./logger.ts";
import { assertOrganization } from "./prepare.ts";
import { countReplay } from "./replay-count.ts";
import { cancelReplay, forgetReplays, readReplay, requestReplay } from "./replay.ts";
import { createRoleClaims } from "./role-claims.ts";
import type { Shapes } from "./shape.ts";
import { previewShape } from "./shape-preview.ts";
import { shapedSink } from "./shaped-sink.ts";
import type { Sink, SinkDefinition, SinkFailure, VerificationStep } from "./sink.ts";
import type { Store, StreamRecord } from "./store.ts";
import { createStreamChanges } from "./stream-changes.ts";
import { createStreamLock } from "./stream-lock.ts";
import { createStreamRecords, destinationTaken, unknownStream } from "./stream-records.ts";
import { createStreamSinks } from "./stream-sinks.ts";
import { readStreamStatus, streamStatus, type StreamStatus } from "./stream-status.ts";
import { hourMs } from "./time.ts";
import type { Vault } from "./vault.ts";
import { handOverVerification, takeVerifications } from "./verification-handover.ts";
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

/** So much later a stream whose deletion was announced, and that is still there, was not deleted; in ms. */
const giveUpMs = 10_000;

export function createStreamRegistry<Sinks extends readonly SinkDefinition[]>({
  store,
  sinks,
  clock,
  random,
  logger,
  delivery,
  vault,
  shapes,
}: {
  readonly store: Store;
  readonly sinks: Sinks;
  readonly vault?: Vault | undefined;
  readonly shapes: Shapes;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly delivery: Delivery;
}): StreamRegistry<Sinks> {
  const streamSinks = createStreamSinks({ sinks, clock, random, logger, vault });
  const records = createStreamRecords({ store, clock, sinks: streamSinks, shapes });
  const claims = createRoleClaims({ store, sinks, records, logger });
  const exclusively = createStreamLock(store.leases, clock);
  const askElsewhere = askForChainEnd({ store, clock });
  /** Streams whose chain was ended for another process that deletes them, and when. */
  const concluded = new Map<string, number>();
  const warn = (error: unknown): void =>
    logger.warn("looking for changed streams failed and is tried again", {
      error: error instanceof Error ? error.message : typeof error,
    });
  /** Records as delivery has them, as text for comparing. */
  const loaded = new Map<string, string>();
  /** The last hand-over of each stream that is under way. */
  const latest = new Map<string, symbol>();
  let loadedOnce = false;

  /** The record's sink, with its shape, or why there is none. */
  async function sinkOf(record: StreamRecord): Promise<Sink | SinkFailure> {
    const sink = await streamSinks.sinkOf(record);
    if (!("deliver" in sink)) return sink;
    const { organization } = record;
    try {
      return shapedSink(sink, record.shape && shapes.freeze(record.shape), { shapes, organization });
    } catch (error) {
      if (!isHeadgateError(error)) throw error;
      // A format or a key that was there when the stream was saved has gone: the stream waits for it.
      return { code: error.code, message: error.message, ...(error.hint !== undefined && { hint: error.hint }) };
    }
  }

  async function running(record: StreamRecord): Promise<DeliveryStream> {
    const sink = await sinkOf(record);
    const base = "deliver" in sink ? sink.flush : { maxAgeMs: 0, maxBytes: 0, maxEvents: 0 };
    return { record, sink, flush: { ...base, ...record.flush } };
  }

  async function put(record: StreamRecord): Promise<void> {
    const text = JSON.stringify(record);
    if (!loadedOnce || loaded.get(record.id) === text) return;
    const mine = Symbol(record.id);
    latest.set(record.id, mine);
    const stream = await running(record);
    if (latest.get(record.id) !== mine) {
      // While its secrets were being opened the stream was changed, or deleted: that counts.
      if ("deliver" in stream.sink) await stream.sink[Symbol.asyncDispose]();
      return;
    }
    latest.delete(record.id);
    await delivery.put(stream);
    // A key that cannot be asked now is asked again at the next look; it is no fault of the record.
    loaded.set(record.id, "code" in stream.sink && stream.sink.code === "key_unavailable" ? "" : text);
  }

  /** Takes over what another process may have changed; the record is read anew, because a page ages while it is gone through. */
  async function refresh(seen: StreamRecord): Promise<void> {
    if (loaded.get(seen.id) === JSON.stringify(seen)) return;
    const record = await store.streams.get(seen.id);
    if (record !== undefined) await put(record);
  }

  const changes = createStreamChanges({
    store,
    clock,
    sinks: streamSinks,
    shapes,
    records,
    claims,
    exclusively,
    put,
    forget: (id) => void loaded.delete(id),
  });

  /** Ends the chains of streams that other processes are about to delete, beside everything else. */
  async function endChains(): Promise<void> {
    const now = clock.now();
    for (const [id, at] of concluded) {
      if (now - at < giveUpMs) continue;
      // Nobody has deleted it: it goes on.
      concluded.delete(id);
      loaded.delete(id);
    }
    for (const id of await chainEndsAskedFor(store.documents, now)) {
      if (concluded.has(id) || !delivery.delivers(id)) continue;
      concluded.set(id, Number.POSITIVE_INFINITY);
      void delivery
        .conclude(id)
        .then(() => chainEndAnswered(store.documents, id))
        .catch(warn)
        .finally(() => concluded.set(id, clock.now()));
    }
  }

  /** Takes what other processes found of streams that are delivered here. */
  async function verifiedElsewhere(): Promise<void> {
    await takeVerifications(store.documents, clock.now(), async (id, verification) => {
      if (!delivery.delivers(id)) return false;
      await delivery.verified(id, verification);
      return true;
    });
  }

  /** Takes over what other processes have changed, created and deleted. */
  async function follow(): Promise<void> {
    const seen = new Set<string>();
    for await (const record of records.each()) {
      seen.add(record.id);
      await refresh(record).catch(warn);
    }
    for (const id of loaded.keys()) {
      if (seen.has(id)) continue;
      loaded.delete(id);
      latest.delete(id);
      await delivery.remove(id);
    }
  }

  async function repeat(signal: AbortSignal, everyMs: () => number, look: () => Promise<void>): Promise<void> {
    while (!signal.aborted) {
      await sleep(clock, everyMs(), signal).catch(() => {});
      if (!signal.aborted) await look().catch(warn);
    }
  }

  async function statusOf(id: string): Promise<StreamStatus> {
    const status = await readStreamStatus(store, id, clock.now());
    if (status === undefined) throw unknownStream(id);
    return status;
  }

  return {
    api: (open) => ({
      async create(organization, stream) {
        await open();
        const id = await exclusively(organization, async () => {
          const { idIfNew } = stream;
          // Who asked for it at the same moment may have it by now.
          const taken = idIfNew !== undefined && (await store.streams.get(idIfNew)) !== undefined;
          const fresh = await records.fresh(organization, stream, false, taken ? undefined : idIfNew);
          const twin = await records.sameDestination(fresh, stream.options);
          if (twin !== undefined) {
            const same = stream.id === undefined || stream.id === twin.id;
            const like = ({ options, shape }: StreamRecord): string => JSON.stringify([options, shape]);
            if (!same || like(twin) !== like(fresh)) throw destinationTaken(twin);
            return twin.id;
          }
          const record = await claims.storing(fresh, (documents) => records.create(fresh, documents));
          await put(record);
          return record.id;
        });
        return statusOf(id);
      },

      async declare(streams) {
        await open();
        for (const stream of streams) await changes.declare(stream);
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
      async update(id, wanted) {
        await open();
        await changes.update(id, wanted);
        return statusOf(id);
      },
      async options(id) {
        await open();
        return await streamSinks.optionsOf(await records.known(id));
      },
      async *tryOut(
        organization,
        { id = mintEventId(clock.now()), sink: type, options },
        { signal = new AbortController().signal } = {},
      ) {
        await open();
        assertOrganization(organization);
        await using sink = streamSinks.make({ id, organization, sink: type }, options);
        await claims.check({ id, organization, sink: type, options });
        if (sink.verify !== undefined) yield* sink.verify({ signal });
      },
      async preview(organization, shape, { limit = 10 } = {}) {
        await open();
        assertOrganization(organization);
        return previewShape(store, organization, { shapes, shape: shapes.freeze(shape), limit: Math.min(limit, 100) });
      },
      async deliveries(id, page) {
        await open();
        await records.known(id);
        return store.deliveries.list(id, { limit: 50, ...page });
      },
      async *verify(id, { signal = new AbortController().signal } = {}) {
        await open();
        const record = await records.known(id);
        await using sink = streamSinks.make(record, await streamSinks.optionsOf(record));
        if (sink.verify === undefined) return;
        const steps: VerificationStep[] = [];
        for await (const step of sink.verify({ signal })) {
          steps.push(step);
          yield step;
        }
        if (signal.aborted) return;
        const ok = steps.every(({ status }) => status !== "failed");
        const verification = { at: clock.now(), ok, steps, of: settingsMark(record) };
        if (delivery.delivers(id)) await delivery.verified(id, verification);
        else await handOverVerification(store.documents, id, verification);
      },
      async pause(id) {
        await open();
        await changes.setPaused(id, true);
      },
      async resume(id) {
        await open();
        await changes.setPaused(id, false);
      },
      async rotateSecrets(id) {
        await open();
        return changes.rotateSecrets(id);
      },
      async reseal(id) {
        await open();
        return changes.reseal(id);
      },
      async replay(id, range, { into = id } = {}) {
        await open();
        const [record, target] = [await records.known(id), await records.known(into)];
        // Of another organization's streams nobody learns that they are there.
        if (target.organization !== record.organization) throw unknownStream(into);
        return requestReplay(store, target, range, clock.now());
      },
      async countReplay(id, range) {
        await open();
        const { organization } = await records.known(id);
        return countReplay(store.journal, organization, range);
      },
      async replayOf(id) {
        await open();
        return readReplay(store, await records.known(id));
      },
      async cancelReplay(id) {
        await open();
        return cancelReplay(store, await records.known(id), clock.now());
      },
      async delete(id) {
        await open();
        const { organization } = await records.known(id);
        try {
          // What this process delivers ends first, so that the last status is the last; and before the lock, which nothing
          // may hold for as long as a destination takes.
          const isHere = delivery.delivers(id);
          await delivery.conclude(id);
          if (!isHere) await askElsewhere(id);
          return await exclusively(organization, async () => {
            await records.known(id);
            streamSinks.forget(id);
            // It may have been changed meanwhile, and begun again.
            await delivery.remove(id);
            const last = await statusOf(id);
            await addDeleted(store.documents, last.sink, last);
            await store.streams.delete(id);
            await forgetDigests(store, id);
            await forgetReplays(store, id);
            return { ...last, health: { ...last.health, state: "deleted" as const } };
          });
        } finally {
          // Until now, so that nobody takes it for one that is new; a stream that could not be deleted goes on.
          loaded.delete(id);
          latest.delete(id);
        }
      },
      async deletedTotals() {
        await open();
        return readDeletedTotals(store.documents);
      },
    }),

    async load() {
      await claims.ready();
      loadedOnce = true;
      // One that fails here is looked at again by `watch`.
      for await (const record of records.each()) await put(record).catch(warn);
    },

    async watch(signal, everyMs) {
      await Promise.all([
        // Whoever deletes a stream waits for its end, however many others there are.
        repeat(signal, () => everyMs, endChains),
        // So does whoever has mended something and looks whether it works.
        repeat(signal, () => everyMs, verifiedElsewhere),
        // At 100,000 streams a look is 200 pages; so the more streams there are, the rarer it is.
        repeat(signal, () => Math.max(everyMs, loaded.size), follow),
      ]);
    },

    async dispose() {
      for (const id of loaded.keys()) await delivery.remove(id);
      loaded.clear();
    },
  };
}
