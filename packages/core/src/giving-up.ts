import type { Checkpoint, LostEvents, SealedWindow } from "./checkpoint.ts";
import type { Clock } from "./clock.ts";
import type { LabelledRange } from "./digest.ts";
import { chainBefore, chainIdOf } from "./digest-chain.ts";
import { HeadgateError } from "./errors.ts";
import { inARow, lastSequence } from "./group.ts";
import { countOf, joined } from "./labelled-ranges.ts";
import type { Logger } from "./logger.ts";
import { pastSkipped } from "./skipped-sequences.ts";
import { tallied } from "./service-level.ts";
import { encodingUnder } from "./shaped-sink.ts";
import type { Sink } from "./sink.ts";
import type { Lease, Store, StreamRecord } from "./store.ts";
import { hourMs } from "./time.ts";
import { cutWindow } from "./window.ts";

const dayMs = 24 * hourMs;

/** Events of one step: their index is in memory. */
const stepEvents = 50_000;

/** Why events are lost, as digests say it. Of those that are unconfirmed a request may have been under way: the destination may hold them all the same. */
const reasons = { unsent: "pending_age_limit", unconfirmed: "pending_age_limit_unconfirmed" } as const;

/** An operator's limit on pending age. */
export interface PendingLimit {
  /** Events that have been pending for longer are given up, in ms. */
  readonly ms: number;
  /** Whether a pause counts like an outage. */
  readonly paused: boolean;
}

/** @throws `config_invalid` */
export function assertPendingLimit(ms: number | undefined): void {
  if (ms === undefined || (Number.isSafeInteger(ms) && ms >= dayMs)) return;
  throw new HeadgateError("config_invalid", "Events can be given up after a day of waiting at the earliest.", {
    hint: "Set the limit on pending age to at least a day, or leave it away: then nothing is ever given up.",
  });
}

/**
 * The last stretch before a loss, in ms. It begins when a runner sees that it has, and not before: who sets a limit below
 * the age of what is pending, starts after a long standstill, or has a clock that was wrong for once, loses nothing at once.
 */
export function noticeMs({ ms }: PendingLimit): number {
  return Math.min(dayMs, ms / 2);
}

/** When the oldest pending event is given up, Unix ms. */
export function givenUpAt(
  { oldestPendingAt, noticeAt }: { readonly oldestPendingAt: number; readonly noticeAt?: number | undefined },
  limit: PendingLimit,
  now: number,
): number {
  const notice = noticeMs(limit);
  const noticed = noticeAt === undefined || noticeAt > now ? now : noticeAt;
  return Math.max(oldestPendingAt + limit.ms, noticed + notice);
}

/** What of a stream {@link giveUp} looks at. */
export interface Claim {
  readonly record: StreamRecord;
  /** Undefined where it could not be made. */
  readonly sink: Sink | undefined;
  readonly checkpoint: Checkpoint;
  /** When the first event after the checkpoint was appended, Unix ms. */
  readonly oldestPendingAt: number;
  /** Whether a digest will list the ranges, now or later. */
  readonly listed: boolean;
}

/**
 * Ends a stream's claim on the events that have been pending for longer than the operator's limit: the checkpoint passes
 * them and counts them as lost, in one commit for each step, under the lease. Resolves to the last checkpoint. Never while a
 * turn of the stream is under way.
 */
export async function giveUp(
  { record, sink, checkpoint: from, oldestPendingAt, listed }: Claim,
  limit: PendingLimit,
  {
    store,
    lease,
    clock,
    logger,
  }: { readonly store: Store; readonly lease: () => Lease; readonly clock: Clock; readonly logger: Logger },
): Promise<Checkpoint> {
  let checkpoint = from;
  const now = clock.now();
  async function commit(next: Checkpoint): Promise<void> {
    const stepped = { ...next, version: next.version + 1 };
    await store.checkpoints.commit({ lease: lease(), checkpoint: stepped });
    checkpoint = stepped;
  }

  const { noticeAt, ...unnoticed } = from;
  if (now < oldestPendingAt + limit.ms - noticeMs(limit)) {
    if (noticeAt !== undefined) await commit(unnoticed);
    return checkpoint;
  }
  if (noticeAt === undefined || noticeAt > now) await commit({ ...unnoticed, noticeAt: now });
  if (now < givenUpAt({ oldestPendingAt, noticeAt }, limit, now)) return checkpoint;

  const appendedBefore = now - limit.ms;
  async function beginChain(): Promise<void> {
    if (!listed || checkpoint.chain?.id === chainIdOf(record)) return;
    const chain = await chainBefore(store, record, checkpoint, sink ?? {});
    const fresh = checkpoint.delivered + checkpoint.quarantined + (checkpoint.filtered ?? 0) === 0;
    // Without its sink it is not known what is recorded of what was delivered.
    if (sink !== undefined || fresh) await commit({ ...checkpoint, chain });
  }
  async function lose(through: number, ranges: readonly LabelledRange[], filtered = 0): Promise<void> {
    const count = countOf(ranges);
    // Else a chain that begins later would begin after the gap.
    if (count > 0) await beginChain();
    const { window: _, ...rest } = checkpoint;
    await commit({
      ...rest,
      position: through,
      ...(filtered > 0 && { filtered: (rest.filtered ?? 0) + filtered }),
      ...(count > 0 && {
        lost: lostWith(rest.lost, { count, at: now, ranges: listed ? ranges : [] }),
        tally: tallied(rest.tally, now, { lost: count }),
      }),
    });
    if (count === 0) return;
    logger.error("events were given up: they had been pending for longer than the operator's limit", {
      stream: record.id,
      organization: record.organization,
      events: count,
      first: ranges[0]?.[0],
      last: ranges.at(-1)?.[1],
      lost_in_all: checkpoint.lost?.count,
    });
  }

  const { window } = checkpoint;
  if (window !== undefined) {
    // It was frozen when it was sealed: it is given up as a whole, once its youngest event is old enough.
    const youngest = await store.journal.position(record.organization, window.through - 1);
    if (youngest.appendedAt > appendedBefore) return checkpoint;
    const rest = await unsettledOf(window, record, sink, store);
    if (rest === undefined) {
      logger.error("events cannot be given up: which of their window are delivered only its sink can tell", {
        stream: record.id,
      });
      return checkpoint;
    }
    await lose(window.through, rest.ranges, rest.filtered);
  }
  for (;;) {
    const range = { after: checkpoint.position, maxEvents: stepEvents };
    const groups = await store.journal.index(record.organization, range);
    const young = groups.findIndex(({ appendedAt }) => appendedAt > appendedBefore);
    const old = inARow(young === -1 ? groups : groups.slice(0, young));
    const [first, last] = [old[0], old.at(-1)];
    const [skip] =
      first?.firstSequence === range.after + 1 ? [] : await store.journal.skipped(record.organization, range.after);
    if (skip?.after === range.after) {
      await beginChain();
      await commit(pastSkipped(checkpoint, skip, now));
    } else if (last === undefined) return checkpoint;
    else await lose(lastSequence(last), [[range.after + 1, lastSequence(last), reasons.unsent]]);
  }
}

/** What of a window is not settled, and how many of its events the filter leaves out; undefined where only a sink that is not there could tell. */
async function unsettledOf(
  { after, through, plan, settled, settledCount }: SealedWindow,
  { organization }: StreamRecord,
  sink: Sink | undefined,
  store: Store,
): Promise<{ readonly ranges: readonly LabelledRange[]; readonly filtered: number } | undefined> {
  if (settledCount === 0) return { ranges: [[after + 1, through, reasons.unconfirmed]], filtered: 0 };
  if (sink === undefined || (plan.encoding !== sink.encoding && sink.canEncode?.(plan.encoding) !== true))
    return undefined;
  const index = await store.journal.index(organization, { after, through });
  const source = { index, groups: store.journal.read(organization, { after, through }) };
  const sequences: number[] = [];
  let filtered = 0;
  for await (const piece of cutWindow(plan, encodingUnder(sink, plan.encoding), source, settled, () => filtered++))
    for (const sequence of piece.sequences) sequences.push(sequence);
  sequences.sort((a, b) => a - b);
  return { ranges: joined(sequences.map((one) => [one, one, reasons.unconfirmed])), filtered };
}

function lostWith(before: LostEvents | undefined, { count, at, ranges }: LostEvents): LostEvents {
  const all = joined([...(before?.ranges ?? []), ...ranges]);
  return { ...before, count: (before?.count ?? 0) + count, at, ranges: all };
}
