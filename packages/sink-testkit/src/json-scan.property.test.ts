import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { objectEnd, skipSpace } from "./json-scan.ts";

const space = fc.string({ unit: fc.constantFrom(" ", "\n", "\r", "\t"), maxLength: 3 });
/** Strings full of what could be taken for structure. */
const text = fc.string({
  unit: fc.oneof(
    fc.constantFrom('"', "\\", "{", "}", "[", "]", ":", ",", "\n", "é", "\u2028", "💥", "\0"),
    fc.string(),
  ),
});
const object = fc.dictionary(text, fc.oneof(text, fc.jsonValue(), fc.dictionary(text, text)));

/** The objects of a text, or undefined from the first place on where there is none. */
function split(bytes: Buffer): string[] {
  const found: string[] = [];
  for (let at = skipSpace(bytes, 0); at < bytes.length;) {
    const end = objectEnd(bytes, at);
    if (end < 0) break;
    found.push(bytes.toString("utf8", at, end));
    at = skipSpace(bytes, end);
  }
  return found;
}

describe("objects back to back", () => {
  it("are found whatever is in them and whatever whitespace is between", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(object, space, fc.boolean())), space, (parts, lead) => {
        const texts = parts.map(([value, , pretty]) => JSON.stringify(value, undefined, pretty ? 2 : 0));
        const body = lead + texts.map((each, index) => each + (parts[index]?.[1] ?? "")).join("");
        expect(split(Buffer.from(body))).toEqual(texts);
      }),
    );
  });

  it("are found up to a cut, wherever it is", () => {
    fc.assert(
      fc.property(fc.array(object, { minLength: 1, maxLength: 4 }), fc.nat(), (values, place) => {
        const texts = values.map((value) => JSON.stringify(value));
        const bytes = Buffer.from(texts.join("\n"));
        const cut = place % bytes.length;
        let whole = 0;
        for (let at = 0; whole < texts.length; whole++) {
          at += Buffer.byteLength(texts[whole] ?? "") + (whole === 0 ? 0 : 1);
          if (at > cut) break;
        }
        expect(split(bytes.subarray(0, cut))).toEqual(texts.slice(0, whole));
      }),
    );
  });

  it("never end outside of the bytes, whatever the bytes are", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.nat({ max: 210 }), (bytes, from) => {
        const end = objectEnd(bytes, from);
        expect(end === -1 || (end > from && end <= bytes.length)).toBe(true);
        expect(skipSpace(bytes, from)).toBeGreaterThanOrEqual(from);
      }),
    );
  });
});
