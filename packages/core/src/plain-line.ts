/** Where the members of a line stand: for each of {@link memberNames}, start and end of its value, or -1. */
export interface PlainLine {
  /** Two numbers per member. */
  readonly spans: Int32Array;
  /** Start and end of the organization's id, without quotes. */
  organizationFrom: number;
  organizationTo: number;
}

/** Members of an event, in the order in which they are written. */
const memberNames = [
  "schema_version",
  "id",
  "occurred_at",
  "organization",
  "action",
  "category",
  "outcome",
  "actor",
  "targets",
  "context",
  "metadata",
] as const;

/** Places of members in {@link PlainLine.spans}, halved. */
export const member = Object.fromEntries(memberNames.map((name, i) => [name, i])) as Readonly<
  Record<(typeof memberNames)[number], number>
>;

const quote = 0x22;
const comma = 0x2c;
const colon = 0x3a;
const openBrace = 0x7b;
const closeBrace = 0x7d;
const openBracket = 0x5b;
const closeBracket = 0x5d;

/** Bytes that may stand in a string as they are: no control characters, no DEL, no quote, no backslash. */
const ordinary = new Uint8Array(256).map((_, byte) =>
  Number(byte >= 0x20 && byte !== quote && byte !== 0x5c && byte !== 0x7f),
);

const ascii = (text: string): Uint8Array => Uint8Array.from(text, (character) => character.charCodeAt(0));
const keys = memberNames.map(ascii);
const outcomes = ["success", "failure", "denied", "unknown"].map(ascii);
const [typeKey, idKey, nameKey] = ["type", "id", "name"].map(ascii) as [Uint8Array, Uint8Array, Uint8Array];
const limitedContext = [
  { key: ascii("ip"), most: 256 },
  { key: ascii("user_agent"), most: 8192 },
  { key: ascii("request_id"), most: 1024 },
];
const literals = ["true", "false", "null"].map(ascii);

const maxContextMembers = 24;
const maxNesting = 64;

/**
 * Makes a reader of lines that are plain: the schema's members in any order, no white space outside `metadata`, no
 * escapes, no member twice, `context` flat. Of such a line every value is valid and its text is what would be stored, so
 * it need not be parsed. The reader looks at every byte once and says no where anything is out of the ordinary: those
 * lines are for `JSON.parse`. The line must be valid UTF-8.
 */
export function plainLineReader(): (line: Uint8Array) => PlainLine | undefined {
  const spans = new Int32Array(2 * memberNames.length);
  const contextKeys = new Int32Array(2 * maxContextMembers);
  const result: PlainLine = { spans, organizationFrom: 0, organizationTo: 0 };
  let bytes: Uint8Array = new Uint8Array(0);
  let at = 0;

  /** Reads a string of `least` to `most` bytes, quotes apart. */
  function string(least: number, most: number): boolean {
    if (bytes[at] !== quote) return false;
    const from = at + 1;
    let end = from;
    while (ordinary[bytes[end] as number] === 1) end++;
    if (bytes[end] !== quote) return false;
    at = end + 1;
    return end - from >= least && end - from <= most;
  }

  function is(word: Uint8Array, from: number, to: number): boolean {
    if (to - from !== word.length) return false;
    for (let i = 0; i < word.length; i++) if (bytes[from + i] !== word[i]) return false;
    return true;
  }

  function oneOf(words: readonly Uint8Array[], from: number, to: number): boolean {
    for (const word of words) if (is(word, from, to)) return true;
    return false;
  }

  /** A key and its colon; its text stands before the colon, in quotes. */
  function key(): boolean {
    return string(1, 256) && bytes[at++] === colon;
  }

  /** `{"type":…,"id":…}`, perhaps with a name. */
  function party(): boolean {
    if (bytes[at++] !== openBrace) return false;
    let from = at + 1;
    if (!key() || !is(typeKey, from, at - 2) || !string(1, 256) || bytes[at++] !== comma) return false;
    from = at + 1;
    if (!key() || !is(idKey, from, at - 2) || !string(1, 256)) return false;
    return nameAndEnd();
  }

  function nameAndEnd(): boolean {
    if (bytes[at] === comma) {
      at += 1;
      const from = at + 1;
      if (!key() || !is(nameKey, from, at - 2) || !string(0, 1024)) return false;
    }
    return bytes[at++] === closeBrace;
  }

  function organization(): boolean {
    if (bytes[at++] !== openBrace) return false;
    const from = at + 1;
    if (!key() || !is(idKey, from, at - 2)) return false;
    result.organizationFrom = at + 1;
    if (!string(1, 256)) return false;
    result.organizationTo = at - 1;
    return nameAndEnd();
  }

  function targets(): boolean {
    if (bytes[at++] !== openBracket) return false;
    if (bytes[at] === closeBracket) {
      at += 1;
      return true;
    }
    for (let count = 1; count <= 1000; count++) {
      if (!party()) return false;
      const next = bytes[at++];
      if (next === closeBracket) return true;
      if (next !== comma) return false;
    }
    return false;
  }

  function digits(): boolean {
    const from = at;
    while ((bytes[at] as number) >= 0x30 && (bytes[at] as number) <= 0x39) at++;
    return at > from;
  }

  function number(): boolean {
    if (bytes[at] === 0x2d) at += 1;
    if (bytes[at] === 0x30) at += 1;
    else if (!digits()) return false;
    if (bytes[at] === 0x2e) {
      at += 1;
      if (!digits()) return false;
    }
    if (bytes[at] === 0x65 || bytes[at] === 0x45) {
      at += 1;
      if (bytes[at] === 0x2b || bytes[at] === 0x2d) at += 1;
      if (!digits()) return false;
    }
    return true;
  }

  /** A value that holds no other. */
  function scalar(): boolean {
    switch (bytes[at]) {
      case quote:
        return string(0, Number.POSITIVE_INFINITY);
      case 0x74:
      case 0x66:
      case 0x6e:
        for (const word of literals) {
          if (!is(word, at, at + word.length)) continue;
          at += word.length;
          return true;
        }
        return false;
      default:
        return number();
    }
  }

  /** An object of scalars, no name twice. Names like numbers are left out: a parsed object has them first. */
  function context(): boolean {
    if (bytes[at++] !== openBrace) return false;
    if (bytes[at] === closeBrace) {
      at += 1;
      return true;
    }
    for (let count = 0; count < maxContextMembers; count++) {
      const from = at + 1;
      if (!key()) return false;
      const to = at - 2;
      const first = bytes[from] as number;
      if (first >= 0x30 && first <= 0x39) return false;
      for (let i = 0; i < count; i++)
        if (sameBytes(contextKeys[2 * i] as number, contextKeys[2 * i + 1] as number, from, to)) return false;
      contextKeys[2 * count] = from;
      contextKeys[2 * count + 1] = to;
      let limited = false;
      for (const { key: name, most } of limitedContext) {
        if (!is(name, from, to)) continue;
        if (!string(0, most)) return false;
        limited = true;
      }
      if (!limited && !scalar()) return false;
      const next = bytes[at++];
      if (next === closeBrace) return true;
      if (next !== comma) return false;
    }
    return false;
  }

  function sameBytes(from: number, to: number, otherFrom: number, otherTo: number): boolean {
    if (to - from !== otherTo - otherFrom) return false;
    for (let i = to - from - 1; i >= 0; i--) if (bytes[from + i] !== bytes[otherFrom + i]) return false;
    return true;
  }

  function blanks(): void {
    while (bytes[at] === 0x20) at++;
  }

  /** Any object. Blanks are kept. */
  function metadata(): boolean {
    if (bytes[at] !== openBrace) return false;
    return value(0);
  }

  function value(depth: number): boolean {
    const open = bytes[at];
    if (open !== openBrace && open !== openBracket) return scalar();
    if (depth >= maxNesting) return false;
    const close = open === openBrace ? closeBrace : closeBracket;
    at += 1;
    blanks();
    if (bytes[at] === close) {
      at += 1;
      return true;
    }
    for (;;) {
      if (open === openBrace) {
        if (!string(0, Number.POSITIVE_INFINITY)) return false;
        blanks();
        if (bytes[at++] !== colon) return false;
        blanks();
      }
      if (!value(depth + 1)) return false;
      blanks();
      const next = bytes[at++];
      if (next === close) return true;
      if (next !== comma) return false;
      blanks();
    }
  }

  function memberAt(from: number, to: number): number {
    for (let i = 0; i < keys.length; i++) if (is(keys[i] as Uint8Array, from, to)) return i;
    return -1;
  }

  function memberValue(which: number): boolean {
    const from = at;
    switch (which) {
      case 0:
        return bytes[at++] === 0x31;
      case 2:
        return string(24, 24);
      case 3:
        return organization();
      case 6:
        return string(1, 16) && oneOf(outcomes, from + 1, at - 1);
      case 7:
        return party();
      case 8:
        return targets();
      case 9:
        return context();
      case 10:
        return metadata();
      default:
        return string(1, 256);
    }
  }

  return (line) => {
    bytes = line;
    at = 1;
    spans.fill(-1);
    if (line[0] !== openBrace) return undefined;
    for (;;) {
      const from = at + 1;
      if (!key()) return undefined;
      const which = memberAt(from, at - 2);
      if (which < 0 || spans[2 * which] !== -1) return undefined;
      spans[2 * which] = at;
      if (!memberValue(which)) return undefined;
      spans[2 * which + 1] = at;
      const next = bytes[at++];
      if (next === closeBrace) break;
      if (next !== comma) return undefined;
    }
    const whole = at === line.length && spans[2 * member.action] !== -1 && spans[2 * member.actor] !== -1;
    return whole ? result : undefined;
  };
}
