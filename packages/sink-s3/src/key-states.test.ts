import { describe, expect, it } from "vitest";
import { keyStates } from "./key-states.ts";

describe("keyStates", () => {
  it("remembers by key until the key is dropped", () => {
    const states = keyStates();
    states.of("a").damaged = true;
    expect(states.of("a")).toEqual({ damaged: true });
    expect(states.of("b")).toEqual({});
    states.drop("a");
    expect(states.of("a")).toEqual({});
  });

  it("forgets what was asked for longest ago when there are too many", () => {
    const states = keyStates(2);
    for (const key of ["a", "b", "a", "c"]) states.of(key).damaged = true;
    expect(["a", "c", "b"].map((key) => states.of(key))).toEqual([{ damaged: true }, { damaged: true }, {}]);
  });
});
