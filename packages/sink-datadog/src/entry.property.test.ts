import type { AuditEvent, OutgoingEvent } from "@headgate/core";
import { arbitraryEvent, arbitraryText, auditEvent, outgoingEvent } from "@headgate/sink-testkit";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { freezeEncoding, thawEncoding } from "./encoding.ts";
import { entryWriter, writeTime } from "./entry.ts";
import { messageOf } from "./message.ts";
import { maxMessage, plainMessageReader } from "./plain-message.ts";

const settings = { source: "headgate", service: "acme", hostname: undefined, tags: "organization:org_1,stream:s" };
const encoding = freezeEncoding(settings);

/** An event whose every shown part may be anything, long or short, and whose members are there or not. */
function anyEvent(): fc.Arbitrary<AuditEvent> {
  const text = fc.oneof(arbitraryText(), fc.constantFrom("user.login", "Ada", "é".repeat(120), "x".repeat(201)));
  const party = fc.record({ type: text, id: text, name: text }, { requiredKeys: ["type", "id"] });
  const shown = fc.record(
    { action: text, actor: party, category: text, targets: fc.array(party, { maxLength: 6 }) },
    { requiredKeys: ["action", "actor"] },
  );
  const outcome = fc.constantFrom(undefined, "success", "failure", "denied", "unknown");
  return fc.tuple(arbitraryEvent(), shown, outcome).map(([event, more, ended]) => {
    const { schema_version, id, occurred_at, organization, context, metadata, sequence } = event;
    const { action, category, actor, targets } = more;
    const ordered = { schema_version, id, occurred_at, organization, action, category, outcome: ended, actor, targets };
    return JSON.parse(JSON.stringify({ ...ordered, context, metadata, sequence })) as AuditEvent;
  });
}

function read(bytes: Uint8Array): Record<string, unknown> {
  return JSON.parse(new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes)) as Record<
    string,
    unknown
  >;
}

describe("a message", () => {
  const out = new Uint8Array(maxMessage);
  const reader = plainMessageReader(out);
  const plainOf = (event: OutgoingEvent): string | undefined => {
    const plain = reader(event.line);
    return (
      plain &&
      (JSON.parse(`"${new TextDecoder("utf-8", { ignoreBOM: true }).decode(out.subarray(0, plain.length))}"`) as string)
    );
  };

  it("is read from the line as it would be from the parsed event, or not at all", () => {
    let quick = 0;
    const property = fc.property(anyEvent(), (event) => {
      const text = plainOf(outgoingEvent(event));
      if (text === undefined) return;
      quick += 1;
      expect(text).toBe(messageOf(event));
    });
    fc.assert(property, { numRuns: 2000 });
    expect(quick).toBeGreaterThan(50);
  });

  it("of a usual event needs no parsing", () => {
    for (const event of [auditEvent(), auditEvent({ metadata: { note: 'a "quoted" \\ text' } })]) {
      expect(plainOf(outgoingEvent(event))).toBe("pipeline.run.started by user Ada on pipeline deploy: success");
    }
  });

  it.each([
    [
      "members in another order",
      (line: string) => line.replace(/("action":"[^"]*",)(.*)("outcome":"[^"]*",)/, "$3$2$1"),
    ],
    ["an escape in a part", (line: string) => line.replace("Ada", "\\u0041da")],
    ["white space", (line: string) => line.replace(",", ", ")],
    ["an unknown member before the actor", (line: string) => line.replace('"actor"', '"x":1,"actor"')],
    ["nothing after the targets", (line: string) => line.replace(/,"context".*/, "}")],
    ["the end of the line within a text", (line: string) => line.slice(0, line.indexOf("Ada") + 1)],
  ])("is left to the parser with %s", (_title, change) => {
    const line = JSON.stringify(auditEvent());
    expect(change(line)).not.toBe(line);
    expect(reader(new TextEncoder().encode(change(line)))).toBeUndefined();
  });

  it("names three targets, counts the others, and prefers names to ids", () => {
    const targets = ["1", "2", "3", "4", "5"].map((id) => ({
      type: "pipeline",
      id,
      ...(id === "2" && { name: "deploy" }),
    }));
    const event = auditEvent({ targets, actor: { type: "user", id: "u_1", name: "" }, outcome: "denied" });
    const text = "pipeline.run.started by user u_1 on pipeline 1, pipeline deploy, pipeline 3 and 2 more: denied";
    expect(messageOf(event)).toBe(text);
    expect(plainOf(outgoingEvent(event))).toBe(text);
  });

  it("is one line of bounded length that is no JSON in itself", () => {
    const property = fc.property(anyEvent(), (event) => {
      const text = messageOf(event);
      // oxlint-disable-next-line no-control-regex -- control characters are what is looked for
      expect(text).not.toMatch(/[\u0000-\u001f\u007f]/);
      expect(Buffer.byteLength(text)).toBeLessThanOrEqual(maxMessage);
      expect(() => JSON.parse(text) as unknown).toThrow(/JSON/);
    });
    fc.assert(property, { numRuns: 500 });
    const tricky = auditEvent({ action: '{"status":"emerg"}', actor: { type: "user", id: "u" } });
    expect(messageOf(tricky)).toBe('{"status":"emerg"} by user u on pipeline deploy: success');
  });
});

describe("an entry", () => {
  const writer = entryWriter(encoding);

  it("holds the stored line as it is, and around it what Datadog reads, each under its own name", () => {
    const property = fc.property(anyEvent(), (event) => {
      const outgoing = outgoingEvent(event);
      const bytes = Buffer.from(writer.entry(outgoing));
      expect(bytes.includes(Buffer.from(outgoing.line))).toBe(true);
      const { audit, ...around } = read(bytes);
      expect(audit).toEqual(event);
      expect(around).toEqual({
        ddsource: "headgate",
        ddtags: settings.tags,
        message: messageOf(event),
        service: "acme",
        timestamp: outgoing.occurredAt,
        status: event.outcome === "failure" ? "error" : event.outcome === "denied" ? "warn" : "info",
      });
      expect(Object.keys(read(bytes))).toEqual([
        "ddsource",
        "ddtags",
        "message",
        "service",
        "timestamp",
        "status",
        "audit",
      ]);
    });
    fc.assert(property, { numRuns: 1000 });
  });

  it("has 13 digits of time for every instant", () => {
    const instants = fc.integer({
      min: Date.parse("0000-01-01T00:00:00Z"),
      max: Date.parse("9999-12-31T23:59:59.999Z"),
    });
    const property = fc.property(instants, (time) => {
      const bytes = Buffer.alloc(13);
      writeTime(bytes, 0, time);
      expect(bytes.toString()).toBe(String(Math.min(9_999_999_999_999, Math.max(1_000_000_000_000, time))));
    });
    fc.assert(property, { numRuns: 1000 });
  });

  it("is the same under settings that came back from a window", () => {
    const words = fc.record({ source: arbitraryText(), service: arbitraryText(), tags: arbitraryText() });
    const property = fc.property(words, fc.option(arbitraryText(), { nil: undefined }), (given, hostname) => {
      const frozen = freezeEncoding({ ...given, hostname });
      expect(thawEncoding(frozen)).toEqual({ ...given, hostname });
      const well = JSON.parse(JSON.stringify(given).toWellFormed()) as typeof given;
      expect(read(entryWriter(frozen).entry(outgoingEvent(auditEvent())))).toMatchObject({ service: well.service });
    });
    fc.assert(property);
  });

  it.each([
    "",
    "{}",
    "null",
    "[]",
    "1",
    '{"kind":"splunk","version":1}',
    encoding.replace('"version":1', '"version":2'),
  ])("is not made under the encoding %j", (other) => {
    expect(thawEncoding(other)).toBeUndefined();
    expect(() => entryWriter(other)).toThrow(TypeError);
  });
});
