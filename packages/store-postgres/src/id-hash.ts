import { createHash } from "node:crypto";

/** The hash of an id, as a bigint of SQL. */
export type IdHash = (id: string) => string;

/** 64 bits of SHA-256: whatever they find is confirmed by the id itself. The seed is the store's own. */
export function idHash(seed: string): IdHash {
  return (id) => createHash("sha256").update(seed).update(id).digest().readBigInt64BE(0).toString();
}
