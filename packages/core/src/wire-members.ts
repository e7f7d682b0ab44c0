const quote = 0x22;
const backslash = 0x5c;

/** What the text of an event says that its parsed value no longer does. */
export interface WireMembers {
  /** Text of the member `metadata`, as it stands. */
  readonly metadata: string | undefined;
  /** Members of all objects outside `metadata`, counted as often as they stand there. */
  readonly count: number;
  /** `metadata` stands there more than once. */
  readonly repeated: boolean;
}

/**
 * Scans the text of a JSON object for its member `metadata` and counts the members of everything else. The text must
 * be valid JSON: parse it first.
 */
export function scanMembers(text: string): WireMembers {
  let metadata: string | undefined;
  let repeated = false;
  let count = 0;
  let depth = 0;
  let keyStart = 0;
  let keyEnd = 0;
  for (let at = 0; at < text.length; at++) {
    switch (text.charCodeAt(at)) {
      case quote:
        keyStart = at;
        at = stringEnd(text, at);
        keyEnd = at + 1;
        break;
      case 0x7b: // {
      case 0x5b: // [
        depth++;
        break;
      case 0x7d: // }
      case 0x5d: // ]
        depth--;
        break;
      case 0x3a: // a colon outside strings: one member
        if (depth === 1 && isMetadata(text, keyStart, keyEnd)) {
          const end = valueEnd(text, at + 1);
          repeated ||= metadata !== undefined;
          metadata = text.slice(at + 1, end).trim();
          at = end - 1;
        } else count++;
        break;
      default:
    }
  }
  return { metadata, count, repeated };
}

/** Members of all objects in a parsed object, except its own member `but` and what is in that. */
export function countMembers(record: Readonly<Record<string, unknown>>, but: string): number {
  const open: object[] = [];
  let count = 0;
  // `for … in` on what JSON.parse made: quick, and no prototype of it has members to show.
  for (const key in record) {
    if (key === but) continue;
    count++;
    const member = record[key];
    if (typeof member === "object" && member !== null) open.push(member);
  }
  const see = (member: unknown): void => {
    if (typeof member === "object" && member !== null) open.push(member);
  };
  for (let one = open.pop(); one !== undefined; one = open.pop()) {
    if (Array.isArray(one)) {
      for (const member of one) see(member);
      continue;
    }
    for (const key in one) {
      count++;
      see((one as Record<string, unknown>)[key]);
    }
  }
  return count;
}

function isMetadata(text: string, start: number, end: number): boolean {
  const key = text.slice(start, end);
  return key === '"metadata"' || (key.includes("\\") && JSON.parse(key) === "metadata");
}

/** Position of the quote that closes the string which opens at `start`. */
function stringEnd(text: string, start: number): number {
  for (let end = text.indexOf('"', start + 1); ; end = text.indexOf('"', end + 1)) {
    let slashes = 0;
    while (text.charCodeAt(end - 1 - slashes) === backslash) slashes++;
    if (slashes % 2 === 0) return end;
  }
}

/** Position after the value that begins at or after `start`: of the comma or brace that follows. */
function valueEnd(text: string, start: number): number {
  let depth = 0;
  for (let at = start; ; at++) {
    switch (text.charCodeAt(at)) {
      case quote:
        at = stringEnd(text, at);
        break;
      case 0x7b:
      case 0x5b:
        depth++;
        break;
      case 0x7d:
      case 0x5d:
        if (depth === 0) return at;
        depth--;
        break;
      case 0x2c:
        if (depth === 0) return at;
        break;
      default:
    }
  }
}
