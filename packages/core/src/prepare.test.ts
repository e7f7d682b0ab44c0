import { describe, expect, it } from "vitest";
import { defineCatalog } from "./catalog.ts";
import { compileSchema } from "./schema-check.ts";
import { eventSchema } from "./event-schema.ts";
import { joinGroup } from "./group.ts";
import { createPreparer, type IncomingEvent, type Preparer } from "./prepare.ts";

const now = Date.parse("2026-03-01T10:00:00Z");
const clock = { now: () => now, after: () => () => {} };
const preparer = createPreparer({ clock, maxAgeMs: 30 * 86_400_000 });
const actor = { type: "user", id: "u_1" };

function line(event: IncomingEvent, by: Preparer = preparer): Record<string, unknown> {
  const { body } = joinGroup(7, now, [by.prepare("org_1", event)]);
  return JSON.parse(new TextDecoder().decode(body)) as Record<string, unknown>;
}

function refusal(event: unknown, options: { parsed?: boolean } = {}): string {
  try {
    preparer.prepare("org_1", event as IncomingEvent, { at: "events[3]", ...options });
  } catch (error) {
    return `${(error as { code: string }).code}: ${(error as Error).message}`;
  }
  return "accepted";
}

describe("createPreparer", () => {
  it("defaults what may be left out and gives a line that follows the shipped schema", () => {
    const event = line({ action: "a.b", actor });
    expect(event).toMatchObject({
      schema_version: 1,
      occurred_at: "2026-03-01T10:00:00.000Z",
      organization: { id: "org_1" },
      sequence: 7,
    });
    expect(event["id"]).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(compileSchema(eventSchema)(event)).toBeUndefined();
  });

  it("keeps every member and its bytes", () => {
    const given = {
      id: "x",
      action: "a.b",
      category: "data",
      outcome: "denied",
      actor: { ...actor, name: "Ada \u{1F600} \ud800" },
      targets: [{ type: "t", id: "1" }],
      context: { ip: "203.0.113.7", deep: { list: [1, -0.5, null, true] } },
      metadata: JSON.parse('{"__proto__":{"a":1},"nul":"\\u0000","constructor":2}') as Record<string, never>,
    } as const;
    const text = JSON.stringify(line(given));
    expect(text).toContain('"metadata":{"__proto__":{"a":1},"nul":"\\u0000","constructor":2}');
    expect(line(given)).toMatchObject({
      actor: given.actor,
      targets: given.targets,
      context: given.context,
      outcome: "denied",
    });
  });

  it("normalises any RFC 3339 time to UTC milliseconds", () => {
    expect(line({ action: "a", actor, occurred_at: "2026-02-28T23:59:60.123999+14:00" })["occurred_at"]).toBe(
      "2026-02-28T10:00:00.123Z",
    );
    expect(line({ action: "a", actor, occurred_at: new Date(now) })["occurred_at"]).toBe("2026-03-01T10:00:00.000Z");
  });

  it.each([
    ["2026-02-30T00:00:00Z", "RFC 3339"],
    ["2026-02-30T00:00:00.000Z", "RFC 3339"],
    ["yesterday", "RFC 3339"],
    ["2026-03-01T11:00:01Z", "ahead of the clock"],
    ["2025-01-01T00:00:00Z", "older than the retention of 30 d"],
  ])("refuses the time %s", (time, reason) => {
    const message = refusal({ action: "a", actor, occurred_at: time });
    expect(message).toContain("events[3]: $.occurred_at");
    expect(message).toContain(reason);
  });

  it("names every path at fault and what would be accepted", () => {
    const message = refusal({ action: "", actor: { type: 1 }, outcome: "maybe", extra: 1 }, { parsed: true });
    expect(message).toMatch(/^event_invalid: events\[3\]: /);
    expect(message).toContain('$ has an unknown member "extra" (known: schema_version, id,');
    expect(message).toContain("$.actor.type must be a string, not a number");
    expect(message).toContain('$.actor lacks "id"');
    expect(message).toContain("$.outcome must be one of success, failure, denied, unknown");
  });

  it.each([
    [{ n: Number.NaN }, "$.metadata.n must be a finite number"],
    [{ n: 1n }, "$.metadata.n must not be a BigInt"],
    [{ d: new Date(0) }, "$.metadata.d must be a plain object, not Date"],
    [{ l: [1, undefined] }, "$.metadata.l[1] must be JSON, not undefined"],
    [{ m: new Map() }, "$.metadata.m must be a plain object, not Map"],
  ])("refuses metadata that JSON would alter: %s", (metadata, reason) => {
    expect(refusal({ action: "a", actor, metadata })).toContain(reason);
  });

  it("refuses cycles and nesting without end", () => {
    const cycle: Record<string, unknown> = {};
    cycle["self"] = cycle;
    expect(refusal({ action: "a", actor, metadata: cycle })).toContain("nested deeper than 100 levels");
  });

  it("refuses a sequence, another organization, and what is too large", () => {
    expect(refusal({ action: "a", actor, sequence: 4 })).toContain("$.sequence is given at append");
    expect(refusal({ action: "a", actor, organization: { id: "org_2" } })).toContain(
      'must be the organization appended to, "org_1"',
    );
    expect(refusal({ action: "a", actor, metadata: { big: "x".repeat(17 << 20) } })).toMatch(/^event_too_large/);
    expect(() => preparer.prepare("", { action: "a", actor })).toThrow(/organization id/);
  });

  it("splices metadata that is JSON text already, to the byte", () => {
    const text = '{"n":12345678901234567890,"n":1.0}';
    const { stub } = preparer.prepare("org_1", { action: "a", actor }, { metadataJson: text });
    expect(new TextDecoder().decode(stub).endsWith(`,"metadata":${text}`)).toBe(true);
  });

  it("checks metadata against the catalog, takes the category from it, and refuses unknown actions where told to", () => {
    const catalog = defineCatalog({
      "token.created": {
        category: "authentication",
        description: "…",
        metadata: { type: "object", required: ["ttl"], properties: { ttl: { type: "integer" } } },
      },
    });
    const strict = createPreparer({ clock, catalog, unknownActions: "refuse" });
    expect(line({ action: "token.created", actor, metadata: { ttl: 5 } }, strict)["category"]).toBe("authentication");
    expect(() => strict.prepare("o", { action: "token.created", actor, metadata: { ttl: "5" } })).toThrow(
      "$.metadata.ttl must be an integer, not a string",
    );
    expect(() => strict.prepare("o", { action: "token.created", actor })).toThrow('$.metadata lacks "ttl"');
    expect(() => strict.prepare("o", { action: "constructor", actor })).toThrow(/does not know the action/);
  });
});
