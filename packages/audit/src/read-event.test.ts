import type { AuditEvent, EventFormat } from "@headgate/core";
import { cefFormat, cloudEventsFormat, ecsFormat, ocsfFormat } from "@headgate/formats";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readEvent } from "./read-event.ts";

const native: EventFormat = {
  name: "native",
  title: "",
  encoding: "",
  encoder: () => (event) => JSON.stringify(event),
};
const cloudEvents = cloudEventsFormat();
const firstCloudEvents: EventFormat = {
  ...cloudEvents,
  name: "cloudevents, as version 1 wrote it",
  encoding: cloudEvents.encoding.replace(/^\d+/, "1"),
};
const formats = [native, ocsfFormat(), ecsFormat(), cefFormat(), cloudEvents, firstCloudEvents];

const text = fc.oneof(
  fc.string({ unit: "binary", minLength: 1, maxLength: 20 }).filter((some) => !/[\p{Cc}\p{Cs}]/u.test(some)),
  fc.string({
    unit: fc.constantFrom("\\", "u{", "}", "d800", "5c", "\\u{d800}", "\ufffe"),
    minLength: 1,
    maxLength: 5,
  }),
  fc.constantFrom("a=b", "cn1=9 cn1Label=sequence", "x|y\\", "\\=", " externalId=other", "rt=1"),
);
const events: fc.Arbitrary<AuditEvent> = fc.record({
  schema_version: fc.constant(1 as const),
  id: text,
  occurred_at: fc
    .integer({ min: Date.UTC(2001, 9, 9), max: Date.UTC(2200, 0, 1) })
    .map((instant) => new Date(instant).toISOString()),
  organization: fc.record({ id: text, name: text }),
  action: fc.constantFrom("user.login", "a|b=c", "context.secrets.accessed"),
  category: fc.constantFrom("authentication", "configuration"),
  outcome: fc.constantFrom("success" as const, "failure" as const),
  actor: fc.record({ type: fc.constant("user"), id: text, name: text }),
  metadata: fc.record({ note: fc.string({ unit: "binary" }), text }),
  sequence: fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }),
});

describe("a line of an object", () => {
  it.each(formats.map((format) => [format.name, format] as const))(
    "says whose event it is, which and when, whatever stands in it: %s",
    (_name, format) => {
      const write = format.encoder(format.encoding);
      if (write === undefined) throw new Error("a format must know its own encoding");
      fc.assert(
        fc.property(events, (event) => {
          const { id, sequence, organization, occurred_at: at } = event;
          expect(readEvent(Buffer.from(write(event)))).toMatchObject({
            id,
            sequence,
            organization: organization.id,
            occurredAt: Date.parse(at),
          });
        }),
        { numRuns: 500 },
      );
    },
  );

  it("says of CloudEvents without an event in them what their attributes say", () => {
    const [sequence, time] = ["0000000000000007", "2026-11-26T20:00:07.123Z"];
    fc.assert(
      fc.property(fc.oneof(text, fc.string({ unit: "binary" })), text, (id, organization) => {
        const event = { id, organization: { id: organization }, occurred_at: time, sequence: 7 } as AuditEvent;
        const { data: _, ...attributes } = JSON.parse(
          cloudEvents.encoder(cloudEvents.encoding)?.(event) ?? "",
        ) as object & {
          data: unknown;
        };
        expect(readEvent(Buffer.from(JSON.stringify(attributes)))).toMatchObject({ id, organization });
      }),
    );
    const strange = { specversion: "1.0", id: "a\\u{61}\\u{110000}", organization: "o", sequence, time, data: "none" };
    expect(readEvent(Buffer.from(JSON.stringify(strange)))).toMatchObject({ id: strange.id });
  });

  it("says nothing where CEF ends early, lacks a label, or names a key twice", () => {
    const read = (line: string): unknown => readEvent(Buffer.from(line));
    const head = "CEF:0|v|p|1|a|a|3|";
    const whole = "rt=1 externalId=e cn1=2 cn1Label=sequence cs1=o cs1Label=organization";
    expect(read(head + whole)).toEqual({ id: "e", sequence: 2, organization: "o", occurredAt: 1 });
    expect(read("CEF:0|v|p")).toBe("is not valid JSON");
    expect(read(head + whole.replace("cn1Label=sequence", "cn1Label=other"))).toBe("has no valid sequence");
    expect(read(`${head}${whole} externalId=f`)).toMatchObject({ fault: "names a key twice" });
  });
});
