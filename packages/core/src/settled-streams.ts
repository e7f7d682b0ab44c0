import type { Clock } from "./clock.ts";
import type { JournalHead } from "./journal.ts";
import type { Store } from "./store.ts";
import { isSink, type StreamEntry } from "./stream-entry.ts";

/**
 * Whether a stream has something left to deliver and has not given up for now: it is neither paused nor blocked, and has
 * not gone without progress for `patienceMs`. While another runner delivers, what that one has stored is what counts.
 */
export async function hasWork(
  entry: StreamEntry,
  {
    store,
    clock,
    patienceMs,
    standingBy,
    marked,
    unfinished,
    onHead,
  }: {
    readonly store: Store;
    readonly clock: Clock;
    readonly patienceMs: number;
    /** This process does not deliver at the moment. */
    readonly standingBy: boolean;
    /** Streams with quarantined events to be sent again. */
    readonly marked: ReadonlySet<string>;
    /** This process has a digest to make of it, or a replay to finish. */
    readonly unfinished: boolean;
    readonly onHead: (head: JournalHead) => void;
  },
): Promise<boolean> {
  const { record, sink } = entry.stream;
  if (record.paused) return false;
  const health = standingBy ? ((await store.streams.health(record.id)) ?? entry.health) : entry.health;
  // What an earlier process saw may have been mended since: a blocked stream is tried before it is given up.
  const tried = standingBy || entry.failingSince !== undefined || !isSink(sink);
  if (health.state === "blocked" && tried) return false;
  const now = clock.now();
  if (entry.failingSince !== undefined && now - entry.failingSince >= patienceMs) return false;
  const { restsSince } = entry;
  if (restsSince !== undefined && entry.notBefore > now && now - restsSince >= patienceMs) return false;
  const head = await store.journal.head(record.organization);
  onHead(head);
  const checkpoint = standingBy ? await store.checkpoints.get(record.id) : entry.checkpoint;
  if (standingBy) {
    const settled = (checkpoint?.delivered ?? 0) + (checkpoint?.quarantined ?? 0) + (checkpoint?.filtered ?? 0);
    if (settled !== entry.progress.settled) entry.progress = { settled, at: now };
    if (now - entry.progress.at >= patienceMs) return false;
  }
  const behind = (checkpoint?.position ?? -1) < Math.max(head.lastSequence, record.start);
  return behind || unfinished || entry.turn !== undefined || marked.has(record.id);
}
