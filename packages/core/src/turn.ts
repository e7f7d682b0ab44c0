import { appendTimes } from "./append-times.ts";
import type { Checkpoint, QuarantineEntry } from "./checkpoint.ts";
import { chunkOf, deliverChunk, type RequestContext } from "./chunk.ts";
import { keepReports, reportOf } from "./delivery-report.ts";
import { HeadgateError } from "./errors.ts";
import { inARow, lastSequence } from "./group.ts";
import type { JournalGroup, SkippedRange } from "./journal.ts";
import type { DeliveryObserver, DeliveryReport } from "./observer.ts";
import { type Beside, Settlement } from "./settlement.ts";
import { encodingUnder } from "./shaped-sink.ts";
import type { DeliveryResult, FlushPolicy, Sink, SinkFailure } from "./sink.ts";
import { pastSkipped } from "./skipped-sequences.ts";
import { recordedBy } from "./stored-object.ts";
import type { Lease, Store } from "./store.ts";
import { hourOf } from "./time.ts";
import type { Absences } from "./waiting-time.ts";
import { cutWindow, halves, ndjsonFraming, partsAt, planOf, remainder, type WindowPiece } from "./window.ts";

/** What a turn needs to know of its stream. */
export interface TurnStream {
  readonly id: string;
  readonly organization: string;
  readonly sink: Sink;
  readonly flush: FlushPolicy;
  readonly absences: Absences;
  /** See `StreamRecord.resealThrough`. */
  readonly resealThrough?: number | undefined;
}

/** What a turn works with. Aborting `signal` cancels its requests. */
export interface TurnContext extends RequestContext {
  readonly store: Store;
  /** The lease that every commit is fenced by. */
  readonly lease: () => Lease;
  readonly observer: DeliveryObserver;
  /** Aborted when the turn is to end after the requests under way. */
  readonly ending: AbortSignal;
  /**
   * By piece, the sequences at which it was split. Kept from turn to turn while the window lasts: a part that is to be
   * tried again is sent as it was, so that a sink which still waits for its confirmation knows it.
   */
  readonly splits: Map<number, number[]>;
}

/** How a turn ended. The checkpoint is the last one known to be stored. */
export type TurnResult =
  | { readonly status: "idle" | "done" | "ended"; readonly checkpoint: Checkpoint }
  /** The destination took events and asked for a pause. */
  | { readonly status: "slowed"; readonly afterMs: number; readonly checkpoint: Checkpoint }
  | (Failure & { readonly checkpoint: Checkpoint });

interface Failure {
  readonly status: "retry" | "blocked";
  readonly error: SinkFailure;
  readonly afterMs?: number;
}

/**
 * A window of an hour partition ends before it would touch more hours than this: every piece costs a request and a
 * commit, and each commit lists the pieces.
 */
const maxHours = 200;

/**
 * One turn of a stream: goes on with its sealed window, or seals the next one, and delivers it chunk by chunk until it
 * is through, or the destination fails, or the turn is to end. Store errors are thrown; what was committed before stays.
 */
export async function takeTurn(stream: TurnStream, from: Checkpoint, context: TurnContext): Promise<TurnResult> {
  const { store, clock, signal, ending, observer } = context;
  const { sink } = stream;

  async function commit(next: Checkpoint, beside?: Beside): Promise<Checkpoint> {
    const checkpoint = { ...next, version: next.version + 1 };
    await store.checkpoints.commit({ lease: context.lease(), checkpoint, ...beside });
    return checkpoint;
  }

  let checkpoint = from;
  if (checkpoint.window === undefined) {
    let through = await nextWindowEnd(store, stream, checkpoint.position);
    while (typeof through === "object") {
      checkpoint = await commit(pastSkipped(checkpoint, through, clock.now()));
      through = await nextWindowEnd(store, stream, checkpoint.position);
    }
    if (through === undefined) return { status: "idle", checkpoint };
    context.splits.clear();
    const range = { after: checkpoint.position, through };
    const window = { ...range, sealedAt: clock.now(), plan: planOf(sink), settled: {}, settledCount: 0 };
    const recorded = typeof sink.digests === "object" ? recordedBy(checkpoint.recorded, checkpoint) : undefined;
    checkpoint = await commit({ ...checkpoint, ...(recorded && { recorded }), window });
  }
  let { window } = checkpoint;
  if (window === undefined) throw new Error("a sealed checkpoint has no window");
  if (window.plan.encoding !== sink.encoding) {
    // A sink that encodes events itself may give them other sizes now: cuts would move under what is settled already.
    const encodes = [sink.encoding, window.plan.encoding].some((one) => encodingUnder(sink, one).encode !== undefined);
    const cutsStay = !encodes || window.settledCount === 0;
    const consent = stream.resealThrough === window.through;
    if (consent && cutsStay) {
      // What is settled stays settled; only the bytes of the rest change, or where they go.
      window = { ...window, plan: { ...window.plan, encoding: sink.encoding } };
      checkpoint = await commit({ ...checkpoint, window });
    } else if (!canEncode(sink, window.plan.encoding))
      return { status: "blocked", checkpoint, error: cutsStay ? codecChanged : cutsMoved };
  }
  const { plan } = window;
  const range = { after: window.after, through: window.through };
  const index = await store.journal.index(stream.organization, range);
  const times = appendTimes(index, stream.absences);
  const settlement = new Settlement({ ...checkpoint, window }, commit, times);
  const framing = sink.framing ?? ndjsonFraming;
  let failure: Failure | undefined;
  /** How long the destination, which took events, asks to be left alone. */
  let pauseMs = 0;
  let cutting = true;

  async function deliverPiece(piece: WindowPiece): Promise<void> {
    const parts = partsAt(piece, context.splits.get(piece.index) ?? [], framing);
    for (let part = parts.pop(); part !== undefined && !over(); part = parts.pop()) {
      if (part.kind === "oversize") await isolate(part, [0], oversize(part.sizes[0] as number, plan.maxEventBytes));
      else {
        const sent = await send(part);
        if (sent === undefined) return;
        settlement.note(sent.report);
        parts.push(...(await settle(part, sent.result, sent.report.at)));
      }
      // A crash repeats one request and no more: what it settled is stored before the next one begins.
      if (parts.length > 0) await settlement.save();
    }
    // The window's last settlement goes with the commit that ends the window.
    if (cutting || over()) await settlement.save();
  }

  /** Settles what a request says of its events, and gives what of them is still to be sent, the first last. */
  async function settle(part: WindowPiece, result: DeliveryResult, at: number): Promise<readonly WindowPiece[]> {
    const count = acceptedOf(result, part);
    settlement.accept(part, count, result.status === "delivered" ? result.receipt : "", at);
    if (result.status === "delivered") settlement.record(part, result.object, at);
    switch (result.status) {
      case "delivered":
        pauseMs = Math.max(pauseMs, result.afterMs ?? 0);
        return [];
      case "split":
        if (part.sequences.length > 1) {
          const [second, first] = halves(part, framing);
          const starts = context.splits.get(part.index) ?? [];
          context.splits.set(part.index, [...starts, second.sequences[0] as number]);
          return [second, first];
        }
        await isolate(part, [0], result.error);
        return [];
      case "rejected": {
        const indexes = refusedOf(result.indexes, count, part);
        if (indexes.length === 0 && count === 0) failure ??= { status: "retry", error: unnamed(sink.name) };
        await isolate(part, indexes, result.error);
        const rest = remainder(part, settlement.of(part), framing);
        return rest === undefined ? [] : [rest];
      }
      case "retry":
      case "blocked": {
        const { status, error } = result;
        const afterMs = result.status === "retry" ? result.afterMs : undefined;
        failure ??= { status, error, ...(afterMs !== undefined && { afterMs }) };
        return [];
      }
    }
  }

  async function isolate(piece: WindowPiece, indexes: readonly number[], reason: SinkFailure): Promise<void> {
    if (indexes.length === 0) return;
    const sequences = indexes.map((i) => piece.sequences[i] as number);
    settlement.isolate(piece, indexes, await quarantineEntries(store, stream, sequences, clock.now(), reason));
  }

  async function send(
    piece: WindowPiece,
  ): Promise<{ readonly result: DeliveryResult; readonly report: DeliveryReport } | undefined> {
    const chunk = chunkOf(stream, range, plan.encoding, piece);
    const began = clock.now();
    const result = await deliverChunk(sink, chunk, context);
    if (result === undefined) return undefined;
    const accepted = acceptedOf(result, piece);
    const at = clock.now();
    const quarantined =
      result.status === "rejected"
        ? refusedOf(result.indexes, accepted, piece).length
        : Number(result.status === "split" && chunk.count === 1);
    const appendedAt = times.of(chunk.firstSequence);
    const { attempt } = context;
    const report = reportOf(chunk, result, { began, at, attempt, appendedAt, accepted, quarantined });
    observer.delivery?.(report);
    return { result, report };
  }

  const source = { index, groups: store.journal.read(stream.organization, range) };
  const inFlight = new Set<Promise<void>>();
  let broken: { readonly error: unknown } | undefined;
  const over = (): boolean =>
    failure !== undefined || broken !== undefined || pauseMs > 0 || ending.aborted || signal.aborted;
  let filtered = 0;
  let cutThrough = true;
  try {
    const encoding = encodingUnder(sink, plan.encoding);
    for await (const piece of cutWindow(plan, encoding, source, window.settled, () => (filtered += 1))) {
      // The next piece is cut and encoded while requests are under way.
      while (inFlight.size >= sink.limits.concurrency && !over()) await Promise.race(inFlight);
      if (over()) {
        cutThrough = false;
        break;
      }
      const work = deliverPiece(piece)
        .catch((error: unknown) => {
          broken ??= { error };
        })
        .finally(() => inFlight.delete(work));
      inFlight.add(work);
    }
    cutting = false;
    if (cutThrough) settlement.leaveOut(filtered);
  } finally {
    // Whatever happens to one request, the others' results are waited for: what they delivered counts.
    await Promise.all(inFlight);
  }
  if (broken !== undefined) throw broken.error;
  if (settlement.whole) {
    await settlement.finish();
    const { checkpoint: last } = settlement;
    return pauseMs > 0
      ? { status: "slowed", afterMs: pauseMs, checkpoint: last }
      : { status: "done", checkpoint: last };
  }
  await settlement.saveRest();
  await keepReports(settlement.takeReports(), context);
  if (failure !== undefined) return { checkpoint: settlement.checkpoint, ...failure };
  if (pauseMs > 0) return { status: "slowed", afterMs: pauseMs, checkpoint: settlement.checkpoint };
  if (ending.aborted || signal.aborted) return { status: "ended", checkpoint: settlement.checkpoint };
  throw new HeadgateError(
    "store_corrupt",
    `The journal of "${stream.organization}" holds fewer events than stream "${stream.id}" has sealed.`,
  );
}

/** Where the next window ends, what comes before it without events, or undefined when nothing is pending. */
async function nextWindowEnd(
  store: Store,
  { organization, id, flush, sink }: TurnStream,
  position: number,
): Promise<number | SkippedRange | undefined> {
  const { maxBytes, maxEvents } = flush;
  const groups = await store.journal.index(organization, { after: position, maxBytes, maxEvents });
  const [first] = groups;
  if (first?.firstSequence !== position + 1) {
    const [skip] = await store.journal.skipped(organization, position);
    if (skip?.after === position) return skip;
    if (first === undefined) return undefined;
    throw new HeadgateError(
      "store_corrupt",
      `The journal of "${organization}" begins after what stream "${id}" still lacks.`,
      {
        hint: `Sequences ${position + 1} to ${first.firstSequence - 1} are not there any more.`,
      },
    );
  }
  const row = inARow(groups);
  const last = lastSequence(row.at(-1) ?? first);
  return sink.partition === "hour" ? endWithinHours(row, last) : last;
}

function endWithinHours(groups: readonly JournalGroup[], last: number): number {
  const hours = new Set<number>();
  for (const { firstSequence, occurredAt } of groups) {
    for (let i = 0; i < occurredAt.length; i++) {
      hours.add(hourOf(occurredAt[i] as number));
      if (hours.size > maxHours) return firstSequence + i - 1;
    }
  }
  return last;
}

/** A sink that throws at the encoding of another kind of sink cannot write it. */
function canEncode(sink: Sink, encoding: string): boolean {
  try {
    return sink.canEncode?.(encoding) === true;
  } catch {
    return false;
  }
}

/** How many leading events the destination has taken, whatever a sink says. */
function acceptedOf(result: DeliveryResult, piece: WindowPiece): number {
  if (result.status === "delivered") return piece.sequences.length;
  if (result.status === "split") return 0;
  return Math.max(0, Math.min(piece.sequences.length, Math.trunc(result.acceptedCount ?? 0) || 0));
}

/** Which events were refused, whatever a sink says. */
function refusedOf(indexes: readonly number[], accepted: number, piece: WindowPiece): number[] {
  return [...new Set(indexes)].filter((i) => Number.isInteger(i) && i >= accepted && i < piece.sequences.length);
}

const codecChanged: SinkFailure = {
  code: "codec_changed",
  message:
    "A window that was sealed before an upgrade is compressed by another codec version; going on could store its events twice.",
  hint: "Run the earlier version until the stream has delivered its window, or accept the risk with `headgate streams reseal`.",
};

const cutsMoved: SinkFailure = {
  code: "codec_changed",
  message:
    "A window that was begun before an upgrade is encoded in another way than this process knows; going on would store some of its events twice.",
  hint: "Run the earlier version until the stream has delivered its window. No consent helps here, because what is delivered already cannot be told from the rest.",
};

function unnamed(sink: string): SinkFailure {
  return { code: "internal", message: `The ${sink} sink rejected events without naming them.` };
}

function oversize(size: number, limit: number): SinkFailure {
  return {
    code: "event_too_large",
    message: `The event has ${size} bytes; the destination takes ${limit} at most.`,
    hint: "Raise the limit where the destination allows it and retry the event, or discard it.",
  };
}

/** Reads events from the journal for the quarantine, in one pass from the first to the last of them. */
async function quarantineEntries(
  store: Store,
  stream: TurnStream,
  sequences: readonly number[],
  now: number,
  reason: SinkFailure,
): Promise<readonly QuarantineEntry[]> {
  const wanted = new Set(sequences);
  const [first, last] = sequences.reduce(([low, high], s) => [Math.min(low, s), Math.max(high, s)], [Infinity, 0]);
  const entries: QuarantineEntry[] = [];
  const { id: owner, organization } = stream;
  for await (const group of store.journal.read(organization, { after: first - 1, through: last })) {
    let at = 0;
    for (let i = 0; i < group.lengths.length; i++) {
      const length = group.lengths[i] as number;
      const sequence = group.firstSequence + i;
      if (wanted.has(sequence)) {
        const line = group.body.slice(at, at + length - 1);
        const { id } = JSON.parse(new TextDecoder().decode(line)) as { readonly id: string };
        entries.push({ stream: owner, organization, sequence, eventId: id, quarantinedAt: now, reason, line });
      }
      at += length;
    }
  }
  if (entries.length === wanted.size) return entries;
  throw new HeadgateError(
    "store_corrupt",
    `The journal of "${organization}" lacks events that stream "${owner}" has sealed.`,
  );
}
