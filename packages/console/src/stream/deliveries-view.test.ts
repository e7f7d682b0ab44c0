import { expect, test } from "vitest";
import type { Delivery } from "../rest/wire.ts";
import { foldedAttempts } from "./deliveries-view.ts";

const delivery = (number: number, more: Partial<Delivery>): Delivery => ({
  number,
  at: new Date(number * 1000).toISOString(),
  first_sequence: 1,
  last_sequence: 10,
  count: 10,
  delivered: 0,
  quarantined: 0,
  bytes: 100,
  ms: 5,
  age_seconds: 1,
  attempt: number,
  status: "retry",
  ...more,
});
const refused = { error: { code: "destination_unreachable", message: "It refuses connections." } };

test("attempts that failed alike, one after the other, become one, with their number and the first one's time", () => {
  const history = [
    delivery(6, { status: "delivered" }),
    delivery(5, refused),
    delivery(4, refused),
    delivery(3, { error: { code: "destination_busy", message: "It is busy." } }),
    delivery(2, refused),
    delivery(1, { ...refused, first_sequence: 0 }),
  ];
  expect(foldedAttempts(history).map(({ last, first, count }) => [last.number, first.number, count])).toEqual([
    [6, 6, 1],
    [5, 4, 2],
    [3, 3, 1],
    [2, 2, 1],
    [1, 1, 1],
  ]);
});

test("what was delivered is never folded", () => {
  const history = [3, 2, 1].map((number) => delivery(number, { status: "delivered" }));
  expect(foldedAttempts(history)).toHaveLength(3);
});
