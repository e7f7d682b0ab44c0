import type { Checkpoint } from "./checkpoint.ts";
import type { JournalHead, JournalPosition } from "./journal.ts";
import type { LastStreamed } from "./checkpoint.ts";
import type { Store, StreamHealth, StreamRecord } from "./store.ts";
import { initialHealth } from "./health.ts";

/** How a stream stands. accepted = delivered + quarantined + pending, at every moment. */
export interface StreamStatus {
  readonly id: string;
  readonly organization: string;
  readonly sink: string;
  readonly health: StreamHealth;
  /** Events appended since the stream began. */
  readonly accepted: number;
  readonly delivered: number;
  /** In quarantine, or discarded from it. */
  readonly quarantined: number;
  readonly pending: number;
  /** Bytes of the lines after the last finished window. */
  readonly pendingBytes: number;
  /** When the oldest of them was appended, Unix ms. */
  readonly oldestPendingAt?: number;
  readonly lastStreamed?: LastStreamed;
}

/** Reads one stream's status from the store, so that any process can tell. */
export async function readStreamStatus(store: Store, record: StreamRecord, now: number): Promise<StreamStatus> {
  // The head is read after the checkpoint: a checkpoint is never ahead of a head read later.
  const checkpoint = (await store.checkpoints.get(record.id)) ?? firstCheckpoint(record);
  const head = await store.journal.head(record.organization);
  const position = await store.journal.position(record.organization, checkpoint.position);
  const saved = (await store.streams.health(record.id)) ?? initialHealth(now);
  const health = { ...saved, state: shownState(record, saved) };
  return statusOf(record, checkpoint, head, position, health);
}

/** The record has the last word on pausing: the health is written later, by the runner. */
function shownState(record: StreamRecord, { state }: StreamHealth): StreamHealth["state"] {
  if (record.paused) return "paused";
  return state === "paused" ? "unverified" : state;
}

function statusOf(
  record: StreamRecord,
  checkpoint: Checkpoint,
  head: JournalHead,
  position: JournalPosition,
  health: StreamHealth,
): StreamStatus {
  const settledAhead = checkpoint.window?.settledCount ?? 0;
  const pending = Math.max(0, head.lastSequence - checkpoint.position) - settledAhead;
  return {
    id: record.id,
    organization: record.organization,
    sink: record.sink,
    health,
    accepted: Math.max(head.lastSequence, checkpoint.position) - checkpoint.start,
    delivered: checkpoint.delivered,
    quarantined: checkpoint.quarantined,
    pending,
    pendingBytes: pending === 0 ? 0 : Math.max(0, head.totalBytes - position.bytesBefore),
    ...(pending > 0 && position.nextSequence > 0 && { oldestPendingAt: position.appendedAt }),
    ...(checkpoint.lastStreamed && { lastStreamed: checkpoint.lastStreamed }),
  };
}

/** The checkpoint of a stream that has delivered nothing. */
export function firstCheckpoint(record: StreamRecord): Checkpoint {
  const { id: stream, incarnation, start } = record;
  return { stream, incarnation, version: 0, start, position: start, delivered: 0, quarantined: 0 };
}
