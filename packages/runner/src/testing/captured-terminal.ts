import { createTerminal, type Terminal } from "../terminal/terminal.ts";

/** A terminal whose output can be looked at. */
export interface CapturedTerminal extends Terminal {
  stdout(): string;
  stderr(): string;
  /** Moves its clock on. */
  wait(ms: number): void;
}

/** Makes one; `isTTY` lets it act as where a person looks. */
export function capturedTerminal({
  isTTY = false,
  columns = 80,
}: { readonly isTTY?: boolean; readonly columns?: number } = {}): CapturedTerminal {
  let [stdout, stderr, now] = ["", "", 0];
  const terminal = createTerminal({
    stdout: {
      write(text, done) {
        stdout += text;
        done();
      },
    },
    stderr: { write: (text) => (stderr += text), isTTY, columns },
    now: () => now,
  });
  return { ...terminal, stdout: () => stdout, stderr: () => stderr, wait: (ms) => void (now += ms) };
}
