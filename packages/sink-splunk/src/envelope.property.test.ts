import type { AuditEvent, JsonObject, OutgoingEvent } from "@headgate/core";
import { arbitraryEvent, arbitraryMetadata, arbitraryText, auditEvent, outgoingEvent } from "@headgate/sink-testkit";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { envelopeEncoder } from "./envelope.ts";
import { lineMembersReader } from "./line-members.ts";

const settings = { host: "headgate", source: "headgate:acme", sourcetype: "headgate:audit", index: "audit" };

function ofLine(text: string, parts: Partial<OutgoingEvent> = {}): OutgoingEvent {
  const line = Buffer.from(text);
  return { sequence: 7, occurredAt: 1_752_659_550_123, line, parse: () => JSON.parse(text) as AuditEvent, ...parts };
}

/** JSON text of an object as foreign hands write it: white space, escapes in keys and values, members twice. */
function foreignObject(): fc.Arbitrary<string> {
  const escaped = (text: string): string =>
    `"${Array.from({ length: text.length }, (_, i) => `\\u${text.charCodeAt(i).toString(16).padStart(4, "0")}`).join("")}"`;
  const key = fc.oneof(
    fc.constantFrom('"id"', '"action"', '"Id"', '"idx"', '"metadata"', '"a\\"id\\":"', '"\\u0069d"', '"__proto__"'),
    fc.constantFrom("id", "action").map(escaped),
    arbitraryText().map((text) => JSON.stringify(text)),
  );
  const value = fc.oneof(
    arbitraryText().map((text) => JSON.stringify(text)),
    fc.string({ unit: "grapheme-ascii", maxLength: 5 }).map(escaped),
    arbitraryMetadata().map((metadata) => JSON.stringify(metadata)),
    fc.array(arbitraryMetadata(), { maxLength: 2 }).map((list) => JSON.stringify(list)),
    fc.constantFrom("1", "-0.5e3", "true", "null", "[]", "{}", '{"id":"inner","action":"inner"}', '["id","action"]'),
  );
  const text = arbitraryText().map((each) => JSON.stringify(each));
  const plain = fc.tuple(fc.constantFrom('"id"', '"action"', '"other"'), text);
  const member = fc.oneof({ weight: 3, arbitrary: plain }, { weight: 1, arbitrary: fc.tuple(key, value) });
  const spaces = fc.oneof(
    { weight: 4, arbitrary: fc.constant("") },
    { weight: 1, arbitrary: fc.constantFrom(" ", "\n", "\t ") },
  );
  return fc
    .tuple(fc.array(member, { maxLength: 10 }), spaces)
    .map(([members, space]) => `{${members.map(([k, v]) => `${space}${k}${space}:${space}${v}`).join(",")}${space}}`);
}

describe("lineMembersReader", () => {
  it("finds what JSON.parse finds, or leaves the line to it", () => {
    const read = lineMembersReader();
    let found = 0;
    fc.assert(
      fc.property(foreignObject(), (text) => {
        const line = Buffer.from(text);
        const members = read(line);
        const parsed = JSON.parse(text) as JsonObject;
        if (members === undefined) return;
        found++;
        const at = (from: number, to: number): unknown => JSON.parse(line.toString("utf8", from, to));
        expect(at(members.idFrom, members.idTo)).toBe(parsed["id"]);
        expect(at(members.actionFrom, members.actionTo)).toBe(parsed["action"]);
      }),
      { numRuns: 3000 },
    );
    // Else the test has looked at nothing.
    expect(found).toBeGreaterThan(50);
  });

  it.each([
    '{"id":"a","action":"b"',
    '{"id":"a","action":"b',
    '{"id":"a","action":"b\\',
    '{"id":"a","action":"b"}}',
    "[]",
    "",
    "{",
    '{"id',
    '{"id":1,"action":"b"}',
  ])("says no to %s, and ends", (text) => {
    expect(lineMembersReader()(Buffer.from(text))).toBeUndefined();
  });

  it("reads stored lines without parsing them", () => {
    const read = lineMembersReader();
    const property = fc.property(arbitraryEvent(), (event) => {
      expect(read(outgoingEvent(event).line)).toBeDefined();
    });
    fc.assert(property);
  });
});

describe("envelopeEncoder", () => {
  it("writes an envelope byte for byte around the stored line", () => {
    const event = outgoingEvent(auditEvent({ sequence: 4711, action: "context.secrets.accessed" }));
    const bytes = envelopeEncoder(settings, "org_1")(event);
    expect(Buffer.from(bytes).toString()).toBe(
      '{"time":1752659550.123,"host":"headgate","source":"headgate:acme","sourcetype":"headgate:audit","index":"audit",' +
        '"fields":{"id":"01981f2e-7c1a-7f3e-9a51-000000001267","sequence":"4711","organization":"org_1",' +
        `"action":"context.secrets.accessed"},"event":${Buffer.from(event.line).toString()}}`,
    );
  });

  it("holds the event and its fields, whatever the event holds, and no key that the collector does not know", () => {
    const encode = envelopeEncoder(settings, 'org "ö" \\ \u2028');
    fc.assert(
      fc.property(arbitraryEvent(12), arbitraryText(), (drawn, action) => {
        const event = { ...drawn, action };
        const envelope = JSON.parse(Buffer.from(encode(outgoingEvent(event))).toString()) as JsonObject;
        expect(envelope).toEqual({
          time: Date.parse(event.occurred_at) / 1000,
          ...settings,
          fields: { id: event.id, sequence: "12", organization: 'org "ö" \\ \u2028', action },
          event: JSON.parse(JSON.stringify(event)) as JsonObject,
        });
      }),
    );
  });

  it("parses a line that is out of the ordinary, to the same envelope", () => {
    const encode = envelopeEncoder({ host: "h", source: "s", sourcetype: "t" }, "org_1");
    const text = '{ "id":"first", "\\u0069d":"last","action":"a\\nb" }';
    expect(Buffer.from(encode(ofLine(text, { sequence: 9_007_199_254_740_991, occurredAt: -1 }))).toString()).toBe(
      '{"time":-0.001,"host":"h","source":"s","sourcetype":"t","fields":{"id":"last","sequence":"9007199254740991",' +
        `"organization":"org_1","action":"a\\nb"},"event":${text}}`,
    );
  });
});
