import { hash } from "node:crypto";

const headBytes = 40;

/** Derives ids for records that bring none; see {@link createIdDeriver}. */
export type IdDeriver = (position: number, content: Uint8Array) => string;

/**
 * Makes a function that derives an event id from where a record stands and what it says: a UUIDv8 (RFC 9562) out of
 * SHA-256 over the source's identity, the position (a byte offset or an ordinal) and the record's bytes. Reading the
 * same record at the same place again, after a crash, gives the same id, and the journal stores it once.
 */
export function createIdDeriver(source: string): IdDeriver {
  const identity = hash("sha256", source, "buffer");
  let scratch = Buffer.alloc(4096);
  identity.copy(scratch);
  return (position, content) => {
    const size = headBytes + content.length;
    if (size > scratch.length) {
      scratch = Buffer.alloc(2 * size);
      identity.copy(scratch);
    }
    scratch.writeDoubleBE(position, 32);
    scratch.set(content, headBytes);
    const hex = hash("sha256", scratch.subarray(0, size));
    const variant = "89ab"[Number.parseInt(hex.charAt(16), 16) & 3] as string;
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
  };
}
