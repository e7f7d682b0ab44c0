import type { LineFacts } from "./line-formats.ts";

/** Header fields after which the extension begins. */
const headerFields = 7;
const bar = 0x7c;
const backslash = 0x5c;
const equals = 0x3d;

/** Where a line of the Common Event Format has its organization, sequence, id and time; undefined where it is none. */
export function cefFacts(line: string): LineFacts | undefined {
  const start = line.startsWith("CEF:") ? extensionStart(line) : undefined;
  if (start === undefined) return undefined;
  const pairs = pairsOf(line, start);
  const values = new Map(pairs);
  return {
    organization: labelled(values, "cs1", "organization"),
    sequence: numberOf(labelled(values, "cn1", "sequence")),
    id: values.get("externalId"),
    occurredAt: numberOf(values.get("rt")),
    timeName: "rt",
    ...(values.size !== pairs.length && { fault: "names a key twice" }),
  };
}

/** What a labelled key holds, where its label is the one that it is written with. */
function labelled(values: ReadonlyMap<string, string>, key: string, label: string): string | undefined {
  return values.get(`${key}Label`) === label ? values.get(key) : undefined;
}

function numberOf(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,16}$/.test(text) ? Number(text) : undefined;
}

function extensionStart(line: string): number | undefined {
  let bars = 0;
  for (let at = 0; at < line.length; at++) {
    const code = line.charCodeAt(at);
    if (code === backslash) at++;
    else if (code === bar && ++bars === headerFields) return at + 1;
  }
  return undefined;
}

/** Within values an equals sign is escaped: one that is not ends a key, which begins after the blank before it. */
function pairsOf(line: string, start: number): readonly (readonly [key: string, value: string])[] {
  const pairs: [string, string][] = [];
  let key: string | undefined;
  let from = start;
  for (let at = start; at < line.length; at++) {
    const code = line.charCodeAt(at);
    if (code === backslash) at++;
    if (code !== equals) continue;
    const begins = line.lastIndexOf(" ", at) + 1;
    if (key !== undefined) pairs.push([key, unescaped(line.slice(from, begins - 1))]);
    key = line.slice(Math.max(begins, start), at);
    from = at + 1;
  }
  if (key !== undefined) pairs.push([key, unescaped(line.slice(from))]);
  return pairs;
}

const breaks: Readonly<Record<string, string>> = { n: "\n", r: "\r" };

function unescaped(text: string): string {
  return text.replaceAll(/\\(.)/gs, (_, character: string) => breaks[character] ?? character);
}
