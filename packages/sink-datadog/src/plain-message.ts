import { cutAt, maxPart, namedTargets } from "./message.ts";

/** Most bytes that a message has: the action, the outcome and two parts for each party, with the words between them. */
export const maxMessage: number = (2 + 2 * (1 + namedTargets)) * maxPart + 64;

/** What a reader finds of a line. The bytes of the message are in the buffer that it was made with. */
export interface PlainMessage {
  /** Bytes of the message. */
  length: number;
  /** Start and end of the outcome's text in the line; both 0 where it has none. */
  outcomeFrom: number;
  outcomeTo: number;
}

const ascii = (text: string): Uint8Array => Uint8Array.from(text, (character) => character.charCodeAt(0));
const quote = 0x22;
/** Bytes that stand in a message as they stand in the line: no control characters, no DEL, no quote, no backslash. */
const ordinary = new Uint8Array(256).map((_, byte) =>
  Number(byte >= 0x20 && byte !== quote && byte !== 0x5c && byte !== 0x7f),
);

const begin = ascii('{"schema_version":1,"id":');
const occurredAt = ascii(',"occurred_at":');
const organization = ascii(',"organization":{"id":');
const nameKey = ascii(',"name":');
const action = ascii('},"action":');
const category = ascii(',"category":');
const outcome = ascii(',"outcome":');
const actor = ascii(',"actor":');
const targets = ascii(',"targets":[');
const typeKey = ascii('{"type":');
const idKey = ascii(',"id":');
const ends = [',"context":', ',"metadata":', ',"sequence":'].map(ascii);
const [by, on, and, more, colon, comma, dots] = [" by ", " on ", " and ", " more", ": ", ", "]
  .map(ascii)
  .concat(new TextEncoder().encode("…")) as [
  Uint8Array,
  Uint8Array,
  Uint8Array,
  Uint8Array,
  Uint8Array,
  Uint8Array,
  Uint8Array,
];

/**
 * Makes a reader that writes a line's message to `out` without parsing the line: the same bytes as `messageOf` gives, as
 * JSON has them. It knows the form that core writes: members once and in their order, so it may stop before `context`.
 * Undefined where anything is out of the ordinary, an escape in what is shown among it: those lines are for `JSON.parse`.
 * The result is the same object each time.
 */
export function plainMessageReader(out: Uint8Array): (line: Uint8Array) => PlainMessage | undefined {
  const result: PlainMessage = { length: 0, outcomeFrom: 0, outcomeTo: 0 };
  let bytes: Uint8Array = new Uint8Array(0);
  let at = 0;
  let from = 0;
  let to = 0;
  let filled = 0;

  /** Whether the word comes next; then it is read. */
  function is(word: Uint8Array): boolean {
    for (let i = 0; i < word.length; i++) if (bytes[at + i] !== word[i]) return false;
    at += word.length;
    return true;
  }

  /** Reads a string; its text is from `from` to `to`. */
  function string(): boolean {
    if (bytes[at] !== quote) return false;
    from = at + 1;
    to = from;
    while (ordinary[bytes[to] as number] === 1) to++;
    at = to + 1;
    return bytes[to] === quote;
  }

  function say(word: Uint8Array): void {
    for (let i = 0; i < word.length; i++) out[filled++] = word[i] as number;
  }

  /** Says a text of the line, cut where it is long. */
  function quoteText(start: number, stop: number): void {
    const end = cutAt(bytes, start, stop);
    for (let i = start; i < end; i++) out[filled++] = bytes[i] as number;
    if (end < stop) say(dots);
  }

  /** `{"type":…,"id":…}`, perhaps with a name. Said where `said` is set. */
  function party(said: boolean): boolean {
    if (!is(typeKey) || !string()) return false;
    if (said) {
      quoteText(from, to);
      out[filled++] = 0x20;
    }
    if (!is(idKey) || !string()) return false;
    const [idFrom, idTo] = [from, to];
    if (is(nameKey)) {
      if (!string()) return false;
      if (said) quoteText(from < to ? from : idFrom, from < to ? to : idTo);
    } else if (said) quoteText(idFrom, idTo);
    return bytes[at++] === 0x7d;
  }

  function targetList(): boolean {
    if (bytes[at] === 0x5d) {
      at += 1;
      return true;
    }
    for (let count = 1; ; count++) {
      if (count <= namedTargets) say(count === 1 ? on : comma);
      if (!party(count <= namedTargets)) return false;
      const next = bytes[at++];
      if (next === 0x2c) continue;
      if (next !== 0x5d) return false;
      if (count > namedTargets) {
        say(and);
        for (const digit of String(count - namedTargets)) out[filled++] = digit.charCodeAt(0);
        say(more);
      }
      return true;
    }
  }

  return (line) => {
    bytes = line;
    at = 0;
    filled = 0;
    if (!is(begin) || !string() || !is(occurredAt) || !string() || !is(organization) || !string()) return undefined;
    if (is(nameKey) && !string()) return undefined;
    if (!is(action) || !string()) return undefined;
    quoteText(from, to);
    if (is(category) && !string()) return undefined;
    result.outcomeFrom = result.outcomeTo = 0;
    if (is(outcome)) {
      if (!string()) return undefined;
      result.outcomeFrom = from;
      result.outcomeTo = to;
    }
    say(by);
    if (!is(actor) || !party(true)) return undefined;
    if (is(targets) && !targetList()) return undefined;
    if (!ends.some(is)) return undefined;
    if (result.outcomeFrom > 0) {
      say(colon);
      quoteText(result.outcomeFrom, result.outcomeTo);
    }
    result.length = filled;
    return result;
  };
}
