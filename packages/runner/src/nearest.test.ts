import { describe, expect, it } from "vitest";
import { nearest } from "./nearest.ts";

describe("nearest", () => {
  it.each([
    ["steams", "streams"],
    ["vaildate", "validate"],
    ["STATUS", "status"],
    ["rnu", "run"],
  ])("offers for %s %s", (typed, meant) => {
    expect(nearest(typed, ["run", "validate", "streams", "status"])).toBe(meant);
  });

  it("offers nothing for a word that is like none", () => {
    expect(nearest("banana", ["run", "validate", "streams", "status"])).toBeUndefined();
  });
});
