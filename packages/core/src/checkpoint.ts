import type { DigestSignature, LabelledRange } from "./digest.ts";
import type { SinkFailure } from "./sink.ts";

/** How the chunks of a window are cut and turned into bytes. Frozen at sealing, so that a later change of settings, or of code, cuts and writes a sealed window as it began. */
export interface ChunkPlan {
  readonly partition: "hour" | "none";
  readonly maxEvents: number;
  /** Of a chunk's body: framing and separators included, before compression. */
  readonly maxBytes: number;
  readonly maxEventBytes: number;
  /** The sink's own frozen settings that decide bytes and keys (prefix, layout, codec and its version). Opaque to core. */
  readonly encoding: string;
}

/** What is settled inside one chunk: all of it, or the ordinals (0-based, inclusive ranges) delivered or quarantined. */
export type SettledEvents = "all" | readonly (readonly [from: number, to: number])[];

/** The journal range that a stream is delivering. Written before its first request, so that whoever goes on cuts the same chunks. */
export interface SealedWindow {
  /** Exclusive. */
  readonly after: number;
  /** Inclusive. */
  readonly through: number;
  /** Unix ms. */
  readonly sealedAt: number;
  readonly plan: ChunkPlan;
  /** By chunk number; a chunk that is not listed has nothing settled. */
  readonly settled: Readonly<Record<number, SettledEvents>>;
  /** How many events of the window are settled. */
  readonly settledCount: number;
}

/** The last event of a stream that its destination has confirmed. */
export interface LastStreamed {
  readonly sequence: number;
  /** `occurred_at` of that event, Unix ms. */
  readonly occurredAt: number;
  /** When the destination confirmed it, Unix ms. */
  readonly at: number;
  /** What the destination gave as proof: an object key, a request id. */
  readonly receipt: string;
}

/** What was settled in a stretch of time: since `at` (Unix ms) for the length of its kind of slot. */
export type TallySlot = readonly [at: number, delivered: number, late: number, quarantined: number, lost?: number];

/**
 * What a stream has settled, or lost, when, kept with the checkpoint so that it is as exact as the checkpoint is. `late` are those
 * of the delivered that took more than an hour from append to confirmation. A quarantined event that a retry delivers
 * is taken off the slot in which it was quarantined. Only slots in which something happened are there.
 */
export interface Tally {
  /** Of 5 minutes, for the last 65. */
  readonly minutes: readonly TallySlot[];
  /** UTC hours, for the last 25. */
  readonly hours: readonly TallySlot[];
  /** UTC days, for the last 31. */
  readonly days: readonly TallySlot[];
}

/** An object that a stream has stored at its destination: what digests vouch for, and what a replay makes again. */
export interface StoredObject {
  /** 1, 2, 3 … of the stream, in the order of confirmation. */
  readonly number: number;
  /** Full key, prefix included. */
  readonly key: string;
  /** Hex, of the bytes as stored. */
  readonly sha1: string;
  /** Hex, of the bytes as stored. */
  readonly sha256: string;
  /** As stored. */
  readonly bytes: number;
  /** Events in it. */
  readonly count: number;
  /** Their sequences, ascending, both ends included. */
  readonly sequences: readonly (readonly [from: number, to: number])[];
  /** What it was encoded with; see `Chunk.encoding`. */
  readonly encoding: string;
  /** When the destination confirmed it, Unix ms. */
  readonly at: number;
}

/** A digest that is signed and not yet confirmed by the destination. Its first line is a document; see `digest-book.ts`. */
export interface SealedDigest {
  readonly number: number;
  /** Hex SHA-256 of its first line. */
  readonly hash: string;
  readonly key: string | null;
  readonly signature: DigestSignature;
  /** Unix ms. */
  readonly to: number;
  readonly through: number;
  /** `Checkpoint.filtered` by then. @default 0 */
  readonly filtered?: number;
  /** Number of the last object that it names. */
  readonly objects: number;
  /** It ends the chain: its stream is being deleted. */
  readonly final?: true;
  /** An attempt has put it under its key, but not as it was asked for: it may be written over, by whoever continues. */
  readonly created?: true;
  /** Where the destination stores no files: so many bytes of its line are there, and the next event begins with the others. @default 0 */
  readonly sent?: number;
}

/** The last digest of a stream that its destination has confirmed, and the one under way. */
export interface DigestChain {
  /** A stream that moves to another place begins another one there. */
  readonly id: string;
  /** 0 before the first. */
  readonly number: number;
  readonly hash: string | null;
  /** Where the next one begins, Unix ms. */
  readonly to: number;
  /** When the last one was made by the clock of then, which may have been wrong; Unix ms. */
  readonly madeAt: number;
  readonly through: number;
  /** `Checkpoint.filtered` by then. @default 0 */
  readonly filtered?: number;
  readonly objects: number;
  /** The last one says that the chain ends with it. */
  readonly final?: true;
  readonly sealed?: SealedDigest;
  /** The last one was there already when it was sent again. The next one, at a key of its own, is due at once. */
  readonly doubted?: true;
  /**
   * Number of a digest that the destination held before this store had ever sent one of that number: the store is an older
   * copy of one that went on. Nothing of the stream is sent until somebody says so.
   */
  readonly foreign?: number;
}

/**
 * Sequences that the stream has passed without their events: given up because they had been pending for longer than an
 * operator's limit, or never given by this store.
 */
export interface LostEvents {
  /** Since the stream began. */
  readonly count: number;
  /** How many of them were never given; see `Journal.skip`. @default 0 */
  readonly skipped?: number;
  /** When the last ones were given up, Unix ms. */
  readonly at: number;
  /** Those that no digest lists yet; empty where none will. */
  readonly ranges: readonly LabelledRange[];
}

/** How far a stream has delivered. */
export interface Checkpoint {
  readonly stream: string;
  /** Of the stream's record: a checkpoint never passes to another stream of the same id. */
  readonly incarnation: string;
  /** 0 before the first commit; each commit adds one. Compare-and-set. */
  readonly version: number;
  /** Sequence after which the stream began. */
  readonly start: number;
  /** Every event up to and including this sequence is delivered, quarantined, filtered or lost. */
  readonly position: number;
  /** Events confirmed by the destination since the stream began, also those ahead of `position`. */
  readonly delivered: number;
  /** Events in quarantine or discarded from it since the stream began. */
  readonly quarantined: number;
  /** Events that the stream's filter left out since the stream began. Those of a window are counted when it ends. @default 0 */
  readonly filtered?: number;
  /** Absent while nothing is. */
  readonly lost?: LostEvents;
  /** When a runner first saw that the oldest pending event is about to be given up, Unix ms; absent where it is not. */
  readonly noticeAt?: number;
  readonly window?: SealedWindow;
  readonly lastStreamed?: LastStreamed;
  readonly tally?: Tally;
  /**
   * The objects that were recorded: how many, and after which sequence every event is in one of them. Absent before the
   * first, and where the destination stores none.
   */
  readonly recorded?: { readonly count: number; readonly since: number };
  /** Absent before the first digest. */
  readonly chain?: DigestChain;
}

/** An event that its destination refused for good, kept apart with the reason. */
export interface QuarantineEntry {
  readonly stream: string;
  readonly organization: string;
  readonly sequence: number;
  readonly eventId: string;
  /** Unix ms. */
  readonly quarantinedAt: number;
  readonly reason: SinkFailure;
  /** The stored line without LF. */
  readonly line: Uint8Array;
}

/** A quarantine entry as it is kept. A retried entry leaves the quarantine once delivered; a discarded one stays as a mark, its line empty. */
export interface QuarantineRecord extends QuarantineEntry {
  readonly state: "held" | "retry" | "discarded";
}
