import { nesting } from "./canonical-json.ts";
import { HeadgateError } from "./errors.ts";
import type { AuditEvent } from "./event.ts";
import { compileFilter, type EventFilter } from "./event-filter.ts";
import type { EventFormat, FormatEncoder } from "./event-format.ts";
import { compilePrivacy, type PrivacyRules } from "./privacy.ts";
import type { PrivacyRule } from "./privacy-path.ts";
import type { Pseudonymiser, Pseudonyms } from "./pseudonyms.ts";
import { shapeMistake } from "./shape-mistake.ts";
import type { OutgoingEvent } from "./sink.ts";
import { mayHoldLongNumber, parseExact } from "./wire-numbers.ts";

/** The format of Headgate's own: the stored line. */
export const nativeFormat = "native";

/** What a stream makes of an event before its sink sees it: whether it takes it, what of it, and in which form. */
export interface Shape {
  /** @default every event */
  readonly filter?: EventFilter;
  /** @default nothing is taken out */
  readonly privacy?: readonly PrivacyRule[];
  /** Name of a format that was passed in. @default native */
  readonly format?: string;
}

/** A shape as a sealed window keeps it: with everything that decides bytes. */
export interface FrozenShape extends Shape {
  /** The format's own encoding. Absent for the native one. */
  readonly encoding?: string;
  /** Id of the pseudonym key, where a rule hashes. */
  readonly key?: string;
}

/** An event in a stream's shape, UTF-8. */
export interface Shaped {
  /** Headgate's own form, with the privacy rules applied. */
  readonly line: Uint8Array;
  /** In the stream's format; the line itself where that is the native one. No line break is in it. */
  readonly formatted: Uint8Array;
}

/** Shapes an event, or gives undefined where the filter leaves it out. Deterministic and total. */
export type Shaper = (event: OutgoingEvent) => Shaped | undefined;

/** What this process can make of events. */
export interface Shapes {
  /** Names and titles of the formats, the native one first. */
  readonly formats: readonly { readonly name: string; readonly title: string }[];
  /**
   * Checks a shape, and completes it to what a window keeps; undefined where it changes nothing.
   * @throws `shape_invalid` with the path of the mistake
   */
  freeze(shape: Shape): FrozenShape | undefined;
  /** The shaper of what a window kept; undefined where this process cannot write the same bytes. */
  shaper(frozen: FrozenShape, organization: string): Shaper | undefined;
}

/** What {@link createShapes} works with. */
export interface ShapeOptions {
  /** @default none but the native one */
  readonly formats?: readonly EventFormat[];
  /** @default none: rules that hash are refused */
  readonly pseudonyms?: Pseudonyms;
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** An event that is nested deeper goes into a format as text in its metadata: JSON's writer would run out of stack some levels further. */
const deepest = 200;

/**
 * Puts filters, privacy rules and formats together.
 *
 * @throws `config_invalid` where two formats have one name
 * @example
 * ```ts
 * const shapes = createShapes({ formats: [ocsfFormat()] });
 * const frozen = shapes.freeze({ filter: { include: [{ category: "authentication" }] }, format: "ocsf" });
 * ```
 */
export function createShapes({ formats = [], pseudonyms }: ShapeOptions = {}): Shapes {
  const known = new Map(formats.map((format) => [format.name, format]));
  if (known.size < formats.length || known.has(nativeFormat))
    throw new HeadgateError("config_invalid", "Two formats have the same name.", { hint: "native is core's own." });

  function formatOf(name: string): EventFormat {
    const format = known.get(name);
    if (format !== undefined) return format;
    throw shapeMistake({
      path: "format",
      says: "names a format that this platform does not have",
      hint: `There are ${[nativeFormat, ...known.keys()].join(", ")}.`,
    });
  }

  return {
    formats: [{ name: nativeFormat, title: "Headgate" }, ...formats.map(({ name, title }) => ({ name, title }))],
    freeze({ filter, privacy, format = nativeFormat }) {
      if (filter !== undefined) compileFilter(filter);
      const hashes = privacy === undefined ? false : compilePrivacy(privacy).hashes;
      if (hashes && pseudonyms === undefined) {
        throw shapeMistake({
          path: `privacy[${privacy?.findIndex(({ method }) => method === "hash") ?? 0}].method`,
          says: "needs a key to hash with, which this platform does not have",
          hint: "Mask or drop instead, or configure a pseudonym key.",
        });
      }
      const frozen: FrozenShape = {
        ...((filter?.include ?? filter?.exclude) !== undefined && { filter }),
        ...(privacy !== undefined && privacy.length > 0 && { privacy }),
        ...(format !== nativeFormat && { format, encoding: formatOf(format).encoding }),
        ...(hashes && pseudonyms !== undefined && { key: pseudonyms.current }),
      };
      return Object.keys(frozen).length === 0 ? undefined : frozen;
    },
    shaper({ filter, privacy, format, encoding, key }, organization) {
      const pseudonym = key === undefined ? undefined : pseudonyms?.under(key, organization);
      const encode = encoding === undefined ? undefined : known.get(format ?? nativeFormat)?.encoder(encoding);
      if ((key !== undefined && pseudonym === undefined) || (encoding !== undefined && encode === undefined))
        return undefined;
      const passes = filter === undefined ? undefined : compileFilter(filter);
      const rules = privacy === undefined ? undefined : compilePrivacy(privacy);
      return (event) => (passes?.(event) === false ? undefined : shaped(event.line, rules, pseudonym, encode));
    },
  };
}

function shaped(
  line: Uint8Array,
  rules: PrivacyRules | undefined,
  pseudonym: Pseudonymiser | undefined,
  encode: FormatEncoder | undefined,
): Shaped {
  if (rules === undefined && encode === undefined) return { line, formatted: line };
  const stored = decoder.decode(line);
  const text = rules?.apply(stored, pseudonym) ?? stored;
  const own = rules === undefined ? line : encoder.encode(text);
  return { line: own, formatted: encode === undefined ? own : encoder.encode(encode(eventOf(text))) };
}

/** The event that a format gets: numbers keep their digits, and nothing is nested so deep that it cannot be written. */
function eventOf(text: string): AuditEvent {
  if (nesting(text) <= deepest)
    return (mayHoldLongNumber(text) ? parseExact(text, "event") : JSON.parse(text)) as AuditEvent;
  const { context, metadata: _, ...event } = JSON.parse(text) as AuditEvent;
  const flat = Object.entries(context ?? {}).filter(([, value]) => typeof value !== "object");
  return { ...event, context: Object.fromEntries(flat), metadata: { event: text } };
}
