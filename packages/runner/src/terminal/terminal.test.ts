import { describe, expect, it } from "vitest";
import { capturedTerminal } from "../testing/captured-terminal.ts";

describe("createTerminal", () => {
  it("writes a plain progress line every few seconds where nobody looks", () => {
    const terminal = capturedTerminal();
    for (let second = 1; second <= 11; second++) {
      terminal.wait(1000);
      terminal.progress(() => `${second} s`);
    }
    terminal.endProgress();
    expect(terminal.stderr()).toBe("5 s\n10 s\n");
  });

  it("redraws one line where a person looks, no wider than the screen, and takes it away for other lines", () => {
    const terminal = capturedTerminal({ isTTY: true, columns: 8 });
    terminal.progress(() => "first and long");
    terminal.progress(() => "too soon");
    terminal.wait(100);
    terminal.progress(() => "second");
    terminal.note("a note");
    terminal.endProgress();
    expect(terminal.stderr()).toBe("first a\r\u001b[2Ksecond\r\u001b[2Ka note\n");
  });

  it("takes a screen of unknown width for 80 columns", () => {
    const terminal = capturedTerminal({ isTTY: true, columns: 0 });
    terminal.progress(() => "x".repeat(100));
    expect(terminal.stderr()).toBe("x".repeat(79));
  });

  it("does not make a text that is not shown", () => {
    const terminal = capturedTerminal();
    let made = 0;
    terminal.progress(() => `${++made}`);
    expect(made).toBe(0);
  });

  it("passes on what standard output fails with", async () => {
    const { createTerminal } = await import("./terminal.ts");
    const stdout = { write: (_text: string, done: (error?: Error) => void) => done(new Error("EPIPE")) };
    const terminal = createTerminal({ stdout, stderr: { write: () => true }, now: () => 0 });
    await expect(terminal.print("x")).rejects.toThrow("EPIPE");
  });
});
