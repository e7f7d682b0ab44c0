import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isHeadgateError } from "./errors.ts";
import { compileMapping } from "./mapping.ts";
import { createPreparer } from "./prepare.ts";
import { createWireReader } from "./wire.ts";
import { findJsonError } from "./wire-position.ts";

/** A JSON text as tokens: numbers as their text, members in order and as often as they stand there. */
type Tree = string | readonly Tree[] | { readonly members: readonly (readonly [string, Tree])[] };

/** A parser of its own, strict, that throws nothing away; the code under test must not judge itself. */
function parseTree(text: string): Tree {
  let at = 0;
  const skip = (): void => {
    while (" \t\n\r".includes(text[at] ?? "x")) at++;
  };
  const expectChar = (char: string): void => {
    skip();
    if (text[at] !== char) throw new Error(`expected ${char} at ${at}`);
    at++;
  };
  const string = (): string => {
    const end = /"(?:[^"\\]|\\.)*"/y;
    end.lastIndex = at;
    const found = end.exec(text)?.[0] as string;
    at += found.length;
    return `s:${JSON.stringify(JSON.parse(found))}`;
  };
  const list = <T>(close: string, item: () => T): T[] => {
    at++;
    const items: T[] = [];
    skip();
    if (text[at] === close) {
      at++;
      return items;
    }
    for (;;) {
      skip();
      items.push(item());
      skip();
      if (text[at] === close) {
        at++;
        return items;
      }
      expectChar(",");
    }
  };
  const value = (): Tree => {
    skip();
    if (text[at] === "{") {
      const members = list("}", () => {
        const key = string();
        expectChar(":");
        return [key, value()] as const;
      });
      return { members };
    }
    if (text[at] === "[") return list("]", value);
    if (text[at] === '"') return string();
    const found = /^[-+.\w]+/.exec(text.slice(at))?.[0] as string;
    at += found.length;
    return found;
  };
  return value();
}

const member = (tree: Tree, key: string): Tree | undefined =>
  typeof tree === "object" && "members" in tree
    ? tree.members.find(([name]) => name === `s:${JSON.stringify(key)}`)?.[1]
    : undefined;

const blank = fc.constantFrom("", "", "", " ", "\t", "\r");
const number = fc.oneof(
  fc.double({ noNaN: true, noDefaultInfinity: true }).map(String),
  fc.bigInt().map(String),
  fc.constantFrom("-0", "1.0", "1e3", "1E+400", "0.1000000000000000055511151231257827", "9007199254740993", "1e-400"),
);
const keyText = fc.oneof(
  fc.string().map((text) => JSON.stringify(text)),
  fc.constantFrom(
    '"__proto__"',
    '"constructor"',
    '"metadata"',
    String.raw`"\u006detadata"`,
    '"a"',
    '"action"',
    '"rawJSON"',
  ),
);
const stringText = fc.oneof(
  fc.string({ unit: "binary" }).map((text) => JSON.stringify(text)),
  fc.constantFrom(String.raw`"\ud800"`, String.raw`"\u0000"`, String.raw`"\\\""`, '":{"', String.raw`"\/"`, '"\u2028"'),
);
const { json } = fc.letrec<{ json: string; object: string }>((tie) => ({
  json: fc.oneof(
    { maxDepth: 4 },
    number,
    stringText,
    fc.constantFrom("true", "false", "null"),
    tie("object"),
    fc.tuple(fc.array(tie("json"), { maxLength: 4 }), blank).map(([items, gap]) => `[${gap}${items.join(`${gap},`)}]`),
  ),
  object: fc
    .tuple(fc.array(fc.tuple(keyText, tie("json")), { maxLength: 5 }), blank)
    .map(
      ([members, gap]) =>
        `{${gap}${members.map(([key, value]) => `${key}${gap}:${gap}${value}`).join(`,${gap}`)}${gap}}`,
    ),
}));

const preparer = createPreparer();
const mapping = compileMapping({
  id: "id",
  action: { first: ["a", "action", { const: "x" }] },
  actor: { type: { const: "user" }, id: { first: ["actor", "__proto__", { const: "nobody" }] } },
  context: { any: "a", more: "constructor" },
});

/** The delivered line, or undefined where it was refused with an error of ours. */
function through(text: string, mapped: boolean): string | undefined {
  const reader = createWireReader({ preparer, organization: "org_1", ...(mapped ? { mapping } : {}) });
  try {
    return `${Buffer.from(reader.read(Buffer.from(text)).event.stub).toString()},"sequence":1}`;
  } catch (error) {
    if (!isHeadgateError(error)) throw error;
    return undefined;
  }
}

/** Any text, JSON or not. */
const anyText = fc.oneof(json, fc.string({ unit: "binary" }));

describe("the way of a line to its event", () => {
  it("keeps a foreign record to the last digit, or refuses it", () => {
    let kept = 0;
    fc.assert(
      fc.property(anyText, (text) => {
        const line = through(text, true);
        if (line === undefined) return;
        kept++;
        expect(() => JSON.parse(line) as unknown).not.toThrow();
        expect(line).not.toMatch(/[\r\n]/);
        expect(member(parseTree(line), "metadata")).toEqual(parseTree(text));
      }),
      { numRuns: 1000 },
    );
    expect(kept).toBeGreaterThan(50);
  });

  it("keeps metadata and context of an event of our own to the last digit, or refuses it", () => {
    let kept = 0;
    fc.assert(
      fc.property(json, json, blank, (metadata, context, gap) => {
        const text = `{"context":${context},"action":"a",${gap}"metadata"${gap}:${metadata}${gap},"actor":{"id":"u","type":"user"}}`;
        const line = through(text, false);
        if (line === undefined) return;
        kept++;
        expect(member(parseTree(line), "metadata")).toEqual(parseTree(metadata));
        // Members that look like array positions come first when JavaScript prints an object.
        expect(sorted(member(parseTree(line), "context") as Tree)).toEqual(sorted(parseTree(context)));
      }),
      { numRuns: 1000 },
    );
    expect(kept).toBeGreaterThan(10);
  });

  it("finds an error in text exactly where the engine finds the text in error", () => {
    const broken = fc
      .tuple(json, fc.nat(), fc.constantFrom("", ",", "}", "]", '"', "\\", "x", "0", ":", "\u0001"))
      .map(([text, where, by]) => {
        const at = where % (text.length + 1);
        return text.slice(0, at) + by + text.slice(at + 1);
      });
    fc.assert(
      fc.property(fc.oneof(anyText, broken), (text) => {
        let valid = true;
        try {
          JSON.parse(text);
        } catch {
          valid = false;
        }
        expect(findJsonError(text) === undefined).toBe(valid);
      }),
      { numRuns: 2000 },
    );
  });
});

function sorted(tree: Tree): Tree {
  if (typeof tree === "string") return tree;
  if (!("members" in tree)) return tree.map(sorted);
  const members = tree.members.map(([key, value]) => [key, sorted(value)] as const);
  return { members: members.sort((a, b) => (a[0] < b[0] ? -1 : 1)) };
}
