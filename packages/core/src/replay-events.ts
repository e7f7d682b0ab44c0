import type { Checkpoint } from "./checkpoint.ts";
import { chunkOf, deliverChunk } from "./chunk.ts";
import { type ReplayJob, type ReplayStep, withLost } from "./replay.ts";
import { each, failed, givenWithin, type Group, inTime, wanted } from "./replay-range.ts";
import type { ReplayTurn, TakenReplay } from "./replay-turn.ts";
import { encodingUnder } from "./shaped-sink.ts";
import { type ObjectProof, rangesOf, recordedBy, storedObject } from "./stored-object.ts";
import type { TurnContext, TurnStream } from "./turn.ts";
import { cutWindow, ndjsonFraming, planOf, remainder, type WindowPiece } from "./window.ts";

/**
 * Sends the next window of a replay's range: to object stores, what the stream never had because it began later. Each
 * object is recorded as it is confirmed, and a window that has begun is finished as it was cut, also by another replay.
 */
export async function sendRange(
  stream: TurnStream,
  from: Checkpoint,
  taken: TakenReplay,
  context: TurnContext,
): Promise<ReplayTurn> {
  const { store } = context;
  const keeps = typeof stream.sink.digests === "object";
  const held = await store.journal.firstSequence(stream.organization);
  let { job } = taken;
  if (job.step !== undefined && job.step.after + 1 < held) {
    // Its objects may be there, and what is left of its events would be cut in another way.
    job = await givenUp(stream, job, job.step, "trimmed", context);
  }
  // What the stream still lacks comes by itself.
  const last = Math.min(job.last, keeps ? from.start : from.position);
  if (job.step === undefined && job.position < Math.min(held - 1, last)) {
    const through = Math.min(last, held - 1);
    const given = await givenWithin(store.journal, stream.organization, [job.position + 1, through]);
    job = { ...withLost(job, given, "trimmed"), position: through };
  }
  let { step } = job;
  if (step === undefined) {
    const [skip] = await store.journal.skipped(stream.organization, job.position);
    if (skip?.after === job.position) job = { ...job, position: Math.min(skip.through, last) };
    const through = await endOfStep(stream, job, last, context, skip?.after);
    if (through === undefined) return { job, result: { status: "idle", checkpoint: from } };
    const objects = from.recorded?.count ?? 0;
    step = { after: job.position, through, plan: planOf(stream.sink), range: job.range, objects };
    if (keeps) {
      job = { ...job, step };
      if (!(await taken.save(job))) return { job, result: { status: "idle", checkpoint: from } };
    }
  }
  if (step.plan.encoding !== stream.sink.encoding) {
    job = await givenUp(stream, job, step, "settings", context);
    return { job, result: { status: "done", checkpoint: from } };
  }
  return sendStep(stream, from, job, step, context);
}

/** The job with a window behind it. One that was left behind by another replay may lie further on: what is before it comes next. */
function passed(before: ReplayJob, { after, through }: ReplayStep): ReplayJob {
  const { step: _, ...job } = before;
  return after > job.position ? job : { ...job, position: Math.max(job.position, Math.min(through, job.last)) };
}

/** The job without a window that cannot be finished: what of it is stored is not known, so none of it is stored again. */
async function givenUp(
  { organization }: TurnStream,
  before: ReplayJob,
  { after, through }: ReplayStep,
  why: string,
  { store }: TurnContext,
): Promise<ReplayJob> {
  const { step: _, ...job } = before;
  const given = await givenWithin(store.journal, organization, [Math.min(job.position, after) + 1, through]);
  return { ...withLost(job, given, why), position: Math.max(job.position, through) };
}

async function endOfStep(
  { organization, flush }: TurnStream,
  { position }: ReplayJob,
  last: number,
  { store }: TurnContext,
  skipAfter = Number.POSITIVE_INFINITY,
): Promise<number | undefined> {
  if (position >= last) return undefined;
  const { maxBytes, maxEvents } = flush;
  const index = await store.journal.index(organization, {
    after: position,
    // A window ends before what was never given, and the next one begins after it.
    through: skipAfter > position ? Math.min(last, skipAfter) : last,
    maxBytes,
    maxEvents,
  });
  const end = index.at(-1);
  return end && end.firstSequence + end.lengths.length - 1;
}

async function sendStep(
  stream: TurnStream,
  from: Checkpoint,
  before: ReplayJob,
  step: ReplayStep,
  context: TurnContext,
): Promise<ReplayTurn> {
  const { store, ending, signal } = context;
  const { sink, organization } = stream;
  const { after, through, plan, range } = step;
  const keeps = typeof sink.digests === "object";
  const known = keeps ? await recordedIn(stream, step, context) : undefined;
  const apart = keeps ? undefined : await quarantinedIn(stream, step, context);
  const index = await store.journal.index(organization, { after, through });
  const none = !index.some(({ occurredAt }) => occurredAt.some((at) => inTime(at, range)));
  const groups: Group[] = [];
  for await (const group of none ? each<Group>([]) : store.journal.read(organization, { after, through }))
    groups.push(
      ...wanted(
        group,
        (sequence, at) => inTime(at, range) && known?.before.has(sequence) !== true && apart?.has(sequence) !== true,
      ),
    );
  const done = { events: 0, refused: 0, position: before.position };
  const told = (): ReplayJob => ({
    ...before,
    events: before.events + done.events,
    refused: before.refused + done.refused,
    position: done.position,
  });
  let checkpoint = from;
  async function record(object: ObjectProof, sequences: Float64Array): Promise<void> {
    const { count, since } = recordedBy(checkpoint.recorded, checkpoint);
    const number = count + 1;
    checkpoint = { ...checkpoint, version: checkpoint.version + 1, recorded: { count: number, since } };
    const objects = [storedObject(object, { number, sequences, encoding: plan.encoding, at: context.clock.now() })];
    await store.checkpoints.commit({ lease: context.lease(), checkpoint, objects });
  }
  const framing = sink.framing ?? ndjsonFraming;
  for await (const cut of cutWindow(
    plan,
    encodingUnder(sink, plan.encoding),
    { index: groups, groups: each(groups) },
    {},
  )) {
    // Stored by an attempt of before, which was cut short.
    if (known?.since.has(cut.sequences[0] ?? 0) === true) continue;
    for (let piece: WindowPiece | undefined = cut; piece !== undefined;) {
      if (ending.aborted || signal.aborted) return { job: told(), result: { status: "ended", checkpoint } };
      if (piece.kind === "oversize") {
        done.refused += 1;
        break;
      }
      const chunk = chunkOf(stream, { after, through }, plan.encoding, piece);
      const result = await deliverChunk(sink, { ...chunk, key: `${chunk.key}-replay` }, context);
      if (result === undefined) return { job: told(), result: { status: "ended", checkpoint } };
      if (result.status === "delivered") {
        const { sequences } = piece;
        done.events += sequences.length;
        // Events that are sent, and not stored, are not sent again when what follows fails.
        if (!keeps) done.position = sequences.at(-1) ?? done.position;
        if (result.object !== undefined) await record(result.object, sequences);
        break;
      }
      const failure = failed(result, checkpoint);
      if (failure !== undefined) return { job: told(), result: failure };
      const refused = result.status === "rejected" ? result.indexes : piece.sequences.keys();
      const settled = [...refused].map((i) => piece?.ordinals[i] ?? 0);
      done.refused += settled.length;
      piece = remainder(piece, rangesOf(settled.toSorted((a, b) => a - b)), framing);
    }
  }
  return { job: passed(told(), step), result: { status: "done", checkpoint } };
}

/** Which sequences of a window are in objects that were recorded before it began, and in objects of it. */
async function recordedIn(
  { id }: TurnStream,
  { after: start, through: to, objects: first }: ReplayStep,
  { store }: TurnContext,
): Promise<{ readonly before: ReadonlySet<number>; readonly since: ReadonlySet<number> }> {
  const found = { before: new Set<number>(), since: new Set<number>() };
  const limit = 50;
  for (let after = 0; ;) {
    const page = await store.objects.list(id, { after, limit, from: start + 1, to });
    for (const { number, sequences } of page) {
      const had = number <= first ? found.before : found.since;
      for (const [from, last] of sequences)
        for (let sequence = Math.max(from, start + 1); sequence <= Math.min(last, to); sequence++) had.add(sequence);
    }
    if (page.length < limit) return found;
    after = page.at(-1)?.number ?? 0;
  }
}

/** What is set apart is not sent along, least of all what was discarded. */
async function quarantinedIn(
  { id }: TurnStream,
  { after: start, through }: ReplayStep,
  { store }: TurnContext,
): Promise<ReadonlySet<number>> {
  const found = new Set<number>();
  const limit = 20;
  for (let after = start; ;) {
    const page = await store.quarantine.list(id, { after, limit });
    for (const { sequence } of page) if (sequence <= through) found.add(sequence);
    after = page.at(-1)?.sequence ?? through;
    if (page.length < limit || after >= through) return found;
  }
}
