import { HeadgateError } from "./errors.ts";

/** The engine's marker for a number that is kept as its text: `JSON.stringify` writes it digit for digit. */
interface RawNumber {
  readonly rawJSON: string;
}

// Source text access (ECMAScript 2026) is in every supported Node; the compiler's library does not list it yet.
const json = JSON as typeof JSON & {
  rawJSON(text: string): RawNumber;
  isRawJSON(value: unknown): value is RawNumber;
};
const parse = JSON.parse as (
  text: string,
  reviver: (key: string, value: unknown, context: { readonly source?: string }) => unknown,
) => unknown;

/**
 * Parses JSON text like `JSON.parse`, but keeps each number whose text JavaScript would not print again (more digits
 * than a double holds, `1.0`, `1e3`, `-0`) as that text. Several times slower. `at` names the place in messages.
 * @throws `event_invalid` where the text is nested some thousands of levels deep
 */
export function parseExact(text: string, at: string): unknown {
  try {
    return parse(text, (_key, value, context) =>
      typeof value === "number" && context.source !== undefined && String(value) !== context.source
        ? json.rawJSON(context.source)
        : value,
    );
  } catch {
    throw new HeadgateError("event_invalid", `${at}: nested too deeply for its numbers to be kept to the digit.`);
  }
}

/** The text of a number that {@link parseExact} kept, or undefined for any other value. */
export function keptNumber(value: unknown): string | undefined {
  return json.isRawJSON(value) ? value.rawJSON : undefined;
}

/** Whether a value holds a number anywhere, so that printing it again might change the number's text. */
export function holdsNumber(value: unknown): boolean {
  // A list of what is still to be looked at, not recursion: records may be nested deeper than the call stack.
  const open: unknown[] = [value];
  while (open.length > 0) {
    const one = open.pop();
    if (typeof one === "number") return true;
    if (typeof one === "object" && one !== null) for (const inner of Object.values(one)) open.push(inner);
  }
  return false;
}

/**
 * Whether JSON text may hold a number that a double does not hold: 16 digits or more, or an exponent of three. Errs
 * towards yes.
 */
export function mayHoldLongNumber(text: string): boolean {
  return longNumber.test(text);
}

const longNumber = /[\d.]{16}|[\d.][eE][+-]?\d{3}/;
