import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isHeadgateError } from "./errors.ts";
import { plainLineReader } from "./plain-line.ts";
import { createPreparer } from "./prepare.ts";
import { createWireReader } from "./wire.ts";

const clock = { now: () => Date.UTC(2026, 0, 1), after: () => () => {} };
const organizations = [undefined, "org_1", { from: "actor.id" }] as const;

const odd = fc.oneof(
  fc.string({ unit: "grapheme" }),
  fc.constantFrom("", "\u007f", "\u2028", '"', "\\", "x".repeat(257), "é".repeat(200), "y".repeat(1025)),
);
const text = fc.oneof(
  { weight: 30, arbitrary: fc.constantFrom("org_1", "a", "é", "x".repeat(256)) },
  { weight: 1, arbitrary: odd },
);
const party = fc.record({ type: text, id: text, name: text }, { requiredKeys: ["type", "id"] });
const organization = fc.record(
  { id: fc.constantFrom("org_1", "org_1", "org_2"), name: text },
  { requiredKeys: ["id"] },
);
const occurred = fc.oneof(
  {
    weight: 8,
    arbitrary: fc
      .date({ min: new Date(0), max: new Date("2025-12-31"), noInvalidDate: true })
      .map((date) => date.toISOString()),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      "2025-07-16T09:52:30Z",
      "2025-02-30T00:00:00.000Z",
      "2025-06-30T23:59:60.000Z",
      "2026-02-01T00:00:00.000Z",
    ),
  },
);
const context = fc.dictionary(
  fc.oneof(fc.constantFrom("ip", "user_agent", "request_id", "1", "0", "__proto__"), text),
  fc.oneof({ weight: 9, arbitrary: text }, { weight: 1, arbitrary: fc.jsonValue({ maxDepth: 1 }) }),
  { maxKeys: 4 },
);
const event = fc
  .record(
    {
      schema_version: fc.constantFrom(1, 1, 1, 1, 2),
      id: text,
      occurred_at: occurred,
      organization,
      action: text,
      category: text,
      outcome: fc.constantFrom("success", "failure", "denied", "unknown", "unknown", "other"),
      actor: party,
      targets: fc.array(party, { maxLength: 3 }),
      context,
      metadata: fc.dictionary(text, fc.jsonValue()),
    },
    { requiredKeys: ["action", "actor", "organization"] },
  )
  .chain((record) => fc.shuffledSubarray(Object.entries(record), { minLength: Object.keys(record).length }))
  .map((members) => JSON.stringify(Object.fromEntries(members)));

/** Text that JSON takes in one place and not in another. */
const fragment = fc.constantFrom(
  '"a":1,',
  '"ip":"a",',
  '"name":"a",',
  '"id":"a",',
  '"type":"a",',
  '"other":1,',
  '"\\u0041"',
  '"\t"',
  '"a"',
  "01",
  "9",
  "-",
  "-0",
  "1.0",
  "1e3",
  "1.",
  "tru",
  "null",
  "{}",
  "[]",
  "}",
  "{",
  "]",
  ",",
  " ",
  "",
);
/** Puts a fragment behind a structural character, perhaps in place of the token there. */
const altered = fc.tuple(event, fragment, fc.nat(), fc.boolean()).map(([line, piece, which, replace]) => {
  const places = [...line.matchAll(/[:{,[]/g)];
  const at = (places[which % places.length]?.index ?? 0) + 1;
  const rest = line.slice(at);
  return line.slice(0, at) + piece + (replace ? rest.replace(/^("[^"]*"|[^",:[\]{}]+)/, "") : rest);
});
const line = fc.oneof(event, { weight: 3, arbitrary: altered });

describe("a plain line", () => {
  it("becomes the same event, or the same error, as by parsing it", () => {
    const readers = organizations.map((owner) =>
      createWireReader({
        preparer: createPreparer({ clock, mintId: () => "minted" }),
        ...(owner !== undefined && { organization: owner }),
      }),
    );
    const outcome = (reader: (typeof readers)[number], given: string): unknown => {
      try {
        const { organization: owner, event: made } = reader.read(Buffer.from(given), { deriveId: () => "derived" });
        return { owner, ...made, stub: Buffer.from(made.stub).toString() };
      } catch (error) {
        return isHeadgateError(error) ? error.code : error;
      }
    };
    fc.assert(
      fc.property(line, fc.constantFrom(...readers), (given, reader) => {
        // A blank before it makes a line that is not plain.
        expect(outcome(reader, given)).toEqual(outcome(reader, ` ${given}`));
      }),
      { numRuns: 5000 },
    );
  });

  it("is told by one look at its bytes", () => {
    const read = plainLineReader();
    const plain = (given: string): boolean => read(Buffer.from(given)) !== undefined;
    expect(plain('{"action":"a","actor":{"type":"t","id":"i"},"metadata":{ "a": [1, {"b": null}] }}')).toBe(true);
    expect(plain('{"action":"a", "actor":{"type":"t","id":"i"}}')).toBe(false);
    expect(plain('{"action":"a","action":"b","actor":{"type":"t","id":"i"}}')).toBe(false);
    expect(plain('{"action":"a","actor":{"type":"t","id":"i"},"context":{"a":1,"0":1}}')).toBe(false);
    expect(plain('{"action":"a","actor":{"type":"t","id":"i"},"context":{"a":1,"b":2}}')).toBe(true);
    expect(plain('{"action":"a","actor":{"type":"t","id":"i"},"context":{"a":1,"a":2}}')).toBe(false);
    expect(plain('{"action":"a\u007f","actor":{"type":"t","id":"i"}}')).toBe(false);
    expect(plain('{"action":"a","actor":{"type":"t","id":"i"}} ')).toBe(false);
  });
});
