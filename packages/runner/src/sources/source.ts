import type { AppendResult, PreparedEvent } from "@headgate/core";

/** What a source has done so far, over all of its runs. `read` = `accepted` + `duplicates` + `rejected`. */
export interface SourceSummary {
  /** Lines whose events the store has, and lines in quarantine; blank ones not counted. */
  readonly read: number;
  /** Lines that became events of the journal. */
  readonly accepted: number;
  /** Lines whose id the journal held already. */
  readonly duplicates: number;
  /** Lines that went to quarantine. */
  readonly rejected: number;
  /** The last line that the last run left unread, because it has no end and is no whole record: it may still be written to. */
  readonly incomplete?: IncompleteLine;
}

/** A line without its end. */
export interface IncompleteLine {
  /** 1-based. */
  readonly line: number;
  /** What there is of it. */
  readonly bytes: number;
}

/** {@link SourceSummary} on the way, with how much of the input has been taken. */
export interface SourceProgress extends SourceSummary {
  /** Bytes of the input read by this run, before decompression. */
  readonly bytes: number;
  /** Bytes of the whole input, where it has a size. */
  readonly totalBytes?: number;
}

/** How to run a source. */
export interface RunSourceOptions {
  /** Ends the run: what was read is appended and acknowledged, then the summary comes back. */
  readonly signal?: AbortSignal;
  /** Reads to the present end and stops there, even if the source follows. @default false */
  readonly once?: boolean;
  /** Called after each acknowledged batch. */
  readonly onProgress?: (progress: SourceProgress) => void;
}

/** Where events come from. */
export interface Source {
  /** For messages and logs, e.g. the path. */
  readonly name: string;
  /** False once running it again can bring nothing more, because what it reads from is broken for good. @default true */
  readonly resumable?: boolean;
  /**
   * Reads until the end, or until the signal where the source follows.
   * @throws `source_failed`, or what the store threw (`store_full` …); everything up to the saved cursor is durable,
   * and the next run goes on there, or with what it holds in memory where it reads what cannot be read twice
   */
  run(options?: RunSourceOptions): Promise<SourceSummary>;
}

/** Puts events into the journal; `headgate.appendPrepared` fits. */
export type AppendPrepared = (
  organization: string,
  events: readonly PreparedEvent[],
) => Promise<Pick<AppendResult, "accepted" | "duplicates">>;
