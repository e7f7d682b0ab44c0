import type { Checkpoint } from "./checkpoint.ts";
import type { DeliveryStream } from "./delivery-run.ts";
import type { JournalPosition } from "./journal.ts";
import { shardOf } from "./shards.ts";
import type { Sink, SinkFailure } from "./sink.ts";
import type { StreamHealth } from "./store.ts";

/** Something that a stream does beside delivering what is new, with waits of its own. */
export interface Aside {
  notBefore: number;
  /** In a row. */
  failures: number;
  /** Why the last attempt did not reach the destination, where it was that. */
  unreached: SinkFailure | undefined;
}

/** A stream as delivery has it in memory. */
export interface StreamEntry {
  stream: DeliveryStream;
  readonly shard: number;
  /** Takes the stream's place once its turn is over. */
  next: DeliveryStream | undefined;
  /** Resumed since its last verification, be it that the pause was over before its turn was. */
  resumed: boolean;
  /** Its checkpoint and its health were not read yet, or another runner may have had the stream since. */
  outdated: boolean;
  /** Undefined until read, and again when the stored one may differ. */
  checkpoint: Checkpoint | undefined;
  health: StreamHealth;
  /** When the health was stored last, Unix ms. */
  savedAt: number;
  oldest: JournalPosition | undefined;
  notBefore: number;
  failingSince: number | undefined;
  /** Since when it rests because its destination, which takes events, asked for a pause. */
  restsSince: number | undefined;
  /** What was delivered when, for telling whether anything moves. */
  progress: { readonly settled: number; readonly at: number };
  /** Quarantined events are marked to be sent again. */
  retrying: boolean;
  /** This process has sent the digest that was overdue when it began with the stream, if one was, before anything else. */
  begun: boolean;
  /** A range is being delivered again. */
  replaying: boolean;
  /** When what is new is due, Unix ms; infinity where nothing is. */
  windowAt: number;
  readonly replay: Aside;
  readonly digest: Aside;
  /** The last turn was slowed by such events: the next one is the window's, or they could keep it waiting for hours. */
  windowNext: boolean;
  /** See `TurnContext.splits`. */
  readonly splits: Map<number, number[]>;
  turn: Promise<void> | undefined;
  queued: boolean;
  /** Ends the present turn after its requests. */
  ending: AbortController;
  /** Cancels the present turn. */
  readonly gone: AbortController;
}

/** A stream that has had no turn yet. */
export function newEntry(stream: DeliveryStream, health: StreamHealth, now: number): StreamEntry {
  return {
    stream,
    shard: shardOf(stream.record.id),
    next: undefined,
    resumed: false,
    outdated: true,
    checkpoint: undefined,
    health,
    savedAt: 0,
    oldest: undefined,
    notBefore: 0,
    failingSince: undefined,
    restsSince: undefined,
    progress: { settled: 0, at: now },
    retrying: false,
    begun: false,
    replaying: false,
    windowAt: Number.POSITIVE_INFINITY,
    replay: { notBefore: 0, failures: 0, unreached: undefined },
    digest: { notBefore: 0, failures: 0, unreached: undefined },
    windowNext: false,
    splits: new Map(),
    turn: undefined,
    queued: false,
    ending: new AbortController(),
    gone: new AbortController(),
  };
}

export function isSink(sink: Sink | SinkFailure): sink is Sink {
  return "deliver" in sink;
}
