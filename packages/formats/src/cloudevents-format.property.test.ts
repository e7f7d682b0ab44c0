import type { AuditEvent, JsonObject } from "@headgate/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { cloudEventsFormat } from "./cloudevents-format.ts";
import { cloudEventsProblems } from "./testing/cloudevents-check.ts";
import { samples } from "./testing/samples.ts";

/** Texts of the pieces that escapes are made of, so that two of them come close to each other. */
const near = fc.string({
  unit: fc.constantFrom(
    "\ud800",
    "\udfff",
    "\u0085",
    "\ufffe",
    "\ufffd",
    "\\",
    "u{",
    "}",
    "d800",
    "5c",
    "\\u{d800}",
    "\\u{5c}",
  ),
  minLength: 1,
  maxLength: 4,
});
const text = fc.oneof({ weight: 3, arbitrary: near }, fc.string({ unit: "binary", minLength: 1, maxLength: 8 }));
/** What some text may be taken for: the same with each odd character as its number. */
const takenFor = (one: string): string =>
  one.replaceAll(
    /[\p{Cc}\p{Cs}\p{Noncharacter_Code_Point}]/gu,
    (odd) => `\\u{${(odd.codePointAt(0) ?? 0).toString(16)}}`,
  );
const pair = fc.oneof(
  fc.tuple(text, text),
  text.map((one) => [one, takenFor(one)] as const),
);

function written(id: string, organization: string): JsonObject {
  const format = cloudEventsFormat();
  const event: AuditEvent = { ...(samples[0] as AuditEvent), id, organization: { id: organization } };
  return JSON.parse(format.encoder(format.encoding)?.(event) ?? "null") as JsonObject;
}

describe("attributes of CloudEvents", () => {
  it("are different where the event's are, and hold nothing that none may hold", () => {
    fc.assert(
      fc.property(pair, pair, ([a, b], [one, other]) => {
        fc.pre(a !== b && one !== other);
        const [left, right] = [written(a, one), written(b, other)];
        expect(left["id"]).not.toBe(right["id"]);
        expect(left["organization"]).not.toBe(right["organization"]);
        expect(left["source"]).not.toBe(right["source"]);
        expect([...cloudEventsProblems(left), ...cloudEventsProblems(right)]).toEqual([]);
      }),
      { numRuns: 2000 },
    );
  });

  it("have the number of what they cannot hold, and leave a backslash alone that begins none", () => {
    const ids = ["a\ud800", "a\udfff", "a\u0085", "a\u{1ffff}", "a\ufffd", "CORP\\ursula", "a\\u{d800}", "a\\u{5c}"];
    expect(ids.map((id) => written(id, "o")["id"])).toEqual([
      "a\\u{d800}",
      "a\\u{dfff}",
      "a\\u{85}",
      "a\\u{1ffff}",
      "a\ufffd",
      "CORP\\ursula",
      "a\\u{5c}u{d800}",
      "a\\u{5c}u{5c}",
    ]);
  });
});
