import fc from "fast-check";
import { stripVTControlCharacters } from "node:util";
import { describe, expect, it } from "vitest";
import { renderScreen } from "./screen.ts";
import type { DemoState } from "./state.ts";
import { brokenStream, demoState, demoStream, noon } from "./testing/demo-state.ts";

function screen(state: DemoState, { columns = 110, rows = 24, colour = false } = {}): readonly string[] {
  return renderScreen(state, { columns, rows, colour });
}

describe("renderScreen", () => {
  it("shows every stream, its numbers, and the keys", () => {
    expect(
      screen(demoState({ happenings: [{ at: noon, organization: "acme", text: "resumed", mood: "plain" }] })),
    ).toEqual([
      "Headgate demo   3 organizations, 6 events/s, running for 42 s",
      "",
      "    ORGANIZATION   STATE          ACCEPTED   PENDING   DELIVERED   QUARANTINED   LAST STREAMED   OBJECTS",
      "> 1 acme           active            1,204        12       1,192             0         3 s ago         3",
      "  2 borealis       active            1,204        12       1,192             0         3 s ago         3",
      "  3 cobalt         active            1,204        12       1,192             0         3 s ago         3",
      "",
      "accepted = delivered + quarantined + pending, for every stream",
      "files: ./headgate-demo/<organization>/year=…/month=…/day=…/hour=…/",
      "",
      "12:00:00Z  acme: resumed",
      "",
      "1-3 ↑↓ select   b break acme   p pause acme   f faster   s slower   q quit",
    ]);
  });

  it("names what was filtered or lost where something was", () => {
    const filtered = demoStream("acme", { status: { accepted: 1211, filtered: 3, lost: 4 } });
    expect(screen(demoState({ streams: [filtered, demoStream("borealis")] }))).toContain(
      "accepted = delivered + quarantined + filtered + lost + pending, for every stream",
    );
  });

  it("shows what is wrong with a broken stream, and how to mend it", () => {
    const lines = screen(demoState({ streams: [demoStream("acme"), brokenStream("borealis")], selected: 1 }));
    expect(lines).toContain(
      "    Cannot write to ./headgate-demo/borealis: a part of the path is a file (ENOTDIR). Move that file away, or",
    );
    expect(lines).toContain("    choose another directory.");
    expect(lines).toContain("    For 9 s now. It is broken on purpose: press b to mend it.");
    expect(lines.at(-1)).toContain("b mend borealis");
  });

  it("says that it goes on by itself where the demo has not broken the destination", () => {
    const lines = screen(demoState({ streams: [{ ...brokenStream("acme"), broken: false }] }));
    expect(lines).toContain("    It is tried again every few seconds.");
  });

  it("forgets an error once the stream delivers again", () => {
    const { lastError } = brokenStream("acme").status.health;
    const health = { state: "active", since: noon, consecutiveFailures: 0, ...(lastError && { lastError }) } as const;
    const lines = screen(demoState({ streams: [demoStream("acme", { status: { health } })] }));
    expect(lines.join("\n")).not.toContain("ENOTDIR");
  });

  it("owns up to numbers that do not add up", () => {
    const streams = [demoStream("acme"), demoStream("borealis", { status: { pending: 11 } })];
    expect(screen(demoState({ streams }))).toContain("The numbers of borealis do not add up.");
  });

  it("offers to resume a paused stream", () => {
    const health = { state: "paused", since: noon, consecutiveFailures: 0 } as const;
    expect(screen(demoState({ streams: [demoStream("acme", { status: { health } })] })).at(-1)).toContain(
      "p resume acme",
    );
  });

  it("does without the lesser columns where it is narrow", () => {
    const head = (columns: number): string | undefined => screen(demoState(), { columns })[2]?.trim();
    expect(head(90)).toBe("ORGANIZATION   STATE          ACCEPTED   PENDING   DELIVERED   LAST STREAMED   OBJECTS");
    expect(head(80)).toBe("ORGANIZATION   STATE          ACCEPTED   PENDING   DELIVERED   LAST STREAMED");
    expect(head(60)).toBe("ORGANIZATION   STATE          PENDING   DELIVERED");
    expect(head(45)).toBe("ORGANIZATION   STATE          PENDING");
  });

  it("shows the latest happenings where not all fit", () => {
    const happenings = Array.from({ length: 30 }, (_, i) => ({
      at: noon,
      text: `number ${i}`,
      mood: "plain" as const,
    }));
    const lines = screen(demoState({ happenings }), { rows: 14 });
    expect(lines).toHaveLength(14);
    expect(lines.filter((line) => line.includes("number"))).toEqual(["12:00:00Z  number 28", "12:00:00Z  number 29"]);
  });

  it("lets nothing through that would move the cursor", () => {
    const { status, ...rest } = brokenStream("acme");
    const lastError = { code: "file_unwritable", message: "a\u001b[2Jb\r\nc", at: noon } as const;
    const lines = screen(
      demoState({ streams: [{ ...rest, status: { ...status, health: { ...status.health, lastError } } }] }),
    );
    expect(lines.join("")).not.toMatch(/\p{Cc}/u);
  });

  it("keeps to its room, with colours and without, and says the same", () => {
    const streams = fc.constantFrom(demoState().streams, [brokenStream("acme"), brokenStream("borealis")]);
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 140 }),
        fc.integer({ min: 1, max: 40 }),
        streams,
        (columns, rows, shown) => {
          const happenings = [{ at: noon, text: "something long ".repeat(20), mood: "bad" as const }];
          const state = demoState({ streams: shown, happenings });
          const plain = screen(state, { columns, rows });
          const coloured = screen(state, { columns, rows, colour: true });
          expect(plain.length).toBeLessThanOrEqual(rows);
          for (const line of plain) expect(Array.from(line).length).toBeLessThanOrEqual(columns);
          expect(plain.join("")).not.toContain("\u001b");
          expect(coloured.map((line) => stripVTControlCharacters(line))).toEqual(plain);
        },
      ),
    );
  });
});
