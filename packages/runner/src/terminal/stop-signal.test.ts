import { EventEmitter } from "node:events";
import { describe, expect, it } from "vitest";
import { createStopSignal, type StoppableProcess } from "./stop-signal.ts";

function fakeProcess(): { readonly owner: StoppableProcess; readonly signals: EventEmitter; readonly exits: number[] } {
  const signals = new EventEmitter();
  const exits: number[] = [];
  const owner = {
    on: (name: string, listener: () => void) => signals.on(name, listener),
    off: (name: string, listener: () => void) => signals.off(name, listener),
    exit: (code: number) => exits.push(code),
  };
  return { owner, signals, exits };
}

describe("createStopSignal", () => {
  it.each([
    ["SIGTERM", 143],
    ["SIGINT", 130],
  ] as const)("aborts at the first %s and exits at the second", (name, code) => {
    const { owner, signals, exits } = fakeProcess();
    let firsts = 0;
    using stop = createStopSignal(owner, () => firsts++);
    expect(stop.signal.aborted).toBe(false);
    signals.emit(name);
    expect([stop.signal.aborted, firsts, exits]).toEqual([true, 1, []]);
    signals.emit(name);
    expect([firsts, exits]).toEqual([1, [code]]);
  });

  it("gives the signals back", () => {
    const { owner, signals } = fakeProcess();
    createStopSignal(owner, () => {})[Symbol.dispose]();
    expect(signals.eventNames()).toEqual([]);
  });
});
