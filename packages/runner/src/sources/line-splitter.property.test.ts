import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createLineSplitter, keptOfLongLine } from "./line-splitter.ts";

interface Seen {
  readonly content: string;
  readonly length: number;
  readonly tooLong: boolean;
  readonly end: number;
}

function split(chunks: readonly Buffer[], maxLineBytes = 1000): Seen[] {
  const seen: Seen[] = [];
  const splitter = createLineSplitter(maxLineBytes, ({ content, length, tooLong, end }) =>
    seen.push({ content: content.toString("latin1"), length, tooLong, end }),
  );
  for (const chunk of chunks) {
    const reused = Buffer.from(chunk);
    splitter.push(reused);
    reused.fill(0x7a);
  }
  splitter.end();
  return seen;
}

describe("createLineSplitter", () => {
  it("gives the same lines however the bytes are cut", () => {
    const input = fc
      .array(fc.constantFrom("a", "bc", "\n", "\n\n", "\r\n", "\0"), { maxLength: 40 })
      .map((parts) => parts.join(""));
    fc.assert(
      fc.property(input, fc.array(fc.nat({ max: 60 })), fc.constantFrom(2, 1000), (text, cuts, maxLineBytes) => {
        const bytes = Buffer.from(text);
        const at = [0, ...cuts.filter((cut) => cut < bytes.length), bytes.length].sort((a, b) => a - b);
        const chunks = at.slice(1).map((end, i) => bytes.subarray(at[i], end));
        const whole = text.endsWith("\n") ? text.slice(0, -1) : text;
        const expected = text === "" ? [] : whole.split("\n");
        const seen = split(chunks, maxLineBytes);
        expect(seen.map(({ content }) => content)).toEqual(expected);
        expect(seen.map(({ tooLong }) => tooLong)).toEqual(expected.map((line) => line.length > maxLineBytes));
        let position = 0;
        const ends = expected.map((line) => Math.min((position += line.length + 1), bytes.length));
        expect(seen.map(({ end }) => end)).toEqual(ends);
      }),
    );
  });

  it("keeps the beginning of a line that is too long, and counts the rest", () => {
    const long = Buffer.alloc(300_000, "x");
    const [first, second] = split([long, long, Buffer.from("x\nnext\n")], 100_000);
    expect(first).toEqual({ content: "x".repeat(keptOfLongLine), length: 600_001, tooLong: true, end: 600_002 });
    expect(second).toMatchObject({ content: "next", tooLong: false, end: 600_007 });
  });
});
