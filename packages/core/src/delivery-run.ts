import type { ShardEvents } from "./shard-keeper.ts";
import type { FlushPolicy, Sink, SinkFailure } from "./sink.ts";
import type { Lease, StreamRecord } from "./store.ts";
import type { Verification } from "./verification.ts";

/** A stream that delivery takes care of. `sink` is a failure where it could not be made. */
export interface DeliveryStream {
  readonly record: StreamRecord;
  readonly sink: Sink | SinkFailure;
  readonly flush: FlushPolicy;
}

/** What is done for a stream is bound by. */
export interface TurnRun {
  /** Aborted: turns end after the requests under way. */
  readonly signal: AbortSignal;
  /** Aborted: requests are cancelled. */
  readonly abandon: AbortSignal;
  /** Of the stream's shard. */
  readonly lease: () => Lease;
}

/** What a run of the delivery is bound by. */
export interface DeliveryRun extends Omit<TurnRun, "lease"> {
  /** Called once the store has told what is pending. */
  readonly onStarted: () => void;
}

/** Runs the turns of the streams whose shards it has. */
export interface Delivery extends Omit<ShardEvents, "leading"> {
  /** Adds a stream, or replaces it as soon as its turn, if it has one, has ended after the requests under way. */
  put(stream: DeliveryStream): Promise<void>;
  /** Cancels the stream's requests and forgets it. */
  remove(id: string): Promise<void>;
  /** Whether the stream of this id is this process's to deliver now. */
  delivers(id: string): boolean;
  /**
   * Forgets the stream, which is about to be deleted, after the digest that ends its chain: best effort, for 10 s at most, and
   * only where this process delivers.
   */
  conclude(id: string): Promise<void>;
  /** Takes what somebody else's verification has just found, where this process delivers the stream and its settings are still those. */
  verified(id: string, verification: Verification): Promise<void>;
  /** The sink of a stream that is known here, where it could be made. */
  sinkOf(id: string): Sink | undefined;
  /** Delivers until the run's signal is aborted and its turns have ended. */
  run(run: DeliveryRun): Promise<void>;
  /** Whether every window is due at once. */
  flushAll(on: boolean): void;
  /** Whether every stream has nothing pending, is paused, or has given up for now: blocked, or without progress for `patienceMs`. */
  settled(patienceMs: number): Promise<boolean>;
}
