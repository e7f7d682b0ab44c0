import type { Checkpoint, LastStreamed, QuarantineEntry, SettledEvents } from "./checkpoint.ts";
import type { Clock } from "./clock.ts";
import { HeadgateError, isHeadgateError } from "./errors.ts";
import { lastSequence } from "./group.ts";
import type { Logger } from "./logger.ts";
import type { DeliveryObserver } from "./observer.ts";
import type { Chunk, DeliveryResult, FlushPolicy, Sink, SinkFailure } from "./sink.ts";
import type { CheckpointCommit, Lease, Store } from "./store.ts";
import { settle } from "./settled.ts";
import { cutWindow, ndjsonFraming, planOf, remainder, type WindowPiece } from "./window.ts";

/** What a turn needs to know of its stream. */
export interface TurnStream {
  readonly id: string;
  readonly organization: string;
  readonly sink: Sink;
  readonly flush: FlushPolicy;
  /** See `StreamRecord.resealThrough`. */
  readonly resealThrough?: number | undefined;
}

/** What a turn works with. */
export interface TurnContext {
  readonly store: Store;
  /** The lease that every commit is fenced by. */
  readonly lease: () => Lease;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly observer: DeliveryObserver;
  readonly signal: AbortSignal;
  /** 1 plus the failures in a row before this turn. */
  readonly attempt: number;
  /** After so long a `deliver` call is aborted and counts as a retry, in ms. */
  readonly requestTimeoutMs: number;
}

/** How a turn ended. The checkpoint is the last one known to be stored. */
export type TurnResult =
  | { readonly status: "idle" | "done" | "cancelled"; readonly checkpoint: Checkpoint }
  | {
      readonly status: "retry" | "blocked";
      readonly checkpoint: Checkpoint;
      readonly error: SinkFailure;
      readonly afterMs?: number;
    };

interface Failure {
  readonly status: "retry" | "blocked";
  readonly error: SinkFailure;
  readonly afterMs?: number;
}

/**
 * One turn of a stream: goes on with its sealed window, or seals the next one, and delivers it chunk by chunk until it
 * is through or the destination fails. Store errors are thrown; what was committed before stays.
 */
export async function takeTurn(stream: TurnStream, from: Checkpoint, context: TurnContext): Promise<TurnResult> {
  const { store, clock, signal } = context;
  const { sink } = stream;
  let checkpoint = from;

  async function commit(next: Omit<Checkpoint, "version">, quarantine: readonly QuarantineEntry[] = []): Promise<void> {
    const stamped = { ...next, version: checkpoint.version + 1 };
    const change: CheckpointCommit = { lease: context.lease(), checkpoint: stamped, quarantine };
    await store.checkpoints.commit(change);
    checkpoint = stamped;
  }

  if (checkpoint.window === undefined) {
    const { maxBytes, maxEvents } = stream.flush;
    const groups = await store.journal.index(stream.organization, { after: checkpoint.position, maxBytes, maxEvents });
    const last = groups.at(-1);
    if (last === undefined) return { status: "idle", checkpoint };
    await commit({
      ...checkpoint,
      window: {
        after: checkpoint.position,
        through: lastSequence(last),
        sealedAt: clock.now(),
        plan: planOf(sink),
        settled: {},
        settledCount: 0,
      },
    });
  }
  const sealed = checkpoint.window;
  if (sealed === undefined) throw new Error("a sealed checkpoint has no window");
  if (sealed.plan.encoding !== sink.encoding && sink.canEncode?.(sealed.plan.encoding) !== true) {
    if (stream.resealThrough !== sealed.through) return { status: "blocked", checkpoint, error: codecChanged };
    // The cuts stay, so what is settled stays settled; only the bytes of the rest change.
    await commit({ ...checkpoint, window: { ...sealed, plan: { ...sealed.plan, encoding: sink.encoding } } });
  }
  const window = checkpoint.window ?? sealed;

  const settled: Record<number, SettledEvents> = { ...window.settled };
  let { settledCount } = window;
  let { delivered, quarantined, lastStreamed } = checkpoint;
  let entries: QuarantineEntry[] = [];
  let failure: Failure | undefined;
  let cutting = true;
  let unsaved = false;
  let saving: Promise<void> | undefined;

  /** Commits what is settled so far; calls that come while one is under way share the next. */
  function save(): Promise<void> {
    unsaved = true;
    saving ??= (async () => {
      try {
        while (unsaved) {
          unsaved = false;
          const batch = entries;
          entries = [];
          const progress = { ...checkpoint, delivered, quarantined, ...(lastStreamed && { lastStreamed }) };
          await commit({ ...progress, window: { ...window, settled: { ...settled }, settledCount } }, batch);
        }
      } finally {
        saving = undefined;
      }
    })();
    return saving;
  }

  function settleOrdinals(piece: WindowPiece, indexes: readonly number[]): void {
    if (indexes.length === 0) return;
    settled[piece.index] = settle(
      settled[piece.index],
      indexes.map((i) => piece.ordinals[i] as number),
      piece.total,
    );
    settledCount += indexes.length;
  }

  function accept(piece: WindowPiece, count: number, receipt: string): void {
    if (count === 0) return;
    settleOrdinals(
      piece,
      Array.from({ length: count }, (_, i) => i),
    );
    delivered += count;
    const sequence = piece.sequences[count - 1] as number;
    if (lastStreamed !== undefined && lastStreamed.sequence > sequence) return;
    lastStreamed = {
      sequence,
      occurredAt: piece.times[count - 1] as number,
      at: clock.now(),
      receipt,
    } satisfies LastStreamed;
  }

  async function isolate(piece: WindowPiece, indexes: readonly number[], reason: SinkFailure): Promise<void> {
    const isolated: QuarantineEntry[] = [];
    for (const i of indexes) {
      isolated.push(await quarantineEntry(store, stream, piece.sequences[i] as number, clock.now(), reason));
    }
    // Entries and counts change together, with no commit in between.
    entries.push(...isolated);
    settleOrdinals(piece, indexes);
    quarantined += indexes.length;
  }

  async function deliverPiece(piece: WindowPiece): Promise<void> {
    for (let rest: WindowPiece | undefined = piece; rest !== undefined && failure === undefined;) {
      const current: WindowPiece = rest;
      rest = undefined;
      if (current.kind === "oversize") {
        await isolate(current, [0], oversize(current.sizes[0] as number, window.plan.maxEventBytes));
      } else {
        const result = await send(current);
        if (result === undefined) return;
        const count =
          result.status === "delivered" ? current.sequences.length : clampCount(result.acceptedCount, current);
        accept(current, count, result.status === "delivered" ? result.receipt : "");
        if (result.status === "rejected") {
          const indexes = [...new Set(result.indexes)].filter(
            (i) => Number.isInteger(i) && i >= count && i < current.sequences.length,
          );
          if (indexes.length === 0 && count === 0) {
            failure = {
              status: "retry",
              error: { code: "internal", message: `The ${sink.name} sink rejected events without naming them.` },
            };
            return;
          }
          await isolate(current, indexes, result.error);
          rest = remainder(current, settled[current.index] as SettledEvents, sink.framing ?? ndjsonFraming);
        } else if (result.status !== "delivered") {
          failure ??= {
            status: result.status,
            error: result.error,
            ...(result.status === "retry" && result.afterMs !== undefined && { afterMs: result.afterMs }),
          };
        }
      }
    }
    // The window's last settlement goes with the commit that ends the window.
    if (cutting || failure !== undefined) await save();
  }

  async function send(piece: WindowPiece): Promise<DeliveryResult | undefined> {
    const chunk = chunkOf(stream, window.after, window.through, window.plan.encoding, piece);
    const began = clock.now();
    let result: DeliveryResult;
    try {
      result = await deliverInTime(sink, chunk, context);
    } catch (error) {
      if (signal.aborted) return undefined;
      result = { status: "retry", error: thrown(sink.name, error) };
      context.logger.error("a sink threw instead of answering", {
        stream: stream.id,
        sink: sink.name,
        error: result.error.message,
      });
    }
    const accepted = result.status === "delivered" ? chunk.count : clampCount(result.acceptedCount, piece);
    context.observer.delivery?.({
      stream: stream.id,
      organization: stream.organization,
      chunk: chunk.key,
      status: result.status,
      events: accepted,
      quarantined: result.status === "rejected" ? result.indexes.length : 0,
      bytes: chunk.body.length,
      ms: clock.now() - began,
      attempt: context.attempt,
      firstSequence: chunk.firstSequence,
      lastSequence: chunk.lastSequence,
      ...(result.status === "delivered" ? { receipt: result.receipt } : { error: result.error }),
    });
    return result;
  }

  const range = { after: window.after, through: window.through };
  const source = {
    index: await store.journal.index(stream.organization, range),
    groups: store.journal.read(stream.organization, range),
  };
  const pieces = cutWindow(window.plan, sink, source, window.settled);
  const inFlight = new Set<Promise<void>>();
  let thrownBy: { readonly error: unknown } | undefined;
  try {
    for await (const piece of pieces) {
      const work = deliverPiece(piece)
        .catch((error: unknown) => {
          thrownBy ??= { error };
        })
        .finally(() => inFlight.delete(work));
      inFlight.add(work);
      while (inFlight.size >= sink.limits.concurrency) await Promise.race(inFlight);
      if (failure !== undefined || thrownBy !== undefined || signal.aborted) break;
    }
    cutting = false;
  } finally {
    // Whatever happens to one request, the others' results are waited for: what they delivered counts.
    await Promise.all(inFlight);
  }
  if (thrownBy !== undefined) throw thrownBy.error;
  const whole = settledCount === window.through - window.after;
  if (whole) {
    await saving;
    const { window: _done, ...rest } = checkpoint;
    await commit(
      { ...rest, position: window.through, delivered, quarantined, ...(lastStreamed && { lastStreamed }) },
      entries,
    );
    return { status: "done", checkpoint };
  }
  if (entries.length > 0 || settledCount > (checkpoint.window?.settledCount ?? 0)) await save();
  if (failure !== undefined) return { checkpoint, ...failure };
  if (signal.aborted) return { status: "cancelled", checkpoint };
  return {
    status: "retry",
    checkpoint,
    error: { code: "internal", message: "The journal held fewer events than the sealed window." },
  };
}

/** The chunk that a piece is sent as. */
export function chunkOf(
  stream: Pick<TurnStream, "id" | "organization">,
  after: number,
  through: number,
  encoding: string,
  piece: WindowPiece,
): Chunk {
  const count = piece.sequences.length;
  const [first, last] = [piece.sequences[0] as number, piece.sequences[count - 1] as number];
  const part = count === piece.total ? "" : `.${first}-${count}`;
  return {
    stream: stream.id,
    organization: stream.organization,
    key: `${encodeURIComponent(stream.id)}/${after + 1}-${through}/${piece.index}${part}`,
    hour: piece.hour,
    firstSequence: first,
    lastSequence: last,
    count,
    earliest: piece.times.reduce((least, time) => Math.min(least, time), Number.POSITIVE_INFINITY),
    latest: piece.times[count - 1] as number,
    sequences: piece.sequences,
    body: piece.body,
    encoding,
  };
}

/**
 * Calls `deliver` with a time limit. A sink has finer limits of its own; this one holds even for a sink that forgot, or
 * that does not listen when it is told to stop.
 */
async function deliverInTime(sink: Sink, chunk: Chunk, context: TurnContext): Promise<DeliveryResult> {
  const { signal, clock, requestTimeoutMs } = context;
  const limit = new AbortController();
  const onAbort = (): void => limit.abort(signal.reason);
  if (signal.aborted) onAbort();
  signal.addEventListener("abort", onAbort, { once: true });
  const late = new HeadgateError(
    "destination_timeout",
    `The destination did not answer within ${requestTimeoutMs / 1000} s.`,
  );
  const cancel = clock.after(requestTimeoutMs, () => limit.abort(late));
  try {
    return await Promise.race([
      sink.deliver(chunk, { signal: limit.signal, attempt: context.attempt, logger: context.logger }),
      new Promise<never>((_resolve, reject) => {
        limit.signal.addEventListener("abort", () => reject(limit.signal.reason as Error), { once: true });
      }),
    ]);
  } catch (error) {
    if (limit.signal.reason === late) return { status: "retry", error: { code: late.code, message: late.message } };
    throw error;
  } finally {
    cancel();
    signal.removeEventListener("abort", onAbort);
  }
}

const codecChanged: SinkFailure = {
  code: "codec_changed",
  message:
    "A window that was sealed before an upgrade is compressed by another codec version; going on could store its events twice.",
  hint: "Run the earlier version until the stream has delivered its window, or accept the risk with `headgate streams reseal`.",
};

function oversize(size: number, limit: number): SinkFailure {
  return {
    code: "event_too_large",
    message: `The event has ${size} bytes; the destination takes ${limit} at most.`,
    hint: "Raise the limit where the destination allows it and retry the event, or discard it.",
  };
}

function clampCount(count: number | undefined, piece: WindowPiece): number {
  return Math.max(0, Math.min(piece.sequences.length, Math.trunc(count ?? 0) || 0));
}

/** An error's own words may quote a request: only Headgate's errors are known to be fit for showing. */
function thrown(sink: string, error: unknown): SinkFailure {
  if (isHeadgateError(error))
    return { code: error.code, message: error.message, ...(error.hint !== undefined && { hint: error.hint }) };
  const name = error instanceof Error ? error.name : typeof error;
  return { code: "internal", message: `The ${sink} sink failed unexpectedly (${name}).` };
}

/** Reads one event from the journal for the quarantine. */
async function quarantineEntry(
  store: Store,
  stream: TurnStream,
  sequence: number,
  now: number,
  reason: SinkFailure,
): Promise<QuarantineEntry> {
  let line: Uint8Array = new Uint8Array(0);
  for await (const group of store.journal.read(stream.organization, { after: sequence - 1, through: sequence })) {
    line = group.body.slice(0, (group.lengths[0] as number) - 1);
  }
  const { id } = JSON.parse(new TextDecoder().decode(line)) as { readonly id: string };
  return {
    stream: stream.id,
    organization: stream.organization,
    sequence,
    eventId: id,
    quarantinedAt: now,
    reason,
    line,
  };
}
