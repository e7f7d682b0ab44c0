import type { FlushPolicy, SinkDefinition, VerificationStep } from "./sink.ts";
import type { StreamRecord } from "./store.ts";
import type { StreamStatus } from "./stream-status.ts";

/** A stream to create or declare, its options typed by its sink. */
export type NewStream<Sinks extends readonly SinkDefinition[]> = {
  [I in keyof Sinks]: Sinks[I] extends SinkDefinition<infer Type, infer Options>
    ? {
        /** 1–128 letters, digits, `.`, `_`, `-`. @default a UUIDv7 */
        readonly id?: string;
        readonly sink: Type;
        readonly options: Options;
        readonly flush?: Partial<FlushPolicy>;
        /** Where the stream begins: with all that the journal holds, or with what is appended from now on. @default "start" */
        readonly from?: "start" | "now";
      }
    : never;
}[number];

/** A stream of a configuration file. */
export type DeclaredStream<Sinks extends readonly SinkDefinition[]> = NewStream<Sinks> & {
  readonly id: string;
  readonly organization: string;
};

/** The streams of all organizations. */
export interface HeadgateStreams<Sinks extends readonly SinkDefinition[]> {
  /**
   * Creates a stream. Where the organization has one to the same place with the same options already, that one is what
   * comes back: a program may create its streams at every start.
   * @throws `stream_exists` (the id is taken, or another stream writes to the same place), `sink_unknown`, `sink_options_invalid` (also for secrets: only declared streams may hold them) */
  create(organization: string, stream: NewStream<Sinks>): Promise<StreamStatus>;
  /**
   * Makes the store's declared streams those given: new ones are created, known ones take the new options, and declared
   * ones that are not given any more are paused, so that nothing they still lack is lost. Options may hold secrets: the
   * store keeps them redacted, so declare the streams again at every start.
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
   * Consents to finishing a window that is blocked with `codec_changed`: requests under way when it was sealed could be
   * stored twice. False where no window is sealed. @throws `stream_unknown`
   */
  reseal(id: string): Promise<boolean>;
  /** Ends the stream, and its claim on what is pending. Tells how much that was. @throws `stream_unknown` */
  delete(id: string): Promise<StreamStatus>;
}
