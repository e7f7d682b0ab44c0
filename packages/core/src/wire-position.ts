const space = /[ \t\n\r]*/y;
const scalar = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y;
// One escape at a time: a longer pattern overflows the engine's stack on strings of some megabytes.
// eslint-disable-next-line no-control-regex -- JSON allows none inside strings
const plain = /[^"\\\u0000-\u001f]*/y;
const escape = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y;
const marks = "{}[],:";

type Expected = "value" | "value or ]" | "key" | "key or }" | ":" | ", or }" | ", or ]" | "end";

/**
 * Where JSON text stops being JSON: the offset of the first token that cannot stand there, or undefined for valid text.
 * The engine's own message quotes the text, which may be an event's content; this says only where.
 */
export function findJsonError(text: string): { readonly offset: number; readonly expected: string } | undefined {
  const stack: ("{" | "[")[] = [];
  let expected: Expected = "value";
  let at = 0;
  const afterValue = (): Expected => {
    const inside = stack.at(-1);
    return inside === undefined ? "end" : inside === "{" ? ", or }" : ", or ]";
  };
  for (;;) {
    const start = endOf(space, text, at) as number;
    if (start === text.length) return expected === "end" ? undefined : { offset: start, expected };
    const end = expected === "end" ? undefined : tokenEnd(text, start);
    if (end === undefined) return { offset: start, expected: expected === "end" ? "nothing more" : expected };
    const first = text.charAt(start);
    const next = step(first === '"' ? "string" : marks.includes(first) ? first : "scalar");
    if (next === undefined) return { offset: start, expected };
    expected = next;
    at = end;
  }

  function step(kind: string): Expected | undefined {
    const value = expected === "value" || expected === "value or ]";
    const key = expected === "key" || expected === "key or }";
    if (kind === "string") return value ? afterValue() : key ? ":" : undefined;
    if (kind === "scalar") return value ? afterValue() : undefined;
    if (kind === "{" || kind === "[") {
      if (!value) return undefined;
      stack.push(kind);
      return kind === "{" ? "key or }" : "value or ]";
    }
    if (kind === ":") return expected === ":" ? "value" : undefined;
    if (kind === ",") return expected === ", or }" ? "key" : expected === ", or ]" ? "value" : undefined;
    const closes =
      kind === "}"
        ? expected === "key or }" || expected === ", or }"
        : expected === "value or ]" || expected === ", or ]";
    if (!closes) return undefined;
    stack.pop();
    return afterValue();
  }
}

/** Where the token that begins at `start` ends, or undefined where none does. */
function tokenEnd(text: string, start: number): number | undefined {
  const first = text.charAt(start);
  if (marks.includes(first)) return start + 1;
  if (first !== '"') return endOf(scalar, text, start);
  for (let at = start + 1; ;) {
    const stop = endOf(plain, text, at) as number;
    if (text[stop] === '"') return stop + 1;
    const next = endOf(escape, text, stop);
    if (next === undefined) return undefined;
    at = next;
  }
}

function endOf(pattern: RegExp, text: string, start: number): number | undefined {
  pattern.lastIndex = start;
  return pattern.test(text) ? pattern.lastIndex : undefined;
}
