import type { Checkpoint, StoredObject } from "./checkpoint.ts";
import { chunkOf, deliverChunk } from "./chunk.ts";
import { sliceGroup } from "./group.ts";
import type { JournalGroup } from "./journal.ts";
import { endReplay, type ReplayJob, runningReplay, saveReplay, withLost } from "./replay.ts";
import type { DeliveryResult } from "./sink.ts";
import { rangesOf, recordedBy, storedObject } from "./stored-object.ts";
import type { TurnContext, TurnResult, TurnStream } from "./turn.ts";
import { cutWindow, ndjsonFraming, planOf, remainder, type WindowPiece } from "./window.ts";

type Group = JournalGroup & { readonly body: Uint8Array };

/** Recorded objects that one step stores again, before the stream's window has its turn. */
const objectsAtOnce = 20;

/**
 * One step of a stream's replay, if one is under way: some objects that it had stored, or one window of events. Progress
 * is written after each step; a crash repeats one, which object stores do not notice.
 */
export async function takeReplayTurn(
  stream: TurnStream,
  record: { readonly incarnation: string },
  from: Checkpoint,
  context: TurnContext,
): Promise<TurnResult> {
  const { store, clock, logger } = context;
  const job = await runningReplay(store, stream.id);
  if (job === undefined) return { status: "idle", checkpoint: from };
  if (job.incarnation !== record.incarnation) {
    await endReplay(store, { ...job, state: "cancelled", endedAt: clock.now() });
    return { status: "idle", checkpoint: from };
  }
  const keeps = typeof stream.sink.digests === "object";
  const step =
    keeps && job.object !== null
      ? await storeAgain(stream, from, job, context)
      : await sendRange(stream, from, job, context);
  const { status, checkpoint } = step.result;
  const ended = status === "idle";
  if (ended) {
    await endReplay(store, { ...step.job, state: "done", endedAt: clock.now() });
    const { objects, events, refused, lost } = step.job;
    logger.info("a replay has ended", { stream: stream.id, objects, events, refused, lost });
  } else if (!(await saveReplay(store, step.job))) return { status: "idle", checkpoint };
  return step.result;
}

interface Step {
  readonly job: ReplayJob;
  /** `idle`: the replay is through. `done`: there may be more. */
  readonly result: TurnResult;
}

/** Stores recorded objects again, byte for byte under the keys that they have. */
async function storeAgain(
  stream: TurnStream,
  checkpoint: Checkpoint,
  from: ReplayJob,
  context: TurnContext,
): Promise<Step> {
  const { store, logger, ending, signal } = context;
  const held = await store.journal.firstSequence(stream.organization);
  let job = from;
  const page = await store.objects.list(stream.id, {
    after: job.object ?? 0,
    from: job.first,
    to: job.last,
    limit: objectsAtOnce,
  });
  for (const object of page) {
    if (ending.aborted || signal.aborted) return { job, result: { status: "ended", checkpoint } };
    const piece = await pieceOf(stream, object, held, context, from);
    if (typeof piece === "string") job = withLost(job, object.sequences, piece);
    else if (piece !== undefined) {
      const chunk = chunkOf(stream, { after: object.number - 1, through: object.number }, object.encoding, piece);
      const result = await deliverChunk(stream.sink, chunk, context);
      if (result === undefined) return { job, result: { status: "ended", checkpoint } };
      if (result.status !== "delivered") {
        const failure = failed(result, checkpoint);
        if (failure !== undefined) return { job, result: failure };
        job = { ...job, refused: job.refused + object.count };
      } else if (result.object?.key === object.key)
        job = { ...job, objects: job.objects + 1, events: job.events + object.count };
      else {
        logger.error("a replay made another object than was recorded", { stream: stream.id, key: object.key });
        job = withLost(job, object.sequences, "changed");
      }
    }
    job = { ...job, object: object.number };
  }
  if (page.length < objectsAtOnce) job = unrecorded({ ...job, object: null }, checkpoint);
  return { job, result: { status: "done", checkpoint } };
}

/** Events that were delivered before objects were recorded: where they are is not known, so they are not stored twice. */
function unrecorded(job: ReplayJob, { start, recorded }: Checkpoint): ReplayJob {
  const since = recorded?.since ?? start;
  const [first, last] = [Math.max(job.first, start + 1), Math.min(job.last, since)];
  return first <= last ? withLost(job, [[first, last]], "unrecorded") : job;
}

/** The piece that an object was made of; a word why not, or undefined where none of its events is of the time asked for. */
async function pieceOf(
  { organization, sink }: TurnStream,
  { sequences, encoding, count }: StoredObject,
  held: number,
  { store }: TurnContext,
  { range }: ReplayJob,
): Promise<WindowPiece | string | undefined> {
  const [first, last] = [sequences[0]?.[0] ?? 0, sequences.at(-1)?.[1] ?? 0];
  if (first < held) return "trimmed";
  if (encoding !== sink.encoding && sink.canEncode?.(encoding) !== true) return "encoding";
  const groups: Group[] = [];
  let within = false;
  for await (const group of store.journal.read(organization, { after: first - 1, through: last })) {
    for (const [from, to] of sequences) {
      const part = sliceGroup(group, from - 1, to);
      if (part === undefined) continue;
      within ||= part.occurredAt.some((instant) => inTime(instant, range));
      groups.push({ ...part, body: part.body.slice() });
    }
  }
  if (!within) return undefined;
  // The limits that it was cut by do not matter any more: what was one object is one again.
  const plan = { ...planOf(sink), ...boundless, encoding };
  for await (const piece of cutWindow(plan, sink, { index: groups, groups: each(groups) }, {}))
    return piece.total === count ? piece : "changed";
  return "changed";
}

const boundless = {
  maxEvents: Number.MAX_SAFE_INTEGER,
  maxBytes: Number.MAX_SAFE_INTEGER,
  maxEventBytes: Number.MAX_SAFE_INTEGER,
} as const;

/** Sends the next window of the range: to object stores, what the stream never had because it began later. */
async function sendRange(stream: TurnStream, from: Checkpoint, before: ReplayJob, context: TurnContext): Promise<Step> {
  const { store, ending, signal } = context;
  const { sink, organization, flush } = stream;
  const keeps = typeof sink.digests === "object";
  // What the stream still lacks comes by itself.
  const last = Math.min(before.last, keeps ? from.start : from.position);
  const held = await store.journal.firstSequence(organization);
  let job = before;
  if (job.position < held - 1 && job.position < last) {
    const through = Math.min(last, held - 1);
    job = { ...withLost(job, [[job.position + 1, through]], "trimmed"), position: through };
  }
  const idle: Step = { job, result: { status: "idle", checkpoint: from } };
  if (job.position >= last) return idle;
  if (keeps && job.plan === undefined) {
    // Written down before the first request: whoever goes on cuts the same objects.
    job = { ...job, plan: planOf(sink) };
    if (!(await saveReplay(store, job))) return idle;
  }
  const plan = job.plan ?? planOf(sink);
  if (plan.encoding !== sink.encoding && sink.canEncode?.(plan.encoding) !== true) {
    const lost = withLost(job, [[job.position + 1, last]], "encoding");
    return { job: lost, result: { status: "idle", checkpoint: from } };
  }
  const { maxBytes, maxEvents } = flush;
  const index = await store.journal.index(organization, { after: job.position, through: last, maxBytes, maxEvents });
  const end = index.at(-1);
  if (end === undefined) return idle;
  const through = end.firstSequence + end.lengths.length - 1;
  const had = keeps ? await sequencesOf(store, stream.id, job.position + 1, through) : undefined;
  const groups: Group[] = [];
  const none = !index.some(({ occurredAt }) => occurredAt.some((at) => inTime(at, job.range)));
  for await (const group of none ? each<Group>([]) : store.journal.read(organization, { after: job.position, through }))
    for (const part of wanted(group, (sequence, instant) => inTime(instant, job.range) && had?.(sequence) !== true))
      groups.push(part);
  let checkpoint = from;
  const objects: StoredObject[] = [];
  const { count, since } = recordedBy(checkpoint.recorded, checkpoint);
  const framing = sink.framing ?? ndjsonFraming;
  for await (const cut of cutWindow(plan, sink, { index: groups, groups: each(groups) }, {})) {
    for (let piece: WindowPiece | undefined = cut; piece !== undefined;) {
      if (ending.aborted || signal.aborted) return { job: before, result: { status: "ended", checkpoint } };
      if (piece.kind === "oversize") {
        job = { ...job, refused: job.refused + 1 };
        break;
      }
      const chunk = chunkOf(stream, { after: job.position, through }, plan.encoding, piece);
      const result = await deliverChunk(sink, { ...chunk, key: `${chunk.key}-replay` }, context);
      if (result === undefined) return { job: before, result: { status: "ended", checkpoint } };
      if (result.status === "delivered") {
        job = { ...job, events: job.events + piece.sequences.length };
        if (result.object !== undefined) {
          const at = context.clock.now();
          const { sequences } = piece;
          const number = count + objects.length + 1;
          objects.push(storedObject(result.object, { number, sequences, encoding: plan.encoding, at }));
        }
        break;
      }
      const failure = failed(result, checkpoint);
      if (failure !== undefined) return { job: before, result: failure };
      const refused = result.status === "rejected" ? result.indexes : piece.sequences.keys();
      const settled = [...refused].map((i) => piece?.ordinals[i] ?? 0);
      job = { ...job, refused: job.refused + settled.length };
      piece = remainder(piece, rangesOf(settled.toSorted((a, b) => a - b)), framing);
    }
  }
  if (objects.length > 0) {
    const recorded = { count: count + objects.length, since };
    checkpoint = { ...checkpoint, version: checkpoint.version + 1, recorded };
    await store.checkpoints.commit({ lease: context.lease(), checkpoint, objects });
  }
  return { job: { ...job, position: through }, result: { status: through >= last ? "idle" : "done", checkpoint } };
}

/** Which sequences of a range are in recorded objects. */
async function sequencesOf(
  store: TurnContext["store"],
  stream: string,
  from: number,
  to: number,
): Promise<(sequence: number) => boolean> {
  const had = new Set<number>();
  const limit = 500;
  for (let after = 0; ;) {
    const page = await store.objects.list(stream, { after, limit, from, to });
    for (const { sequences } of page) {
      for (const [first, last] of sequences)
        for (let sequence = Math.max(first, from); sequence <= Math.min(last, to); sequence++) had.add(sequence);
    }
    if (page.length < limit) return (sequence) => had.has(sequence);
    after = page.at(-1)?.number ?? 0;
  }
}

/** What stops a replay for now; undefined where the events themselves were refused. */
function failed(result: DeliveryResult, checkpoint: Checkpoint): TurnResult | undefined {
  if (result.status === "blocked") return { status: "blocked", error: result.error, checkpoint };
  if (result.status !== "retry") return undefined;
  const { error, afterMs } = result;
  return { status: "retry", error, checkpoint, ...(afterMs !== undefined && { afterMs }) };
}

function inTime(
  instant: number,
  { from = Number.NEGATIVE_INFINITY, to = Number.POSITIVE_INFINITY }: ReplayJob["range"],
): boolean {
  return instant >= from && instant < to;
}

/** The parts of a group that hold wanted events, with bodies of their own. */
function wanted(group: Group, wants: (sequence: number, instant: number) => boolean): readonly Group[] {
  const sequences = Array.from(group.occurredAt, (instant, i) => [group.firstSequence + i, instant] as const)
    .filter(([sequence, instant]) => wants(sequence, instant))
    .map(([sequence]) => sequence);
  return rangesOf(sequences).flatMap(([from, to]) => {
    const part = sliceGroup(group, from - 1, to);
    return part === undefined ? [] : [{ ...part, body: part.body.slice() }];
  });
}

async function* each<T>(values: readonly T[]): AsyncGenerator<T> {
  yield* values;
}
