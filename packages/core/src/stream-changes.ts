import type { Clock } from "./clock.ts";
import { HeadgateError, isHeadgateError } from "./errors.ts";
import { mintEventId } from "./event-id.ts";
import { initialHealth } from "./health.ts";
import type { DeclaredStream, StreamChanges as WantedChanges } from "./headgate-streams.ts";
import type { RoleClaims } from "./role-claims.ts";
import type { Shapes } from "./shape.ts";
import type { SinkDefinition } from "./sink.ts";
import type { Store, StreamRecord } from "./store.ts";
import type { StreamLock } from "./stream-lock.ts";
import { assertStreamName, checkOptions, destinationTaken, type StreamRecords } from "./stream-records.ts";
import type { StreamSinks } from "./stream-sinks.ts";
import { settingsMark } from "./verification.ts";

/** How the records of streams that exist are changed: each from what it is by then, and one at a time. */
export interface StreamChanges {
  /** Creates what a configuration declares, or takes its changes over. */
  declare(stream: DeclaredStream<readonly SinkDefinition[]>): Promise<void>;
  /** See `HeadgateStreams.update`. */
  update(id: string, changes: WantedChanges): Promise<void>;
  setPaused(id: string, paused: boolean): Promise<void>;
  /** See `HeadgateStreams.rotateSecrets`. */
  rotateSecrets(id: string): Promise<boolean>;
  /** See `HeadgateStreams.reseal`. */
  reseal(id: string): Promise<boolean>;
}

export function createStreamChanges({
  store,
  clock,
  sinks,
  shapes,
  records,
  claims,
  exclusively,
  put,
  forget,
}: {
  readonly store: Store;
  readonly clock: Clock;
  readonly sinks: StreamSinks;
  readonly shapes: Shapes;
  readonly records: StreamRecords;
  readonly claims: RoleClaims;
  readonly exclusively: StreamLock;
  /** Hands a record to delivery, unless it has it. */
  readonly put: (record: StreamRecord) => Promise<void>;
  /** Has the next `put` hand it on in any case. */
  readonly forget: (id: string) => void;
}): StreamChanges {
  const replace = (next: StreamRecord): Promise<void> =>
    claims.storing(next, (documents) => store.streams.update(next, documents));

  async function changing(id: string, work: (record: StreamRecord) => Promise<StreamRecord>): Promise<void> {
    const { organization } = await records.known(id);
    await exclusively(organization, async () => {
      const record = await records.known(id);
      const next = await work(record);
      if (next === record) return;
      await replace(next);
      await put(next);
    });
  }

  /**
   * The record with the consent to finish a window that is under way at another place, where there is another one now and
   * the stream does not get through: it may be stuck at the very place that is being corrected. What else changes waits for
   * the next window, and takes back a consent of before, which was not given for it.
   */
  async function resealed(next: StreamRecord, before: StreamRecord): Promise<StreamRecord> {
    if (settingsMark(next) === settingsMark(before)) return next;
    const { resealThrough: _, ...rest } = next;
    const definition = sinks.definitionOf(next.sink);
    if (definition.location?.(next.options) === definition.location?.(before.options)) return rest;
    // What the digests there name is not here.
    const moved = { ...rest, chain: mintEventId(clock.now()) };
    const { state } = (await store.streams.health(next.id)) ?? initialHealth(next.createdAt);
    if (state !== "blocked" && state !== "disconnected" && state !== "degraded") return moved;
    const through = (await store.checkpoints.get(next.id))?.window?.through;
    return through === undefined ? moved : { ...moved, resealThrough: through };
  }

  /** What a declaration makes of the record that is there. */
  async function declared(fresh: StreamRecord, old: StreamRecord): Promise<StreamRecord> {
    const { incarnation, createdAt, start, resealThrough, chain } = old;
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
      ...(chain !== undefined && { chain }),
    };
    return resealed({ ...fresh, ...kept }, old);
  }

  async function declare(stream: DeclaredStream<readonly SinkDefinition[]>): Promise<void> {
    const { id, organization, sink, options, sharedRole } = stream;
    const fresh: StreamRecord = {
      ...(await records.fresh(organization, stream, true)),
      ...(sharedRole === true && { sharedRole }),
    };
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
    sinks.declare({ id, organization, sink }, options);
    try {
      if (old === undefined) {
        await claims.storing(fresh, (documents) => records.create(fresh, documents));
      } else if (JSON.stringify(await declared(fresh, old)) !== JSON.stringify(old)) {
        // Most starts change nothing. What does must not undo what somebody changes over the API meanwhile.
        await exclusively(organization, async () => {
          const before = await records.known(id);
          await replace(await declared(fresh, before));
        });
      }
    } catch (error) {
      // Another runner declares the same configuration at this very moment: then it is there now.
      const isThere = old === undefined && isHeadgateError(error, "stream_exists");
      if (isThere && (await store.streams.get(id)) !== undefined) return declare(stream);
      // What was refused must not be delivered with.
      sinks.forget(id);
      throw error;
    }
    // The live options may have changed where the kept ones, with secrets redacted, look the same.
    forget(id);
    await put(await records.known(id));
  }

  return {
    declare,

    update: (id, { name, options, flush, shape }) =>
      changing(id, async (record) => {
        if (record.declared) {
          throw new HeadgateError("stream_declared", `The stream "${id}" is declared by a configuration file.`, {
            hint: "Change it there; the runner takes it over when it starts.",
          });
        }
        if (name !== undefined) assertStreamName(name);
        const next: StreamRecord = {
          ...record,
          ...(name !== undefined && { name }),
          ...(flush && { flush }),
          ...(shape && { shape }),
        };
        if (options !== undefined || shape !== undefined)
          await checkOptions(sinks, record, options ?? sinks.optionsOf(record), { shapes, shape: next.shape });
        if (options === undefined) return next;
        const twin = await records.sameDestination(record, options, id);
        if (twin !== undefined) throw destinationTaken(twin);
        return resealed({ ...next, options: await sinks.stored(record, options, false) }, record);
      }),

    setPaused: (id, paused) =>
      changing(id, async (record) => {
        if (record.paused === paused) return record;
        const { dropped: _, ...rest } = record;
        return { ...rest, paused, ...(paused ? { pausedAt: clock.now() } : { resumedAt: clock.now() }) };
      }),

    async rotateSecrets(id) {
      let rotated = false;
      await changing(id, async (record) => {
        const options = await sinks.rotated(record);
        rotated = options !== record.options;
        return rotated ? { ...record, options } : record;
      });
      return rotated;
    },

    async reseal(id) {
      await records.known(id);
      const through = (await store.checkpoints.get(id))?.window?.through;
      if (through === undefined) return false;
      await changing(id, async (record) => ({ ...record, resealThrough: through }));
      return true;
    },
  };
}
