import type { HecObjectCode } from "./codes.ts";

/** An envelope whose members have the types that they must have. */
export interface Envelope {
  readonly time?: number | string;
  readonly host?: string;
  readonly source?: string;
  readonly sourcetype?: string;
  readonly index?: string;
  readonly fields?: Readonly<Record<string, string | readonly string[]>>;
  readonly event: unknown;
}

/**
 * What the collector makes of one object: `event` is to be indexed, `skip` is passed over without a word, `end` makes
 * it stop reading without an error.
 */
export type Verdict =
  | { readonly kind: "event"; readonly envelope: Envelope }
  | { readonly kind: "skip" }
  | { readonly kind: "end" }
  | { readonly kind: "bad"; readonly code: HecObjectCode };

const known = new Set(["time", "host", "source", "sourcetype", "index", "event", "fields"]);
const skip: Verdict = { kind: "skip" };
const end: Verdict = { kind: "end" };

/**
 * Judges the text of one object as the collector does. Two of its ways lose data without an error, and senders must
 * keep clear of them: nothing is read from an object with an unknown key on, and an object with `fields` but without
 * `event` is passed over.
 */
export function judge(text: string): Verdict {
  const object = parseObject(text);
  if (object === undefined) return bad(6);
  for (const key in object) if (!known.has(key)) return end;
  for (const key of ["host", "source", "sourcetype", "index"]) {
    if (object[key] !== undefined && typeof object[key] !== "string") return bad(6);
  }
  if (object["time"] !== undefined && !isTime(object["time"])) return bad(6);
  const { event, fields } = object;
  if (fields !== undefined) {
    if (event === undefined) return skip;
    if (!areFields(fields)) return bad(15);
  }
  if (event === undefined || event === null) return bad(12);
  if (typeof event === "string" && event.trim() === "") return bad(13);
  return { kind: "event", envelope: object as unknown as Envelope };
}

function bad(code: HecObjectCode): Verdict {
  return { kind: "bad", code };
}

function parseObject(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? (value as Readonly<Record<string, unknown>>)
      : undefined;
  } catch {
    return undefined;
  }
}

/** Epoch seconds, with or without decimals, as a number or a string. */
function isTime(value: unknown): boolean {
  return typeof value === "string" ? /^\d+(\.\d+)?$/.test(value) : typeof value === "number" && value >= 0;
}

/** A flat object whose values are strings or arrays of strings. */
function areFields(value: unknown): boolean {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  return Object.values(value).every(
    (each) => typeof each === "string" || (Array.isArray(each) && each.every((item) => typeof item === "string")),
  );
}
