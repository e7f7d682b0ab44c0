import { expect, test } from "vitest";
import { mistakeOf, plainForm, rangeOf } from "./replay-form.ts";

test("a range says what was chosen, and nothing of what else was typed", () => {
  const typed = { from: "2026-11-01T10:00", to: "", first: "7", last: "9" };
  expect(rangeOf({ ...typed, kind: "all" })).toEqual({});
  expect(rangeOf({ ...typed, kind: "time" })).toEqual({ from: new Date("2026-11-01T10:00").toISOString() });
  expect(rangeOf({ ...typed, kind: "sequences" })).toEqual({ first_sequence: 7, last_sequence: 9 });
  expect(rangeOf({ ...plainForm, kind: "sequences" })).toEqual({});
});

test("what is no range is told before it is sent", () => {
  const of = (change: Partial<typeof plainForm>): unknown => mistakeOf({ ...plainForm, ...change });
  expect(of({ kind: "sequences", first: "9", last: "7" })).toBe("replay_backwards");
  expect(of({ kind: "sequences", first: "7", last: "7" })).toBe(undefined);
  expect(["0", "-1", "1.5", "1e30"].map((first) => of({ kind: "sequences", first }))).toEqual(
    Array.from({ length: 4 }, () => "replay_whole"),
  );
  expect(of({ kind: "time", from: "2026-11-01T10:00", to: "2026-11-01T10:00" })).toBe("from_after_to");
  expect(of({ kind: "time", from: "2026-11-01T10:00" })).toBe(undefined);
  expect(of({ kind: "all", first: "0", from: "2026-11-02T10:00", to: "2026-11-01T10:00" })).toBe(undefined);
});
