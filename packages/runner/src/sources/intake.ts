import {
  createIdDeriver,
  HeadgateError,
  isHeadgateError,
  type Clock,
  type Logger,
  type PreparedEvent,
  type RejectedRecord,
  type Store,
  type WireReader,
} from "@headgate/core";
import { createHash } from "node:crypto";
import type { Line } from "./line-splitter.ts";
import type { AppendPrepared, SourceSummary } from "./source.ts";

/** A batch is appended when it holds as many lines, or as many bytes. */
const batchLines = 2000;
const batchBytes = 2 * 1024 * 1024;
/** A batch with events of many organizations is up to so many times as long. */
const maxShares = 8;
const organizationsPerShare = 25;

/** What an {@link Intake} works with. */
export interface IntakeOptions {
  readonly reader: WireReader;
  readonly append: AppendPrepared;
  readonly store: Pick<Store, "quarantine">;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly maxLineBytes: number;
  /** The organization of rejected lines, where it is known without reading them. */
  readonly organization: string;
  /** What earlier runs came to; the summary goes on from there. */
  readonly before?: SourceSummary;
}

/** Identity of the lines that follow: the same lines at the same places get the same ids. */
export interface Origin {
  /** Goes into derived ids. */
  readonly identity: string;
  /** Names the source of a rejected line. */
  readonly source: string;
  /**
   * What tells lines apart. `place`: where they stand. `both`: what they say as well, for input that cannot be read again.
   * `content`: what they say alone, for records that come again elsewhere; they count as line 1 of a source of their own.
   */
  readonly by: "place" | "both" | "content";
  /** What one line is called in messages. @default "line" */
  readonly unit?: string;
}

/** Turns lines into events and rejected records, and hands them to the store in batches, one batch at a time. */
export interface Intake {
  /** Says where the following lines come from. */
  begin(origin: Origin): void;
  /** Takes one line. `position` identifies it in its origin, `number` is for people, 1-based. */
  take(line: Line, position: number, number: number): void;
  /** The batch wants to be committed. */
  readonly full: boolean;
  /** Waits for the batch on its way, then sends the present one on its way. `done` runs once it is acknowledged. */
  commit(done: () => void): Promise<void>;
  /** Waits for the batch on its way. Throws what the store threw, until `resend`. */
  settle(): Promise<void>;
  /** Sends what the store did not acknowledge on its way again, where there is such a batch. */
  resend(): void;
  /** What the store has acknowledged. */
  summary(): SourceSummary;
}

/** Lines that go to the store together. */
interface Batch {
  readonly events: Map<string, PreparedEvent[]>;
  readonly rejects: RejectedRecord[];
  lines: number;
  bytes: number;
  accepted: number;
  duplicates: number;
}

const emptyBatch = (): Batch => ({
  events: new Map(),
  rejects: [],
  lines: 0,
  bytes: 0,
  accepted: 0,
  duplicates: 0,
});

const byteOrderMark = Buffer.of(0xef, 0xbb, 0xbf);

/** Makes an {@link Intake}. Holds two batches at most: one that is filled, one on its way or refused. */
export function createIntake(options: IntakeOptions): Intake {
  const { reader, append, clock, logger } = options;
  const { quarantine } = options.store;
  let origin: Origin = { identity: "", source: "", by: "place" };
  let derive = createIdDeriver("");
  let filling = emptyBatch();
  let refused: (() => void) | undefined;
  let onItsWay: Promise<void> = Promise.resolve();
  const total = { read: 0, accepted: 0, duplicates: 0, rejected: 0, ...options.before };

  // One object for all lines: this is the hot path.
  let content: Buffer = byteOrderMark;
  let place = 0;
  const deriveId = (): string => derive(place, content);
  const placeText = (number: number): string => `${origin.unit ?? "line"} ${number}`;

  function reject(number: number, error: HeadgateError): void {
    const digest =
      origin.by === "place"
        ? ""
        : `#${createHash("sha256").update(`${options.organization}\n`).update(content).digest("hex").slice(0, 12)}`;
    filling.rejects.push({
      organization: options.organization,
      source: `${origin.source}${digest}`,
      line: origin.by === "content" ? 1 : number,
      rejectedAt: clock.now(),
      reason: { code: error.code, message: error.message, ...(error.hint === undefined ? {} : { hint: error.hint }) },
      content: Buffer.from(content),
    });
  }

  /** What was appended leaves the batch, so that a second try sends only what is left of it. */
  async function store(batch: Batch): Promise<void> {
    const results = await Promise.allSettled(
      // One append per organization, all at once: a store that commits in groups needs one sync for all of them.
      [...batch.events].map(async ([organization, prepared]) => {
        const { accepted, duplicates } = await append(organization, prepared);
        batch.events.delete(organization);
        batch.accepted += accepted;
        batch.duplicates += duplicates;
      }),
    );
    for (const result of results) if (result.status === "rejected") throw result.reason;
    if (batch.rejects.length > 0) await quarantine.reject(batch.rejects);
  }

  async function send(batch: Batch, done: () => void): Promise<void> {
    try {
      await store(batch);
    } catch (error) {
      refused = () => dispatch(batch, done);
      throw error;
    }
    total.read += batch.lines;
    total.accepted += batch.accepted;
    total.duplicates += batch.duplicates;
    total.rejected += batch.rejects.length;
    done();
  }

  function dispatch(batch: Batch, done: () => void): void {
    refused = undefined;
    onItsWay = send(batch, done);
    // A failure is told by the next `commit` or `settle`.
    onItsWay.catch(() => {});
  }

  return {
    begin(next) {
      origin = next;
      derive = createIdDeriver(next.identity);
    },

    take(line, position, number) {
      ({ content } = line);
      if (number === 1 && content.indexOf(byteOrderMark) === 0) content = content.subarray(3);
      if (isBlank(content)) return;
      filling.lines++;
      filling.bytes += content.length;
      place = origin.by === "content" ? 0 : position;
      if (line.tooLong) {
        const limit = `${line.length} bytes long, more than the ${options.maxLineBytes} that are taken`;
        const message = `${placeText(number)} is ${limit}; its first ${content.length} bytes are kept here.`;
        reject(
          number,
          new HeadgateError("event_too_large", message, { hint: "Raise the limit, or split the record." }),
        );
        return;
      }
      try {
        const { organization, event } = reader.read(content, { at: placeText(number), deriveId });
        const events = filling.events.get(organization);
        if (events === undefined) filling.events.set(organization, [event]);
        else events.push(event);
      } catch (error) {
        if (isHeadgateError(error)) return reject(number, error);
        // A defect of ours must not cost the lines after it. Its message may quote the line, so only its kind is told.
        const kind = error instanceof Error ? error.name : typeof error;
        logger.error("a line met a defect and went to quarantine", { source: origin.source, line: number, kind });
        reject(
          number,
          new HeadgateError("internal", `${placeText(number)} could not be read because of a defect (${kind}).`),
        );
      }
    },

    get full() {
      // Each organization of a batch costs an append of its own: the more there are, the longer the batch.
      const share = Math.min(maxShares, Math.max(1, filling.events.size / organizationsPerShare));
      return filling.lines >= batchLines * share || filling.bytes >= batchBytes * share;
    },

    async commit(done) {
      await onItsWay;
      const batch = filling;
      filling = emptyBatch();
      dispatch(batch, done);
    },

    settle: async () => onItsWay,
    resend: () => refused?.(),
    summary: () => ({ ...total }),
  };
}

function isBlank(content: Buffer): boolean {
  for (const byte of content) if (byte !== 0x20 && byte !== 0x09 && byte !== 0x0d) return false;
  return true;
}
