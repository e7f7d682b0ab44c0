import { HeadgateError } from "./errors.ts";
import type { Actor, JsonObject, JsonValue, Outcome, Target } from "./event.ts";
import { holdsNumber, mayHoldLongNumber, parseExact } from "./wire-numbers.ts";
import {
  type Accept,
  acceptJson,
  acceptText,
  acceptTime,
  compileValue,
  pathsOf,
  type ValueContext,
  type ValueReader,
} from "./mapping-value.ts";
import type { IncomingEvent } from "./prepare.ts";
import { formatTimestamp } from "./time.ts";

/** Where a value of the event comes from: a path into the record, or one of the forms. */
export type MappedValue =
  | string
  /** This value, whatever the record says. */
  | { readonly const: string | number | boolean }
  /** The first that the record has. */
  | { readonly first: readonly MappedValue[] }
  /** Text made of several; absent where one of them is. */
  | {
      readonly join: readonly MappedValue[];
      /** Stands between them. @default "." */
      readonly with?: string;
    }
  /** What the record says, translated; what `map` does not list becomes `default`, or is absent. */
  | {
      readonly from: MappedValue;
      readonly map: Readonly<Record<string, string | number | boolean>>;
      readonly default?: string | number | boolean;
    }
  /** Counts only in records that have something at `when`, or one of the values in `is`. */
  | { readonly when: string; readonly is?: readonly (string | number | boolean)[]; readonly use: MappedValue }
  /** SHA-256 of the whole record, 32 hex digits: makes an id that only the same record has again. */
  | { readonly digest: "$" };

/** A party of the event; see {@link MappingDefinition}. */
export interface MappedParty {
  readonly type: MappedValue;
  readonly id: MappedValue;
  readonly name?: MappedValue;
}

/**
 * How foreign records become events. Paths separate keys by dots and take list positions and keys with dots or other
 * marks in brackets: `actor.id`, `targets[0].name`, `["@timestamp"]`; `$` is the whole record. Null and empty text
 * count as absent. Numbers and booleans become text where the event takes text, with every digit.
 */
export interface MappingDefinition {
  /** Absent: the id is derived from the record's bytes and where they stood. Records with the same id are one event. */
  readonly id?: MappedValue;
  /** RFC 3339; the same without an offset, read as UTC; epoch seconds or ms. Absent in a record: the time of reading. */
  readonly occurred_at?: MappedValue;
  readonly action: MappedValue;
  readonly category?: MappedValue;
  /** success, failure, denied or unknown. */
  readonly outcome?: MappedValue;
  readonly organization_name?: MappedValue;
  readonly actor: MappedParty;
  /** A target whose `type` or `id` the record lacks is left out. */
  readonly targets?: readonly MappedParty[];
  /** `ip`, `user_agent` and `request_id` are text; other members keep the JSON value that stands at their path. */
  readonly context?: Readonly<Record<string, MappedValue>>;
  /** `$` keeps the whole record, to the byte; a path keeps the object there; an object names members. @default "$" */
  readonly metadata?: string | Readonly<Record<string, MappedValue>>;
}

/** One foreign record as an event. */
export interface MappedRecord {
  readonly event: IncomingEvent;
  /** The record's own text, where `metadata` is the whole record. Goes into the stored line as it is. */
  readonly metadataJson?: string;
}

/** A compiled mapping. */
export interface Mapping {
  /**
   * Maps one record. `text` is its JSON text, trimmed, without line breaks; `at` names its place in messages.
   * @throws `record_unmappable` naming what is missing and the paths that were tried, never the record's content
   */
  apply(record: JsonObject, text: string, at?: string): MappedRecord;
}

const known = [
  "id",
  "occurred_at",
  "action",
  "category",
  "outcome",
  "organization_name",
  "actor",
  "targets",
  "context",
  "metadata",
];
const textMembers = new Set(["ip", "user_agent", "request_id"]);
const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/**
 * Checks a mapping and compiles it: paths are parsed here, once.
 *
 * @throws `mapping_invalid` with every problem and its path
 * @example
 * ```ts
 * const mapping = compileMapping({
 *   id: "_document_id",
 *   occurred_at: { first: ['["@timestamp"]', "created_at"] },
 *   action: "action",
 *   actor: { type: { const: "user" }, id: "actor" },
 * });
 * ```
 */
export function compileMapping(definition: unknown, name = "mapping"): Mapping {
  const problems: string[] = [];
  const report = (path: string, problem: string): void => void problems.push(`${path} ${problem}`);
  const seen = { number: false, json: false };
  const text: Accept<string> = (value) => {
    if (typeof value === "number") seen.number = true;
    return acceptText(value);
  };
  const json: Accept<JsonValue> = (value) => {
    if (!seen.json && holdsNumber(value)) seen.json = true;
    return acceptJson(value) as JsonValue | undefined;
  };
  const context: ValueContext = { report, text };

  const source = isObject(definition) ? definition : {};
  if (!isObject(definition)) report("$", "must be an object");
  for (const key of Object.keys(source)) {
    if (!known.includes(key)) report(`$.${key}`, `is unknown (known: ${known.join(", ")})`);
  }

  /** A value that may be left out. */
  function optional<T>(
    owner: Readonly<Record<string, unknown>>,
    key: string,
    at: string,
    accept: Accept<T>,
  ): ValueReader<T> {
    return owner[key] === undefined ? () => undefined : compileValue(owner[key], accept, `${at}.${key}`, context);
  }
  function required(owner: Readonly<Record<string, unknown>>, key: string, at: string): ValueReader<string> {
    if (owner[key] === undefined) report(`${at}.${key}`, "is missing");
    return optional(owner, key, at, text);
  }
  function party(value: unknown, at: string): PartyReaders {
    const owner = isObject(value) ? value : {};
    if (value === undefined) report(at, "is missing");
    else if (!isObject(value)) report(at, "must be an object with type, id and name");
    for (const key of Object.keys(owner)) {
      if (!["type", "id", "name"].includes(key)) report(`${at}.${key}`, "is unknown (known: type, id, name)");
    }
    if (!isObject(value)) return noParty;
    return {
      type: required(owner, "type", at),
      id: required(owner, "id", at),
      name: optional(owner, "name", at, text),
    };
  }
  function members(value: unknown, at: string): readonly (readonly [string, ValueReader<JsonValue>])[] {
    if (!isObject(value)) {
      report(at, "must be an object");
      return [];
    }
    return Object.entries(value).map(([key, one]) => {
      const accept: Accept<JsonValue> = at === "$.context" && textMembers.has(key) ? text : json;
      return [key, compileValue(one, accept, `${at}.${key}`, context)] as const;
    });
  }

  const id = optional(source, "id", "$", text);
  const time = optional(source, "occurred_at", "$", acceptTime);
  const anyTime = optional(source, "occurred_at", "$", acceptJson);
  const action = required(source, "action", "$");
  const category = optional(source, "category", "$", text);
  const outcome = optional(source, "outcome", "$", text) as ValueReader<Outcome>;
  const organizationName = optional(source, "organization_name", "$", text);
  const actor = party(source["actor"], "$.actor");
  const targetList = source["targets"] ?? [];
  if (!Array.isArray(targetList)) report("$.targets", "must be a list");
  const targets = Array.isArray(targetList) ? targetList.map((one, i) => party(one, `$.targets[${i}]`)) : [];
  const circumstances = source["context"] === undefined ? [] : members(source["context"], "$.context");
  const { metadata = "$" } = source;
  const whole = metadata === "$";
  const metadataPath = typeof metadata === "string" && !whole ? optional(source, "metadata", "$", json) : undefined;
  const metadataMembers = typeof metadata === "string" ? undefined : members(metadata, "$.metadata");

  if (problems.length > 0) {
    // The time is compiled twice; a problem is told once.
    throw new HeadgateError("mapping_invalid", `${name}: ${[...new Set(problems)].join("; ")}.`, {
      hint: "Each value is a path into the record, {const: …}, {first: […]} or another form of the mapping reference.",
    });
  }

  function missing(at: string, what: string, value: unknown): HeadgateError {
    const tried = [...new Set(pathsOf(value))];
    const where = tried.length === 0 ? "" : ` (tried ${tried.join(", ")})`;
    return new HeadgateError("record_unmappable", `${at}: the record has nothing for ${what}${where}.`, {
      hint: "Extend the mapping if records of this kind should become events.",
    });
  }

  function pick(record: unknown, raw: string, at: string): Writable<IncomingEvent> {
    const instant = time(record, raw);
    if (instant === undefined && anyTime(record, raw) !== undefined) {
      const tried = pathsOf(source["occurred_at"]).join(", ");
      throw new HeadgateError("record_unmappable", `${at}: what stands at ${tried} is no time.`, {
        hint: "Times are RFC 3339, the same without an offset (UTC), or epoch seconds or milliseconds.",
      });
    }
    const did = action(record, raw);
    if (did === undefined) throw missing(at, "action", source["action"]);
    const who = readParty(actor, record, raw);
    if (typeof who === "string") throw missing(at, `actor.${who}`, (source["actor"] as Record<string, unknown>)[who]);
    const event: Writable<IncomingEvent> = { action: did, actor: who };
    const given = id(record, raw);
    if (given !== undefined) event.id = given;
    if (instant !== undefined) event.occurred_at = formatTimestamp(instant);
    const kind = category(record, raw);
    if (kind !== undefined) event.category = kind;
    const ended = outcome(record, raw);
    if (ended !== undefined) event.outcome = ended;
    const displayName = organizationName(record, raw);
    if (displayName !== undefined) event.organization_name = displayName;
    if (targets.length > 0) {
      const found: Target[] = [];
      for (const target of targets) {
        const one = readParty(target, record, raw);
        if (typeof one !== "string") found.push(one);
      }
      if (found.length > 0) event.targets = found;
    }
    if (circumstances.length > 0) {
      const found = readMembers(circumstances, record, raw);
      if (found !== undefined) event.context = found;
    }
    if (metadataPath !== undefined) {
      const found = metadataPath(record, raw);
      if (found !== undefined) event.metadata = found as JsonObject;
    } else if (metadataMembers !== undefined) {
      event.metadata = readMembers(metadataMembers, record, raw) ?? {};
    }
    return event;
  }

  return {
    apply(record, raw, at = "record") {
      seen.number = false;
      seen.json = false;
      let event = pick(record, raw, at);
      // A double may have lost digits of a number that was picked: only then is it worth reading the text again.
      if (seen.json || (seen.number && mayHoldLongNumber(raw))) event = pick(parseExact(raw, at), raw, at);
      // The catalog checks `metadata`; what is stored is the text.
      if (whole) event.metadata = record;
      return whole ? { event, metadataJson: raw } : { event };
    },
  };
}

type Writable<T> = { -readonly [K in keyof T]: T[K] };

interface PartyReaders {
  readonly type: ValueReader<string>;
  readonly id: ValueReader<string>;
  readonly name: ValueReader<string>;
}

const noParty: PartyReaders = { type: () => undefined, id: () => undefined, name: () => undefined };

/** The party, or which of its members the record lacks. */
function readParty(readers: PartyReaders, record: unknown, raw: string): Actor | "type" | "id" {
  const id = readers.id(record, raw);
  if (id === undefined) return "id";
  const type = readers.type(record, raw);
  if (type === undefined) return "type";
  const name = readers.name(record, raw);
  return name === undefined ? { type, id } : { type, id, name };
}

function readMembers(
  readers: readonly (readonly [string, ValueReader<JsonValue>])[],
  record: unknown,
  raw: string,
): JsonObject | undefined {
  const found: [string, JsonValue][] = [];
  for (const [key, read] of readers) {
    const value = read(record, raw);
    if (value !== undefined) found.push([key, value]);
  }
  // `fromEntries`, because a member may be called `__proto__`.
  return found.length === 0 ? undefined : Object.fromEntries(found);
}
