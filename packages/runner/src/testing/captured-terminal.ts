import { createTerminal, type Terminal } from "../terminal/terminal.ts";

/** A terminal whose output can be looked at. */
export interface CapturedTerminal extends Terminal {
  stdout(): string;
  stderr(): string;
  /** Moves its clock on. */
  wait(ms: number): void;
}

/** Makes one; `isTTY` lets standard error, `reads` standard output act as where a person looks. */
export function capturedTerminal({
  isTTY = false,
  reads = false,
  columns = 80,
}: { readonly isTTY?: boolean; readonly reads?: boolean; readonly columns?: number } = {}): CapturedTerminal {
  let [stdout, stderr, now] = ["", "", 0];
  const terminal = createTerminal({
    stdout: {
      write(text, done) {
        stdout += text;
        done();
      },
      isTTY: reads,
      columns,
    },
    stderr: { write: (text) => (stderr += text), isTTY, columns },
    now: () => now,
  });
  return { ...terminal, stdout: () => stdout, stderr: () => stderr, wait: (ms) => void (now += ms) };
}
