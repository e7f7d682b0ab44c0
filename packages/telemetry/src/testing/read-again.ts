import type { ManualClock } from "./manual-clock.ts";

/** Lets metrics that read every 15 s on this clock read once more, and resolves when they have. */
export async function readAgain(clock: ManualClock): Promise<void> {
  await clock.waiting(15_000);
  clock.advance(15_000);
  await clock.waiting(15_000);
}
