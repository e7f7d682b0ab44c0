import type { Tally, TallySlot } from "./checkpoint.ts";
import { hourMs } from "./time.ts";

/** The share that is promised: 99.9 %. */
export const serviceObjective = 0.999;

/** How well a stream did in a stretch of time that ends now. */
export interface ServiceLevel {
  /** Events that its destination confirmed. */
  readonly delivered: number;
  /** Of those, the ones that took more than an hour from append to confirmation. */
  readonly late: number;
  /** Events that went to quarantine, less those that a retry delivered. */
  readonly quarantined: number;
  /** Events that were given up by an operator's limit on pending age. */
  readonly lost: number;
  /** Events that have been pending for more than an hour, now. */
  readonly overdue: number;
  /** delivered / (delivered + quarantined + lost); absent where nothing was settled. */
  readonly success?: number;
  /** Delivered within the hour / (delivered + quarantined + lost + overdue); absent where there is nothing to divide by. */
  readonly withinHour?: number;
  /** What is left of the error budget of 0.1 %: 1 is all of it, 0 none, below 0 the promise is broken. Of the worse of both shares. */
  readonly budgetLeft: number;
}

/** The stretches that service levels are told for. */
export interface ServiceLevels {
  readonly hour: ServiceLevel;
  readonly day: ServiceLevel;
  readonly month: ServiceLevel;
}

export const slotMs: Readonly<Record<keyof Tally, number>> = {
  minutes: 300_000,
  hours: hourMs,
  days: 24 * hourMs,
};
const keptSlots: Readonly<Record<keyof Tally, number>> = { minutes: 13, hours: 25, days: 31 };

/** What was settled at an instant. */
export interface Settled {
  readonly delivered?: number;
  /** Of the delivered. */
  readonly late?: number;
  readonly quarantined?: number;
  readonly lost?: number;
}

/** The tally after something was settled at `now`. */
export function tallied(
  tally: Tally | undefined,
  now: number,
  { delivered = 0, late = 0, quarantined = 0, lost = 0 }: Settled,
): Tally {
  const add = (kind: keyof Tally): readonly TallySlot[] => {
    const at = Math.floor(now / slotMs[kind]) * slotMs[kind];
    const slots = tally?.[kind] ?? [];
    const i = slots.findIndex(([begin]) => begin === at);
    const [, ...counts] = slots[i] ?? [at, 0, 0, 0];
    const lostNow = (counts[3] ?? 0) + lost;
    const all = [at, counts[0] + delivered, counts[1] + late, counts[2] + quarantined] as const;
    const slot: TallySlot = lostNow > 0 ? [...all, lostNow] : all;
    if (i !== -1) return slots.with(i, slot);
    // By their number, and the nearest: a clock that is wrong for once must not wipe out what was counted before, nor may
    // what it has left in the future take the place of what comes now.
    const near = [...slots, slot].sort(([a], [b]) => Math.abs(a - at) - Math.abs(b - at)).slice(0, keptSlots[kind]);
    return near.sort(([a], [b]) => a - b);
  };
  return { minutes: add("minutes"), hours: add("hours"), days: add("days") };
}

/** The tally after an event that had gone to quarantine at `quarantinedAt` was delivered after all. */
export function released(tally: Tally, quarantinedAt: number): Tally {
  const take = (kind: keyof Tally): readonly TallySlot[] => {
    const at = Math.floor(quarantinedAt / slotMs[kind]) * slotMs[kind];
    return tally[kind].map((slot) => (slot[0] === at ? withQuarantined(slot, Math.max(0, slot[3] - 1)) : slot));
  };
  return { minutes: take("minutes"), hours: take("hours"), days: take("days") };
}

function withQuarantined([at, delivered, late, , ...lost]: TallySlot, quarantined: number): TallySlot {
  return [at, delivered, late, quarantined, ...lost];
}

/** What a tally comes to over the stretches that end at `now`. Slots are as coarse as they are: an hour is told to 5 minutes, a day to the hour, 30 days to the day. */
export function serviceLevels(tally: Tally | undefined, overdue: number, now: number): ServiceLevels {
  const over = (kind: keyof Tally, count: number): ServiceLevel => {
    const from = Math.floor(now / slotMs[kind]) * slotMs[kind] - (count - 1) * slotMs[kind];
    const sum = { delivered: 0, late: 0, quarantined: 0, lost: 0, overdue };
    for (const [at, delivered, late, quarantined, lost = 0] of tally?.[kind] ?? []) {
      // Slots of the future are of a clock that was ahead.
      if (at < from || at > now) continue;
      sum.delivered += delivered;
      sum.late += late;
      sum.quarantined += quarantined;
      sum.lost += lost;
    }
    return serviceLevel(sum);
  };
  return { hour: over("minutes", 12), day: over("hours", 24), month: over("days", 30) };
}

/** Service levels of several streams taken together. */
export function sumOfServiceLevels(all: readonly ServiceLevels[]): ServiceLevels {
  const sum = (kind: keyof ServiceLevels): ServiceLevel => {
    const total = { delivered: 0, late: 0, quarantined: 0, lost: 0, overdue: 0 };
    for (const { [kind]: level } of all) {
      total.delivered += level.delivered;
      total.late += level.late;
      total.quarantined += level.quarantined;
      total.lost += level.lost;
      total.overdue += level.overdue;
    }
    return serviceLevel(total);
  };
  return { hour: sum("hour"), day: sum("day"), month: sum("month") };
}

function serviceLevel(
  counts: Pick<ServiceLevel, "delivered" | "late" | "quarantined" | "lost" | "overdue">,
): ServiceLevel {
  const { delivered, late, quarantined, lost, overdue } = counts;
  const share = (good: number, all: number): number | undefined => (all === 0 ? undefined : good / all);
  const success = share(delivered, delivered + quarantined + lost);
  const withinHour = share(delivered - late, delivered + quarantined + lost + overdue);
  const worst = Math.min(success ?? 1, withinHour ?? 1);
  return {
    ...counts,
    ...(success !== undefined && { success }),
    ...(withinHour !== undefined && { withinHour }),
    budgetLeft: 1 - (1 - worst) / (1 - serviceObjective),
  };
}

/** Events delivered in each of the 24 hours that end with the present one, the oldest first: a sparkline. */
export function activityOf(tally: Tally | undefined, now: number): readonly number[] {
  const present = Math.floor(now / hourMs) * hourMs;
  const byHour = new Map((tally?.hours ?? []).map(([at, delivered]) => [at, delivered]));
  return Array.from({ length: 24 }, (_, i) => byHour.get(present - (23 - i) * hourMs) ?? 0);
}
