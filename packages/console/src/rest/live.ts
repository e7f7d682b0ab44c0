import { type ApiClient, sameSettings } from "./client.ts";
import { ApiProblem } from "./problem.ts";
import type { Alert, Stream } from "./wire.ts";

/** What a listener is told. A new listener is first told all that is known. */
export interface LiveListener {
  streams?(changed: readonly Stream[]): void;
  removed?(ids: readonly string[]): void;
  alerts?(open: readonly Alert[]): void;
  /** Whether changes arrive at once at present. */
  connected?(connected: boolean): void;
}

/** The server sends a ping every 15 s; a connection that is silent for longer than this is dead. */
const silenceMs = 45_000;
const slowestMs = 30_000;

interface Shared {
  readonly client: ApiClient;
  readonly listeners: Set<LiveListener>;
  readonly streams: Map<string, Stream>;
  alerts: readonly Alert[] | undefined;
  /** Not known before the first attempt has ended, or succeeded. */
  connected: boolean | undefined;
  readonly end: () => void;
}

/** Browsers open few connections to one host, so all components of a page share one. */
const open = new Set<Shared>();

/** Tells a listener of changes until the signal is aborted. Connections that end are made anew, later each time. */
export function listen(client: ApiClient, listener: LiveListener, signal: AbortSignal): void {
  if (signal.aborted) return;
  const found = [...open].find((one) => sameSettings(one.client.settings, client.settings));
  const shared = found ?? begin(client);
  shared.listeners.add(listener);
  if (shared.streams.size > 0) listener.streams?.([...shared.streams.values()]);
  if (shared.alerts) listener.alerts?.(shared.alerts);
  if (shared.connected !== undefined) listener.connected?.(shared.connected);
  signal.addEventListener(
    "abort",
    () => {
      shared.listeners.delete(listener);
      if (shared.listeners.size > 0) return;
      open.delete(shared);
      shared.end();
    },
    { once: true },
  );
}

function begin(client: ApiClient): Shared {
  const ending = new AbortController();
  const shared: Shared = {
    client,
    listeners: new Set(),
    streams: new Map(),
    alerts: undefined,
    connected: undefined,
    end: () => ending.abort(),
  };
  open.add(shared);
  void run(shared, ending.signal);
  return shared;
}

async function run(shared: Shared, signal: AbortSignal): Promise<void> {
  for (let failures = 0; !signal.aborted; failures++) {
    await untilVisible(signal);
    const before = shared.streams.size > 0 || shared.alerts !== undefined;
    try {
      await follow(shared, signal, () => (failures = 0));
    } catch (error) {
      const refused = error instanceof ApiProblem && [401, 403, 404].includes(error.status);
      if (refused && !before) {
        // Nothing changes by asking again; components tell of it on their own requests.
        open.delete(shared);
        return;
      }
    }
    tell(shared, false);
    const ceiling = Math.min(slowestMs, 1000 * 2 ** failures);
    await pause(ceiling * (0.5 + Math.random() / 2), signal);
  }
}

async function follow(shared: Shared, signal: AbortSignal, alive: () => void): Promise<void> {
  const connection = new AbortController();
  const hangUp = (): void => connection.abort();
  signal.addEventListener("abort", hangUp, { once: true });
  document.addEventListener("visibilitychange", hangUp, { once: true });
  let silence = setTimeout(hangUp, silenceMs);
  try {
    for await (const { event, data } of shared.client.events("/live", { signal: connection.signal })) {
      clearTimeout(silence);
      silence = setTimeout(hangUp, silenceMs);
      alive();
      if (!shared.connected) tell(shared, true);
      receive(shared, event, data);
    }
  } finally {
    clearTimeout(silence);
    signal.removeEventListener("abort", hangUp);
    document.removeEventListener("visibilitychange", hangUp);
  }
}

function receive(shared: Shared, event: string, data: string): void {
  if (event === "streams") {
    const { streams } = JSON.parse(data) as { streams: readonly Stream[] };
    for (const stream of streams) shared.streams.set(stream.id, stream);
    for (const listener of shared.listeners) listener.streams?.(streams);
  } else if (event === "removed") {
    const { ids } = JSON.parse(data) as { ids: readonly string[] };
    for (const id of ids) shared.streams.delete(id);
    for (const listener of shared.listeners) listener.removed?.(ids);
  } else if (event === "alerts") {
    const { alerts } = JSON.parse(data) as { alerts: readonly Alert[] };
    shared.alerts = alerts;
    for (const listener of shared.listeners) listener.alerts?.(alerts);
  }
}

function tell(shared: Shared, connected: boolean): void {
  shared.connected = connected;
  for (const listener of shared.listeners) listener.connected?.(connected);
}

/** A page that nobody sees keeps no connection from one that somebody does. */
async function untilVisible(signal: AbortSignal): Promise<void> {
  while (document.visibilityState === "hidden" && !signal.aborted)
    await new Promise<void>((resolve) => {
      document.addEventListener("visibilitychange", () => resolve(), { once: true, signal });
      signal.addEventListener("abort", () => resolve(), { once: true });
    });
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener(
      "abort",
      () => {
        clearTimeout(timer);
        resolve();
      },
      { once: true },
    );
  });
}
