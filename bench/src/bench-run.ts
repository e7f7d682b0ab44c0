import type { SinkServer } from "./processes.ts";

/** What the sections of one run work with. */
export interface BenchRun {
  readonly quick: boolean;
  readonly large: boolean;
  /** A temporary folder. */
  readonly directory: string;
  readonly sink: SinkServer;
  /** Ends the children. */
  readonly signal: AbortSignal;
  /** Says what is being done. */
  readonly progress: (what: string) => void;
}
