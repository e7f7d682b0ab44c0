import type { ChunkPlan } from "./checkpoint.ts";
import { mintEventId } from "./event-id.ts";
import { HeadgateError, isHeadgateError } from "./errors.ts";
import type { DocumentWrite, Store, StreamRecord } from "./store.ts";

/** What to deliver again: sequences, or events by `occurred_at`. Without either, all that the journal holds. */
export interface ReplayRange {
  /** Inclusive. */
  readonly firstSequence?: number;
  /** Inclusive. */
  readonly lastSequence?: number;
  /** Inclusive, Unix ms. */
  readonly from?: number;
  /** Exclusive, Unix ms. */
  readonly to?: number;
}

/**
 * A replay of a range by one stream, under way or ended. To object stores it stores again, under the same keys, what was
 * stored there, so that what is there stays as it is and what has gone comes back; what the stream never had, because it
 * began later, is stored in objects of its own. To others it sends the events again.
 */
export interface Replay {
  readonly stream: string;
  readonly state: "running" | "done" | "cancelled";
  readonly range: ReplayRange;
  /** Unix ms. */
  readonly requestedAt: number;
  /** Unix ms. */
  readonly endedAt?: number;
  /** Objects of before that the destination says it has now: one that is there stays as it is, whatever is in it. */
  readonly objects: number;
  /** Events in them, or sent, or stored anew. */
  readonly events: number;
  /** Events that the destination refused. */
  readonly refused: number;
  /**
   * Events of the range that could not be delivered again: the journal holds them no more, the stream's settings are others
   * by now, they were delivered before objects were recorded, or what is at the destination is damaged. The first ranges
   * of them are listed.
   */
  readonly lost: number;
  readonly lostRanges: readonly (readonly [from: number, to: number, why: string])[];
}

/** A window of what is stored anew, written down before its first request: whoever goes on cuts the same objects. */
export interface ReplayStep {
  /** Exclusive. */
  readonly after: number;
  /** Inclusive. */
  readonly through: number;
  readonly plan: ChunkPlan;
  readonly range: ReplayRange;
  /** Number of the last object that was recorded when it began. */
  readonly objects: number;
}

/** A replay as it is stored: with where it stands. */
export interface ReplayJob extends Replay {
  readonly incarnation: string;
  /** Tells it from the stream's others. */
  readonly id: string;
  /** Resolved from the range, both inclusive. */
  readonly first: number;
  readonly last: number;
  /** Object stores: number of the last recorded object that was looked at. Infinity, as null, once all were. */
  readonly object: number | null;
  /** Last sequence that was sent, or stored anew. */
  readonly position: number;
  /** Begun and not known to be done; another replay may have left it behind. */
  readonly step?: ReplayStep;
}

/** A replay under way as it was read, with the version that a change of it must find. */
export interface RunningReplay {
  readonly job: ReplayJob;
  readonly version: number;
}

const running = "replays";
const ended = "replays_ended";

/** Ranges of lost events that a replay lists. */
const mostListed = 100;

/** First and last sequence of a range, inclusive. @throws `request_invalid` where it is none */
export function boundsOf(range: ReplayRange): readonly [first: number, last: number] {
  const [first, last] = [range.firstSequence ?? 1, range.lastSequence ?? Number.MAX_SAFE_INTEGER];
  if (![first, last].every((bound) => Number.isSafeInteger(bound) && bound > 0) || first > last)
    throw new HeadgateError(
      "request_invalid",
      "A replay's first and last sequence must be whole numbers, the first one first.",
    );
  const { from = Number.NEGATIVE_INFINITY, to = Number.POSITIVE_INFINITY } = range;
  if (Number.isNaN(from) || Number.isNaN(to) || from >= to)
    throw new HeadgateError("request_invalid", "A replay's time must begin before it ends.");
  return [first, last];
}

/** Asks for a replay. @throws `request_invalid`, `replay_running` */
export async function requestReplay(
  store: Store,
  record: StreamRecord,
  range: ReplayRange,
  now: number,
): Promise<Replay> {
  const { id, incarnation, organization } = record;
  const [first, last] = boundsOf(range);
  const { lastSequence } = await store.journal.head(organization);
  const before = ofStream(await store.documents.get(ended, id), record);
  const job: ReplayJob = {
    stream: id,
    id: mintEventId(now),
    incarnation,
    state: "running",
    range,
    requestedAt: now,
    first,
    last: Math.min(last, lastSequence),
    object: 0,
    position: first - 1,
    objects: 0,
    events: 0,
    refused: 0,
    lost: 0,
    lostRanges: [],
    // Its objects may be there, and not recorded: cut in another way, their events would be stored twice.
    ...(before?.step !== undefined && { step: before.step }),
  };
  try {
    await store.documents.write([{ collection: running, key: id, value: JSON.stringify(job), expected: 0 }]);
  } catch (error) {
    if (!isHeadgateError(error, "document_conflict")) throw error;
    throw new HeadgateError("replay_running", `The stream "${id}" is replaying a range already.`, {
      hint: "Wait until it has ended, or cancel it.",
    });
  }
  return shownReplay(job);
}

/** The stream's replay that is under way, or else the last one that ended. */
export async function readReplay(store: Store, record: StreamRecord): Promise<Replay | undefined> {
  const job =
    ofStream(await store.documents.get(running, record.id), record) ??
    ofStream(await store.documents.get(ended, record.id), record);
  return job && shownReplay(job);
}

/** Ends a replay where it stands. False where none is under way. */
export async function cancelReplay(store: Store, record: StreamRecord, now: number): Promise<boolean> {
  for (;;) {
    const found = await runningReplay(store, record.id);
    if (found === undefined) return false;
    if (await endReplay(store, found, { ...found.job, state: "cancelled", endedAt: now })) return true;
  }
}

/** Streams with a replay under way. */
export async function replayingStreams(store: Store): Promise<readonly string[]> {
  return (await store.documents.list(running)).map(({ key }) => key);
}

export async function runningReplay(store: Store, stream: string): Promise<RunningReplay | undefined> {
  const document = await store.documents.get(running, stream);
  return document && { job: JSON.parse(document.value) as ReplayJob, version: document.version };
}

/** Writes how far a replay is. Undefined where somebody else has ended, or moved, it since it was read. */
export async function saveReplay(
  store: Store,
  found: RunningReplay,
  job: ReplayJob,
): Promise<RunningReplay | undefined> {
  const { version } = found;
  if (!(await unchanged(store, found))) return undefined;
  const write = { collection: running, key: job.stream, value: JSON.stringify(job), expected: version };
  return (await written(store, [write])) ? { job, version: version + 1 } : undefined;
}

/** Moves a replay from those under way to those that have ended. False as above. */
export async function endReplay(store: Store, found: RunningReplay, job: ReplayJob): Promise<boolean> {
  const { version } = found;
  if (!(await unchanged(store, found))) return false;
  return written(store, [
    { collection: running, key: job.stream, expected: version },
    { collection: ended, key: job.stream, value: JSON.stringify(job) },
  ]);
}

/** Versions begin anew with each document: the one that is there now may be another replay's. */
async function unchanged(store: Store, { job, version }: RunningReplay): Promise<boolean> {
  const there = await runningReplay(store, job.stream);
  return there?.job.id === job.id && there.version === version;
}

async function written(store: Store, writes: readonly DocumentWrite[]): Promise<boolean> {
  try {
    await store.documents.write(writes);
    return true;
  } catch (error) {
    if (isHeadgateError(error, "document_conflict")) return false;
    throw error;
  }
}

/** Forgets the replays of a stream that is deleted. */
export async function forgetReplays(store: Store, stream: string): Promise<void> {
  await store.documents.write([running, ended].map((collection) => ({ collection, key: stream })));
}

/** The job with more events that cannot be delivered again. */
export function withLost(job: ReplayJob, ranges: readonly (readonly [number, number])[], why: string): ReplayJob {
  if (ranges.length === 0) return job;
  const listed = ranges.map(([from, to]) => [from, to, why] as const);
  return {
    ...job,
    lost: job.lost + ranges.reduce((sum, [from, to]) => sum + to - from + 1, 0),
    lostRanges: [...job.lostRanges, ...listed].slice(0, mostListed),
  };
}

function shownReplay(job: ReplayJob): Replay {
  const { incarnation: _i, id: _id, first: _f, last: _l, object: _o, position: _p, step: _s, ...shown } = job;
  return shown;
}

/** A document of an earlier stream of the same id is none of this one's, nor of its organization's. */
function ofStream(
  document: { readonly value: string } | undefined,
  { incarnation }: StreamRecord,
): ReplayJob | undefined {
  const job = document && (JSON.parse(document.value) as ReplayJob);
  return job?.incarnation === incarnation ? job : undefined;
}
