import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { lineOf, wrapped } from "./line.ts";

describe("lineOf", () => {
  it("paints the pieces that have a style", () => {
    expect(lineOf(["a ", ["b", "red"]], 10, true)).toBe("a \u001b[31mb\u001b[0m");
    expect(lineOf(["a ", ["b", "red"]], 10, false)).toBe("a b");
  });

  it("marks where it was cut, and cuts no more than it must", () => {
    expect(lineOf(["abc", "def"], 6, false)).toBe("abcdef");
    expect(lineOf(["abc", "def"], 5, false)).toBe("abcd…");
    expect(lineOf(["abc", "def"], 3, false)).toBe("ab…");
  });
});

describe("wrapped", () => {
  it("breaks between words", () => {
    expect(wrapped("one two three", 7)).toEqual(["one two", "three"]);
  });

  it("breaks a word that is longer than a line where the line ends", () => {
    expect(wrapped("to /a/very/long/path now", 8)).toEqual(["to /a/ve", "ry/long/", "path now"]);
  });

  it("loses no character but blanks at breaks, and keeps to the width", () => {
    const words = fc.array(fc.string({ unit: fc.constantFrom("a", "b", "é"), minLength: 1, maxLength: 30 }));
    fc.assert(
      fc.property(words, fc.integer({ min: 1, max: 20 }), (parts, width) => {
        const lines = wrapped(parts.join(" "), width);
        expect(lines.join("").replaceAll(" ", "")).toBe(parts.join(""));
        for (const line of lines) expect(line.length).toBeLessThanOrEqual(width);
      }),
    );
  });
});
