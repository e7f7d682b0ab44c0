/** What an HCL literal says. */
export type HclValue = string | number | readonly HclValue[] | { readonly [name: string]: HclValue };

/** A literal and how many characters it took. */
interface Read {
  readonly value: HclValue;
  readonly end: number;
}

const escapes: Readonly<Record<string, string>> = { n: "\n", r: "\r", t: "\t", '"': '"', "\\": "\\" };

/**
 * Reads one literal expression of HCL, strictly: templates, functions and references are refused, so a text that got out
 * of its quotes is noticed. https://github.com/hashicorp/hcl/blob/main/hclsyntax/spec.md
 */
export function readHcl(text: string, start = 0): Read {
  const at = skip(text, start);
  const first = text[at];
  if (first === '"') return readText(text, at + 1);
  if (first === "[") return readList(text, at + 1);
  if (first === "{") return readObject(text, at + 1);
  const digits = /^\d+/.exec(text.slice(at))?.[0];
  if (digits === undefined) throw new Error(`no literal at ${text.slice(at, at + 20)}`);
  return { value: Number(digits), end: at + digits.length };
}

/** The arguments of every `jsonencode(…)` of a file. */
export function encodedDocuments(file: string): readonly HclValue[] {
  return [...file.matchAll(/jsonencode\(/g)].map(({ index }) => {
    const { value, end } = readHcl(file, index + "jsonencode(".length);
    if (file[end] !== ")") throw new Error(`something else in jsonencode: ${file.slice(end, end + 20)}`);
    return value;
  });
}

function skip(text: string, start: number): number {
  return start + (/^\s*/.exec(text.slice(start))?.[0].length ?? 0);
}

function readText(text: string, start: number): Read {
  let value = "";
  for (let at = start; at < text.length; at++) {
    const character = text[at] as string;
    if (character === '"') return { value, end: at + 1 };
    if (character < " ") throw new Error("a line ends inside a text");
    if (/^[$%]\{/.test(text.slice(at)) && !/^([$%])\1\{/.test(text.slice(at - 1))) throw new Error("a template");
    if (/^([$%])\1\{/.test(text.slice(at))) {
      value += character;
      at++;
    } else if (character === "\\") {
      at++;
      const code = text[at] as string;
      if (code === "u") {
        value += String.fromCharCode(Number.parseInt(text.slice(at + 1, at + 5), 16));
        at += 4;
      } else {
        const meant = escapes[code];
        if (meant === undefined) throw new Error(`no escape: ${code}`);
        value += meant;
      }
    } else value += character;
  }
  throw new Error("a text without its end");
}

function readList(text: string, start: number): Read {
  const value: HclValue[] = [];
  for (let at = skip(text, start); ;) {
    if (text[at] === "]") return { value, end: at + 1 };
    const item = readHcl(text, at);
    value.push(item.value);
    at = skip(text, item.end);
    if (text[at] === ",") at = skip(text, at + 1);
    else if (text[at] !== "]") throw new Error("no comma in a list");
  }
}

function readObject(text: string, start: number): Read {
  const members: [string, HclValue][] = [];
  for (let at = skip(text, start); ;) {
    if (text[at] === "}") return { value: Object.fromEntries(members), end: at + 1 };
    const plain = /^[A-Za-z]\w*/.exec(text.slice(at))?.[0];
    const name = plain === undefined ? readHcl(text, at) : { value: plain, end: at + plain.length };
    at = skip(text, name.end);
    if (typeof name.value !== "string") throw new Error("no name in an object");
    if (text[at] !== "=") throw new Error("no = in an object");
    const member = readHcl(text, at + 1);
    members.push([name.value, member.value]);
    at = member.end;
    if (!/^[ \t]*(\n|\})/.test(text.slice(at))) throw new Error("no end of line in an object");
    at = skip(text, at);
  }
}
