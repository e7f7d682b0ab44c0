import type { ServerSentEvent } from "../sse.ts";

/** What a feed knows now. */
export interface LiveState {
  /** JSON by id. */
  readonly streams: Map<string, string>;
  /** JSON of the list; undefined before the first look. */
  alerts: string | undefined;
}

/** What a look at the store has brought. */
export interface LiveChanges {
  readonly changed: readonly string[];
  readonly removed: readonly string[];
  readonly alertsChanged: boolean;
}

/** One client. However slowly it reads, nothing piles up: what has changed twice meanwhile is told once, as it is now. */
export interface LiveListener {
  readonly events: AsyncIterator<ServerSentEvent, undefined>;
  tell(changes: LiveChanges): void;
  /** Ends it on an error, unless it has been told something. */
  fail(error: unknown): void;
  end(): void;
}

/** Streams of one event. */
const mostAtOnce = 200;

type Result = IteratorResult<ServerSentEvent, undefined>;

/** Makes a listener to what a feed knows; `onEnd` is called once. */
export function createLiveListener(state: LiveState, onEnd: () => void): LiveListener {
  const changed = new Set<string>();
  const removed = new Set<string>();
  let alertsChanged = false;
  let told = false;
  let over = false;
  let failure: { readonly error: unknown } | undefined;
  let waiting: { readonly resolve: (result: Result) => void; readonly reject: (error: unknown) => void } | undefined;

  function begin(): void {
    for (const id of state.streams.keys()) changed.add(id);
    alertsChanged = true;
  }

  function event(): ServerSentEvent | undefined {
    if (state.alerts === undefined) return undefined;
    const ids = [...changed].slice(0, mostAtOnce);
    // The first event comes also where there are no streams: it says so.
    if (ids.length > 0 || !told) {
      told = true;
      for (const id of ids) changed.delete(id);
      return { event: "streams", data: { streams: ids.flatMap((id) => parsed(state.streams.get(id))) } };
    }
    if (removed.size > 0) {
      const gone = [...removed];
      removed.clear();
      return { event: "removed", data: { ids: gone } };
    }
    if (!alertsChanged) return undefined;
    alertsChanged = false;
    return { event: "alerts", data: { alerts: JSON.parse(state.alerts) as unknown } };
  }

  function wake(): void {
    if (waiting === undefined) return;
    const next = over || failure !== undefined ? undefined : event();
    if (next === undefined && !over && failure === undefined) return;
    const { resolve, reject } = waiting;
    waiting = undefined;
    if (failure !== undefined) reject(failure.error);
    else resolve(next === undefined ? { done: true, value: undefined } : { done: false, value: next });
  }

  function end(): void {
    if (over) return;
    over = true;
    onEnd();
    wake();
  }

  if (state.alerts !== undefined) begin();

  return {
    events: {
      next: () =>
        new Promise<Result>((resolve, reject) => {
          waiting = { resolve, reject };
          wake();
        }),
      async return() {
        end();
        return { done: true, value: undefined };
      },
    },

    tell(changes) {
      if (told) {
        for (const id of changes.changed) {
          changed.add(id);
          removed.delete(id);
        }
        for (const id of changes.removed) {
          changed.delete(id);
          removed.add(id);
        }
        alertsChanged ||= changes.alertsChanged;
      } else begin();
      wake();
    },

    fail(error) {
      if (told || failure !== undefined) return;
      failure = { error };
      wake();
      end();
    },

    end,
  };
}

function parsed(text: string | undefined): readonly unknown[] {
  return text === undefined ? [] : [JSON.parse(text) as unknown];
}
