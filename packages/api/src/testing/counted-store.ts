import { HeadgateError, type Store } from "@headgate/core";

/** A store that counts what is asked of it. */
export interface CountedStore {
  readonly store: Store;
  /** How often each method was called since the last reset, e.g. `streams.snapshots`. */
  calls(): Readonly<Record<string, number>>;
  reset(): void;
  /** Has a method fail from now on; none with undefined. */
  fail(method: string | undefined): void;
  /** Has every call fail after so many more, as if the process had ended there. */
  failAfter(more: number): void;
}

/** Wraps a store. What it gives is what the store gives. */
export function countedStore(store: Store): CountedStore {
  let calls: Record<string, number> = {};
  let failing: string | undefined;
  let left = Number.POSITIVE_INFINITY;

  const counted = (part: object, name: string): object =>
    new Proxy(part, {
      get(target, key, receiver) {
        const member: unknown = Reflect.get(target, key, receiver);
        if (typeof member !== "function") return member;
        return (...given: unknown[]): unknown => {
          const method = `${name}.${String(key)}`;
          calls[method] = (calls[method] ?? 0) + 1;
          if (method === failing || left-- <= 0) throw new HeadgateError("store_unavailable", "The store is away.");
          return Reflect.apply(member, target, given);
        };
      },
    });

  const parts = ["journal", "checkpoints", "streams", "quarantine", "deliveries", "documents"] as const;
  return {
    store: { ...store, ...Object.fromEntries(parts.map((name) => [name, counted(store[name], name)])) },
    calls: () => calls,
    reset: () => void (calls = {}),
    fail: (method) => void (failing = method),
    failAfter: (more) => void (left = more),
  };
}
