import { expect, test } from "vitest";
import { backwards, eventQuery, plainFilter } from "./event-query.ts";

const now = Date.parse("2026-11-26T12:00:00Z");

test("a stretch of time ends now, and what is empty is not asked", () => {
  expect(eventQuery(plainFilter, now)).toEqual({ from: "2026-11-25T12:00:00.000Z" });
  expect(eventQuery({ ...plainFilter, time: "all" }, now)).toEqual({});
});

test("actions are parted by commas or blanks", () => {
  const filter = {
    ...plainFilter,
    time: "all",
    action: " token.*, user.signed_in  a ",
    actor: " u_1 ",
    text: "x y",
  } as const;
  expect(eventQuery(filter, now)).toEqual({ action: "token.*,user.signed_in,a", actor: "u_1", q: "x y" });
});

test("a custom time has the ends that were given, and may not go backwards", () => {
  const filter = { ...plainFilter, time: "custom", from: "2026-11-01T00:00", to: "" } as const;
  expect(eventQuery(filter, now)).toEqual({ from: new Date("2026-11-01T00:00").toISOString() });
  expect(backwards(filter)).toBe(false);
  expect(backwards({ ...filter, to: "2026-10-01T00:00" })).toBe(true);
  expect(backwards({ ...filter, time: "day", to: "2026-10-01T00:00" })).toBe(false);
});
