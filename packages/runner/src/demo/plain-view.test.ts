import { describe, expect, it } from "vitest";
import { createPlainView } from "./plain-view.ts";
import { demoState, demoStream, noon } from "./testing/demo-state.ts";

describe("createPlainView", () => {
  it("writes what happens at once, and the streams every three seconds", () => {
    const lines: string[] = [];
    const view = createPlainView((line) => lines.push(line));
    const streams = [demoStream("acme")];
    const happenings = [{ at: noon, organization: "acme", text: "resumed", mood: "plain" as const }];
    view.show(demoState({ streams }));
    view.show(demoState({ streams, happenings, now: noon + 500 }));
    view.show(demoState({ streams, happenings, now: noon + 3000 }));
    expect(lines).toEqual([
      "2025-07-16T12:00:00Z acme: active, 1204 accepted, 12 pending, 1192 delivered, 0 quarantined, 3 objects, last streamed 3s ago",
      "2025-07-16T12:00:00Z acme: resumed",
      "2025-07-16T12:00:03Z acme: active, 1204 accepted, 12 pending, 1192 delivered, 0 quarantined, 3 objects, last streamed 6s ago",
    ]);
  });
});
