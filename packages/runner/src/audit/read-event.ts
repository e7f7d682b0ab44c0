import { compileSchema, eventSchema, parseTimestamp } from "@headgate/core";
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

const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const check = compileSchema(eventSchema);

/** Reads one line of an object in the native format; for a line that cannot be counted, a clause that says why. */
export function readEvent(bytes: Uint8Array): ReadEvent | string {
  let value: unknown;
  let line: string;
  try {
    line = text.decode(bytes);
    value = JSON.parse(line);
  } catch {
    return "is not valid JSON";
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) return "is not a JSON object";
  const { id, sequence, organization, occurred_at: occurred } = value as Readonly<Record<string, unknown>>;
  const owner = (organization as { readonly id?: unknown } | null | undefined)?.id;
  const occurredAt = typeof occurred === "string" ? parseTimestamp(occurred) : undefined;
  if (typeof owner !== "string") return "has no organization id";
  if (typeof sequence !== "number" || !Number.isSafeInteger(sequence) || sequence < 1) return "has no valid sequence";
  if (typeof id !== "string") return "has no id";
  if (occurredAt === undefined) return "has no valid occurred_at";
  const fault = faultOf(value, line);
  return { organization: owner, sequence, id, occurredAt, ...(fault !== undefined && { fault }) };
}

function faultOf(value: object, line: string): string | undefined {
  // Readers differ in which of the two they take, so such a line says nothing for certain.
  if (countTopMembers(line) !== Object.keys(value).length) return "names a member twice";
  const [problem] = check(value) ?? [];
  return problem === undefined ? undefined : `does not follow the event schema: ${problem.path} ${problem.problem}`;
}
