import { type CiEvent, plausibleEvents, seededRandom } from "@headgate/example-catalog-ci";
import { sleep } from "@headgate/core";
import type { Destination } from "./destination.ts";
import type { MovableClock } from "./movable-clock.ts";
import type { DemoOrganization } from "./organizations.ts";
import type { DemoHeadgate } from "./service.ts";

/** What a past needs. */
export interface HistoryOptions {
  readonly headgate: DemoHeadgate;
  /** The clock of `headgate` and of its store. */
  readonly clock: MovableClock;
  readonly organizations: readonly DemoOrganization[];
  /** Of the organizations, in their order. */
  readonly destinations: readonly Destination[];
  /** Where it begins and ends, Unix ms. */
  readonly from: number;
  readonly to: number;
  /** Aborted: it ends early. */
  readonly signal: AbortSignal;
}

const mostTries = 100;
const stepMs = 1_800_000;
/** Of all organizations together, in a step of a working day. */
const mostPerStep = 160;
/** Steps before the end in which the last organization's destination cannot be written. */
const outage = { begins: 14, ends: 13 };

/**
 * Lives through the hours before the demo began, as a runner would have: events come and are delivered, more by day than
 * by night, and one destination is away for half an hour and comes back. Monitors show nothing of a stream that has no past.
 */
export async function liveThrough(options: HistoryOptions): Promise<void> {
  const { headgate, clock, organizations, destinations, from, to, signal } = options;
  const troubled = destinations.at(-1);
  let at = from;
  const events = organizations.map(({ id, name }) =>
    plausibleEvents({
      organization: { id, name },
      population: seededRandom(id),
      random: seededRandom(`${id} ${from}`),
      clock: { now: () => at },
    }),
  );
  const steps = Math.floor((to - from) / stepMs);
  try {
    for (let step = 0; step < steps && !signal.aborted; step++) {
      const left = steps - step;
      if (left === outage.begins) troubled?.break();
      if (left === outage.ends) troubled?.mend();
      const begin = from + step * stepMs;
      clock.moveTo(begin + stepMs);
      for (const [i, { id, share }] of organizations.entries()) {
        const count = Math.ceil(mostPerStep * share * busyness(begin, i));
        const batch: CiEvent[] = [];
        for (let n = 0; n < count; n++) {
          at = begin + Math.floor((n / count) * stepMs);
          const { value } = events[i]?.next() ?? {};
          if (value !== undefined) batch.push(value);
        }
        await headgate.append(id, batch);
      }
      // A stream that was blocked counts as settled until it has tried again.
      for (let tries = 0; tries < mostTries; tries++) {
        const { complete } = await headgate.drain({ patienceMs: 0, signal });
        if (complete || signal.aborted || troubled?.broken() === true) break;
        await sleep(clock, 20);
      }
      await headgate.alerts.evaluate();
      // What waits for a time that has been jumped over begins anew.
      await headgate.stop();
    }
  } finally {
    if (troubled?.broken() === true) troubled.mend();
  }
}

/** From 0.15 at night to 1 at noon, UTC; each organization has hours of its own. */
function busyness(instant: number, organization: number): number {
  const hour = (instant / 3_600_000 + organization * 2) % 24;
  return 0.15 + 0.85 * Math.max(0, Math.sin(((hour - 6) / 14) * Math.PI)) * (hour > 6 && hour < 20 ? 1 : 0);
}
