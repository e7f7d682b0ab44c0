const quote = 0x22;
const backslash = 0x5c;
const comma = 0x2c;
const colon = 0x3a;
const openBrace = 0x7b;
const closeBrace = 0x7d;
const openBracket = 0x5b;
const closeBracket = 0x5d;

/** Where two string members of a stored line stand, quotes included. */
export interface LineMembers {
  idFrom: number;
  idTo: number;
  actionFrom: number;
  actionTo: number;
}

/**
 * Makes a reader that finds the top-level members `id` and `action` of a stored line without parsing it; of a repeated
 * member the last one, as `JSON.parse` does. Undefined for a line that is out of the ordinary at its top level (white
 * space, an escape in a key, a value that is no string): that is for `JSON.parse`. The line must be valid JSON; it is
 * looked at to its end, once. The result is written over by the next call.
 */
export function lineMembersReader(): (line: Uint8Array) => LineMembers | undefined {
  const result: LineMembers = { idFrom: 0, idTo: 0, actionFrom: 0, actionTo: 0 };
  return (line) => {
    result.idTo = 0;
    result.actionTo = 0;
    if (line[0] !== openBrace) return undefined;
    let at = 1;
    for (;;) {
      if (line[at] !== quote) return undefined;
      const keyFrom = at + 1;
      at = stringEnd(line, at);
      const keyTo = at - 1;
      for (let i = keyFrom; i < keyTo; i++) if (line[i] === backslash) return undefined;
      if (line[at++] !== colon) return undefined;
      const from = at;
      at = valueEnd(line, at);
      if (isId(line, keyFrom, keyTo)) {
        if (line[from] !== quote) return undefined;
        result.idFrom = from;
        result.idTo = at;
      } else if (isAction(line, keyFrom, keyTo)) {
        if (line[from] !== quote) return undefined;
        result.actionFrom = from;
        result.actionTo = at;
      }
      const next = line[at++];
      if (next === comma) continue;
      return next === closeBrace && at === line.length && result.idTo > 0 && result.actionTo > 0 ? result : undefined;
    }
  };
}

/** The place after the string that begins at `at`, or past the end of the line. */
function stringEnd(line: Uint8Array, at: number): number {
  let end = at + 1;
  for (;;) {
    const byte = line[end];
    if (byte === quote) return end + 1;
    if (byte === undefined) return line.length + 1;
    end += byte === backslash ? 2 : 1;
  }
}

/** The place after the value that begins at `from`: a string, or all up to the comma or brace of the object around it. */
function valueEnd(line: Uint8Array, from: number): number {
  if (line[from] === quote) return stringEnd(line, from);
  let depth = 0;
  let at = from;
  while (at < line.length) {
    const byte = line[at];
    if (byte === quote) {
      at = stringEnd(line, at);
      continue;
    }
    if (byte === openBrace || byte === openBracket) depth++;
    else if (byte === closeBrace || byte === closeBracket) {
      if (depth === 0) return at;
      depth--;
    } else if (byte === comma && depth === 0) return at;
    at++;
  }
  return at;
}

function isId(line: Uint8Array, from: number, to: number): boolean {
  return to - from === 2 && line[from] === 0x69 && line[from + 1] === 0x64;
}

function isAction(line: Uint8Array, from: number, to: number): boolean {
  if (to - from !== actionKey.length) return false;
  for (let i = 0; i < actionKey.length; i++) if (line[from + i] !== actionKey.charCodeAt(i)) return false;
  return true;
}

const actionKey = "action";
