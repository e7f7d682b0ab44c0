import type { Clock } from "./clock.ts";
import type { TurnRun } from "./delivery-run.ts";
import type { DeliverySettings } from "./delivery-settings.ts";
import type { DigestSettings } from "./digest-chain.ts";
import { giveUp } from "./giving-up.ts";
import { logDefect } from "./health-reports.ts";
import type { JournalHead } from "./journal.ts";
import type { Logger } from "./logger.ts";
import { foreignDigest } from "./restored-store.ts";
import type { Store } from "./store.ts";
import { isSink, type StreamEntry } from "./stream-entry.ts";
import { firstCheckpoint } from "./stream-status.ts";

/** How often streams without a turn are held against the limit, in ms: paused and failing ones too. */
export const limitLookMs = 60_000;

/** Holds a stream, which has no turn under way, against the operator's limit on pending age. Never throws. */
export type HoldToLimit = (entry: StreamEntry, head: JournalHead | undefined, run: TurnRun) => Promise<void>;

/** Undefined where there is no such limit. */
export function createPendingLimit({
  store,
  clock,
  logger,
  settings: { giveUpAfterMs, giveUpPaused = false },
  digests,
  onLost,
}: {
  readonly store: Store;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly settings: DeliverySettings;
  readonly digests: DigestSettings | undefined;
  /** Told of a stream that has lost events. */
  readonly onLost: (stream: string) => void;
}): HoldToLimit | undefined {
  if (giveUpAfterMs === undefined) return undefined;
  const limit = { ms: giveUpAfterMs, paused: giveUpPaused };

  return async (entry, head, run) => {
    const { record, sink } = entry.stream;
    if (record.paused && !limit.paused) return;
    try {
      const checkpoint = (entry.checkpoint ??= (await store.checkpoints.get(record.id)) ?? firstCheckpoint(record));
      const pending = (head?.lastSequence ?? 0) > checkpoint.position;
      if (!pending && checkpoint.noticeAt === undefined) return;
      // Of a store that is an older copy nobody knows what is pending.
      if (foreignDigest(record, checkpoint) !== undefined) return;
      if (pending) entry.oldest ??= await store.journal.position(record.organization, checkpoint.position);
      const own = isSink(sink) ? sink : undefined;
      const willList = digests !== undefined && (own === undefined || own.digests !== undefined);
      const next = await giveUp(
        {
          record,
          sink: own,
          checkpoint,
          oldestPendingAt: pending ? (entry.oldest?.appendedAt ?? clock.now()) : clock.now(),
          listed: willList || checkpoint.chain !== undefined,
        },
        limit,
        { store, lease: run.lease, clock, logger },
      );
      entry.checkpoint = next;
      if (next.position === checkpoint.position) return;
      entry.oldest = undefined;
      if (next.lost?.count !== checkpoint.lost?.count) onLost(record.id);
    } catch (error) {
      // What the store holds now is not known: it is read again.
      entry.checkpoint = undefined;
      entry.oldest = undefined;
      logDefect(logger, error);
    }
  };
}
