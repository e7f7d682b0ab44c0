import type { Clock, Cursors } from "@headgate/core";

/** How far an audit log has been read. */
export interface PollPlace {
  /** Unix ms by the service's clock: whatever was there to read before this is in the journal. Late records excepted. */
  readonly upTo: number;
  /** Where reading begins, here and after a crash, in Unix ms. */
  begin(): number;
  /** What was read up to this is in the journal. Places never go back. */
  reach(instant: number): void;
  /** Stores the place. With `ifDue` not more often than once a second: what is read twice after a crash is known by its id. */
  save(ifDue?: "ifDue"): Promise<void>;
}

/** What a place depends on, in ms. */
export interface PollPlaceOptions {
  /** How far back the very first reading begins. */
  readonly sinceMs: number;
  /** How far before the place reading begins, because records come late. */
  readonly overlapMs: number;
  /** How far back the service can be asked. @default for ever */
  readonly keepsMs?: number;
  readonly clock: Clock;
}

/** As it is kept in the store. */
interface PollCursor {
  readonly version: 1;
  readonly upTo: number;
}

const saveEveryMs = 1000;

/** Takes up the place that is stored under a key, or makes the first one. */
export async function pollPlace(cursors: Cursors, key: string, options: PollPlaceOptions): Promise<PollPlace> {
  const { sinceMs, overlapMs, keepsMs = Number.POSITIVE_INFINITY, clock } = options;
  const stored = await cursors.get(key);
  let saved = stored === undefined ? undefined : (JSON.parse(stored) as PollCursor).upTo;
  let upTo = saved ?? clock.now() - sinceMs;
  let savedAt = clock.now();
  return {
    get upTo() {
      return upTo;
    },
    begin: () => Math.max(upTo - overlapMs, clock.now() - keepsMs),
    reach: (instant) => void (upTo = Math.max(upTo, instant)),
    async save(ifDue) {
      const now = clock.now();
      if (upTo === saved || (ifDue !== undefined && now - savedAt < saveEveryMs)) return;
      const cursor: PollCursor = { version: 1, upTo };
      await cursors.set(key, JSON.stringify(cursor));
      saved = cursor.upTo;
      savedAt = now;
    },
  };
}
