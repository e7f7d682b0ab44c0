import type { Alert, AlertNotification, AlertOptions, AlertSettings, HeadgateAlerts } from "./alert.ts";
import { auditLogAlerts, auditLogChannel } from "./alert-audit.ts";
import { createAlertBook, type KnownEpisode } from "./alert-book.ts";
import { abandoned, type Episode, memoryMs, nextEpisode, ofFormerStream } from "./alert-episode.ts";
import { createAlertOutbox } from "./alert-outbox.ts";
import { type Trouble, troublesOf, type WatchedStream } from "./alert-rules.ts";
import { type Clock, type Random, sleep } from "./clock.ts";
import { HeadgateError } from "./errors.ts";
import type { NewEvent } from "./event.ts";
import { mintEventId } from "./event-id.ts";
import type { Logger } from "./logger.ts";
import type { Store } from "./store.ts";
import { createWaker } from "./waker.ts";

/** Alerts with what their owner runs them by. */
export interface Alerts extends HeadgateAlerts {
  /** Looks for alerts and sends what is due, until aborted. */
  run(signal: AbortSignal): Promise<void>;
  /** A stream's state has changed: it is looked at soon. */
  wake(stream: string): void;
}

const hour = 3_600_000;
const day = 24 * hour;

/** @default as {@link AlertSettings} says */
export const defaultAlertSettings: AlertSettings = Object.freeze({
  everyMs: 15_000,
  laggingMs: 45 * 60_000,
  quietMs: 60_000,
  remindersMs: Object.freeze([hour, 4 * hour, 12 * hour, day]),
  lossShare: 0.5,
  keepMs: 30 * day,
});

/** Alerts of a page that are looked through at a time, and how many pages one call looks through where few of them match. */
const listPage = 200;
const listPages = 20;

export function createAlerts({
  options,
  store,
  open,
  streams,
  stream,
  append,
  clock,
  random,
  logger,
}: {
  readonly options: AlertOptions;
  readonly store: Store;
  readonly open: () => Promise<void>;
  /** All streams, with what of their sinks the rules look at. */
  readonly streams: () => AsyncIterable<WatchedStream>;
  readonly stream: (id: string) => Promise<WatchedStream | undefined>;
  /** Appends to an organization's own log. */
  readonly append: (organization: string, event: NewEvent) => Promise<void>;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
}): Alerts {
  const settings = { ...defaultAlertSettings, ...options.settings };
  const { auditLog = true } = options;
  const all = [...(options.channels ?? []), ...(auditLog ? [auditLogAlerts(append)] : [])];
  const channels = new Map(all.map((channel) => [channel.name, channel]));
  if (channels.size < all.length) {
    throw new HeadgateError("config_invalid", "Two alert channels have the same name.", {
      hint: `Each needs one of its own, and "audit_log" is taken.`,
    });
  }
  const book = createAlertBook(store.documents);
  const send = createAlertOutbox({ book, channels, clock, random, logger });
  const waker = createWaker(clock);
  const woken = new Set<string>();

  function failed(error: unknown): void {
    const what = error instanceof Error ? error.name : typeof error;
    logger.error("looking for alerts failed and is tried again", {
      error: error instanceof HeadgateError ? `${error.code}: ${error.message}` : what,
    });
  }

  async function look(watched: WatchedStream, known: ReadonlyMap<string, KnownEpisode> | undefined): Promise<void> {
    const { status } = watched;
    const now = clock.now();
    const troubles = new Map<string, Trouble>(troublesOf(watched, now, settings).map((found) => [found.kind, found]));
    for (const kind of new Set([...troubles.keys(), ...(known?.keys() ?? [])])) {
      let before = known?.get(kind);
      if (before !== undefined && ofFormerStream(before.episode.alert, status, now)) {
        if (!(await giveUp(before, now))) continue;
        before = undefined;
      }
      const how = { now, settings, mint: () => mintEventId(now) };
      const step = nextEpisode(before?.episode, troubles.get(kind), status, how);
      if (step === undefined) await forgetIfOver(before, now);
      else await save(step.episode, before?.version ?? 0, step.tell, now);
    }
  }

  /** Ends an episode without a word, and forgets it; false where somebody else was first. */
  async function giveUp({ episode, version }: KnownEpisode, now: number): Promise<boolean> {
    const isOpen = episode.alert.closedAt === undefined;
    const ended = isOpen ? abandoned(episode, now) : episode;
    if (isOpen && !(await book.save(ended, version))) return false;
    await book.forget(ended, isOpen ? version + 1 : version);
    return true;
  }

  async function forgetIfOver(known: KnownEpisode | undefined, now: number): Promise<void> {
    const closedAt = known?.episode.alert.closedAt;
    if (known !== undefined && closedAt !== undefined && now - closedAt >= memoryMs)
      await book.forget(known.episode, known.version);
  }

  async function save(
    episode: Episode,
    version: number,
    type: AlertNotification["type"] | undefined,
    now: number,
  ): Promise<void> {
    const { alert } = episode;
    if (type === undefined) return void (await book.save(episode, version));
    const notification: AlertNotification = { id: mintEventId(now), type, at: now, alert };
    const told = all
      .filter(({ organizations }) => organizations?.includes(alert.organization) ?? true)
      .map(({ name }) => name)
      // A destination that refuses the event of an end would make it the next beginning.
      .filter((name) => name !== auditLogChannel || type !== "recovered" || alert.kind !== "quarantine");
    const saved = await book.save(episode, version, { notification, channels: told });
    if (!saved) return;
    const { id, kind, organization, stream: about } = alert;
    logger.info("an alert", { alert: id, type, kind, organization, stream: about });
  }

  async function lookAtAll(signal: AbortSignal): Promise<void> {
    const known = await book.episodes();
    for await (const watched of streams()) {
      if (signal.aborted) return;
      await look(watched, known.get(watched.status.id));
      known.delete(watched.status.id);
    }
    // What is left belongs to streams that are gone, or were created a moment ago and will be seen the next time.
    for (const [id, episodes] of known) {
      if ((await stream(id)) !== undefined) continue;
      for (const { episode, version } of episodes.values()) {
        if (episode.alert.closedAt === undefined) await book.save(abandoned(episode, clock.now()), version);
        else await forgetIfOver({ episode, version }, clock.now());
      }
    }
    await book.trim(clock.now() - settings.keepMs);
  }

  async function evaluate(signal: AbortSignal): Promise<void> {
    await open();
    await lookAtAll(signal);
    await send(signal);
  }

  async function lookAtWoken(): Promise<void> {
    for (const id of woken) {
      woken.delete(id);
      const watched = await stream(id);
      if (watched !== undefined) await look(watched, await book.episodesOf(id));
    }
  }

  /** Open ones are few, and may be older than many that are closed: they are read from the episodes. */
  async function listOpen(page: {
    readonly organization: string | undefined;
    readonly stream: string | undefined;
    readonly before: string | undefined;
    readonly limit: number;
  }): Promise<readonly Alert[]> {
    const { organization, stream: about, before, limit } = page;
    return [...(await book.episodes()).values()]
      .flatMap((byKind) => [...byKind.values()].map(({ episode: { alert } }) => alert))
      .filter(
        (alert) =>
          alert.closedAt === undefined &&
          (organization ?? alert.organization) === alert.organization &&
          (about ?? alert.stream) === alert.stream &&
          (before === undefined || alert.id < before),
      )
      .sort((a, b) => (a.id < b.id ? 1 : -1))
      .slice(0, limit);
  }

  return {
    async list({ organization, stream: about, open: wanted, before, limit = 100 } = {}) {
      await open();
      if (wanted === true) return listOpen({ organization, stream: about, before, limit });
      const found: Alert[] = [];
      for (let from = before, pages = 0; pages < listPages; pages++) {
        const page = await book.alerts(organization, from, listPage);
        for (const alert of page) {
          if (about !== undefined && alert.stream !== about) continue;
          if (wanted !== undefined && wanted !== (alert.closedAt === undefined)) continue;
          if (found.push(alert) === limit) return found;
        }
        from = page.at(-1)?.id;
        if (page.length < listPage) return found;
      }
      return found;
    },

    async dispatches(alert) {
      await open();
      return book.dispatches(alert);
    },

    evaluate: () => evaluate(new AbortController().signal),

    async run(signal) {
      let lookedAt = Number.NEGATIVE_INFINITY;
      const sending = new Set<Promise<void>>();
      while (!signal.aborted) {
        waker.rest();
        try {
          const now = clock.now();
          if (now - lookedAt >= settings.everyMs || now < lookedAt) {
            lookedAt = now;
            await lookAtAll(signal);
          } else await lookAtWoken();
          // A channel that hangs must not keep us from looking.
          const sent = send(signal)
            .catch(failed)
            .finally(() => sending.delete(sent));
          sending.add(sent);
        } catch (error) {
          failed(error);
          await sleep(clock, Math.min(1000, settings.everyMs), signal).catch(() => {});
        }
        await waker.wait(signal, Math.max(0, lookedAt + settings.everyMs - clock.now()));
      }
      await Promise.all(sending);
    },

    wake(id) {
      woken.add(id);
      waker.wake();
    },
  };
}
