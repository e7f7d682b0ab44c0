import { type Clock, type Random, systemClock } from "@headgate/core";
import { accessReview, departure, newcomer } from "./access-stories.ts";
import { accountCare, refusedToken, sessionRevoked, tokenLife } from "./account-stories.ts";
import { createAgenda } from "./agenda.ts";
import { configurationBurst, lookingThings, upkeep } from "./configuration-stories.ts";
import { pushedPipeline, unattendedPipeline } from "./pipeline-story.ts";
import { guessing, visit } from "./session.ts";
import type { CiEvent, Story } from "./story.ts";
import { createWorld, type World } from "./world.ts";

/** What `plausibleEvents` takes. */
export interface PlausibleEventsOptions {
  /** Whose events they are. Give each organization a random source of its own: another one has other members. */
  readonly organization: { readonly id: string; readonly name?: string };
  /** Decides everything: the same numbers and the same times give the same events. */
  readonly random: Random;
  /** Makes the members and projects: the same numbers bring the same people back. @default `random` */
  readonly population?: Random;
  /** Read once for each event; it becomes `occurred_at`. @default the machine's clock */
  readonly clock?: Pick<Clock, "now">;
  /** Nights (before 7:00 and from 19:00 UTC) and weekends belong to schedules and programs. @default false */
  readonly officeHours?: boolean;
}

type Beginning = (world: World, now: number) => Story;

/** What begins, and how often. Most of an audit log is pipelines. */
const withPeople: readonly (readonly [Beginning, number])[] = [
  [pushedPipeline, 16],
  [visit, 14],
  [configurationBurst, 5],
  [accessReview, 3],
  [accountCare, 4],
  [tokenLife, 3],
  [lookingThings, 9],
  [newcomer, 0.8],
  [departure, 0.6],
  [sessionRevoked, 0.5],
];
const unattended: readonly (readonly [Beginning, number])[] = [
  [unattendedPipeline, 5],
  [refusedToken, 1.5],
  [guessing, 0.8],
  [upkeep, 2],
];

/** The stories that are under way at most; more begin once some have ended. */
const mostOpen = 250;

/**
 * The audit log of an organization that builds and deploys, as it might be: members with habits who sign in before they
 * act, pipelines that start and finish, changes in bursts, failures and denials now and then. Endless; take as many as
 * are needed. Every event follows the catalog; addresses are those reserved for documentation.
 *
 * @example
 * ```ts
 * const events = plausibleEvents({ organization: { id: "org_1" }, random: seededRandom("org_1") });
 * await headgate.append("org_1", Array.from({ length: 100 }, () => events.next().value));
 * ```
 */
export function* plausibleEvents(options: PlausibleEventsOptions): Generator<CiEvent, never, void> {
  const { organization, random, population = random, clock = systemClock, officeHours = false } = options;
  const world = createWorld(organization, population, random);
  const agenda = createAgenda<Story>();
  const everything = [...withPeople, ...unattended];
  for (;;) {
    const now = clock.now();
    const occurredAt = new Date(now).toISOString();
    for (let told = false; !told;) {
      const due = agenda.take(agenda.size() >= mostOpen ? Number.POSITIVE_INFINITY : now);
      const away = officeHours && !inOfficeHours(now) && !world.draw.chance(0.03);
      const story = due ?? world.draw.weighted(away ? unattended : everything)(world, now);
      const beat = story.next(now);
      if (beat.done === true) continue;
      agenda.put(story, now + beat.value.waitMs);
      if (beat.value.event === undefined) continue;
      told = true;
      yield { ...beat.value.event, occurred_at: occurredAt } as CiEvent;
    }
  }
}

function inOfficeHours(instant: number): boolean {
  const time = new Date(instant);
  const [day, hour] = [time.getUTCDay(), time.getUTCHours()];
  return day >= 1 && day <= 5 && hour >= 7 && hour < 19;
}
