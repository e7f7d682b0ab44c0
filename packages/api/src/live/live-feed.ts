import type { Alert, Clock, Headgate, Logger, StreamStatus } from "@headgate/core";
import type { ServerSentEvent } from "../sse.ts";
import { alertJson } from "../streams/alert-json.ts";
import { shownStream } from "../streams/shown-stream.ts";
import { createLiveListener, type LiveListener, type LiveState } from "./live-listener.ts";

/** The store is looked at so often. */
const everyMs = 2000;
/** And never for more than this share of the time, however many streams there are. */
const rest = 4;
const pageSize = 200;
/** Streams that are followed, in order of id; open alerts that are told of. */
const mostStreams = 1000;
const mostAlerts = 200;

/** What changes, of one organization or of all, told to any number of listeners at the cost of one. */
interface LiveFeed {
  listen(): LiveListener;
}

export interface LiveParts {
  readonly headgate: Headgate;
  readonly clock: Clock;
  readonly logger: Logger;
}

const feeds = new WeakMap<object, Map<string, LiveFeed>>();

/** What changes in an organization, or anywhere for "": first all, then what is new. It ends with the signal. */
export function liveEvents(
  parts: LiveParts,
  organization: string,
  signal: AbortSignal,
): AsyncIterable<ServerSentEvent> {
  return {
    // Not before somebody asks for the first one: until then the request may still be refused.
    [Symbol.asyncIterator]() {
      const listener = feedOf(parts, organization).listen();
      if (signal.aborted) listener.end();
      else signal.addEventListener("abort", () => listener.end(), { once: true });
      return listener.events;
    },
  };
}

function feedOf(parts: LiveParts, organization: string): LiveFeed {
  const byOrganization = feeds.get(parts.headgate) ?? new Map<string, LiveFeed>();
  feeds.set(parts.headgate, byOrganization);
  const known = byOrganization.get(organization);
  if (known !== undefined) return known;
  const feed = createFeed(parts, organization, () => byOrganization.delete(organization));
  byOrganization.set(organization, feed);
  return feed;
}

function createFeed({ headgate, clock, logger }: LiveParts, organization: string, onEnd: () => void): LiveFeed {
  const state: LiveState = { streams: new Map(), alerts: undefined };
  const listeners = new Set<LiveListener>();
  let cancel = (): void => {};
  let begun = false;

  async function look(): Promise<void> {
    const startedAt = clock.now();
    try {
      const [streams, alerts] = await Promise.all([
        statusesOf(headgate, organization),
        openAlerts(headgate, organization),
      ]);
      takeOver(streams, alerts);
    } catch (error) {
      logger.warn("looking for live changes failed", { error: error instanceof Error ? error.message : typeof error });
      // Who has been told nothing yet learns that there is something wrong; the others wait for the next look.
      for (const listener of listeners) listener.fail(error);
    }
    if (listeners.size === 0) return;
    const wait = Math.max(everyMs, rest * (clock.now() - startedAt));
    cancel = clock.after(wait, () => void look());
  }

  function takeOver(streams: readonly StreamStatus[], alerts: readonly Alert[]): void {
    const seen = new Set<string>();
    const changed: string[] = [];
    for (const status of streams) {
      seen.add(status.id);
      const text = JSON.stringify(shownStream(headgate, status));
      if (state.streams.get(status.id) === text) continue;
      state.streams.set(status.id, text);
      changed.push(status.id);
    }
    const removed = [...state.streams.keys()].filter((id) => !seen.has(id));
    for (const id of removed) state.streams.delete(id);
    const text = JSON.stringify(alerts.map(alertJson));
    const alertsChanged = state.alerts !== text;
    state.alerts = text;
    for (const listener of listeners) listener.tell({ changed, removed, alertsChanged });
  }

  return {
    listen() {
      const listener = createLiveListener(state, () => {
        listeners.delete(listener);
        if (listeners.size > 0) return;
        cancel();
        onEnd();
      });
      listeners.add(listener);
      if (!begun) {
        begun = true;
        void look();
      }
      return listener;
    },
  };
}

async function statusesOf(headgate: Headgate, organization: string): Promise<readonly StreamStatus[]> {
  const found: StreamStatus[] = [];
  for (let after: string | undefined; ;) {
    const page = await headgate.streams.statuses({
      ...(organization !== "" && { organization }),
      ...(after !== undefined && { after }),
      limit: pageSize,
    });
    found.push(...page.streams);
    after = page.after;
    if (after === undefined || found.length >= mostStreams) return found;
  }
}

function openAlerts({ alerts }: Headgate, organization: string): Promise<readonly Alert[]> {
  return alerts.list({ ...(organization !== "" && { organization }), open: true, limit: mostAlerts });
}
