import { isAscii, isUtf8 } from "node:buffer";
import { objectEnd, skipSpace } from "../json-scan.ts";
import type { HecObjectCode } from "./codes.ts";
import type { Envelope } from "./envelope.ts";
import { judge } from "./envelope.ts";
import type { EventName } from "./poison.ts";
import { eventName } from "./poison.ts";

/** What decides over the objects of a body, and where they go. */
export interface Intake {
  /** Longest object, in bytes. */
  readonly maxObjectBytes: number;
  /** Takes no more than so many objects. */
  readonly stopAfter: number;
  /** The index an event goes to; undefined where the token may not write there. */
  indexFor(index: string | undefined): string | undefined;
  /** A code to refuse a well-formed event with. */
  refuse(name: EventName, at: number): HecObjectCode | undefined;
  /** Takes an event. */
  index(envelope: Envelope, index: string, raw: Uint8Array, name: EventName): void;
}

/** How far a body was read. */
export interface Taken {
  /** 0: to its end. 5: there was nothing in it. `stopped`: as far as was asked. Else what is wrong with the last one. */
  readonly code: 0 | 5 | HecObjectCode | "stopped";
  /** Objects read, up to and with a bad one. */
  readonly objects: number;
  /** Events indexed: all good ones before the first bad one. */
  readonly indexed: number;
}

/**
 * Reads objects that stand back to back, with or without whitespace between, and indexes each as it comes: what stands
 * before a bad object is in, what stands after it is not.
 */
export function takeObjects(body: Buffer, intake: Intake): Taken {
  const encoding = isAscii(body) ? "latin1" : "utf8";
  const wellEncoded = encoding === "latin1" || isUtf8(body);
  let objects = 0;
  let indexed = 0;
  let at = skipSpace(body, 0);
  while (at < body.length) {
    if (objects === intake.stopAfter) return { code: "stopped", objects, indexed };
    objects++;
    const end = objectEnd(body, at);
    if (end < 0 || end - at > intake.maxObjectBytes) return { code: 6, objects, indexed };
    if (!wellEncoded && !isUtf8(body.subarray(at, end))) return { code: 6, objects, indexed };
    const verdict = judge(body.toString(encoding, at, end));
    if (verdict.kind === "bad") return { code: verdict.code, objects, indexed };
    if (verdict.kind === "end") return { code: indexed === 0 ? 5 : 0, objects, indexed };
    if (verdict.kind === "event") {
      const { envelope } = verdict;
      const index = intake.indexFor(envelope.index);
      if (index === undefined) return { code: 7, objects, indexed };
      const name = eventName(envelope.event, envelope.fields);
      const refused = intake.refuse(name, objects - 1);
      if (refused !== undefined) return { code: refused, objects, indexed };
      intake.index(envelope, index, body.subarray(at, end), name);
      indexed++;
    }
    at = skipSpace(body, end);
  }
  return { code: objects === 0 ? 5 : 0, objects, indexed };
}
