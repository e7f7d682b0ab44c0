import { describe, expect, it } from "vitest";
import { addsUp, noticed } from "./state.ts";
import { brokenStream, demoStream, noon } from "./testing/demo-state.ts";

describe("noticed", () => {
  it("tells of a stream that fails, and of one that delivers again", () => {
    expect(noticed(demoStream("acme"), brokenStream("acme"), noon)).toMatchObject({
      mood: "bad",
      text: "blocked (file_unwritable); its events are kept until it delivers again",
    });
    expect(noticed(brokenStream("acme"), demoStream("acme"), noon)).toMatchObject({
      mood: "good",
      text: "delivers again: nothing was lost, 12 events had waited",
    });
  });

  it("says nothing while a state lasts", () => {
    expect(noticed(brokenStream("acme"), brokenStream("acme"), noon)).toBeUndefined();
    expect(noticed(demoStream("acme"), demoStream("acme"), noon)).toBeUndefined();
  });

  it("tells of pausing and resuming", () => {
    const health = { state: "paused", since: noon, consecutiveFailures: 0 } as const;
    const paused = demoStream("acme", { status: { health } });
    expect(noticed(demoStream("acme"), paused, noon)?.text).toContain("paused");
    expect(noticed(paused, demoStream("acme"), noon)?.text).toBe("resumed");
  });
});

describe("addsUp", () => {
  it("finds an event that is nowhere", () => {
    expect(addsUp(demoStream("acme").status)).toBe(true);
    expect(addsUp({ ...demoStream("acme").status, delivered: 1191 })).toBe(false);
  });
});
