import { EventEmitter } from "node:events";
import { describe, expect, it } from "vitest";
import { createLiveView, type LiveView } from "./live-view.ts";
import { demoState } from "./testing/demo-state.ts";

/** A terminal of so many columns and rows; `text` is all that was written to it. */
class FakeTerminal extends EventEmitter {
  columns = 120;
  rows = 20;
  text = "";
  raw = false;
  write(text: string): void {
    this.text += text;
  }
  setRawMode(raw: boolean): void {
    this.raw = raw;
  }
  resume(): void {}
  pause(): void {}
}

function view(terminal: FakeTerminal, keys: string[] = []): LiveView {
  return createLiveView({ output: terminal, input: terminal, colour: false, onKey: (key) => keys.push(key) });
}

describe("createLiveView", () => {
  it("gives the terminal back as it was, once", () => {
    const terminal = new FakeTerminal();
    const shown = view(terminal);
    expect(terminal.raw).toBe(true);
    expect(terminal.text).toContain("\u001b[?1049h");
    shown[Symbol.dispose]();
    shown[Symbol.dispose]();
    expect(terminal.raw).toBe(false);
    expect(terminal.text.split("\u001b[?1049l")).toHaveLength(2);
    expect(terminal.text).toContain("\u001b[?25h");
    expect(terminal.listenerCount("data") + terminal.listenerCount("resize")).toBe(0);
  });

  it("writes nothing after it has let go", () => {
    const terminal = new FakeTerminal();
    const shown = view(terminal);
    shown[Symbol.dispose]();
    terminal.text = "";
    shown.show(demoState());
    expect(terminal.text).toBe("");
  });

  it("writes a frame only when it differs, and again after a resize", () => {
    const terminal = new FakeTerminal();
    using shown = view(terminal);
    shown.show(demoState());
    expect(terminal.text).toContain("QUARANTINED");
    terminal.text = "";
    shown.show(demoState());
    expect(terminal.text).toBe("");
    terminal.columns = 60;
    terminal.emit("resize");
    expect(terminal.text).toContain("PENDING");
    expect(terminal.text).not.toContain("QUARANTINED");
  });

  it("hands over the keys", () => {
    const terminal = new FakeTerminal();
    const keys: string[] = [];
    using _ = view(terminal, keys);
    terminal.emit("data", Buffer.from("2b"));
    expect(keys).toEqual(["2", "break"]);
  });
});
