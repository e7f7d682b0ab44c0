/** A line of CEF, read by the rules of its own guide and not by those of our writer. */
export interface CefLine {
  readonly version: string;
  readonly header: readonly string[];
  readonly extension: ReadonlyMap<string, string>;
}

/** Reads a line, or throws where it is none: seven fields with bars, then keys with equals signs. */
export function parseCef(line: string): CefLine {
  if (/[\r\n]/.test(line)) throw new Error("more than one line");
  const fields: string[] = [];
  let field = "";
  let at = 0;
  for (; fields.length < 7; at++) {
    const character = line.charAt(at);
    if (character === "") throw new Error("the header ends early");
    if (character === "\\") {
      at++;
      if (!["\\", "|"].includes(line.charAt(at))) throw new Error("an escape that the header does not have");
      field += line.charAt(at);
    } else if (character === "|") {
      fields.push(field);
      field = "";
    } else field += character;
  }
  const [version = "", ...header] = fields;
  if (!/^CEF:\d+$/.test(version)) throw new Error("no CEF");
  return { version, header, extension: parseExtension(line.slice(at)) };
}

function parseExtension(text: string): ReadonlyMap<string, string> {
  const pairs = new Map<string, string>();
  // A key is the word before an equals sign that no backslash stands before.
  const keys = [...text.matchAll(/(^| )([A-Za-z0-9_.]+)=/g)].filter(({ index, 0: whole }) => {
    let slashes = 0;
    for (let i = index + whole.length - 2; text.charAt(i) === "\\"; i--) slashes++;
    return slashes % 2 === 0;
  });
  keys.forEach((found, i) => {
    const key = found[2] as string;
    if (pairs.has(key)) throw new Error(`${key} twice`);
    const from = found.index + found[0].length;
    const raw = text.slice(from, keys[i + 1]?.index ?? text.length);
    pairs.set(
      key,
      raw.replaceAll(/\\(.)|=/g, (_, escaped: string | undefined) => {
        if (escaped === "n") return "\n";
        if (escaped === "r") return "\r";
        if (escaped === "\\" || escaped === "=") return escaped;
        throw new Error("an equals sign or an escape that the extension does not have");
      }),
    );
  });
  return pairs;
}
