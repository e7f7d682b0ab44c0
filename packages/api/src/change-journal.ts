import {
  type Clock,
  createPreparer,
  type Headgate,
  isHeadgateError,
  type JsonObject,
  type Logger,
  type PreparedEvent,
} from "@headgate/core";

/** Changes that have been begun, and that the log has not been told of yet. */
const collection = "api_changes";
/** A change that is still not told of so long after its beginning is another process's no more, in ms. */
const abandonedMs = 60_000;
const pageSize = 100;

/** An event of a change, as far as it is known before the change is made. */
export interface ChangeEvent {
  readonly id: string;
  readonly organization: string;
  /** Unix ms. */
  readonly at: number;
  /** As it is appended, without id and time. */
  readonly event: JsonObject;
}

/** Keeps what is about to be changed until the organization's log has been told, whatever happens in between. */
export interface ChangeJournal {
  /** Durable before the change is made. */
  begin(change: ChangeEvent): Promise<void>;
  /** The change has been made. Resolves also where the log cannot be told now: then it is told later. */
  made(change: ChangeEvent): Promise<void>;
  /** Whether anything has been changed is not known: that is told later. */
  brokenOff(change: ChangeEvent): void;
  /** Nothing has been changed. */
  dropped(change: ChangeEvent): Promise<void>;
  /**
   * Tells of what was begun and never ended: with the outcome `unknown`, unless it is known to have been made. For every
   * request to call: it begins once a minute at most, and nobody waits for it.
   */
  settleNowAndThen(): void;
}

interface Kept extends ChangeEvent {
  readonly made: boolean;
}

/** Makes one on the store's documents. */
export function changeJournal(
  { open, store, appendPrepared }: Pick<Headgate, "open" | "store" | "appendPrepared">,
  { clock, logger }: { readonly clock: Clock; readonly logger: Logger },
): ChangeJournal {
  // These actions are Headgate's own: the platform's catalog is not asked.
  const preparer = createPreparer({ clock });

  async function keep(change: ChangeEvent, made: boolean): Promise<void> {
    const value = JSON.stringify({ ...change, made } satisfies Kept);
    await store.documents.write([{ collection, key: change.id, value }]);
  }

  async function forget({ id }: ChangeEvent): Promise<void> {
    await store.documents.write([{ collection, key: id }]);
  }

  function prepare({ id, organization, at, event }: ChangeEvent, outcome: "success" | "unknown"): PreparedEvent {
    return preparer.prepare(organization, { ...event, id, occurred_at: new Date(at).toISOString(), outcome } as never);
  }

  async function tell(change: ChangeEvent, outcome: "success" | "unknown"): Promise<void> {
    // A repeat is stored once, by its id.
    await appendPrepared(change.organization, [prepare(change, outcome)]);
  }

  const untold = (error: unknown): void =>
    logger.warn("the log could not be told of a change, and is told later", {
      error: isHeadgateError(error) ? error.code : error instanceof Error ? error.name : typeof error,
    });

  let settledAt = Number.NEGATIVE_INFINITY;
  /** Of this process, however long they take. */
  const underWay = new Set<string>();

  async function settle(): Promise<void> {
    await open();
    for (let after: string | undefined; ;) {
      const page = await store.documents.list(collection, { limit: pageSize, ...(after !== undefined && { after }) });
      for (const { value } of page) {
        const change = JSON.parse(value) as Kept;
        if (clock.now() - change.at < abandonedMs || underWay.has(change.id)) continue;
        await tell(change, change.made ? "success" : "unknown")
          .then(() => forget(change))
          .catch(untold);
      }
      after = page.at(-1)?.key;
      if (page.length < pageSize) return;
    }
  }

  return {
    async begin(change) {
      // An actor that the log would refuse must not be able to change anything.
      prepare(change, "unknown");
      await open();
      await keep(change, false);
      underWay.add(change.id);
    },

    async made(change) {
      underWay.delete(change.id);
      try {
        await tell(change, "success");
        await forget(change);
      } catch (error) {
        untold(error);
        await keep(change, true).catch(() => {});
      }
    },

    brokenOff({ id }) {
      underWay.delete(id);
    },

    async dropped(change) {
      underWay.delete(change.id);
      await forget(change).catch(untold);
    },

    settleNowAndThen() {
      if (Math.abs(clock.now() - settledAt) < abandonedMs) return;
      settledAt = clock.now();
      settle().catch(untold);
    },
  };
}
