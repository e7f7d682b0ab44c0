import { type Clock, type Random, sleep } from "./clock.ts";
import type { Delivery, DeliveryStream } from "./delivery.ts";
import { HeadgateError, isHeadgateError } from "./errors.ts";
import { mintEventId } from "./event-id.ts";
import type { JsonObject } from "./event.ts";
import type { Logger } from "./logger.ts";
import { assertOrganization } from "./prepare.ts";
import { Secret } from "./secret.ts";
import type { FlushPolicy, Sink, SinkDefinition, SinkFailure } from "./sink.ts";
import type { Store, StreamRecord } from "./store.ts";
import { readStreamStatus, type StreamStatus } from "./stream-status.ts";

/** A stream to create or declare, its options typed by its sink. */
export type NewStream<Sinks extends readonly SinkDefinition[]> = {
  [I in keyof Sinks]: Sinks[I] extends SinkDefinition<infer Type, infer Options>
    ? {
        /** 1–128 letters, digits, `.`, `_`, `-`. @default a UUIDv7 */
        readonly id?: string;
        readonly sink: Type;
        readonly options: Options;
        readonly flush?: Partial<FlushPolicy>;
        /** Where the stream begins: with all that the journal holds, or with what is appended from now on. @default "start" */
        readonly from?: "start" | "now";
      }
    : never;
}[number];

/** A stream of a configuration file. */
export type DeclaredStream<Sinks extends readonly SinkDefinition[]> = NewStream<Sinks> & {
  readonly id: string;
  readonly organization: string;
};

/** The streams of all organizations. */
export interface HeadgateStreams<Sinks extends readonly SinkDefinition[]> {
  /** @throws `stream_exists`, `sink_unknown`, `sink_options_invalid` (also for secrets: only declared streams may hold them) */
  create(organization: string, stream: NewStream<Sinks>): Promise<StreamStatus>;
  /**
   * Makes the store's declared streams those given: new ones are created, known ones take the new options, and declared
   * ones that are not given any more are paused, so that nothing they still lack is lost. Options may hold secrets: the
   * store keeps them redacted, so declare the streams again at every start.
   */
  declare(streams: readonly DeclaredStream<Sinks>[]): Promise<void>;
  list(page?: {
    readonly organization?: string;
    readonly after?: string;
    readonly limit?: number;
  }): Promise<readonly StreamRecord[]>;
  get(id: string): Promise<StreamRecord | undefined>;
  /** @throws `stream_unknown` */
  status(id: string): Promise<StreamStatus>;
  /** Stops delivering; events are kept. @throws `stream_unknown` */
  pause(id: string): Promise<void>;
  /** Goes on where it stopped. @throws `stream_unknown` */
  resume(id: string): Promise<void>;
  /**
   * Consents to finishing a window that is blocked with `codec_changed`: requests under way when it was sealed could be
   * stored twice. False where no window is sealed. @throws `stream_unknown`
   */
  reseal(id: string): Promise<boolean>;
  /** Ends the stream, and its claim on what is pending. Tells how much that was. @throws `stream_unknown` */
  delete(id: string): Promise<StreamStatus>;
}

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
  /** Options as they were declared, secrets and all. */
  const declared = new Map<string, object>();
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

  function running(record: StreamRecord): DeliveryStream {
    let sink: Sink | SinkFailure;
    try {
      if (record.declared && !declared.has(record.id)) {
        throw new HeadgateError(
          "sink_options_invalid",
          `The stream "${record.id}" was declared by a configuration that is not loaded.`,
          {
            hint: "Start with the configuration file that declares it, or delete the stream.",
          },
        );
      }
      sink = make(record, declared.get(record.id) ?? record.options);
    } catch (error) {
      if (!isHeadgateError(error)) throw error;
      sink = { code: error.code, message: error.message, ...(error.hint !== undefined && { hint: error.hint }) };
    }
    const base = "deliver" in sink ? sink.flush : { maxAgeMs: 0, maxBytes: 0, maxEvents: 0 };
    return { record, sink, flush: { ...base, ...record.flush } };
  }

  async function put(record: StreamRecord): Promise<void> {
    const text = JSON.stringify(record);
    if (!loadedOnce || loaded.get(record.id) === text) return;
    loaded.set(record.id, text);
    await delivery.put(running(record));
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
    if (!isDeclared && holdsSecret(options)) {
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
    const kept = JSON.parse(JSON.stringify(options)) as JsonObject;
    return {
      id,
      organization,
      sink,
      options: kept,
      ...(flush && { flush }),
      paused: false,
      createdAt: clock.now(),
      start,
      declared: isDeclared,
    };
  }

  async function known(id: string): Promise<StreamRecord> {
    const record = await store.streams.get(id);
    if (record === undefined) throw new HeadgateError("stream_unknown", `There is no stream "${id}".`);
    return record;
  }

  async function setPaused(id: string, paused: boolean): Promise<void> {
    const record = await known(id);
    if (record.paused === paused) return;
    const next = { ...record, paused };
    await store.streams.update(next);
    await put(next);
  }

  return {
    api: (open) => ({
      async create(organization, stream) {
        await open();
        const record = await recordOf(organization, stream, false);
        await store.streams.create(record);
        await put(record);
        return readStreamStatus(store, record, clock.now());
      },

      async declare(streams) {
        await open();
        const ids = new Set<string>();
        for (const stream of streams) {
          ids.add(stream.id);
          const fresh = await recordOf(stream.organization, stream, true);
          declared.set(stream.id, stream.options);
          const old = await store.streams.get(stream.id);
          if (old === undefined) await store.streams.create(fresh);
          else if (old.organization !== fresh.organization) {
            throw new HeadgateError(
              "stream_exists",
              `The stream "${old.id}" belongs to the organization "${old.organization}" and cannot move to "${fresh.organization}".`,
              {
                hint: "Give the new stream another id.",
              },
            );
          } else {
            const { paused, createdAt, start, resealThrough } = old;
            await store.streams.update({
              ...fresh,
              paused,
              createdAt,
              start,
              ...(resealThrough !== undefined && { resealThrough }),
            });
          }
          // The live options may have changed where the kept ones, with secrets redacted, look the same.
          loaded.delete(stream.id);
          await put((await store.streams.get(stream.id)) ?? fresh);
        }
        for await (const record of records()) {
          if (!record.declared || ids.has(record.id) || record.paused) continue;
          logger.warn("a stream is not declared any more and is paused; resume or delete it", { stream: record.id });
          await setPaused(record.id, true);
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
      for await (const record of records()) await put(record);
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
            await put(record);
          }
          for (const id of loaded.keys()) {
            if (seen.has(id)) continue;
            loaded.delete(id);
            await delivery.remove(id);
          }
        } catch (error) {
          logger.warn("looking for changed streams failed", {
            error: error instanceof Error ? error.message : typeof error,
          });
        }
      }
    },

    async dispose() {
      for (const id of loaded.keys()) await delivery.remove(id);
      loaded.clear();
    },
  };
}

function holdsSecret(value: unknown): boolean {
  if (value instanceof Secret) return true;
  return typeof value === "object" && value !== null && Object.values(value).some(holdsSecret);
}
