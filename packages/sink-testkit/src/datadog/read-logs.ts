import { isAscii, isUtf8 } from "node:buffer";
import { objectEnd, skipSpace } from "../json-scan.ts";

/** A log with its bytes. */
export interface SentLog {
  readonly log: Readonly<Record<string, unknown>>;
  readonly raw: Uint8Array;
}

const comma = 0x2c;
const openArray = 0x5b;
const closeArray = 0x5d;

/** Reads a JSON body: one object, or an array of objects. Undefined where it is anything else. */
export function readLogs(body: Buffer): readonly SentLog[] | undefined {
  const encoding = isAscii(body) ? "latin1" : "utf8";
  if (encoding === "utf8" && !isUtf8(body)) return undefined;
  const logs: SentLog[] = [];

  /** Takes the object at `from` and gives the place after it, -1 where there is none. */
  function takeObject(from: number): number {
    const end = objectEnd(body, from);
    if (end < 0) return -1;
    try {
      const log = JSON.parse(body.toString(encoding, from, end)) as Readonly<Record<string, unknown>>;
      logs.push({ log, raw: body.subarray(from, end) });
      return skipSpace(body, end);
    } catch {
      return -1;
    }
  }

  let at = skipSpace(body, 0);
  if (body[at] !== openArray) return takeObject(at) === body.length ? logs : undefined;
  at = skipSpace(body, at + 1);
  if (body[at] !== closeArray) {
    for (;;) {
      at = takeObject(at);
      if (at < 0) return undefined;
      if (body[at] === closeArray) break;
      if (body[at] !== comma) return undefined;
      at = skipSpace(body, at + 1);
    }
  }
  return skipSpace(body, at + 1) === body.length ? logs : undefined;
}
