import { isUtf8 } from "node:buffer";
import { HeadgateError } from "./errors.ts";
import type { JsonObject } from "./event.ts";
import type { PreparedEvent } from "./journal.ts";
import { compilePath } from "./mapping-path.ts";
import { acceptText } from "./mapping-value.ts";
import type { Mapping } from "./mapping.ts";
import type { Incoming, IncomingEvent, Preparer } from "./prepare.ts";
import { findJsonError } from "./wire-position.ts";
import { member, type PlainLine, plainLineReader } from "./plain-line.ts";
import { countMembers, scanMembers } from "./wire-members.ts";
import { holdsNumber, mayHoldLongNumber, parseExact } from "./wire-numbers.ts";

/** How lines become events. */
export interface WireReaderOptions {
  readonly preparer: Preparer;
  /** How foreign records become events. @default none: lines are events of Headgate's own schema */
  readonly mapping?: Mapping;
  /**
   * Whose events these are: one organization, or the path in the record that names it.
   * @default the event's own `organization.id`
   */
  readonly organization?: string | { readonly from: string };
}

/** What accompanies one line. */
export interface WireLine {
  /** Where the line stands, for messages. @default "line" */
  readonly at?: string;
  /** Gives an id to a record that brings none. Called only then. @default a UUIDv7 is minted */
  readonly deriveId?: () => string;
}

/** One line as an event, ready for the journal. */
export interface WireEvent {
  readonly organization: string;
  readonly event: PreparedEvent;
}

/** Reads lines of JSON text. */
export interface WireReader {
  /**
   * Turns the bytes of one line, without its line break, into an event, or refuses them. Nothing is altered: numbers
   * keep their digits, `metadata` its text to the byte, and whatever could not be kept is refused.
   * @throws `event_invalid`, `record_unmappable`, `event_too_large`, `action_unknown`, `organization_invalid`; messages
   * say where and what, never the content
   */
  read(line: Uint8Array, about?: WireLine): WireEvent;
}

/**
 * Makes a reader of NDJSON lines: UTF-8 and JSON are checked, a foreign record goes through the mapping, and the event
 * is validated and serialised.
 *
 * @throws `config_invalid` where `organization.from` is no path, or a mapping comes without an organization
 * @example
 * ```ts
 * const reader = createWireReader({ preparer: createPreparer(), mapping, organization: "org_1" });
 * const { organization, event } = reader.read(line, { at: "line 17" });
 * ```
 */
export function createWireReader(options: WireReaderOptions): WireReader {
  const { preparer, mapping } = options;
  const organizationOf = organizationReader(options);

  function native(record: JsonObject, text: string, at: string): { event: IncomingEvent; metadataJson?: string } {
    const { metadata, count, repeated } = scanMembers(text);
    // Where the text names more members than the value has, some name stands twice, and one of the two would be lost.
    if (repeated || countMembers(record, "metadata") !== count) {
      throw new HeadgateError("event_invalid", `${at}: an object of the event names the same member twice.`, {
        hint: "Members of the event must be unique; inside metadata they are kept as they are.",
      });
    }
    let event = record as unknown as IncomingEvent;
    if (holdsNumber(record["context"])) {
      const exactly = parseExact(text, at) as Required<IncomingEvent>;
      event = { ...event, context: exactly.context };
    }
    return metadata === undefined ? { event } : { event, metadataJson: oneLine(metadata) };
  }

  const readPlain = mapping === undefined ? plainLineReader() : undefined;
  const fixed = typeof options.organization === "string" ? options.organization : undefined;
  const fromEvent =
    fixed === undefined &&
    [undefined, "organization.id"].includes((options.organization as { from?: string } | undefined)?.from);
  let known = "";
  let knownBytes = Buffer.alloc(0);

  /** Whose event a plain line is; undefined where that takes a closer look. */
  function plainOrganization(line: Buffer, plain: PlainLine): string | undefined {
    if (plain.spans[2 * member.organization] === -1) return fixed;
    const { organizationFrom: from, organizationTo: to } = plain;
    if (line.compare(knownBytes, 0, knownBytes.length, from, to) !== 0) {
      known = line.toString("utf8", from, to);
      knownBytes = Buffer.from(known);
    }
    return fixed === undefined ? (fromEvent ? known : undefined) : fixed === known ? fixed : undefined;
  }

  return {
    read(line, about = {}) {
      const { at = "line", deriveId } = about;
      if (readPlain !== undefined && isUtf8(line)) {
        const plain = readPlain(line);
        if (plain !== undefined) {
          const bytes = Buffer.isBuffer(line) ? line : Buffer.from(line.buffer, line.byteOffset, line.byteLength);
          const owner = plainOrganization(bytes, plain);
          const event = owner === undefined ? undefined : preparer.preparePlain(owner, bytes, plain, deriveId);
          if (owner !== undefined && event !== undefined) return { organization: owner, event };
        }
      }
      const text = decode(line, at);
      const record = parseObject(text, at);
      const { event, metadataJson } =
        mapping === undefined ? native(record, text, at) : mapping.apply(record, oneLine(text), at);
      const organization = organizationOf(record, text, at);
      const named = mapping === undefined ? event : withName(event, organization);
      const derivedId = event.id === undefined ? deriveId?.() : undefined;
      const incoming: { -readonly [K in keyof Incoming]: Incoming[K] } = { at, parsed: true };
      if (metadataJson !== undefined) incoming.metadataJson = metadataJson;
      if (derivedId !== undefined) incoming.derivedId = derivedId;
      const prepared = preparer.prepare(organization, named, incoming);
      return { organization, event: prepared };
    },
  };
}

function organizationReader(options: WireReaderOptions): (record: JsonObject, text: string, at: string) => string {
  const { organization, mapping } = options;
  if (typeof organization === "string") return () => organization;
  if (organization === undefined && mapping !== undefined) {
    throw new HeadgateError("config_invalid", "A mapping needs to know whose records these are.", {
      hint: "Set organization to an id, or to { from: path } where each record names its own.",
    });
  }
  const from = organization?.from ?? "organization.id";
  const read = compilePath(from);
  if (read === undefined) {
    throw new HeadgateError("config_invalid", "organization.from is no path into a record.", {
      hint: 'Write it like organization.id or ["@organization"].',
    });
  }
  return (record, text, at) => {
    const found = read(record);
    const long = typeof found === "number" && mayHoldLongNumber(text);
    const id = acceptText(long ? read(parseExact(text, at)) : found);
    if (id !== undefined) return id;
    throw new HeadgateError(
      mapping === undefined ? "event_invalid" : "record_unmappable",
      `${at}: the record names no organization at ${from}.`,
      {
        hint: "Set the organization of the source if all of its records belong to one.",
      },
    );
  };
}

/** The display name as the wire form carries it. */
function withName(event: IncomingEvent, id: string): IncomingEvent {
  if (event.organization_name === undefined) return event;
  const { organization_name: name, ...rest } = event;
  return { ...rest, organization: { id, name } };
}

function decode(line: Uint8Array, at: string): string {
  if (!isUtf8(line)) throw new HeadgateError("event_invalid", `${at}: the bytes are not UTF-8.`);
  const bytes = Buffer.isBuffer(line) ? line : Buffer.from(line.buffer, line.byteOffset, line.byteLength);
  return trimJson(bytes.toString("utf8"));
}

/** Takes off what JSON calls white space, which is less than what `trim` takes. */
function trimJson(text: string): string {
  const clean = text.charCodeAt(0) > 0x20 && text.charCodeAt(text.length - 1) > 0x20;
  return clean ? text : text.replaceAll(/^[ \t\n\r]+|[ \t\n\r]+$/g, "");
}

function parseObject(text: string, at: string): JsonObject {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // Not passed on as the cause: the engine's message quotes the text.
    const found = findJsonError(text);
    const where =
      found === undefined ? "" : ` from character ${found.offset + 1} on, where ${found.expected} was expected`;
    throw new HeadgateError("event_invalid", `${at}: this is not JSON${where}.`);
  }
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as JsonObject;
  throw new HeadgateError("event_invalid", `${at}: must be one JSON object.`);
}

/** Line breaks in JSON text stand between tokens only, where a blank means the same. */
function oneLine(text: string): string {
  return /[\r\n]/.test(text) ? text.replaceAll(/[\r\n]/g, " ") : text;
}
