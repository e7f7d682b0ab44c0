import type { Clock } from "./clock.ts";

/** Data keys that were unwrapped a moment ago. */
export interface DataKeys {
  /** The key that was wrapped so, which `unwrap` finds where it is not known. */
  get(wrapped: string, unwrap: () => Promise<Uint8Array>): Promise<Uint8Array>;
  readonly size: number;
}

/** What bounds them. */
export interface DataKeyLimits {
  readonly most: number;
  readonly keptMs: number;
}

/**
 * Keeps them for a time, so that a service which keeps the wrapping key is not asked for each of them again and again. The
 * oldest go first; a key that has been kept for long enough goes when the next one is looked for.
 */
export function createDataKeys(clock: Clock, { most, keptMs }: DataKeyLimits): DataKeys {
  // In order of age.
  const kept = new Map<string, { readonly key: Promise<Uint8Array>; readonly since: number }>();
  return {
    async get(wrapped, unwrap) {
      const now = clock.now();
      for (const [oldest, { since }] of kept) {
        // A clock that was set back keeps none longer.
        if (since <= now && now - since < keptMs) break;
        kept.delete(oldest);
      }
      const known = kept.get(wrapped);
      if (known !== undefined) return known.key;
      const key = unwrap();
      kept.set(wrapped, { key, since: now });
      for (const oldest of kept.keys()) {
        if (kept.size <= most) break;
        kept.delete(oldest);
      }
      try {
        return await key;
      } catch (error) {
        if (kept.get(wrapped)?.key === key) kept.delete(wrapped);
        throw error;
      }
    },
    get size() {
      return kept.size;
    },
  };
}
