import fc from "fast-check";
import { expect, test } from "vitest";
import { waitsSince } from "./waiting-time.ts";

const instants = fc.tuple(fc.nat(1000), fc.nat(1000), fc.nat(1000)).map((times) => times.toSorted((a, b) => a - b));

test("an event waits from its append on, less what the stream was not there or paused", () => {
  fc.assert(
    fc.property(
      instants,
      fc.nat(1200),
      fc.nat(1000),
      ([createdAt = 0, pausedAt = 0, resumedAt = 0], appended, more) => {
        const absences = { createdAt, pausedAt, resumedAt };
        const now = 2000 + more;
        const away = Array.from({ length: now - appended }, (_, i) => appended + i).filter(
          (at) => at < createdAt || (at >= pausedAt && at < resumedAt),
        ).length;
        expect(now - waitsSince(absences, appended)).toBe(now - appended - away);
      },
    ),
  );
});

test("later appends never count from earlier on", () => {
  fc.assert(
    fc.property(
      instants,
      fc.nat(1200),
      fc.nat(500),
      ([createdAt = 0, pausedAt = 0, resumedAt = 0], appended, later) => {
        const absences = { createdAt, pausedAt, resumedAt };
        expect(waitsSince(absences, appended + later)).toBeGreaterThanOrEqual(waitsSince(absences, appended));
      },
    ),
  );
});

test("a stream that was never paused has only its creation to go by", () => {
  expect([waitsSince({ createdAt: 10 }, 5), waitsSince({ createdAt: 10 }, 15)]).toEqual([10, 15]);
});
