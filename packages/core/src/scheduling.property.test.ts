import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { backoff, probeDelay } from "./backoff.ts";
import { dueQueue } from "./due-queue.ts";
import { initialHealth, nextHealth } from "./health.ts";

describe("backoff", () => {
  it("stays under its ceiling, reaches it, and never undercuts the server", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 200 }),
        fc.double({ min: 0, max: 0.999, noNaN: true }),
        fc.option(fc.nat(1e6), { nil: undefined }),
        (failures, coin, after) => {
          const policy = { baseMs: 1000, capMs: 300_000, blockedMs: 60_000 };
          const wait = backoff(policy, failures, after, () => coin);
          const ceiling = Math.min(300_000, 1000 * 2 ** (failures - 1));
          expect(wait).toBeGreaterThanOrEqual(after ?? 0);
          expect(wait).toBeLessThanOrEqual(Math.max(ceiling, after ?? 0));
          expect(probeDelay(policy, () => coin)).toBeGreaterThanOrEqual(30_000);
        },
      ),
    );
    expect(backoff({ baseMs: 1000, capMs: 300_000, blockedMs: 0 }, 9, undefined, () => 0.999_999)).toBeGreaterThan(
      255_000,
    );
  });
});

describe("dueQueue", () => {
  it("gives items in order of time, each once, at its last place", () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(9), fc.oneof(fc.nat(50), fc.constant(Number.POSITIVE_INFINITY)))),
        (puts) => {
          const queue = dueQueue<number>();
          const model = new Map<number, number>();
          for (const [item, at] of puts) {
            queue.put(item, at);
            if (at === Number.POSITIVE_INFINITY) model.delete(item);
            else model.set(item, at);
          }
          const taken: number[] = [];
          for (let now = 0; now <= 50; now++) {
            expect(queue.nextAt()).toBe(
              Math.min(
                ...[...model].filter(([item]) => !taken.includes(item)).map(([, at]) => at),
                Number.POSITIVE_INFINITY,
              ),
            );
            for (let item = queue.takeDue(now); item !== undefined; item = queue.takeDue(now)) {
              expect(model.get(item)).toBe(now);
              taken.push(item);
            }
          }
          expect(taken.length).toBe(model.size);
        },
      ),
    );
  });
});

describe("nextHealth", () => {
  const error = { code: "destination_busy", message: "busy" } as const;

  it("degrades at first, disconnects after the time set, and recovers on one delivery", () => {
    let health = nextHealth(initialHealth(0), { kind: "retry", error, nextAttemptAt: 5 }, 1000, 300_000);
    expect(health).toMatchObject({ state: "degraded", since: 1000, consecutiveFailures: 1, nextAttemptAt: 5 });
    health = nextHealth(health, { kind: "retry", error, nextAttemptAt: 5 }, 300_999, 300_000);
    expect(health.state).toBe("degraded");
    health = nextHealth(health, { kind: "retry", error, nextAttemptAt: 5 }, 301_000, 300_000);
    expect(health).toMatchObject({ state: "disconnected", since: 301_000, consecutiveFailures: 3 });
    health = nextHealth(health, { kind: "delivered" }, 400_000, 300_000);
    expect(health).toMatchObject({
      state: "active",
      since: 400_000,
      consecutiveFailures: 0,
      lastError: { code: "destination_busy" },
    });
    expect(health.nextAttemptAt).toBeUndefined();
  });

  it("is blocked until a delivery succeeds", () => {
    let health = nextHealth(initialHealth(0), { kind: "blocked", error, nextAttemptAt: 5 }, 1, 300_000);
    health = nextHealth(health, { kind: "blocked", error, nextAttemptAt: 5 }, 9, 300_000);
    expect(health).toMatchObject({ state: "blocked", since: 1, consecutiveFailures: 2 });
  });
});
