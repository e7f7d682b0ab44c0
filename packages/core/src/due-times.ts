import type { Checkpoint } from "./checkpoint.ts";
import type { Clock, Random } from "./clock.ts";
import { digestDueAt, type DigestSettings } from "./digest-chain.ts";
import type { HealthReports } from "./health-reports.ts";
import type { JournalHead } from "./journal.ts";
import type { Store } from "./store.ts";
import { isSink, type StreamEntry } from "./stream-entry.ts";
import { firstCheckpoint } from "./stream-status.ts";
import { hourMs, hourOf } from "./time.ts";

/** The longest that a stream's first window waits, in milliseconds: who has just connected it looks for its first object. */
const firstMaxAgeMs = 5_000;

/** When something is to be done for a stream, in Unix ms. */
export interface DueTimes {
  /** Its next turn; infinity where nothing is to be done. Reads of the store what is not known, or not any more. */
  readonly dueAt: (entry: StreamEntry) => Promise<number>;
  /** Its next digest. */
  readonly digestAt: (entry: StreamEntry, checkpoint: Checkpoint) => number;
}

export function createDueTimes({
  store,
  clock,
  random,
  digests,
  report,
  headOf,
  flushing,
}: {
  readonly store: Store;
  readonly clock: Clock;
  readonly random: Random;
  readonly digests: DigestSettings | undefined;
  readonly report: HealthReports;
  readonly headOf: (entry: StreamEntry) => JournalHead | undefined;
  /** Whether every window is due at once. */
  readonly flushing: () => boolean;
}): DueTimes {
  function digestAt({ stream: { record, sink } }: StreamEntry, checkpoint: Checkpoint): number {
    if (digests === undefined || !isSink(sink) || sink.digests === undefined) return Number.POSITIVE_INFINITY;
    return digestDueAt(record, checkpoint, { ...digests, now: clock.now(), flushing: flushing(), spread: random() });
  }

  async function dueAt(entry: StreamEntry): Promise<number> {
    const { record, sink } = entry.stream;
    if (entry.outdated) await readAgain(entry);
    if (record.paused) return Number.POSITIVE_INFINITY;
    entry.checkpoint ??= (await store.checkpoints.get(record.id)) ?? firstCheckpoint(record);
    const { position, window } = entry.checkpoint;
    const pending = (headOf(entry)?.lastSequence ?? 0) - position;
    if (!isSink(sink)) {
      if (window !== undefined || pending > 0 || entry.retrying)
        await report(entry, { kind: "blocked", error: sink, nextAttemptAt: Number.POSITIVE_INFINITY });
      return Number.POSITIVE_INFINITY;
    }
    entry.windowAt = await windowDueAt(entry, entry.checkpoint, pending);
    const digest = Math.max(entry.digest.notBefore, digestAt(entry, entry.checkpoint));
    const replay = entry.replaying ? entry.replay.notBefore : Number.POSITIVE_INFINITY;
    return Math.max(entry.notBefore, Math.min(entry.retrying ? 0 : entry.windowAt, digest, replay));
  }

  async function readAgain(entry: StreamEntry): Promise<void> {
    const { id, paused } = entry.stream.record;
    // Before it is asked: what passes to another runner meanwhile has to be read once more.
    entry.outdated = false;
    try {
      const snapshot = await store.streams.snapshot(id);
      entry.health = snapshot?.health ?? entry.health;
      entry.checkpoint = snapshot?.checkpoint;
      entry.oldest = undefined;
      entry.failingSince = undefined;
    } catch (error) {
      entry.outdated = true;
      throw error;
    }
    // Of what was changed while nobody had it nobody has told.
    if (paused !== (entry.health.state === "paused")) await report(entry, { kind: paused ? "paused" : "resumed" });
  }

  /** When what is new is due; infinity where nothing is. */
  async function windowDueAt(entry: StreamEntry, checkpoint: Checkpoint, pending: number): Promise<number> {
    const { record, flush } = entry.stream;
    const { start, position, window } = checkpoint;
    if (window !== undefined) return 0;
    if (pending <= 0) return Number.POSITIVE_INFINITY;
    if (flushing()) return 0;
    entry.oldest ??= await store.journal.position(record.organization, position);
    const bytes = (headOf(entry)?.totalBytes ?? 0) - entry.oldest.bytesBefore;
    if (pending >= flush.maxEvents || bytes >= flush.maxBytes) return 0;
    // A clock that was set back since makes an append of then look like one of the future.
    const appendedAt = Math.min(entry.oldest.appendedAt, clock.now());
    const maxAgeMs = position === start ? Math.min(firstMaxAgeMs, flush.maxAgeMs) : flush.maxAgeMs;
    // The hour's end is spread over a minute, so that all streams do not knock at once.
    const spread = random() * Math.min(60_000, maxAgeMs);
    return Math.min(appendedAt + maxAgeMs, hourOf(appendedAt) + hourMs + spread);
  }

  return { dueAt, digestAt };
}
