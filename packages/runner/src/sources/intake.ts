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
}

/** Identity of the lines that follow: the same lines at the same places get the same ids. */
export interface Origin {
  /** Goes into derived ids. */
  readonly identity: string;
  /** Names the source of a rejected line. */
  readonly source: string;
  /** Whether lines are told apart by what they say as well as by where they stand: input that cannot be read again. */
  readonly fleeting: boolean;
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
  /** Waits for the batch on its way. */
  settle(): Promise<void>;
  summary(): SourceSummary;
}

const byteOrderMark = Buffer.of(0xef, 0xbb, 0xbf);

/** Makes an {@link Intake}. Holds two batches at most: one that is filled, one on its way. */
export function createIntake(options: IntakeOptions): Intake {
  const { reader, append, store, clock, logger } = options;
  let origin: Origin = { identity: "", source: "", fleeting: false };
  let derive = createIdDeriver("");
  let events = new Map<string, PreparedEvent[]>();
  let rejects: RejectedRecord[] = [];
  let lines = 0;
  let bytes = 0;
  let onItsWay: Promise<void> = Promise.resolve();
  const total = { read: 0, accepted: 0, duplicates: 0, rejected: 0 };

  // One object for all lines: this is the hot path.
  let content: Buffer = byteOrderMark;
  let place = 0;
  const deriveId = (): string => derive(place, content);

  function reject(number: number, error: HeadgateError): void {
    const digest = origin.fleeting ? `#${createHash("sha256").update(content).digest("hex").slice(0, 12)}` : "";
    rejects.push({
      organization: options.organization,
      source: `${origin.source}${digest}`,
      line: number,
      rejectedAt: clock.now(),
      reason: { code: error.code, message: error.message, ...(error.hint === undefined ? {} : { hint: error.hint }) },
      content: Buffer.from(content),
    });
  }

  async function send(batch: Map<string, PreparedEvent[]>, refused: RejectedRecord[], done: () => void): Promise<void> {
    // One append per organization, all at once: a store that commits in groups needs one sync for all of them.
    const results = await Promise.allSettled(
      [...batch].map(async ([organization, prepared]) => append(organization, prepared)),
    );
    for (const result of results) if (result.status === "rejected") throw result.reason;
    if (refused.length > 0) await store.quarantine.reject(refused);
    for (const result of results) {
      if (result.status !== "fulfilled") continue;
      total.accepted += result.value.accepted;
      total.duplicates += result.value.duplicates;
    }
    total.rejected += refused.length;
    done();
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
      total.read++;
      lines++;
      bytes += content.length;
      place = position;
      if (line.tooLong) {
        const limit = `${line.length} bytes long, more than the ${options.maxLineBytes} that are taken`;
        const message = `line ${number} is ${limit}; its first ${content.length} bytes are kept here.`;
        reject(
          number,
          new HeadgateError("event_too_large", message, { hint: "Raise the limit, or split the record." }),
        );
        return;
      }
      try {
        const { organization, event } = reader.read(content, { at: `line ${number}`, deriveId });
        const batch = events.get(organization);
        if (batch === undefined) events.set(organization, [event]);
        else batch.push(event);
      } catch (error) {
        if (isHeadgateError(error)) return reject(number, error);
        // A defect of ours must not cost the lines after it. Its message may quote the line, so only its kind is told.
        const kind = error instanceof Error ? error.name : typeof error;
        logger.error("a line met a defect and went to quarantine", { source: origin.source, line: number, kind });
        reject(
          number,
          new HeadgateError("internal", `line ${number} could not be read because of a defect (${kind}).`),
        );
      }
    },

    get full() {
      return lines >= batchLines || bytes >= batchBytes;
    },

    async commit(done) {
      await onItsWay;
      onItsWay = send(events, rejects, done);
      // A failure is told by the next `commit` or `settle`.
      onItsWay.catch(() => {});
      events = new Map();
      rejects = [];
      lines = 0;
      bytes = 0;
    },

    settle: async () => onItsWay,
    summary: () => ({ ...total }),
  };
}

function isBlank(content: Buffer): boolean {
  for (const byte of content) if (byte !== 0x20 && byte !== 0x09 && byte !== 0x0d) return false;
  return true;
}
