import type { DemoView } from "./demo.ts";
import { type DemoKey, keysIn } from "./keys.ts";
import { renderScreen } from "./screen.ts";
import type { DemoState } from "./state.ts";

/** Where a person looks. `process.stdout` is one. */
export interface ScreenOutput {
  readonly columns?: number;
  readonly rows?: number;
  write(text: string): unknown;
  on(event: "resize", listener: () => void): unknown;
  off(event: "resize", listener: () => void): unknown;
}

/** Where a person presses keys. `process.stdin` is one. */
export interface KeyInput {
  setRawMode(raw: boolean): unknown;
  on(event: "data", listener: (data: Buffer) => void): unknown;
  off(event: "data", listener: (data: Buffer) => void): unknown;
  resume(): unknown;
  pause(): unknown;
}

/** A view on the whole screen. Disposing of it gives the terminal back as it was. */
export interface LiveView extends DemoView, Disposable {}

// Alternate screen, no cursor, no wrapping: what is wider than it seems is cut by the terminal.
const enter = "\u001b[?1049h\u001b[?25l\u001b[?7l";
const leave = "\u001b[2J\u001b[?7h\u001b[?25h\u001b[?1049l";

/** Takes the screen and the keys. Draws on the alternate screen, so that what was there before comes back. */
export function createLiveView(options: {
  readonly output: ScreenOutput;
  readonly input: KeyInput;
  readonly colour: boolean;
  readonly onKey: (key: DemoKey) => void;
}): LiveView {
  const { output, input, colour, onKey } = options;
  let shown = "";
  let latest: DemoState | undefined;
  let taken = true;

  function draw(): void {
    if (latest === undefined || !taken) return;
    const size = { columns: output.columns ?? 80, rows: output.rows ?? 24, colour };
    const lines = renderScreen(latest, size);
    // Erased before it is written, since behind a full line the cursor stands on its last character.
    const frame = `\u001b[H${lines.map((line) => `\u001b[2K${line}`).join("\r\n")}${lines.length < size.rows ? "\r\n\u001b[J" : ""}`;
    if (frame === shown) return;
    shown = frame;
    output.write(frame);
  }
  const redraw = (): void => {
    shown = "";
    draw();
  };
  const listen = (data: Buffer): void => {
    for (const key of keysIn(data.toString("utf8"))) onKey(key);
  };
  function release(): void {
    if (!taken) return;
    taken = false;
    process.off("exit", release);
    output.off("resize", redraw);
    input.off("data", listen);
    input.setRawMode(false);
    input.pause();
    output.write(leave);
  }

  // Whatever ends the process: the terminal must not stay raw.
  process.on("exit", release);
  output.write(enter);
  output.on("resize", redraw);
  input.setRawMode(true);
  input.on("data", listen);
  input.resume();
  return {
    everyMs: 250,
    show(state) {
      latest = state;
      draw();
    },
    [Symbol.dispose]: release,
  };
}
