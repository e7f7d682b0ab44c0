import type { ChunkPlan, StoredObject } from "./checkpoint.ts";
import type { DigestSignature } from "./digest.ts";
import type { Clock, Random } from "./clock.ts";
import type { ErrorCode } from "./errors.ts";
import type { AuditEvent } from "./event.ts";
import type { Logger } from "./logger.ts";

/** One event on its way out: the stored line and what is known of it without parsing. */
export interface OutgoingEvent {
  readonly sequence: number;
  /** Unix ms. */
  readonly occurredAt: number;
  /** The stored line, UTF-8, without LF. Read-only: it is a view into a shared buffer, valid during the call only. */
  readonly line: Uint8Array;
  /**
   * Where the stream has another format than Headgate's own: the event in it, as JSON text of an object, or of a string for
   * formats that are no JSON. Only sinks that encode events by themselves look at it. @default the line is what is sent
   */
  readonly value?: Uint8Array;
  /** Parses the line; costs what parsing costs. */
  parse(): AuditEvent;
}

/** What a destination takes. Core cuts chunks so that none is exceeded; sizes are of encoded bytes, before compression. */
export interface SinkLimits {
  readonly maxEvents: number;
  readonly maxBytes: number;
  /** An event larger than this goes to quarantine before it is sent. */
  readonly maxEventBytes: number;
  /**
   * `deliver` calls at a time for one stream. A crash repeats what was under way: a destination that cannot tell a repeat
   * wants 1.
   */
  readonly concurrency: number;
  /** The longest that one `deliver` call takes by the sink's own time limits, in ms: core waits at least so long. @default core's own limit */
  readonly timeoutMs?: number;
  /** Events that occurred longer ago are not taken, in ms: a backlog this old is lost to the destination. @default any age is taken */
  readonly maxEventAgeMs?: number;
}

/** Bytes around encoded events: `prefix` event `separator` event `suffix`. */
export interface Framing {
  readonly prefix: Uint8Array;
  readonly separator: Uint8Array;
  readonly suffix: Uint8Array;
}

/** When a window is due: at the first of these. */
export interface FlushPolicy {
  /** Milliseconds since the oldest undelivered event was appended. */
  readonly maxAgeMs: number;
  /** Bytes of stored lines. */
  readonly maxBytes: number;
  readonly maxEvents: number;
}

/** The events of one request. A retry passes an equal chunk, same key and same bytes, but not the same object. */
export interface Chunk {
  readonly stream: string;
  readonly organization: string;
  /** Names the chunk and its content: a retry, and a runner that takes over, use the same one. */
  readonly key: string;
  /** UTC hour that all events are of, as Unix ms of its start; undefined where the sink does not partition. */
  readonly hour: number | undefined;
  readonly firstSequence: number;
  readonly lastSequence: number;
  readonly count: number;
  /** `occurred_at` of the earliest event, Unix ms. */
  readonly earliest: number;
  /** `occurred_at` of the event with the last sequence, Unix ms. */
  readonly latest: number;
  /** Sequences of the events in body order. Not always consecutive: a window is split by hour, and settled events drop out. */
  readonly sequences: Float64Array;
  /** `occurred_at` of each event in body order, Unix ms. */
  readonly times: Float64Array;
  /** Encoded bytes of each event in body order, without framing: where it stands in the body follows. */
  readonly sizes: Uint32Array;
  /** Framed, encoded events. Not to be written to. */
  readonly body: Uint8Array;
  /** As frozen when the window was sealed; see {@link Sink.encoding}. */
  readonly encoding: string;
  /**
   * Key of the object that these events were stored as before. Where they would become another one now, nothing is sent,
   * and `deliver` rejects all of them with `object_damaged`. Only ever set for sinks that store objects.
   */
  readonly expectedKey?: string;
}

/** What went wrong, for people: shown in status, alerts and quarantine. Never a secret or an event's content. */
export interface SinkFailure {
  readonly code: ErrorCode;
  readonly message: string;
  /** What to do about it. */
  readonly hint?: string;
  /** The destination's own words for it, e.g. `AccessDenied` or HEC code `6`. */
  readonly vendorCode?: string;
}

interface Failed {
  readonly error: SinkFailure;
  /** Leading events of the chunk that the destination has taken all the same. @default 0 */
  readonly acceptedCount?: number;
}

/**
 * What became of one `deliver` call. Events neither accepted nor refused stay pending.
 * - `delivered`: every event is in. With `afterMs` the destination asks for a pause before the stream's next request.
 * - `retry`: try again later, never sooner than `afterMs`.
 * - `rejected`: the events at `indexes` will never be taken; the others are still to be sent.
 * - `split`: nothing is in, and the request as a whole is at fault: it is too large, or one of its events is refused and
 *   the destination does not say which. Its halves are sent; a single event that ends so goes to quarantine.
 * - `blocked`: the destination or its settings must be mended by a person; nothing is dropped meanwhile.
 */
export type DeliveryResult =
  | {
      readonly status: "delivered";
      readonly receipt: string;
      readonly afterMs?: number;
      /** Where the destination stores objects: the one that the chunk is now, for digests to vouch for. */
      readonly object?: Pick<StoredObject, "key" | "sha1" | "sha256" | "bytes">;
      /** The destination held something under this key before; `other` where it is known to be something else. @default not known */
      readonly present?: boolean | "other";
    }
  | (Failed & { readonly status: "retry"; readonly afterMs?: number })
  | (Failed & { readonly status: "rejected"; readonly indexes: readonly number[] })
  | { readonly status: "split"; readonly error: SinkFailure }
  | (Failed & {
      readonly status: "blocked";
      /** Of a digest: its key was free and holds it now, but not as it was asked for. Core passes it on with the next attempt. */
      readonly created?: true;
    });

/** A digest on its way to a destination that stores objects. A retry, and a runner that takes over, pass the same one. */
export interface OutgoingDigest {
  readonly stream: string;
  readonly key: string;
  /** Unix ms. */
  readonly to: number;
  readonly line: Uint8Array;
  readonly signature: DigestSignature;
  /** The file: the line and its signature. */
  readonly bytes: Uint8Array;
  /** What is under the key is an attempt of this very digest, to be written over: see the `created` of a result. */
  readonly created?: true;
}

/** How digests reach a destination that stores objects. */
export interface DigestObjects {
  /** Full key of a digest: one for each number of a chain; see `digestKey`. */
  key(chain: { readonly stream: string; readonly chain: string }, number: number): string;
  /**
   * Stores it under its key where nothing is, and never over what is there, unless it is `created`: then the result is `delivered` with `present`.
   * Core knows whether that can be an attempt of its own whose reply was lost, or must be the digest of another life of the store.
   */
  deliver(digest: OutgoingDigest, context: DeliveryContext): Promise<DeliveryResult>;
}

/** What accompanies a `deliver` call. */
export interface DeliveryContext {
  /** Aborted at shutdown: stop soon and throw the signal's reason. */
  readonly signal: AbortSignal;
  /** 1 for the first attempt at this chunk by this process. */
  readonly attempt: number;
  readonly logger: Logger;
}

/** One step of a verification. */
export interface VerificationStep {
  readonly name: string;
  readonly status: "ok" | "failed" | "skipped";
  /** What was done and what came back, without secrets. */
  readonly detail: string;
  /** What to do, where it failed or could be better. */
  readonly fix?: string;
}

/**
 * A destination of one stream. One `deliver` call is one request and one unit of retry. Failure is data; a throw is a
 * defect, or the signal's reason.
 *
 * @example
 * ```ts
 * const nowhere: Sink = {
 *   name: "nowhere",
 *   acknowledgement: "accepted",
 *   partition: "none",
 *   host: "nowhere",
 *   limits: { maxEvents: 1000, maxBytes: 1_000_000, maxEventBytes: 1_000_000, concurrency: 1 },
 *   flush: { maxAgeMs: 5000, maxBytes: 1_000_000, maxEvents: 1000 },
 *   encoding: "",
 *   deliver: async (chunk) => ({ status: "delivered", receipt: chunk.key }),
 *   [Symbol.asyncDispose]: async () => {},
 * };
 * ```
 */
export interface Sink extends AsyncDisposable {
  /** Type of the sink, e.g. `s3`. For logs and metrics. */
  readonly name: string;
  /** What `delivered` means: the destination has stored the events for good, or has merely taken them. */
  readonly acknowledgement: "stored" | "accepted";
  readonly limits: SinkLimits;
  /** `hour`: a chunk holds events of one UTC hour only. */
  readonly partition: "hour" | "none";
  /** Which requests share a destination host: their number at a time is bounded together. */
  readonly host: string;
  /** When a window is due, unless the stream says otherwise. */
  readonly flush: FlushPolicy;
  /**
   * Everything in the settings and the code that decides bytes and keys, as one string. Frozen into each window when
   * it is sealed and handed back in {@link Chunk.encoding}, so that a window begun under old settings ends under them.
   */
  readonly encoding: string;
  /**
   * Whether this process can write a window that was sealed with another encoding, byte for byte. @default equality.
   * Where it cannot, the stream is blocked with `codec_changed` rather than doubled.
   */
  canEncode?(encoding: string): boolean;
  /** @default nothing before, LF between and after: NDJSON */
  readonly framing?: Framing;
  /** Whether {@link Sink.encode} writes {@link OutgoingEvent.value}. Sinks that do not encode take every format. @default false */
  readonly takesFormats?: boolean;
  /**
   * Bytes of one event under an encoding: the sink's own, or one that {@link Sink.canEncode} knows. Pure, deterministic,
   * total. Windows are cut by these bytes, so the same event and encoding always give the same ones. @default the stored line
   */
  encode?(event: OutgoingEvent, encoding: string): Uint8Array;
  deliver(chunk: Chunk, context: DeliveryContext): Promise<DeliveryResult>;
  /**
   * How digests reach the destination: as objects beside those of the events, or as `events`, each a chunk of its own that
   * holds one event. @default none are made: the stream is without proof of completeness
   */
  readonly digests?: DigestObjects | "events";
  /** Checks credentials, permission and settings step by step. May write a small object of its own; never an event of the customer's. */
  verify?(context: { readonly signal: AbortSignal }): AsyncIterable<VerificationStep>;
}

/** What a sink's factory gets from core. */
export interface SinkContext {
  readonly stream: string;
  readonly organization: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
}

/** One thing to copy: a policy, a template, a command. */
export interface SetupArtifact {
  /** E.g. `trust-policy`, unique in the guide. */
  readonly id: string;
  readonly title: string;
  /** File name to save it under. */
  readonly file: string;
  readonly language: "json" | "yaml" | "hcl" | "shell" | "text";
  readonly content: string;
  /** What it does, in one sentence. */
  readonly description: string;
}

/** What a customer does on its side before the stream can work. */
export interface SetupGuide {
  /** Steps in order, one sentence or two each. */
  readonly steps: readonly { readonly title: string; readonly text: string }[];
  /** Alternatives and parts; the first is what most choose. */
  readonly artifacts: readonly SetupArtifact[];
}

/** Who sets a stream up, and on whose behalf. */
export interface CustomerContext {
  readonly organization: string;
  /** Minted for the organization, never chosen by it. */
  readonly externalId: string;
  /** Id that the stream has, or will have. @default not known yet */
  readonly stream?: string;
  /** Whether the operator allows plain http and private addresses. */
  readonly allowInsecureEndpoint: boolean;
}

/**
 * What customers may set by themselves, over the API and in the console: nothing that reaches into the platform's own
 * files, credentials or network. A sink without it is the operator's alone.
 */
export interface CustomerSetup<Options extends object = object> {
  /** For people, e.g. `Amazon S3`. */
  readonly title: string;
  /** JSON Schema (draft 2020-12) of what a customer gives: snake_case; secrets are `writeOnly`. Titles and descriptions are shown in the form. */
  readonly schema: Readonly<Record<string, unknown>>;
  /**
   * Turns what was given, already checked against the schema, into `Options`. On an edit, `previous` are the stream's
   * options with their secrets: a secret that is not given again is taken from there, unless the destination has changed.
   * @throws `sink_options_invalid`
   */
  options(given: Readonly<Record<string, unknown>>, context: CustomerContext, previous?: Options): Options;
  /** What a customer would have given for these options, without secrets. */
  given(options: Options): Readonly<Record<string, unknown>>;
  /** What to do on the customer's side, for as much as was given so far; it need not follow the schema yet. */
  guide(given: Readonly<Record<string, unknown>>, context: CustomerContext): SetupGuide;
}

/**
 * A kind of destination, as it is passed to `createHeadgate`. `Options` are what `streams.create` takes, in camelCase.
 * They are stored with the stream as JSON, so they hold no functions and no secrets in clear.
 */
export interface SinkDefinition<Type extends string = string, Options extends object = object> {
  readonly type: Type;
  /**
   * Names of option members, at any depth, whose values are secrets. `streams.create` refuses them, because the store
   * would keep them in clear; of declared streams they are stored redacted. @default none
   */
  readonly secretOptions?: readonly string[];
  /** JSON Schema (draft 2020-12) of the options as configuration files write them: snake_case. */
  readonly schema: Readonly<Record<string, unknown>>;
  /** Turns snake_case file options, already checked against the schema, into `Options`. @throws `sink_options_invalid` */
  fromConfig(
    options: Readonly<Record<string, unknown>>,
    operator: {
      readonly allowInsecureEndpoint: boolean;
      /** Private addresses and ranges that endpoints may lead to. @default none */
      readonly allowedAddresses?: readonly string[];
      /** Absolute folder that relative paths in the options start from: the configuration file's. @default the working directory */
      readonly directory?: string;
    },
  ): Options;
  /**
   * Where events end up, as one text: two streams of an organization with the same one would store every event twice,
   * and the second is refused. @default none: streams are not compared
   */
  location?(options: Options): string;
  /**
   * The identity at the destination that only one organization may use, e.g. a role that the customer's account gives to the
   * platform: a stream that names another organization's is refused with `role_taken`. It follows from the options alone,
   * as they are given or as the store keeps them, and holds no secret; equal identities are equal texts.
   * @default none: whoever has the stream's secrets may use the destination
   *
   * @example
   * ```ts
   * const tenancy = ({ role }: { readonly role?: string }): string | undefined => role?.toLowerCase();
   * ```
   */
  tenancy?(options: Options): string | undefined;
  /** @default none: only the operator sets such streams up */
  readonly customer?: CustomerSetup<Options>;
  /** Makes the sink of one stream. Opens nothing yet. @throws `sink_options_invalid` */
  create(options: Options, context: SinkContext): Sink;
}

export type { ChunkPlan };
