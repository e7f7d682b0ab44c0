import { type Clock, type Random, sleep } from "./clock.ts";
import type { Delivery, DeliveryStream } from "./delivery-run.ts";
import { HeadgateError, isHeadgateError } from "./errors.ts";
import { mintEventId } from "./event-id.ts";
import type { DeclaredStream, HeadgateStreams, NewStream } from "./headgate-streams.ts";
import type { Logger } from "./logger.ts";
import { assertOrganization } from "./prepare.ts";
import type { Sink, SinkDefinition, SinkFailure } from "./sink.ts";
import type { Store, StreamRecord } from "./store.ts";
import { holdsSecret, storableOptions } from "./stream-options.ts";
import { readStreamStatus } from "./stream-status.ts";

/** Streams as records in the store and as running sinks. */
export interface StreamRegistry<Sinks extends readonly SinkDefinition[]> {
  api(open: () => Promise<void>): HeadgateStreams<Sinks>;
  /** Hands all streams of the store to delivery. */
  load(): Promise<void>;
  /** Follows changes that other processes make, until aborted. */
  watch(signal: AbortSignal, everyMs: number): Promise<void>;
  dispose(): Promise<void>;
}

const streamId = /^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/;

export function createStreamRegistry<Sinks extends readonly SinkDefinition[]>({
  store,
  sinks,
  clock,
  random,
  logger,
  delivery,
}: {
  readonly store: Store;
  readonly sinks: Sinks;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly delivery: Delivery;
}): StreamRegistry<Sinks> {
  const definitions = new Map<string, SinkDefinition>(sinks.map((sink) => [sink.type, sink]));
  const warn = (error: unknown): void =>
    logger.warn("looking for changed streams failed and is tried again", {
      error: error instanceof Error ? error.message : typeof error,
    });
  /** Options as they were declared, secrets and all, and for whom. */
  const declared = new Map<
    string,
    { readonly organization: string; readonly sink: string; readonly options: object }
  >();
  /** Records as delivery has them, as text for comparing. */
  const loaded = new Map<string, string>();
  let loadedOnce = false;

  function definitionOf(type: string): SinkDefinition {
    const definition = definitions.get(type);
    if (definition !== undefined) return definition;
    throw new HeadgateError(
      "sink_unknown",
      `There is no sink "${type}" (known: ${[...definitions.keys()].join(", ")}).`,
    );
  }

  function make(record: Pick<StreamRecord, "id" | "organization" | "sink">, options: object): Sink {
    const context = { stream: record.id, organization: record.organization, clock, random, logger };
    return definitionOf(record.sink).create(options, context);
  }

  /** The options that a record's sink is made with: the live ones of a declaration, or the stored ones. */
  function optionsOf(record: StreamRecord): object {
    if (!record.declared) return record.options;
    const live = declared.get(record.id);
    if (live?.organization === record.organization && live.sink === record.sink) return live.options;
    throw new HeadgateError(
      "sink_options_invalid",
      `The stream "${record.id}" was declared by a configuration that is not loaded.`,
      { hint: "Start with the configuration file that declares it, or delete the stream." },
    );
  }

  function running(record: StreamRecord): DeliveryStream {
    let sink: Sink | SinkFailure;
    try {
      sink = make(record, optionsOf(record));
    } catch (error) {
      // One stream that cannot be made must not keep the others from starting.
      sink = isHeadgateError(error)
        ? { code: error.code, message: error.message, ...(error.hint !== undefined && { hint: error.hint }) }
        : {
            code: "internal",
            message: `The ${record.sink} sink could not be made (${error instanceof Error ? error.name : typeof error}).`,
          };
    }
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

  async function* records(): AsyncGenerator<StreamRecord> {
    for (let after: string | undefined; ;) {
      const page = await store.streams.list({ ...(after !== undefined && { after }), limit: 500 });
      yield* page;
      after = page.at(-1)?.id;
      if (page.length < 500) return;
    }
  }

  async function recordOf(organization: string, stream: NewStream<Sinks>, isDeclared: boolean): Promise<StreamRecord> {
    assertOrganization(organization);
    const {
      id = mintEventId(clock.now()),
      sink,
      options,
      flush,
      from = "start",
    }: NewStream<readonly SinkDefinition[]> = stream;
    if (!streamId.test(id)) {
      throw new HeadgateError(
        "sink_options_invalid",
        `The stream id "${id.slice(0, 64)}" must be 1 to 128 letters, digits, dots, underscores or hyphens.`,
      );
    }
    // Made once to be checked; delivery makes its own.
    await make({ id, organization, sink }, options)[Symbol.asyncDispose]();
    const secretNames = definitionOf(sink).secretOptions ?? [];
    if (!isDeclared && holdsSecret(options, secretNames)) {
      throw new HeadgateError(
        "sink_options_invalid",
        `The options of stream "${id}" hold a secret, which the store would keep in clear.`,
        {
          hint: "Use role assumption, or declare the stream from a configuration with streams.declare().",
        },
      );
    }
    const start =
      from === "now"
        ? (await store.journal.head(organization)).lastSequence
        : (await store.journal.firstSequence(organization)) - 1;
    return {
      id,
      incarnation: mintEventId(clock.now()),
      organization,
      sink,
      options: storableOptions(options, secretNames),
      ...(flush && { flush }),
      paused: false,
      createdAt: clock.now(),
      start,
      declared: isDeclared,
    };
  }

  /** The organization's other stream that writes to the same place, if there is one. */
  async function sameDestination(fresh: StreamRecord, options: object): Promise<StreamRecord | undefined> {
    const definition = definitionOf(fresh.sink);
    const location = definition.location?.(options);
    if (location === undefined) return undefined;
    for (let after: string | undefined; ;) {
      const page = await store.streams.list({
        organization: fresh.organization,
        ...(after !== undefined && { after }),
        limit: 500,
      });
      for (const record of page) {
        if (record.sink !== fresh.sink || (fresh.declared && record.id === fresh.id)) continue;
        if (definition.location?.(record.options) === location) return record;
      }
      after = page.at(-1)?.id;
      if (page.length < 500) return undefined;
    }
  }

  /** Creates the record. Trimming may have passed its start meanwhile; from then on the record itself holds it back. */
  async function createRecord(record: StreamRecord): Promise<StreamRecord> {
    await store.streams.create(record);
    const start = (await store.journal.firstSequence(record.organization)) - 1;
    if (start <= record.start) return record;
    const raised = { ...record, start };
    await store.streams.update(raised);
    return raised;
  }

  async function declareOne(stream: DeclaredStream<Sinks>): Promise<void> {
    const { id, organization, sink, options }: DeclaredStream<readonly SinkDefinition[]> = stream;
    const fresh = await recordOf(organization, stream, true);
    const old = await store.streams.get(id);
    if (old !== undefined && (old.organization !== organization || old.sink !== sink)) {
      throw new HeadgateError(
        "stream_exists",
        `The stream "${id}" is one of organization "${old.organization}" to ${old.sink}, and cannot become one of "${organization}" to ${sink}.`,
        { hint: "Give the new stream another id, or delete the old one first." },
      );
    }
    const twin = await sameDestination(fresh, options);
    if (twin !== undefined) throw destinationTaken(twin);
    declared.set(id, { organization, sink, options });
    if (old === undefined) {
      try {
        await createRecord(fresh);
      } catch (error) {
        // Another runner declares the same configuration at this very moment: then it is there now.
        if (!isHeadgateError(error, "stream_exists") || (await store.streams.get(id)) === undefined) throw error;
        return declareOne(stream);
      }
    } else {
      const { incarnation, createdAt, start, resealThrough } = old;
      const paused = old.paused && old.dropped !== true;
      const kept = { incarnation, createdAt, start, paused, ...(resealThrough !== undefined && { resealThrough }) };
      await store.streams.update({ ...fresh, ...kept });
    }
    // The live options may have changed where the kept ones, with secrets redacted, look the same.
    loaded.delete(id);
    await put(await known(id));
  }

  async function known(id: string): Promise<StreamRecord> {
    const record = await store.streams.get(id);
    if (record === undefined) throw new HeadgateError("stream_unknown", `There is no stream "${id}".`);
    return record;
  }

  async function setPaused(id: string, paused: boolean): Promise<void> {
    const record = await known(id);
    if (record.paused === paused) return;
    const { dropped: _, ...rest } = record;
    const next = { ...rest, paused };
    await store.streams.update(next);
    await put(next);
  }

  return {
    api: (open) => ({
      async create(organization, stream) {
        await open();
        const fresh = await recordOf(organization, stream, false);
        const twin = await sameDestination(fresh, stream.options);
        if (twin !== undefined) {
          const same = stream.id === undefined || stream.id === twin.id;
          if (!same || JSON.stringify(twin.options) !== JSON.stringify(fresh.options)) throw destinationTaken(twin);
          return readStreamStatus(store, twin, clock.now());
        }
        const record = await createRecord(fresh);
        await put(record);
        return readStreamStatus(store, record, clock.now());
      },

      async declare(streams) {
        await open();
        for (const stream of streams) await declareOne(stream);
        const ids = new Set<string>(streams.map(({ id }) => id));
        for await (const record of records()) {
          if (!record.declared || ids.has(record.id) || record.paused) continue;
          logger.warn("a stream is not declared any more and is paused; declare it again, or delete it", {
            stream: record.id,
          });
          const dropped: StreamRecord = { ...record, paused: true, dropped: true };
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
        return readStreamStatus(store, await known(id), clock.now());
      },
      async *verify(id, { signal = new AbortController().signal } = {}) {
        await open();
        const record = await known(id);
        await using sink = make(record, optionsOf(record));
        if (sink.verify !== undefined) yield* sink.verify({ signal });
      },
      async pause(id) {
        await open();
        await setPaused(id, true);
      },
      async resume(id) {
        await open();
        await setPaused(id, false);
      },
      async reseal(id) {
        await open();
        const record = await known(id);
        const through = (await store.checkpoints.get(id))?.window?.through;
        if (through === undefined) return false;
        const next = { ...record, resealThrough: through };
        await store.streams.update(next);
        await put(next);
        return true;
      },
      async delete(id) {
        await open();
        const last = await readStreamStatus(store, await known(id), clock.now());
        loaded.delete(id);
        declared.delete(id);
        await delivery.remove(id);
        await store.streams.delete(id);
        return { ...last, health: { ...last.health, state: "deleted" } };
      },
    }),

    async load() {
      loadedOnce = true;
      // One that fails here is looked at again by `watch`.
      for await (const record of records()) await put(record).catch(warn);
    },

    async watch(signal, everyMs) {
      while (!signal.aborted) {
        // At 100,000 streams a look is 200 pages; so the more streams there are, the rarer it is.
        await sleep(clock, Math.max(everyMs, loaded.size), signal).catch(() => {});
        if (signal.aborted) return;
        try {
          const seen = new Set<string>();
          for await (const record of records()) {
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

function destinationTaken({ id, sink }: StreamRecord): HeadgateError {
  return new HeadgateError(
    "stream_exists",
    `The stream "${id}" of this organization writes to the same place with ${sink}: every event would be stored twice.`,
    {
      hint: "Change that stream, delete it, or give the new one another prefix or folder.",
    },
  );
}
