import { expect, it } from "vitest";
import { playGivingUp } from "./giving-up.ts";

it.each(["before", "during"] as const)(
  "events are given up once, in accounts that add up and one signed digest, by a process that is killed %s its commits",
  async (when) => {
    const { kills, status, digests, delivered } = await playGivingUp(when);
    expect(kills).toBeGreaterThan(5);
    expect(status).toMatchObject({ accepted: 35, delivered: 5, quarantined: 0, filtered: 0, lost: 30, pending: 0 });
    expect(delivered).toEqual(["e-30", "e-31", "e-32", "e-33", "e-34"]);
    expect(digests.map(({ number }) => number)).toEqual(digests.map((_, i) => i + 1));
    expect(digests.flatMap(({ lost }) => lost)).toEqual([
      [1, 10, "pending_age_limit_unconfirmed"],
      [11, 30, "pending_age_limit"],
    ]);
    expect(digests.reduce((sum, { counts }) => sum + counts.lost, 0)).toBe(30);
    expect(digests.at(-1)?.sequences.through).toBeGreaterThanOrEqual(30);
  },
  180_000,
);
