import { execFileSync } from "node:child_process";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readHcl } from "../testing/hcl.ts";
import type { Tree } from "./documents.ts";
import { hclExpression } from "./documents.ts";
import { shellOption, shellWord, yamlText } from "./quote.ts";

/** Texts that mean something to one of the languages, among others. */
const nasty = fc.constantFrom(
  "'",
  '"',
  "\\",
  "${x}",
  "$${x}",
  "%{if}",
  "$(id)",
  "`id`",
  "\n",
  "\r\n",
  "!",
  "#",
  ": ",
  "- ",
  "\u2028",
  "\u0085",
  "\ufeff",
  "-x",
  "&&",
  ";",
);
const text = fc.oneof(
  fc.string(),
  fc.string({ unit: "binary" }),
  fc.array(fc.oneof(nasty, fc.string()), { maxLength: 6 }).map((parts) => parts.join("")),
);
const tree: fc.Arbitrary<Tree> = fc.letrec<{ tree: Tree }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 4 },
    text,
    fc.nat(),
    fc.array(tie("tree"), { minLength: 1, maxLength: 4 }),
    fc.dictionary(text, tie("tree"), { minKeys: 1, maxKeys: 4, noNullPrototype: true }),
  ),
})).tree;

describe("hclExpression", () => {
  it("says what it was given, whatever the texts hold", () => {
    fc.assert(
      fc.property(tree, (given) => {
        const written = hclExpression(given);
        const { value, end } = readHcl(written);
        expect({ value, end }).toEqual({ value: given, end: written.length });
      }),
    );
  });
});

describe("yamlText", () => {
  it("is JSON too, on one line, with what YAML forbids escaped", () => {
    fc.assert(
      fc.property(text, (given) => {
        const written = yamlText(given);
        expect(JSON.parse(written)).toBe(given);
        // oxlint-disable-next-line no-control-regex -- they are what must not be there
        expect(written).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]/);
      }),
    );
  });
});

describe("shellWord", () => {
  it("is one word to bash, and the same one", () => {
    // Arguments of a process cannot hold NUL, and an unpaired surrogate is no UTF-8.
    const word = text.filter((given) => !given.includes("\0") && given.isWellFormed());
    fc.assert(
      fc.property(fc.array(word, { minLength: 1, maxLength: 8 }), (words) => {
        const script = `printf '%s\\0' ${words.map(shellWord).join(" ")}`;
        const printed = execFileSync("bash", ["-c", script], { encoding: "utf8" });
        expect(printed.split("\0").slice(0, -1)).toEqual(words);
      }),
      { numRuns: 60 },
    );
  });

  it("keeps a value that begins with a hyphen from being an option", () => {
    expect(shellOption("role-name", "-x")).toBe("--role-name='-x'");
    expect(shellOption("role-name", "x")).toBe("--role-name 'x'");
  });
});
