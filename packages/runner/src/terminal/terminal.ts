/** Where a command writes. Results go to standard output, all else to standard error. */
export interface Terminal {
  /** Whether a person looks at standard error. */
  readonly interactive: boolean;
  /** How many characters a line of standard output has room for; undefined where no person looks at it. */
  readonly columns: number | undefined;
  /** Writes to standard output; resolves once more may be written. */
  print(text: string): Promise<void>;
  /** Writes a line to standard error, above a progress line. */
  note(line: string): void;
  /**
   * Shows how far long work is: one line that is redrawn where a person looks, a plain line every few seconds elsewhere.
   * `state` is only called when it is shown.
   */
  progress(state: () => string): void;
  /** Takes the progress line away; where a person looks, the next one is shown at once. */
  endProgress(): void;
}

/** The streams of a process, as far as a terminal uses them. */
export interface TerminalStreams {
  readonly stdout: {
    write(text: string, done: (error?: Error | null) => void): unknown;
    readonly isTTY?: boolean;
    readonly columns?: number;
  };
  readonly stderr: { write(text: string): unknown; readonly isTTY?: boolean; readonly columns?: number };
  /** Monotonic, in ms. */
  readonly now: () => number;
}

const redrawMs = 100;
const plainMs = 5000;

/** Makes a terminal. Nothing in it blinks or beeps: escapes are only used to redraw the progress line. */
export function createTerminal({ stdout, stderr, now }: TerminalStreams): Terminal {
  const interactive = stderr.isTTY === true;
  let drawn = false;
  let shownAt = interactive ? Number.NEGATIVE_INFINITY : now();

  function erase(): void {
    if (drawn) stderr.write("\r\u001b[2K");
    drawn = false;
  }

  return {
    interactive,
    // A terminal that does not know its width says 0.
    columns: stdout.isTTY === true ? stdout.columns || 80 : undefined,
    print: (text) =>
      new Promise((resolve, reject) => {
        erase();
        stdout.write(text, (error) => (error === null || error === undefined ? resolve() : reject(error)));
      }),
    note(line) {
      erase();
      stderr.write(`${line}\n`);
    },
    progress(state) {
      const at = now();
      if (at - shownAt < (interactive ? redrawMs : plainMs)) return;
      shownAt = at;
      if (!interactive) {
        stderr.write(`${state()}\n`);
        return;
      }
      erase();
      // A terminal that does not know its width says 0.
      stderr.write(state().slice(0, (stderr.columns || 80) - 1));
      drawn = true;
    },
    endProgress() {
      erase();
      if (interactive) shownAt = Number.NEGATIVE_INFINITY;
    },
  };
}
