import { hash } from "node:crypto";

/** Records that the store has, so that reading the overlap again costs no append and counts nobody twice. */
export interface SeenRecords {
  has(record: Uint8Array): boolean;
  /** `at`: when the record was made, in Unix ms. */
  add(record: Uint8Array, at: number): void;
  /** Forgets records from before this: they are not read again. */
  forgetBefore(at: number): void;
}

/** Makes {@link SeenRecords}. */
export function seenRecords(): SeenRecords {
  const times = new Map<string, number>();
  const print = (record: Uint8Array): string => hash("sha256", record, "base64").slice(0, 24);
  return {
    has: (record) => times.has(print(record)),
    add: (record, at) => void times.set(print(record), at),
    forgetBefore(at) {
      for (const [key, time] of times) if (time < at) times.delete(key);
    },
  };
}
