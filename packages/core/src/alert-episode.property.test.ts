import fc from "fast-check";
import { expect, test } from "vitest";
import type { AlertNotification } from "./alert.ts";
import { type Episode, memoryMs, nextEpisode } from "./alert-episode.ts";
import type { Trouble } from "./alert-rules.ts";
import { defaultAlertSettings as settings } from "./alerts.ts";
import { plainStatus } from "./testing/plain-status.ts";
import { hourMs } from "./time.ts";

const start = Date.UTC(2026, 10, 26);
const trouble: Trouble = { kind: "blocked", severity: "critical", since: start, message: "Denied." };
const status = plainStatus(start);

interface Told {
  readonly type: AlertNotification["type"];
  readonly at: number;
  readonly alert: string;
}

/** What is told while trouble comes and goes, looked at every 15 s. Each stretch lasts so many looks. */
function told(stretches: readonly number[]): {
  readonly told: readonly Told[];
  readonly last: Episode | undefined;
  readonly now: number;
} {
  const notifications: Told[] = [];
  let episode: Episode | undefined;
  let [now, minted] = [start, 0];
  stretches.forEach((looks, i) => {
    for (let look = 0; look < looks; look++, now += settings.everyMs) {
      const how = { now, settings, mint: () => String((minted += 1)) };
      const step = nextEpisode(episode, i % 2 === 0 ? trouble : undefined, status, how);
      if (step === undefined) continue;
      if (step.tell !== undefined) notifications.push({ type: step.tell, at: now, alert: step.episode.alert.id });
      episode = step.episode;
    }
  });
  return { told: notifications, last: episode, now };
}

const flapping = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 120 });

test("every alert is opened once, and closed once at most, and nothing is told of it before or after", () => {
  fc.assert(
    fc.property(flapping, (stretches) => {
      const byAlert = Map.groupBy(told(stretches).told, ({ alert }) => alert);
      const ids = [...byAlert.keys()];
      for (const [id, all] of byAlert) {
        const types = all.map(({ type }) => type);
        expect(types[0]).toBe("opened");
        expect(types.lastIndexOf("opened")).toBe(0);
        const recovered = types.indexOf("recovered");
        // Only the last one may still be open.
        expect(recovered).toBe(id === ids.at(-1) && recovered === -1 ? -1 : types.length - 1);
      }
    }),
  );
});

test("however it flaps, a few notifications an hour are all that is told", () => {
  fc.assert(
    fc.property(flapping, (stretches) => {
      const { told: all, now } = told(stretches);
      // Each end within the hour takes twice the calm of the one before: 1, 2, 4, 8, 16 and 32 minutes are more than it.
      for (let from = start; from < now; from += hourMs / 4) {
        const within = all.filter(({ at, type }) => type !== "reminder" && at >= from && at < from + hourMs);
        expect(within.length).toBeLessThanOrEqual(12);
        expect(
          all.filter(({ at, type }) => type === "reminder" && at >= from && at < from + hourMs).length,
        ).toBeLessThanOrEqual(2);
      }
    }),
  );
});

test("trouble that is new is told at once, and calm that lasts is told once it has", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 200 }), fc.integer({ min: 5, max: 400 }), (bad, good) => {
      const { told: all, last } = told([bad, good]);
      expect(all[0]).toMatchObject({ type: "opened", at: start });
      const calm = start + bad * settings.everyMs;
      expect(all.at(-1)).toMatchObject({ type: "recovered", at: calm + settings.quietMs });
      expect(last?.alert.closedAt).toBe(calm);
    }),
  );
});

test("reminders come with growing distance, and the last distance repeats", () => {
  const { told: all } = told([(5 * 24 * hourMs) / settings.everyMs]);
  const distances = all.slice(1).map(({ at }, i) => (at - (all[i]?.at ?? 0)) / hourMs);
  expect(distances).toEqual([1, 4, 12, 24, 24, 24, 24]);
});

test("trouble that comes back after an hour of calm begins anew", () => {
  const { told: all, last } = told([2, 5 + memoryMs / settings.everyMs, 2]);
  expect(all.map(({ type }) => type)).toEqual(["opened", "recovered", "opened"]);
  expect(last?.recurrence).toBe(0);
});

test("a loss that nears is told of more and more often", () => {
  const lossAt = start + 9 * hourMs;
  const countdown: Trouble = { ...trouble, kind: "loss_countdown", lossAt };
  const times: number[] = [];
  let episode: Episode | undefined;
  for (let now = start; now < lossAt; now += settings.everyMs) {
    const step = nextEpisode(episode, countdown, status, { now, settings, mint: () => "1" });
    if (step?.tell !== undefined) times.push(now);
    episode = step?.episode ?? episode;
  }
  const distances = times.slice(1).map((at, i) => at - (times[i] ?? 0));
  expect(times.length).toBeGreaterThan(6);
  expect(distances.slice(1).toSorted((a, b) => b - a)).toEqual(distances.slice(1));
});

test("a pause holds an alert as it is: nothing is told, and no calm counts before the stream goes on", () => {
  const how = { now: start, settings, mint: () => "1" };
  const opened = nextEpisode(undefined, trouble, status, how)?.episode;
  const paused = { ...status, health: { ...status.health, state: "paused" } } as const;
  const calm = nextEpisode(opened, undefined, status, { ...how, now: start + 1000 })?.episode;
  expect(calm?.calmSince).toBe(start + 1000);
  const held = nextEpisode(calm, undefined, paused, { ...how, now: start + 2000 });
  expect([held?.tell, held?.episode.calmSince, held?.episode.alert.closedAt]).toEqual([
    undefined,
    undefined,
    undefined,
  ]);
  for (const now of [start + hourMs, start + 50 * hourMs])
    expect(nextEpisode(held?.episode, undefined, paused, { ...how, now })).toBe(undefined);
  const resumed = nextEpisode(held?.episode, undefined, status, { ...how, now: start + 51 * hourMs });
  expect(resumed?.tell).toBe(undefined);
  const later = start + 51 * hourMs + settings.quietMs;
  expect(nextEpisode(resumed?.episode, undefined, status, { ...how, now: later })?.tell).toBe("recovered");
});
