import { shardOf, type ServiceLevels, type StreamState, type StreamStatus, sumOfServiceLevels } from "@headgate/core";

/** The streams of one kind of sink, taken together. */
export interface SinkTotals {
  /** accepted = delivered + quarantined + filtered + lost + pending + abandoned. Streams that were deleted meanwhile are still in it. */
  readonly accepted: number;
  readonly delivered: number;
  readonly quarantined: number;
  readonly filtered: number;
  /** Given up by the operator's limit on pending age. */
  readonly lost: number;
  readonly pending: number;
  /** What streams had not delivered when they were deleted. */
  readonly abandoned: number;
  readonly pendingBytes: number;
  readonly overdue: number;
  readonly lagging: number;
  readonly states: ReadonlyMap<StreamState, number>;
  /** Of streams that are not paused, Unix ms. */
  readonly oldestPendingAt?: number;
  /** When a destination last confirmed something, Unix ms. */
  readonly lastStreamedAt?: number;
}

/** A stream with something pending. */
export interface WaitingStream {
  readonly id: string;
  readonly sink: string;
  /** Unix ms. */
  readonly oldestPendingAt: number;
}

/** The streams of one shard, taken together. */
export interface ShardTotals {
  readonly pendingBytes: number;
  /** Of streams that are not paused, Unix ms. */
  readonly oldestPendingAt?: number;
}

/** What all streams come to. */
export interface StreamTotals {
  /** Those with something pending. */
  readonly shards: ReadonlyMap<number, ShardTotals>;
  readonly sinks: ReadonlyMap<string, SinkTotals>;
  readonly serviceLevels: ServiceLevels;
  /** Those that wait longest, the longest first. */
  readonly waiting: readonly WaitingStream[];
}

/** Adds up the streams, time and again. */
export interface StreamCount {
  /** One pass over all streams there are. Where it fails, nothing has changed. */
  take(
    pages: AsyncIterable<readonly StreamStatus[]>,
    now: number,
    /** What was deleted before the first pass. */
    deleted: () => Promise<ReadonlyMap<string, Left>>,
  ): Promise<StreamTotals>;
  /** The kind of sink of a stream that the last pass saw. */
  sinkOf(stream: string): string | undefined;
}

/** From this age on the oldest pending event is about to miss its hour: the age at which alerts say so too. */
const laggingMs = 45 * 60_000;

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };
type Sum = Mutable<Omit<SinkTotals, "states">> & { readonly states: Map<StreamState, number> };
type Left = Pick<StreamStatus, "accepted" | "delivered"> & Partial<Pick<StreamStatus, "lost">>;
type Seen = Pick<StreamStatus, "sink" | "createdAt" | "accepted" | "delivered" | "lost">;

/**
 * Totals never fall, as counters must not, neither while the process lives nor at its start: a stream that is deleted
 * leaves what it had accepted and delivered behind. What was deleted before the first pass the store knows; from then on
 * it is seen, since a pass and the store's own account would not go together to the event.
 */
export function createStreamCount(sinkTypes: readonly string[], mostWaiting: number): StreamCount {
  let seen: ReadonlyMap<string, Seen> = new Map();
  let left: ReadonlyMap<string, Left> | undefined;

  return {
    async take(pages, now, deleted) {
      left ??= new Map(await deleted());
      const sums = new Map<string, Sum>(sinkTypes.map((type) => [type, nothing()]));
      const sumOf = (sink: string): Sum => {
        const sum = sums.get(sink) ?? nothing();
        sums.set(sink, sum);
        return sum;
      };
      const present = new Map<string, Seen>();
      const shards = new Map<number, ShardTotals>();
      const gone = new Map(left);
      const leave = ({ sink, accepted, delivered, lost }: Seen): void => {
        const before = gone.get(sink) ?? { accepted: 0, delivered: 0 };
        gone.set(sink, {
          accepted: before.accepted + accepted,
          delivered: before.delivered + delivered,
          lost: (before.lost ?? 0) + lost,
        });
      };
      let levels = sumOfServiceLevels([]);
      let waiting: readonly WaitingStream[] = [];
      for await (const page of pages) {
        levels = sumOfServiceLevels([levels, ...page.map(({ serviceLevels }) => serviceLevels)]);
        waiting = longest([...waiting, ...page.flatMap(waitingOf)], mostWaiting);
        for (const status of page) {
          add(sumOf(status.sink), status, now);
          addToShard(shards, status);
          const { id, sink, createdAt, accepted, delivered, lost } = status;
          const before = seen.get(id);
          if (before !== undefined && isAnother(before, status)) leave(before);
          present.set(id, { sink, createdAt, accepted, delivered, lost });
        }
      }
      for (const [id, stream] of seen) if (!present.has(id)) leave(stream);
      for (const [sink, { accepted, delivered, lost = 0 }] of gone) {
        const sum = sumOf(sink);
        sum.accepted += accepted;
        sum.delivered += delivered;
        sum.lost += lost;
        sum.abandoned += accepted - delivered - lost;
      }
      [seen, left] = [present, gone];
      return { sinks: sums, shards, serviceLevels: levels, waiting };
    },

    sinkOf: (stream) => seen.get(stream)?.sink,
  };
}

function nothing(): Sum {
  const events = { accepted: 0, delivered: 0, quarantined: 0, filtered: 0, lost: 0, pending: 0, abandoned: 0 };
  return { ...events, pendingBytes: 0, overdue: 0, lagging: 0, states: new Map() };
}

function add(sum: Sum, status: StreamStatus, now: number): void {
  const { health, oldestPendingAt, lastStreamed } = status;
  for (const key of [
    "accepted",
    "delivered",
    "quarantined",
    "filtered",
    "lost",
    "pending",
    "pendingBytes",
    "overdue",
  ] as const)
    sum[key] += status[key];
  sum.states.set(health.state, (sum.states.get(health.state) ?? 0) + 1);
  if (lastStreamed !== undefined) sum.lastStreamedAt = Math.max(sum.lastStreamedAt ?? 0, lastStreamed.at);
  // What somebody has paused waits because that is wanted: as for alerts, it is no lag.
  if (oldestPendingAt === undefined || health.state === "paused") return;
  sum.oldestPendingAt = Math.min(sum.oldestPendingAt ?? Number.POSITIVE_INFINITY, oldestPendingAt);
  if (now - oldestPendingAt >= laggingMs) sum.lagging += 1;
}

/** What somebody has paused is nothing that another runner could help with. */
function addToShard(
  shards: Map<number, ShardTotals>,
  { id, health, pendingBytes, oldestPendingAt }: StreamStatus,
): void {
  if (oldestPendingAt === undefined || health.state === "paused") return;
  const shard = shardOf(id);
  const sum = shards.get(shard);
  shards.set(shard, {
    pendingBytes: (sum?.pendingBytes ?? 0) + pendingBytes,
    oldestPendingAt: Math.min(sum?.oldestPendingAt ?? Number.POSITIVE_INFINITY, oldestPendingAt),
  });
}

/** A stream was deleted, and one of the same id created, since the pass before. */
function isAnother(before: Seen, { sink, createdAt, accepted, delivered }: Seen): boolean {
  return (
    sink !== before.sink || createdAt !== before.createdAt || accepted < before.accepted || delivered < before.delivered
  );
}

function waitingOf({ id, sink, health, oldestPendingAt }: StreamStatus): readonly WaitingStream[] {
  return oldestPendingAt === undefined || health.state === "paused" ? [] : [{ id, sink, oldestPendingAt }];
}

function longest(streams: readonly WaitingStream[], most: number): readonly WaitingStream[] {
  return streams.toSorted((a, b) => a.oldestPendingAt - b.oldestPendingAt).slice(0, most);
}
