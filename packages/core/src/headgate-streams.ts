import type { DeletedTotals } from "./deleted-totals.ts";
import type { Replay, ReplayRange } from "./replay.ts";
import type { Shape } from "./shape.ts";
import type { ShapedEvent } from "./shape-preview.ts";
import type { FlushPolicy, SinkDefinition, VerificationStep } from "./sink.ts";
import type { StoredDelivery, StreamRecord, StreamState } from "./store.ts";
import type { StreamStatus } from "./stream-status.ts";

/** A stream to create or declare, its options typed by its sink. */
export type NewStream<Sinks extends readonly SinkDefinition[]> = {
  [I in keyof Sinks]: Sinks[I] extends SinkDefinition<infer Type, infer Options>
    ? {
        /** 1–128 letters, digits, `.`, `_`, `-`. @default a UUIDv7 */
        readonly id?: string;
        /** What people call it, 1 to 100 characters. @default its id */
        readonly name?: string;
        readonly sink: Type;
        readonly options: Options;
        readonly flush?: Partial<FlushPolicy>;
        /** What it makes of events. @default every event, as it is stored */
        readonly shape?: Shape;
        /** Where the stream begins: with all that the journal holds, or with what is appended from now on. @default "start" */
        readonly from?: "start" | "now";
        /** Whether it waits to be resumed. @default false */
        readonly paused?: boolean;
      }
    : never;
}[number];

/** A stream of a configuration file. */
export type DeclaredStream<Sinks extends readonly SinkDefinition[]> = NewStream<Sinks> & {
  readonly id: string;
  readonly organization: string;
  /** Lets the stream use a role that another organization uses. It holds the role for nobody. @default false */
  readonly sharedRole?: boolean;
};

/** What of a stream changes; what is left out stays. */
export interface StreamChanges {
  readonly name?: string;
  /** All of them, not only those that change. */
  readonly options?: object;
  readonly flush?: Partial<FlushPolicy>;
  /** All of it. A window that is under way ends in the shape that it began in. */
  readonly shape?: Shape;
}

/** Which statuses to read, and how many. */
export interface StatusPage {
  readonly organization?: string;
  /** Text in id, name or organization, whatever the case of ASCII letters. */
  readonly search?: string;
  readonly states?: readonly StreamState[];
  readonly after?: string;
  /** @default 100 */
  readonly limit?: number;
}

/** The streams of all organizations. */
export interface HeadgateStreams<Sinks extends readonly SinkDefinition[]> {
  /**
   * Creates a stream. Where the organization has one to the same place with the same options already, that one is what
   * comes back: a program may create its streams at every start.
   * @throws `shape_invalid`, `stream_exists` (the id is taken, or another stream writes to the same place), `role_taken`, `sink_unknown`, `sink_options_invalid`, `secrets_unavailable` (the options hold secrets and there is no vault to seal them with; declared streams may hold them all the same) */
  create(
    organization: string,
    stream: NewStream<Sinks> & {
      /** Id of the stream where it is new; one that is there already keeps its own. Instead of `id`. */
      readonly idIfNew?: string;
    },
  ): Promise<StreamStatus>;
  /**
   * Makes the store's declared streams those given: new ones are created, known ones take the new options, and declared
   * ones that are not given any more are paused, so that nothing they still lack is lost. Options may hold secrets: the
   * store keeps them redacted, so declare the streams again at every start.
   * @throws `role_taken`, and what `create` throws
   */
  declare(streams: readonly DeclaredStream<Sinks>[]): Promise<void>;
  list(page?: {
    readonly organization?: string;
    readonly after?: string;
    readonly limit?: number;
  }): Promise<readonly StreamRecord[]>;
  get(id: string): Promise<StreamRecord | undefined>;
  /** @throws `stream_unknown` */
  status(id: string): Promise<StreamStatus>;
  /** A page of statuses in order of id, and where the next one begins, if there is more. */
  statuses(page?: StatusPage): Promise<{ readonly streams: readonly StreamStatus[]; readonly after?: string }>;
  /**
   * Changes a stream that was created, not declared. It is verified anew; what is pending goes where the new options say.
   * @throws `stream_unknown`, `stream_declared`, `stream_exists` (another stream writes to the same place), `role_taken`, `sink_options_invalid`, `shape_invalid`
   */
  update(id: string, changes: StreamChanges): Promise<StreamStatus>;
  /**
   * A stream's options with their secrets, opened: for a change that keeps those that are not given again.
   * @throws `stream_unknown`, `secret_unreadable`, `key_unavailable`, `sink_options_invalid` for a stream whose declaration is not loaded
   */
  options(id: string): Promise<object>;
  /** Verifies a destination that is not a stream yet. No stream is stored. @throws `role_taken`, `sink_unknown`, `sink_options_invalid` */
  tryOut(
    organization: string,
    stream: Pick<NewStream<Sinks>, "sink" | "options"> & { readonly id?: string },
    context?: { readonly signal?: AbortSignal },
  ): AsyncIterable<VerificationStep>;
  /**
   * The last events of an organization, the newest first, as they are stored and as a stream of this shape would send them.
   * @throws `shape_invalid`
   */
  preview(organization: string, shape: Shape, page?: { readonly limit?: number }): Promise<readonly ShapedEvent[]>;
  /** Requests that were made for a stream, the newest first, before the number `before`. @default 50 of them */
  deliveries(
    id: string,
    page?: { readonly before?: number; readonly limit?: number },
  ): Promise<readonly StoredDelivery[]>;
  /**
   * Verifies the stream's destination now, step by step, from this process. The runner that delivers does the same by
   * itself for streams that are new, changed or resumed; see the status. @throws `stream_unknown`, `sink_options_invalid`
   */
  verify(id: string, context?: { readonly signal?: AbortSignal }): AsyncIterable<VerificationStep>;
  /** Stops delivering; events are kept. @throws `stream_unknown` */
  pause(id: string): Promise<void>;
  /** Goes on where it stopped. @throws `stream_unknown` */
  resume(id: string): Promise<void>;
  /**
   * Puts the stream's stored secrets under the key that seals now, so that the keys of before can be dropped. Nothing else
   * changes: the stream goes on, and is not verified anew. False where there was nothing to do.
   * @throws `stream_unknown`, `secrets_unavailable`, `secret_unreadable` (by a key that is not configured), `key_unavailable`
   */
  rotateSecrets(id: string): Promise<boolean>;
  /**
   * Consents to finishing a window that is blocked with `codec_changed`: requests under way when it was sealed could be
   * stored twice. False where no window is sealed. @throws `stream_unknown`
   */
  reseal(id: string): Promise<boolean>;
  /**
   * Has the runner that delivers the stream deliver a range of its organization's journal once more; resolves when that is
   * written down. Where the stream stores objects, those of before are stored again under the same keys: nothing is
   * doubled, and what has gone from the destination comes back. Events from before the stream began are stored anew.
   * Elsewhere the events are sent again, each with its `id` and `sequence`.
   *
   * With `into`, another stream of the same organization delivers the range, as its own filter, privacy and format have it:
   * the replay is that stream's then, and is read and cancelled there.
   * @throws `stream_unknown` (also where `into` is another organization's), `request_invalid`, `replay_running`
   */
  replay(id: string, range: ReplayRange, options?: { readonly into?: string }): Promise<Replay>;
  /**
   * How many events of a range the journal holds: what a replay of it would find, before the stream's filter.
   * @throws `stream_unknown`, `request_invalid`
   */
  countReplay(id: string, range: ReplayRange): Promise<number>;
  /** How the stream's replay stands, or how its last one ended; undefined where there was none. @throws `stream_unknown` */
  replayOf(id: string): Promise<Replay | undefined>;
  /** Ends the stream's replay where it stands. False where none is under way. @throws `stream_unknown` */
  cancelReplay(id: string): Promise<boolean>;
  /**
   * Ends the stream, and its claim on what is pending. Tells how much that was. The process that delivers ends the chain of its
   * digests before, which takes some seconds, and at most 15. @throws `stream_unknown`
   */
  delete(id: string): Promise<StreamStatus>;
  /** What the streams that were deleted had accepted and delivered, by type of sink. */
  deletedTotals(): Promise<ReadonlyMap<string, DeletedTotals>>;
}
