import { keptNumber, parseExact } from "./wire-numbers.ts";

/** Deeper than this a value is taken as it is written. */
const deepest = 200;

/**
 * One spelling for JSON text that means the same: no blanks, members by name. Numbers keep their digits. Text that is
 * nested deeper than 200 levels stays as it stands, so that the call stack never decides.
 */
export function canonicalJson(text: string): string {
  return nesting(text) > deepest ? text : written(parseExact(text, "value"));
}

/** How many objects and lists deep JSON text goes. */
export function nesting(text: string): number {
  let depth = 0;
  let most = 0;
  let inString = false;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (inString) {
      if (code === 0x5c) at++;
      else if (code === 0x22) inString = false;
    } else if (code === 0x22) inString = true;
    else if (code === 0x7b || code === 0x5b) most = Math.max(most, ++depth);
    else if (code === 0x7d || code === 0x5d) depth--;
  }
  return most;
}

function written(value: unknown): string {
  const number = keptNumber(value);
  if (number !== undefined) return number;
  if (Array.isArray(value)) return `[${value.map(written).join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const members = Object.entries(value).sort(([one], [two]) => (one < two ? -1 : 1));
  return `{${members.map(([name, member]) => `${JSON.stringify(name)}:${written(member)}`).join(",")}}`;
}
