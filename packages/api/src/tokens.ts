import {
  type Actor,
  type Clock,
  type Documents,
  type Headgate,
  isHeadgateError,
  type StoredDocument,
  systemClock,
} from "@headgate/core";
import type { Principal, Role } from "./principal.ts";
import { problem } from "./problem.ts";
import { recent } from "./recent.ts";
import {
  hashSecret,
  mintSecret,
  mintTokenId,
  ownerPrefix,
  parseToken,
  sameHash,
  tokenCollection,
  type TokenRecord,
  tokenText,
} from "./token-record.ts";

/** A token as it may be shown: without its secret. */
export type TokenInfo = Omit<TokenRecord, "hash">;

/** What a new token is to be. */
export interface NewToken {
  /** What people call it, 1 to 100 characters. */
  readonly name: string;
  readonly role: Role;
  /** The one that it reaches. Needed for every role but `operator`, which has none. */
  readonly organization?: string;
  /** Unix ms. @default never */
  readonly expiresAt?: number;
  readonly createdBy?: Actor;
}

/** The bearer tokens that the store keeps. */
export interface Tokens {
  /**
   * Makes a token. `token` is its text, which is told this once: the store keeps a hash.
   * @throws `request_invalid` where role and organization do not go together
   */
  create(token: NewToken): Promise<TokenInfo & { readonly token: string }>;
  /** Those of one organization, or all, the newest of each organization first; `after` is an id. @default 100 of them */
  list(page?: {
    readonly organization?: string;
    readonly after?: string;
    readonly limit?: number;
  }): Promise<readonly TokenInfo[]>;
  get(id: string): Promise<TokenInfo | undefined>;
  /** Ends a token: in this process at once, in others within 5 s. False where there is none, or it is another organization's. */
  revoke(id: string, organization?: string): Promise<boolean>;
  /** Whose token it is; undefined for one that is wrong, revoked or has run out. */
  authenticate(token: string): Promise<Principal | undefined>;
}

/** What tokens are made with. */
export interface TokensOptions {
  readonly headgate: Pick<Headgate, "open" | "store">;
  /** @default the machine's clock */
  readonly clock?: Clock;
}

/** What is known of a token is good for so long. Others may have revoked it meanwhile. */
const cacheMs = 5000;
const mostCached = 10_000;

/**
 * Makes the access to the tokens of a store. Also for programs that make the first token.
 *
 * @example
 * ```ts
 * const { token } = await createTokens({ headgate }).create({ name: "first", role: "admin", organization: "org_1" });
 * ```
 */
export function createTokens({ headgate, clock = systemClock }: TokensOptions): Tokens {
  const known = recent<{ readonly record: TokenRecord; readonly readAt: number }>(mostCached);
  /** Counts revocations: what was read before one may be out of date. */
  let revocations = 0;

  async function documents(): Promise<Documents> {
    await headgate.open();
    return headgate.store.documents;
  }

  async function read(id: string): Promise<TokenRecord | undefined> {
    const now = clock.now();
    const cached = known.get(id);
    if (cached !== undefined && now - cached.readAt < cacheMs && now >= cached.readAt) return cached.record;
    for (;;) {
      const before = revocations;
      const stored = await (await documents()).get(tokenCollection, id);
      if (before !== revocations) continue;
      if (stored === undefined) known.delete(id);
      else known.set(id, { record: recordOf(stored), readAt: now });
      return stored && recordOf(stored);
    }
  }

  /** At most once a day, and not worth an error: it is for people who tidy up. */
  async function noteUse(record: TokenRecord): Promise<void> {
    const today = new Date(clock.now()).toISOString().slice(0, 10);
    if (record.lastUsedOn === today) return;
    // Unless it was revoked a moment ago.
    const cached = known.get(record.id);
    if (cached !== undefined) known.set(record.id, { ...cached, record: { ...record, lastUsedOn: today } });
    try {
      const store = await documents();
      const stored = await store.get(tokenCollection, record.id);
      if (stored === undefined) return;
      const value = JSON.stringify({ ...recordOf(stored), lastUsedOn: today });
      // With the version: a token that is revoked at this moment must not come back.
      await store.write([{ collection: tokenCollection, key: record.id, value, expected: stored.version }]);
    } catch {
      // Tomorrow is another day.
    }
  }

  return {
    async create({ name, role, organization, expiresAt, createdBy }) {
      if ((organization === undefined) !== (role === "operator")) {
        const message =
          role === "operator"
            ? "An operator's token reaches all organizations: name none."
            : `A token of the role ${role} needs an organization.`;
        throw problem("request_invalid", message, { problems: [{ path: "$.organization", message }] });
      }
      const secret = mintSecret();
      const record: TokenRecord = {
        id: mintTokenId(organization, clock.now()),
        name,
        role,
        ...(organization !== undefined && { organization }),
        hash: hashSecret(secret),
        createdAt: clock.now(),
        ...(createdBy !== undefined && { createdBy }),
        ...(expiresAt !== undefined && { expiresAt }),
      };
      const value = JSON.stringify(record);
      await (await documents()).write([{ collection: tokenCollection, key: record.id, value, expected: 0 }]);
      return { ...infoOf(record), token: tokenText(record.id, secret) };
    },

    async list({ organization, after, limit = 100 } = {}) {
      const store = await documents();
      const found: TokenInfo[] = [];
      for (let beyond = after; found.length < limit;) {
        const page = await store.list(tokenCollection, {
          ...(organization !== undefined && { prefix: ownerPrefix(organization) }),
          ...(beyond !== undefined && { after: beyond }),
          limit,
          order: "descending",
        });
        const records = page.map(recordOf);
        // Another organization's ids may begin alike.
        const own = records.filter((record) => organization === undefined || record.organization === organization);
        found.push(...own.map(infoOf));
        beyond = page.at(-1)?.key;
        if (page.length < limit) break;
      }
      return found.slice(0, limit);
    },

    async get(id) {
      const stored = await (await documents()).get(tokenCollection, id);
      return stored && infoOf(recordOf(stored));
    },

    async revoke(id, organization) {
      const store = await documents();
      for (;;) {
        const stored = await store.get(tokenCollection, id);
        if (stored === undefined) return false;
        if (organization !== undefined && recordOf(stored).organization !== organization) return false;
        try {
          await store.write([{ collection: tokenCollection, key: id, expected: stored.version }]);
        } catch (error) {
          if (isHeadgateError(error, "document_conflict")) continue;
          throw error;
        }
        revocations++;
        known.delete(id);
        return true;
      }
    },

    async authenticate(token) {
      const parts = parseToken(token);
      if (parts === undefined) return undefined;
      const record = await read(parts.id);
      // The same work for an id that does not exist.
      if (!sameHash(hashSecret(parts.secret), record?.hash ?? noHash) || record === undefined) return undefined;
      if (record.expiresAt !== undefined && clock.now() >= record.expiresAt) return undefined;
      await noteUse(record);
      const { id, name, role, organization, expiresAt } = record;
      return {
        actor: { type: "api_token", id, name },
        role,
        ...(organization !== undefined && { organization }),
        ...(expiresAt !== undefined && { expiresAt }),
      };
    },
  };
}

const noHash = "0".repeat(64);

function recordOf({ value }: StoredDocument): TokenRecord {
  return JSON.parse(value) as TokenRecord;
}

function infoOf({ hash: _hash, ...info }: TokenRecord): TokenInfo {
  return info;
}
