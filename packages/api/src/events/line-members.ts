const quote = 0x22;
const backslash = 0x5c;

/**
 * The members of a stored line by name, as the texts that stand there. The line is valid JSON, without white space outside
 * `context` and `metadata`. Nothing in it is parsed: events may be nested deeper than a parser's stack, and numbers keep
 * their digits.
 */
export function lineMembers(line: string): ReadonlyMap<string, string> {
  const members = new Map<string, string>();
  for (let at = line.indexOf('"'); at >= 0 && line[at] === '"';) {
    const nameEnd = stringEnd(line, at);
    const from = nameEnd + 2;
    const to = valueEnd(line, from);
    members.set(line.slice(at + 1, nameEnd), line.slice(from, to).trim());
    at = to + 1;
  }
  return members;
}

/** Position of the quote that closes the string which opens at `start`. */
function stringEnd(text: string, start: number): number {
  for (let end = text.indexOf('"', start + 1); ; end = text.indexOf('"', end + 1)) {
    let slashes = 0;
    while (text.charCodeAt(end - 1 - slashes) === backslash) slashes++;
    if (slashes % 2 === 0) return end;
  }
}

/** Position after a value: of the comma, or the brace that closes the line. */
function valueEnd(text: string, start: number): number {
  let depth = 0;
  for (let at = start; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === quote) at = stringEnd(text, at);
    else if (code === 0x7b || code === 0x5b) depth++;
    else if (code === 0x7d || code === 0x5d) {
      if (depth === 0) return at;
      depth--;
    } else if (code === 0x2c && depth === 0) return at;
  }
  return text.length;
}
