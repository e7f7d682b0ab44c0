import type { Alert, AlertDispatch, AlertNotification } from "./alert.ts";
import type { Episode } from "./alert-episode.ts";
import { isHeadgateError } from "./errors.ts";
import type { Documents, DocumentWrite, StoredDocument } from "./store.ts";

/** An episode as it is stored. */
export interface KnownEpisode {
  readonly episode: Episode;
  readonly version: number;
}

/** A notification that waits in the outbox. */
export interface OutboxEntry {
  readonly key: string;
  readonly version: number;
  readonly dispatch: AlertDispatch;
}

/** Alerts in the store's documents. Whoever writes the next version of an episode tells of it; anybody else has come too late. */
export interface AlertBook {
  /** By stream, then kind: the open ones, and those that ended a little while ago. */
  episodes(): Promise<Map<string, Map<string, KnownEpisode>>>;
  /** Of one stream, by kind. */
  episodesOf(stream: string): Promise<Map<string, KnownEpisode>>;
  /** Stores an episode's next state, with what is to be told of it and to which channels; false where somebody else was first. */
  save(
    episode: Episode,
    version: number,
    tell?: { readonly notification: AlertNotification; readonly channels: readonly string[] },
  ): Promise<boolean>;
  /** Forgets an episode that ended long enough ago; its alert stays. */
  forget(episode: Episode, version: number): Promise<void>;
  outbox(): AsyncGenerator<OutboxEntry>;
  /** Stores what became of an attempt; false where somebody else made one at the same time. */
  attempted(entry: OutboxEntry, dispatch: AlertDispatch): Promise<boolean>;
  alert(id: string): Promise<Alert | undefined>;
  /** The newest first, before the id `before`. */
  alerts(organization: string | undefined, before: string | undefined, limit: number): Promise<readonly Alert[]>;
  dispatches(alert: string): Promise<readonly AlertDispatch[]>;
  /** Removes alerts that were closed before an instant, and what is kept of their notifications. */
  trim(before: number): Promise<void>;
}

const collections = {
  episodes: "alert_episodes",
  alerts: "alerts",
  byOrganization: "alerts_by_organization",
  outbox: "alert_outbox",
  dispatches: "alert_dispatches",
} as const;

const pageSize = 500;
const part = encodeURIComponent;
const episodeKey = ({ stream, kind }: Pick<Alert, "stream" | "kind">): string => `${part(stream)}/${kind}`;

export function createAlertBook(documents: Documents): AlertBook {
  async function* all(collection: string, prefix = ""): AsyncGenerator<StoredDocument> {
    for (let after: string | undefined; ;) {
      const page = await documents.list(collection, { prefix, limit: pageSize, ...(after !== undefined && { after }) });
      yield* page;
      after = page.at(-1)?.key;
      if (page.length < pageSize) return;
    }
  }

  async function episodes(prefix = ""): Promise<Map<string, Map<string, KnownEpisode>>> {
    const byStream = new Map<string, Map<string, KnownEpisode>>();
    for await (const { value, version } of all(collections.episodes, prefix)) {
      const episode = JSON.parse(value) as Episode;
      const { stream, kind } = episode.alert;
      const byKind = byStream.get(stream) ?? new Map<string, KnownEpisode>();
      byStream.set(stream, byKind.set(kind, { episode, version }));
    }
    return byStream;
  }

  /** Writes, unless somebody else was first. */
  async function write(changes: readonly DocumentWrite[]): Promise<boolean> {
    try {
      await documents.write(changes);
      return true;
    } catch (error) {
      if (isHeadgateError(error, "document_conflict")) return false;
      throw error;
    }
  }

  const alertWrites = (alert: Alert): readonly DocumentWrite[] => {
    const value = JSON.stringify(alert);
    return [
      { collection: collections.alerts, key: alert.id, value },
      { collection: collections.byOrganization, key: `${part(alert.organization)}/${alert.id}`, value },
    ];
  };

  return {
    episodes,
    episodesOf: async (stream) => (await episodes(`${part(stream)}/`)).get(stream) ?? new Map<string, KnownEpisode>(),

    save(episode, version, tell) {
      const { alert } = episode;
      const outbox = (tell?.channels ?? []).map((channel): DocumentWrite => {
        const notification = tell?.notification as AlertNotification;
        const { at } = notification;
        const dispatch: AlertDispatch = {
          notification,
          channel,
          status: "pending",
          attempts: 0,
          at,
          nextAttemptAt: at,
        };
        const key = `${alert.id}/${notification.id}/${part(channel)}`;
        return { collection: collections.outbox, key, value: JSON.stringify(dispatch) };
      });
      return write([
        { collection: collections.episodes, key: episodeKey(alert), value: JSON.stringify(episode), expected: version },
        ...alertWrites(alert),
        ...outbox,
      ]);
    },

    async forget({ alert }, version) {
      await write([{ collection: collections.episodes, key: episodeKey(alert), expected: version }]);
    },

    async *outbox() {
      for await (const { key, version, value } of all(collections.outbox))
        yield { key, version, dispatch: JSON.parse(value) as AlertDispatch };
    },

    attempted({ key, version }, dispatch) {
      const value = JSON.stringify(dispatch);
      if (dispatch.status === "pending")
        return write([{ collection: collections.outbox, key, value, expected: version }]);
      return write([
        { collection: collections.outbox, key, expected: version },
        { collection: collections.dispatches, key, value },
      ]);
    },

    async alert(id) {
      const document = await documents.get(collections.alerts, id);
      return document && (JSON.parse(document.value) as Alert);
    },

    async alerts(organization, before, limit) {
      const own = organization === undefined ? undefined : `${part(organization)}/`;
      const page = {
        ...(own !== undefined && { prefix: own }),
        ...(before !== undefined && { after: `${own ?? ""}${before}` }),
        limit,
        order: "descending" as const,
      };
      const found = await documents.list(own === undefined ? collections.alerts : collections.byOrganization, page);
      return found.map(({ value }) => JSON.parse(value) as Alert);
    },

    async dispatches(alert) {
      const found: AlertDispatch[] = [];
      for (const collection of [collections.dispatches, collections.outbox]) {
        for await (const { value } of all(collection, `${alert}/`)) found.push(JSON.parse(value) as AlertDispatch);
      }
      return found.sort((a, b) => a.notification.at - b.notification.at || (a.channel < b.channel ? -1 : 1));
    },

    async trim(before) {
      for await (const { value } of all(collections.alerts)) {
        const alert = JSON.parse(value) as Alert;
        // Ids are in order of opening: nothing after this one was closed before that instant.
        if (alert.openedAt >= before) return;
        if (alert.closedAt === undefined || alert.closedAt >= before) continue;
        const gone: DocumentWrite[] = alertWrites(alert).map(({ collection, key }) => ({ collection, key }));
        for (const collection of [collections.dispatches, collections.outbox]) {
          for await (const { key } of all(collection, `${alert.id}/`)) gone.push({ collection, key });
        }
        await documents.write(gone);
      }
    },
  };
}
