import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { type HeadgateError, sleep, type StreamStatus, systemClock } from "@headgate/core";
import { type CiEvent, plausibleEvents, seededRandom } from "@headgate/example-catalog-ci";
import { folderObjects } from "@headgate/sink-file";
import { createDestination, type Destination } from "./destination.ts";
import type { DemoKey } from "./keys.ts";
import { isAway } from "./outages.ts";
import { demoOrganizations, streamIdOf } from "./organizations.ts";
import { liveThrough } from "./history.ts";
import { movableClock } from "./movable-clock.ts";
import { type DemoHeadgate, hasPast, openService } from "./service.ts";
import { type DemoSettings, fewestPerSecond, mostPerSecond } from "./settings.ts";
import { type DemoState, type DemoStream, type Happening, noticed } from "./state.ts";
import { runTraffic } from "./traffic.ts";

/** Shows what the demo does, and hands over the keys that are pressed. */
export interface DemoView {
  show(state: DemoState): void;
  /** How often it wants to be shown something, in ms. */
  readonly everyMs: number;
}

const mostHappenings = 50;
/** Ending delivers what is pending; for so long at most. */
const farewellMs = 10_000;

/** A demo at work. */
export interface Demo extends AsyncDisposable {
  /** Leads to the console, signed in; undefined where none is served. */
  readonly console: string | undefined;
  /** Does what a key asks for, except quitting and opening the console. */
  press(key: Exclude<DemoKey, "quit" | "open">): Promise<void>;
  /** Shows itself until the signal is aborted. */
  run(view: DemoView, signal: AbortSignal): Promise<void>;
  /** Mends what is broken, delivers what is pending, and ends. Aborting `now` cuts it short. */
  finish(view: DemoView, now: AbortSignal): Promise<DemoState>;
}

/** Three organizations, a live audit log each, a stream of each into a folder. Goes on with what the folder holds. */
export async function createDemo(settings: DemoSettings): Promise<Demo> {
  const { directory } = settings;
  const clock = systemClock;
  const startedAt = clock.now();
  const root = resolve(directory);
  const destinations: readonly Destination[] = demoOrganizations.map(({ id }) => createDestination(join(root, id)));
  const happenings: Happening[] = [];
  const tell = (happening: Omit<Happening, "at">): void => {
    happenings.push({ ...happening, at: clock.now() });
    if (happenings.length > mostHappenings) happenings.shift();
  };
  demoOrganizations.forEach(({ id }, i) => {
    if (destinations[i]?.broken() !== true) return;
    destinations[i].mend();
    tell({ organization: id, mood: "plain", text: "was left broken by an earlier run and has been mended" });
  });
  if (!hasPast(settings)) await livePast(settings, destinations, startedAt);
  const objects = await Promise.all(destinations.map(keysOf));
  let [rate, selected] = [settings.eventsPerSecond, 0];
  let trouble: HeadgateError | undefined;
  let streams: readonly DemoStream[] = [];
  let [stopping, failure]: [boolean, unknown] = [false, undefined];

  const headgate: DemoHeadgate = await openService(settings, demoOrganizations, {
    delivery({ organization, status, receipt }) {
      const i = demoOrganizations.findIndex(({ id }) => id === organization);
      if (status === "delivered" && receipt !== undefined) objects[i]?.add(receipt);
    },
  });
  const { port } = settings;
  // Loaded by those who look at it.
  const served = port === undefined ? undefined : await (await import("./demo-console.ts")).serveDemo(headgate, port);
  const traffic = new AbortController();

  function look(statuses: readonly StreamStatus[]): void {
    const now = clock.now();
    const byId = new Map(statuses.map((status) => [status.id, status]));
    streams = demoOrganizations.flatMap((organization, i): DemoStream[] => {
      const status = byId.get(streamIdOf(organization));
      if (status === undefined) return [];
      const broken = destinations[i]?.broken() === true;
      return [{ organization: organization.id, broken, objects: objects[i]?.size ?? 0, status: shortened(status) }];
    });
    for (const stream of streams) {
      const before = previous.get(stream.organization);
      previous.set(stream.organization, stream);
      const news = before === undefined ? undefined : noticed(before, stream, now);
      if (news !== undefined) tell(news);
    }
  }
  const previous = new Map<string, DemoStream>();

  /** Names the folder as it was given. */
  function shortened(status: StreamStatus): StreamStatus {
    const { lastError } = status.health;
    if (lastError === undefined) return status;
    const message = lastError.message.replaceAll(root, directory);
    return { ...status, health: { ...status.health, lastError: { ...lastError, message } } };
  }

  const state = (): DemoState => ({
    now: clock.now(),
    startedAt,
    directory,
    eventsPerSecond: rate,
    streams,
    selected,
    happenings,
    ...(trouble !== undefined && { trouble: `Events are refused just now: ${trouble.message} ${trouble.hint ?? ""}` }),
    stopping,
    ...(served !== undefined && { console: served.url }),
  });

  function startTraffic(): Promise<unknown> {
    return Promise.all(
      demoOrganizations.map(({ id, name, share }) =>
        runTraffic<CiEvent>({
          events: plausibleEvents({
            organization: { id, name },
            population: seededRandom(id),
            random: seededRandom(`${id} ${startedAt}`),
            clock,
          }),
          append: (events) => headgate.append(id, events),
          rate: () => rate * share,
          onTrouble: (now) => (trouble = now),
          clock,
          random: Math.random,
          signal: traffic.signal,
        }),
      ),
    );
  }

  let awayByItself = false;
  /** Breaks and mends a destination as planned; what a person has done with it meanwhile stays. */
  function keepToPlan(): void {
    const { outages } = settings;
    const [organization, destination] = [demoOrganizations.at(-1)?.id ?? "", destinations.at(-1)];
    if (outages === undefined || destination === undefined) return;
    const away = isAway(outages, clock.now() - startedAt);
    if (away === awayByItself) return;
    awayByItself = away;
    if (away === destination.broken()) return;
    if (away) destination.break();
    else destination.mend();
    const text = away
      ? "its destination is away for a minute; the console shows what becomes of the stream"
      : "its destination is back; delivery goes on by itself";
    tell({ organization, mood: "plain", text });
  }

  function breakOrMend(): void {
    const [organization, destination] = [demoOrganizations[selected]?.id ?? "", destinations[selected]];
    if (destination === undefined) return;
    const broken = destination.broken();
    try {
      if (broken) destination.mend();
      else destination.break();
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code ?? "unknown error";
      tell({
        organization,
        mood: "bad",
        text: `its destination could not be ${broken ? "mended" : "broken"} (${code})`,
      });
      return;
    }
    const text = broken
      ? "you have mended its destination; delivery goes on by itself"
      : "you have broken its destination; see what becomes of the stream";
    tell({ organization, mood: "plain", text });
  }

  async function pauseOrResume(): Promise<void> {
    const stream = streams[selected];
    if (stream === undefined) return;
    const { id, health } = stream.status;
    await (health.state === "paused" ? headgate.streams.resume(id) : headgate.streams.pause(id));
  }

  return {
    console: served?.url,

    async press(key) {
      if (key === "up") selected = Math.max(0, selected - 1);
      else if (key === "down") selected = Math.min(demoOrganizations.length - 1, selected + 1);
      else if (key === "faster") rate = Math.min(mostPerSecond, rate * 2);
      else if (key === "slower") rate = Math.max(fewestPerSecond, rate / 2);
      else if (key === "break") breakOrMend();
      else if (key === "pause") await pauseOrResume();
      else selected = Number(key) - 1;
    },

    async run(view, signal) {
      await headgate.start();
      const running = startTraffic().catch((error: unknown) => (failure = error));
      try {
        while (!signal.aborted && failure === undefined) {
          keepToPlan();
          look(await headgate.status());
          view.show(state());
          await sleep(clock, view.everyMs, signal).catch(() => {});
        }
      } finally {
        traffic.abort();
        await running;
      }
      if (failure !== undefined) throw failure as Error;
    },

    async finish(view, now) {
      stopping = true;
      for (const destination of destinations) if (destination.broken()) destination.mend();
      const until = clock.now() + farewellMs;
      while (!now.aborted && clock.now() < until) {
        const { complete } = await headgate.drain({ signal: AbortSignal.any([now, AbortSignal.timeout(1000)]) });
        look(await headgate.status());
        view.show(state());
        if (complete) break;
        // A stream that was blocked a moment ago tries again by itself.
        await sleep(clock, 200, now).catch(() => {});
      }
      await headgate.stop({ deadlineMs: now.aborted ? 0 : 2000 });
      look(await headgate.status());
      return state();
    },

    async [Symbol.asyncDispose]() {
      await served?.[Symbol.asyncDispose]();
      await headgate[Symbol.asyncDispose]();
    },
  };
}

/** Gives a new folder its past. */
async function livePast(settings: DemoSettings, destinations: readonly Destination[], to: number): Promise<void> {
  const { historyHours = 0 } = settings;
  if (historyHours === 0) return;
  const clock = movableClock();
  const from = to - historyHours * 3_600_000;
  clock.moveTo(from);
  await using headgate = await openService(settings, demoOrganizations, {}, clock);
  const signal = new AbortController().signal;
  await liveThrough({ headgate, clock, organizations: demoOrganizations, destinations, from, to, signal });
}

/** The objects that earlier runs have written. */
async function keysOf({ directory }: Destination): Promise<Set<string>> {
  const keys = new Set<string>();
  if (existsSync(directory)) for await (const { key } of folderObjects(directory)) keys.add(key);
  return keys;
}
