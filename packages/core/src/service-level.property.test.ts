import fc from "fast-check";
import { expect, test } from "vitest";
import type { Tally } from "./checkpoint.ts";
import { activityOf, released, serviceLevels, sumOfServiceLevels, tallied } from "./service-level.ts";
import { hourMs } from "./time.ts";

const now = Date.UTC(2026, 10, 26, 12, 34, 56);
const dayMs = 24 * hourMs;

interface Step {
  readonly backMs: number;
  readonly delivered: number;
  readonly late: number;
  readonly quarantined: number;
}

/** What was settled how long before `now`, the oldest first. */
const history = fc
  .array(
    fc.record({
      backMs: fc.integer({ min: 0, max: 40 * dayMs }),
      delivered: fc.nat(1000),
      late: fc.nat(1000),
      quarantined: fc.nat(5),
    }),
    { maxLength: 60 },
  )
  .map((steps) =>
    steps
      .map((step): Step => ({ ...step, late: Math.min(step.late, step.delivered) }))
      .sort((a, b) => b.backMs - a.backMs),
  );

function tallyOf(steps: readonly Step[]): Tally | undefined {
  return steps.reduce<Tally | undefined>(
    (tally, { backMs, ...settled }) => tallied(tally, now - backMs, settled),
    undefined,
  );
}

test("a stretch of time counts what was settled in it, to the width of a slot", () => {
  fc.assert(
    fc.property(history, (steps) => {
      const levels = serviceLevels(tallyOf(steps), 0, now);
      for (const [kind, lengthMs, slot] of [
        ["hour", hourMs, 300_000],
        ["day", dayMs, hourMs],
        ["month", 30 * dayMs, dayMs],
      ] as const) {
        // The stretch begins with a slot, so that what lies within one slot of its edge may or may not count.
        const count = (since: number): number =>
          steps.filter(({ backMs }) => backMs < since).reduce((sum, { delivered }) => sum + delivered, 0);
        expect(levels[kind].delivered).toBeGreaterThanOrEqual(count(lengthMs - slot));
        expect(levels[kind].delivered).toBeLessThanOrEqual(count(lengthMs + 1));
        expect(levels[kind].late).toBeLessThanOrEqual(levels[kind].delivered);
      }
    }),
  );
});

test("a clock that is wrong for once wipes out nothing of before, and hides nothing of after", () => {
  fc.assert(
    fc.property(history, fc.integer({ min: -40 * dayMs, max: 40 * dayMs }), (steps, off) => {
      const before = tallied(tallyOf(steps), now, { delivered: 1 });
      const right = serviceLevels(tallied(before, now, { delivered: 2 }), 0, now);
      const wrong = serviceLevels(tallied(tallied(before, now + off, { delivered: 5 }), now, { delivered: 2 }), 0, now);
      for (const kind of ["hour", "day", "month"] as const) {
        // What was settled by the wrong clock counts where that clock says, and nowhere else.
        expect(wrong[kind].delivered - right[kind].delivered).toBeGreaterThanOrEqual(0);
        expect(wrong[kind].delivered - right[kind].delivered).toBeLessThanOrEqual(5);
      }
    }),
  );
});

test("a tally stays small however much is settled", () => {
  fc.assert(
    fc.property(history, (steps) => {
      const tally = tallyOf(steps);
      expect(tally?.minutes.length ?? 0).toBeLessThanOrEqual(13);
      expect(tally?.hours.length ?? 0).toBeLessThanOrEqual(25);
      expect(tally?.days.length ?? 0).toBeLessThanOrEqual(31);
    }),
  );
});

test("events that leave the quarantine leave the slot that counted them", () => {
  fc.assert(
    fc.property(history, (steps) => {
      const tally = tallyOf(steps);
      if (tally === undefined) return;
      const freed = steps
        .flatMap(({ backMs, quarantined }) => Array.from({ length: quarantined }, () => now - backMs))
        .reduce(released, tally);
      const { hour, day, month } = serviceLevels(freed, 0, now);
      expect([hour.quarantined, day.quarantined, month.quarantined]).toEqual([0, 0, 0]);
    }),
  );
});

test("the activity of 24 hours adds up to what the day delivered", () => {
  fc.assert(
    fc.property(history, (steps) => {
      const tally = tallyOf(steps);
      const activity = activityOf(tally, now);
      expect(activity).toHaveLength(24);
      expect(activity.reduce((sum, n) => sum + n, 0)).toBe(serviceLevels(tally, 0, now).day.delivered);
    }),
  );
});

test("the sum of streams is the service level of their sums", () => {
  fc.assert(
    fc.property(history, history, fc.nat(50), (some, others, overdue) => {
      const together = tallyOf([...some, ...others].sort((a, b) => b.backMs - a.backMs));
      const apart = [serviceLevels(tallyOf(some), overdue, now), serviceLevels(tallyOf(others), 0, now)];
      expect(sumOfServiceLevels(apart)).toEqual(serviceLevels(together, overdue, now));
    }),
  );
});

test("shares are told only where there is something to share, and the budget by the worse of them", () => {
  const quiet = serviceLevels(undefined, 0, now).day;
  expect(quiet).toEqual({ delivered: 0, late: 0, quarantined: 0, lost: 0, overdue: 0, budgetLeft: 1 });
  const tally = tallied(undefined, now, { delivered: 9990, late: 5, quarantined: 0 });
  const { success, withinHour, budgetLeft } = serviceLevels(tally, 10, now).day;
  expect(success).toBe(1);
  expect(withinHour).toBe(9985 / 10_000);
  // 0.15 % missed the hour where 0.1 % may.
  expect(budgetLeft).toBeCloseTo(-0.5);
});
