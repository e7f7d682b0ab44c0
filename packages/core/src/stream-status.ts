import type { Checkpoint, LastStreamed } from "./checkpoint.ts";
import type { JsonObject } from "./event.ts";
import { initialHealth } from "./health.ts";
import { activityOf, type ServiceLevels, serviceLevels } from "./service-level.ts";
import type { Shape } from "./shape.ts";
import type { FlushPolicy } from "./sink.ts";
import type { Store, StreamHealth, StreamRecord, StreamSnapshot } from "./store.ts";
import { shownOptions } from "./stream-options.ts";
import { hourMs } from "./time.ts";
import { waitsSince } from "./waiting-time.ts";

/** How a stream stands. accepted = delivered + quarantined + filtered + lost + pending, at every moment. */
export interface StreamStatus {
  readonly id: string;
  readonly organization: string;
  readonly name?: string;
  readonly sink: string;
  /** As they are stored, secrets redacted. */
  readonly options: JsonObject;
  readonly flush?: Partial<FlushPolicy>;
  /** @default every event, as it is stored */
  readonly shape?: Shape;
  /** Declared by a configuration file, which alone can change it. */
  readonly declared: boolean;
  /** Unix ms. */
  readonly createdAt: number;
  readonly health: StreamHealth;
  /** Events appended since the stream began. */
  readonly accepted: number;
  readonly delivered: number;
  /** In quarantine, or discarded from it. */
  readonly quarantined: number;
  /** Left out by the stream's filter, counted window by window. */
  readonly filtered: number;
  /** Given up by the operator's limit on pending age. */
  readonly lost: number;
  /** When the last of them were given up, Unix ms. */
  readonly lastLostAt?: number;
  /** Since when the oldest pending event is known to be about to be given up, Unix ms. */
  readonly noticeAt?: number;
  readonly pending: number;
  /** Bytes of the lines after the last finished window. */
  readonly pendingBytes: number;
  /** When the oldest of them was appended, Unix ms. */
  readonly oldestPendingAt?: number;
  /** From when on it counts as waiting, Unix ms: not while the stream was not there, or in its last pause. */
  readonly waitingSince?: number;
  readonly lastStreamed?: LastStreamed;
  /** The last digest that its destination has confirmed: it vouches for all sequences up to `through`. `at` is in Unix ms. */
  readonly digest?: {
    readonly number: number;
    readonly through: number;
    readonly at: number;
    /** The chain ends with it: the stream was deleted. */
    readonly final?: true;
  };
  /** How many of the pending ones have waited for more than an hour, of which the stream was there and not paused. */
  readonly overdue: number;
  readonly serviceLevels: ServiceLevels;
  /** Events delivered in each of the 24 hours that end with the present one, the oldest first. */
  readonly activity: readonly number[];
}

/** Reads one stream's status from the store, so that any process can tell; undefined where there is no such stream. */
export async function readStreamStatus(store: Store, id: string, now: number): Promise<StreamStatus | undefined> {
  const snapshot = await store.streams.snapshot(id, now - hourMs);
  return snapshot && streamStatus(snapshot, now);
}

/** What a snapshot, whose `overdueBefore` was an hour before `now`, comes to. */
export function streamStatus(snapshot: StreamSnapshot, now: number): StreamStatus {
  const { record, head, position, overdueThrough } = snapshot;
  const { checkpoint = firstCheckpoint(record) } = snapshot;
  const saved = snapshot.health ?? initialHealth(record.createdAt);
  const settledAhead = checkpoint.window?.settledCount ?? 0;
  const pending = Math.max(0, head.lastSequence - checkpoint.position - position.skipped) - settledAhead;
  const passed = checkpoint.lost?.skipped ?? 0;
  const lost = (checkpoint.lost?.count ?? 0) - passed;
  // Which events of a window are settled ahead is not looked at: until it is through, those that are count as overdue too.
  const oldestPendingAt = pending > 0 && position.nextSequence > 0 ? position.appendedAt : undefined;
  const waitingSince = oldestPendingAt === undefined ? undefined : waitsSince(record, oldestPendingAt);
  // Of those that came in a pause some may count too soon: which ones, only the journal could tell.
  const inTime = record.paused || waitingSince === undefined || waitingSince >= now - hourMs;
  const through = overdueThrough - checkpoint.position;
  const old = through > position.skipped ? through - position.skipped : through;
  const overdue = inTime ? 0 : Math.min(pending, Math.max(0, old));
  return {
    id: record.id,
    organization: record.organization,
    ...(record.name !== undefined && { name: record.name }),
    sink: record.sink,
    options: shownOptions(record.options),
    ...(record.flush && { flush: record.flush }),
    ...(record.shape && { shape: record.shape }),
    declared: record.declared,
    createdAt: record.createdAt,
    health: { ...saved, state: shownState(record, saved) },
    accepted: Math.max(head.lastSequence, checkpoint.position) - checkpoint.start - passed - position.skipped,
    delivered: checkpoint.delivered,
    quarantined: checkpoint.quarantined,
    filtered: checkpoint.filtered ?? 0,
    lost,
    ...(checkpoint.lost && lost > 0 && { lastLostAt: checkpoint.lost.at }),
    ...(checkpoint.noticeAt !== undefined && pending > 0 && { noticeAt: checkpoint.noticeAt }),
    pending,
    pendingBytes: pending === 0 ? 0 : Math.max(0, head.totalBytes - position.bytesBefore),
    ...(oldestPendingAt !== undefined && { oldestPendingAt }),
    ...(waitingSince !== undefined && { waitingSince }),
    ...(checkpoint.lastStreamed && { lastStreamed: checkpoint.lastStreamed }),
    ...(checkpoint.chain !== undefined &&
      checkpoint.chain.number > 0 && {
        digest: {
          number: checkpoint.chain.number,
          through: checkpoint.chain.through,
          at: checkpoint.chain.to,
          ...(checkpoint.chain.final && { final: true as const }),
        },
      }),
    overdue,
    serviceLevels: serviceLevels(checkpoint.tally, overdue, now),
    activity: activityOf(checkpoint.tally, now),
  };
}

/** The record has the last word on pausing: the health is written later, by the runner. */
function shownState(record: StreamRecord, { state }: StreamHealth): StreamHealth["state"] {
  if (record.paused) return "paused";
  return state === "paused" ? "unverified" : state;
}

/** The checkpoint of a stream that has delivered nothing. */
export function firstCheckpoint(record: StreamRecord): Checkpoint {
  const { id: stream, incarnation, start } = record;
  return { stream, incarnation, version: 0, start, position: start, delivered: 0, quarantined: 0 };
}
