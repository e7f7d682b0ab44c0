import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { wrap } from "./wrap.ts";

describe("wrap", () => {
  it("cuts between words, and leaves long ones whole", () => {
    expect(wrap("to be or not to be", 9)).toEqual(["to be or", "not to be"]);
    expect(wrap("see arn:aws:iam::444455556666:role/headgate now", 8)).toEqual([
      "see",
      "arn:aws:iam::444455556666:role/headgate",
      "now",
    ]);
    expect(wrap("", 10)).toEqual([]);
    expect(wrap("a\nb\u001b[2Jc", 10)).toEqual(["a b [2Jc"]);
  });

  it("keeps every word in order, in lines that fit", () => {
    fc.assert(
      fc.property(fc.array(fc.stringMatching(/^[a-z]{1,12}$/)), fc.integer({ min: 1, max: 30 }), (words, width) => {
        const lines = wrap(words.join(" "), width);
        expect(lines.join(" ")).toBe(words.join(" "));
        expect(lines.filter((line) => line.length > width && line.includes(" "))).toEqual([]);
      }),
    );
  });
});
