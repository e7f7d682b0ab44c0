import type { Checkpoint, StoredObject } from "./checkpoint.ts";
import { chunkOf, deliverChunk } from "./chunk.ts";
import { sliceGroup } from "./group.ts";
import { type ReplayJob, withLost } from "./replay.ts";
import { each, failed, givenWithin, type Group, inTime } from "./replay-range.ts";
import type { ReplayTurn, TakenReplay } from "./replay-turn.ts";
import { encodingUnder } from "./shaped-sink.ts";
import type { DeliveryResult } from "./sink.ts";
import type { TurnContext, TurnStream } from "./turn.ts";
import { cutWindow, planOf, type WindowPiece } from "./window.ts";

/** Recorded objects that one step stores again, before the stream's window has its turn. */
const objectsAtOnce = 20;

/** Stores recorded objects again, byte for byte under the keys that they have. */
export async function storeAgain(
  stream: TurnStream,
  checkpoint: Checkpoint,
  { job: from }: TakenReplay,
  context: TurnContext,
): Promise<ReplayTurn> {
  const { store, ending, signal } = context;
  const held = await store.journal.firstSequence(stream.organization);
  let job = from.object === 0 ? await beyondRecords(stream, from, checkpoint, held, context) : from;
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
      const result = await deliverChunk(stream.sink, { ...chunk, expectedKey: object.key }, context);
      if (result === undefined) return { job, result: { status: "ended", checkpoint } };
      const outcome = outcomeOf(result);
      if (outcome === "waits") {
        const failure = failed(result, checkpoint);
        if (failure !== undefined) return { job, result: failure };
      }
      job =
        outcome === "there"
          ? { ...job, objects: job.objects + 1, events: job.events + object.count }
          : withLost(job, object.sequences, outcome === "damaged" ? "damaged" : "changed");
    }
    job = { ...job, object: object.number };
  }
  if (page.length < objectsAtOnce) job = { ...job, object: null };
  return { job, result: { status: "done", checkpoint } };
}

function outcomeOf(result: DeliveryResult): "there" | "waits" | "damaged" | "changed" {
  if (result.status === "delivered") return "there";
  // What is at the key is not what was stored there: no trying again mends that.
  if (result.status !== "rejected" && result.error.code === "object_damaged") return "damaged";
  return result.status === "retry" || result.status === "blocked" ? "waits" : "changed";
}

/**
 * Events of the range that no record speaks of: those that were delivered before objects were recorded, whose place is not
 * known, so that they are not stored twice; and those whose records went with the journal.
 */
async function beyondRecords(
  { organization }: TurnStream,
  job: ReplayJob,
  { start, recorded }: Checkpoint,
  held: number,
  { store }: TurnContext,
): Promise<ReplayJob> {
  const since = recorded?.since ?? start;
  const ranges = [
    [Math.max(job.first, start + 1), Math.min(job.last, since), "unrecorded"],
    [Math.max(job.first, since + 1), Math.min(job.last, held - 1), "trimmed"],
  ] as const;
  let known = job;
  for (const [from, to, why] of ranges)
    known = withLost(known, await givenWithin(store.journal, organization, [from, to]), why);
  return known;
}

/** The piece that an object was made of; a word why not, or undefined where there is nothing to do. */
async function pieceOf(
  { organization, sink }: TurnStream,
  { sequences, encoding, count }: StoredObject,
  held: number,
  { store }: TurnContext,
  { range }: ReplayJob,
): Promise<WindowPiece | string | undefined> {
  const [first, last] = [sequences[0]?.[0] ?? 0, sequences.at(-1)?.[1] ?? 0];
  // Those that the journal holds no more are accounted for already.
  if (last < held) return undefined;
  if (first < held) return "trimmed";
  // Another prefix, layout or compression: where it lay then, the stream may not write any more.
  if (encoding !== sink.encoding) return "settings";
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
  for await (const piece of cutWindow(plan, encodingUnder(sink, encoding), { index: groups, groups: each(groups) }, {}))
    return piece.total === count ? piece : "changed";
  return "changed";
}

const boundless = {
  maxEvents: Number.MAX_SAFE_INTEGER,
  maxBytes: Number.MAX_SAFE_INTEGER,
  maxEventBytes: Number.MAX_SAFE_INTEGER,
} as const;
