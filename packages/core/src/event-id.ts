import { randomFillSync } from "node:crypto";

const hex = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));
// Random bytes are drawn by the page: one call for 409 ids.
const pool = new Uint8Array(4090);
let used = pool.length;

/** A UUIDv7 (RFC 9562): 48 bits of Unix ms, then 74 random bits. Sorts by time; new by construction. */
export function mintEventId(now: number): string {
  if (used + 10 > pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  const byte = (i: number): string => hex[pool[used + i] as number] as string;
  const time = now.toString(16).padStart(12, "0");
  const version = hex[0x70 | ((pool[used] as number) & 0x0f)] as string;
  const variant = hex[0x80 | ((pool[used + 2] as number) & 0x3f)] as string;
  const id = `${time.slice(0, 8)}-${time.slice(8)}-${version}${byte(1)}-${variant}${byte(3)}-${byte(4)}${byte(5)}${byte(6)}${byte(7)}${byte(8)}${byte(9)}`;
  used += 10;
  return id;
}
