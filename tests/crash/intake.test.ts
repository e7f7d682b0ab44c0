import { describe, expect, it } from "vitest";
import { playIntake } from "./intake.ts";
import { intakes } from "./intakes.ts";

const seed = Number(process.env["HEADGATE_SEED"] ?? 1);
const kills = 5;

// A short version; `tests/crash/long.ts` plays the same at length.
describe("a platform that is killed in mid-stream", () => {
  it.each(intakes)(
    "loses nothing and repeats at most one request a kill: $name",
    async ({ open }) => {
      await using intake = await open();
      const { lost, repeatedRequests, repeatedEvents } = await playIntake(intake.run, {
        kills,
        seed,
        taken: intake.taken,
      });
      expect(lost).toBe(0);
      expect(repeatedRequests).toBeLessThanOrEqual(kills);
      expect(repeatedEvents).toBeLessThanOrEqual(kills * 50);
    },
    120_000,
  );
});
