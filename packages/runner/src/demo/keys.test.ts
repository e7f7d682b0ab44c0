import { describe, expect, it } from "vitest";
import { keysIn } from "./keys.ts";

describe("keysIn", () => {
  it("reads keys that come at once", () => {
    expect(keysIn("1b\u001b[Bp\u001bOAq")).toEqual(["1", "break", "down", "pause", "up", "quit"]);
  });

  it("takes capitals, and Ctrl-C for quitting", () => {
    expect(keysIn("BFSQ\u0003")).toEqual(["break", "faster", "slower", "quit", "quit"]);
  });

  it("leaves out what it does not know, whole sequences too", () => {
    expect(keysIn("x\u001b[15~\u001b[1;5Bé4")).toEqual([]);
  });
});
