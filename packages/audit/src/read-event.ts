import { cefFacts } from "./cef-line.ts";
import { type LineFacts, lineFacts } from "./line-formats.ts";
import { countTopMembers } from "./line-members.ts";

/** One event as an audit needs it. */
export interface AuditedEvent {
  readonly organization: string;
  readonly sequence: number;
  readonly id: string;
}

/** What a line says, and what is wrong with it although it can be counted. */
export interface ReadEvent extends AuditedEvent {
  /** Unix ms. */
  readonly occurredAt: number;
  /** A clause that fits behind "line 4". */
  readonly fault?: string;
}

/** As core takes them. Each name is kept in memory. */
const longestOrganization = 256;

const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Reads one line of an object; for a line that cannot be counted, a clause that says why. */
export function readEvent(bytes: Uint8Array): ReadEvent | string {
  let line: string;
  try {
    line = text.decode(bytes);
  } catch {
    return "is not valid JSON";
  }
  const facts = cefFacts(line) ?? jsonFacts(line);
  if (typeof facts === "string") return facts;
  const { organization, sequence, id, occurredAt, timeName } = facts;
  if (typeof organization !== "string") return "has no organization id";
  if (organization.length > longestOrganization) return "has an organization id that no platform gives";
  if (typeof sequence !== "number" || !Number.isSafeInteger(sequence) || sequence < 1) return "has no valid sequence";
  if (typeof id !== "string") return "has no id";
  if (occurredAt === undefined) return `has no valid ${timeName}`;
  const { fault } = facts;
  return { organization, sequence, id, occurredAt, ...(fault !== undefined && { fault }) };
}

function jsonFacts(line: string): LineFacts | string {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return "is not valid JSON";
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) return "is not a JSON object";
  const facts = lineFacts(value as Readonly<Record<string, unknown>>);
  // Readers differ in which of the two they take, so such a line says nothing for certain.
  return countTopMembers(line) === Object.keys(value).length ? facts : { ...facts, fault: "names a member twice" };
}
