import { HeadgateError, isHeadgateError } from "./errors.ts";
import type { Logger } from "./logger.ts";
import type { SinkDefinition } from "./sink.ts";
import type { DocumentWrite, Store, StoredDocument, StreamRecord } from "./store.ts";
import type { StreamRecords } from "./stream-records.ts";

/** Whose the roles at destinations are: each belongs to the organization whose streams use it; see `SinkDefinition.tenancy`. */
export interface RoleClaims {
  /**
   * Has `store` keep a record together with the claim to its role, if it needs one that `before`, the record that it
   * replaces, did not. `store` is called again where somebody else was quicker. @throws `role_taken`
   */
  storing<T>(next: StreamRecord, store: (documents: readonly DocumentWrite[]) => Promise<T>): Promise<T>;
  /** Claims nothing. @throws `role_taken` */
  check(stream: RoleUser): Promise<void>;
  /** Enters the streams of before there were claims, once for a store. The others wait for it by themselves. */
  ready(): Promise<void>;
}

type RoleUser = Pick<StreamRecord, "id" | "organization" | "sink" | "sharedRole"> &
  Partial<Pick<StreamRecord, "declared">> & { readonly options: object };

/** Which organizations hold a role, each with the stream that took it last. More than one only since before there were claims. */
type Holders = ReadonlyMap<string, string>;

/**
 * A claim is never removed, and counts for as long as its holder has a stream with the role: that is looked up when another
 * organization asks. So its version only grows, and whoever looked before a stream of the holder's came is found out.
 */
const collection = "role_claims";
/** Types of sinks whose streams have been entered. */
const entered = "role_claims_entered";
const enteredAtOnce = 500;

export function createRoleClaims({
  store,
  sinks,
  records,
  logger,
}: {
  readonly store: Store;
  readonly sinks: readonly SinkDefinition[];
  readonly records: Pick<StreamRecords, "each">;
  readonly logger: Logger;
}): RoleClaims {
  const definitions = new Map(sinks.filter((sink) => sink.tenancy !== undefined).map((sink) => [sink.type, sink]));
  let entering: Promise<void> | undefined;

  function keyOf({ sink, options, sharedRole }: RoleUser): string | undefined {
    if (sharedRole === true) return undefined;
    const identity = definitions.get(sink)?.tenancy?.(options);
    return identity === undefined ? undefined : JSON.stringify([sink, identity]);
  }

  async function uses([organization, stream]: readonly [string, string], key: string): Promise<boolean> {
    const last = await store.streams.get(stream);
    if (last?.organization === organization && keyOf(last) === key) return true;
    for await (const record of records.each(organization)) if (keyOf(record) === key) return true;
    return false;
  }

  async function claim(user: RoleUser, key: string): Promise<DocumentWrite> {
    const { id, organization } = user;
    const stored = await store.documents.get(collection, key);
    const holders = holdersOf(stored);
    const own = holders.get(organization);
    const isShared = own !== undefined && holders.size > 1 && (await uses([organization, own], key));
    if (!isShared) {
      for (const holder of holders) {
        if (holder[0] === organization || !(await uses(holder, key))) continue;
        logger.warn("a role was refused to an organization, because another one uses it", {
          ...roleOf(key),
          organization,
          stream: id,
          holder: holder[0],
        });
        throw roleTaken(user);
      }
    }
    const others = isShared ? holders : [];
    return writeOf(key, new Map([...others, [organization, id]]), stored);
  }

  async function enter(found: ReadonlyMap<string, Holders>): Promise<readonly (readonly [string, Holders])[]> {
    for (;;) {
      const read = async ([key, holders]: readonly [string, Holders]) => {
        const stored = await store.documents.get(collection, key);
        const all = new Map([...holders, ...holdersOf(stored)]);
        return { key, all, write: writeOf(key, all, stored) };
      };
      const claims = await Promise.all([...found].map(read));
      try {
        await store.documents.write(claims.map(({ write }) => write));
        return claims.flatMap(({ key, all }) => (all.size > 1 ? [[key, all] as const] : []));
      } catch (error) {
        if (!isHeadgateError(error, "document_conflict")) throw error;
      }
    }
  }

  async function enterAll(): Promise<void> {
    if (definitions.size === 0) return;
    const done = new Set((await store.documents.list(entered)).map(({ key }) => key));
    const types = [...definitions.keys()].filter((type) => !done.has(type));
    if (types.length === 0) return;
    const shared = new Map<string, Holders>();
    let found = new Map<string, Map<string, string>>();
    const flush = async (): Promise<void> => {
      for (const [key, holders] of await enter(found)) shared.set(key, holders);
      found = new Map();
    };
    for await (const record of records.each()) {
      const key = types.includes(record.sink) ? keyOf(record) : undefined;
      if (key === undefined) continue;
      const holders = found.get(key) ?? new Map<string, string>();
      found.set(key, holders.set(record.organization, record.id));
      if (found.size === enteredAtOnce) await flush();
    }
    await flush();
    for (const [key, holders] of shared) {
      logger.warn("a role is used by several organizations since before that was refused; they all keep it", {
        ...roleOf(key),
        organizations: [...holders.keys()].slice(0, 20).join(", "),
        count: holders.size,
      });
    }
    await store.documents.write(types.map((key) => ({ collection: entered, key, value: "" })));
  }

  const ready = (): Promise<void> =>
    (entering ??= enterAll().catch((error: unknown) => {
      entering = undefined;
      throw error;
    }));

  return {
    ready,

    async storing(next, keep) {
      const key = keyOf(next);
      if (key === undefined) return keep([]);
      await ready();
      for (;;) {
        const document = await claim(next, key);
        try {
          return await keep([document]);
        } catch (error) {
          if (!isHeadgateError(error, "document_conflict")) throw error;
        }
      }
    },

    async check(user) {
      const key = keyOf(user);
      if (key === undefined) return;
      await ready();
      await claim(user, key);
    },
  };
}

function holdersOf(stored: StoredDocument | undefined): Holders {
  return new Map(stored === undefined ? [] : (JSON.parse(stored.value) as [string, string][]));
}

function writeOf(key: string, holders: Holders, stored: StoredDocument | undefined): DocumentWrite {
  return { collection, key, value: JSON.stringify([...holders]), expected: stored?.version ?? 0 };
}

/** Of a claim's key, for the operator's log. */
function roleOf(key: string): { readonly sink: string; readonly role: string } {
  const [sink, role] = JSON.parse(key) as [string, string];
  return { sink, role };
}

/** Whoever else uses the role is not told: the operator's log is. */
function roleTaken({ declared }: RoleUser): HeadgateError {
  return new HeadgateError("role_taken", "This role is in use by another organization; a role belongs to one.", {
    hint:
      declared === true
        ? "The log names the organization. Where both are to use the role, set shared_role on this stream."
        : "Name a role that your organization alone uses. If this one is yours, ask the platform's operators.",
  });
}
