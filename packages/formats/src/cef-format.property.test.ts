import { isIP } from "node:net";
import type { AuditEvent } from "@headgate/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { cefFormat } from "./cef-format.ts";
import { meaningOf } from "./meaning.ts";
import { parseCef } from "./testing/cef-parse.ts";

const hostile = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.string({
    unit: fc.constantFrom(
      "\r",
      "\n",
      "\0",
      "\t",
      "|",
      "=",
      "\\",
      '"',
      " ",
      "a",
      "\u2028",
      "\u0085",
      "\ud800",
      " cs1=",
      "\\n",
      "CEF:0|",
      "\\=",
      "\\|",
    ),
    maxLength: 12,
  }),
  fc.nat({ max: 1000 }).map((times) => "=|\\".repeat(times)),
);
const party = fc.record(
  { type: fc.oneof(fc.constantFrom("user", "team"), hostile), id: hostile, name: hostile },
  { requiredKeys: ["type", "id"] },
);
const event = fc.record(
  {
    schema_version: fc.constant(1 as const),
    id: hostile,
    occurred_at: fc.constant("2026-11-26T20:00:07.123Z"),
    organization: fc.record({ id: hostile, name: hostile }, { requiredKeys: ["id"] }),
    action: hostile,
    category: hostile,
    outcome: fc.constantFrom("success", "failure", "denied", "unknown"),
    actor: party,
    targets: fc.array(party, { maxLength: 3 }),
    context: fc.record(
      { ip: fc.oneof(hostile, fc.ipV4(), fc.ipV6()), user_agent: hostile, request_id: hostile, other: hostile },
      { requiredKeys: [] },
    ),
    metadata: fc.dictionary(hostile, hostile, { maxKeys: 3 }),
    sequence: fc.nat(),
  },
  { requiredKeys: ["schema_version", "id", "occurred_at", "organization", "action", "actor", "sequence"] },
) as fc.Arbitrary<AuditEvent>;

/** A header has no way to write a line break. */
const inHeader = (text: string): string => text.replaceAll(/[\r\n]+/g, " ");

describe("a line of CEF", () => {
  const product = { product: "A|B\\C\nD", vendor: "=|\\" };
  const format = cefFormat(product);
  const encode = format.encoder(format.encoding);

  it("is one line, and says what the event says, whatever its texts hold", () => {
    fc.assert(
      fc.property(event, (one) => {
        const { header, extension } = parseCef(encode?.(one) ?? "");
        const { actor, organization, context = {} } = one;
        const { ip, user_agent: agent, request_id: request, ...rest } = context;
        const [user] = meaningOf(one).users;
        const v4 = ip !== undefined && isIP(ip) === 4;
        expect(header.slice(0, 5)).toEqual([
          product.vendor,
          inHeader(product.product),
          "1",
          inHeader(one.action),
          inHeader(one.action),
        ]);
        expect(header[5]).toMatch(/^\d$/);
        const expected: Readonly<Record<string, string | undefined>> = {
          externalId: one.id,
          act: one.action,
          cat: one.category,
          outcome: one.outcome,
          suid: actor.id,
          suser: actor.name,
          spriv: actor.type,
          duid: user?.id,
          duser: user?.name,
          src: v4 ? ip : undefined,
          cs1: organization.id,
          cs2: v4 ? undefined : ip,
          requestClientApplication: agent,
          cs3: request,
          cs4: JSON.stringify(one.targets),
          cs5: Object.keys(rest).length === 0 ? undefined : JSON.stringify(rest),
          cs6: JSON.stringify(one.metadata),
          flexString1: organization.name,
          cn1: String(one.sequence),
        };
        for (const [key, value] of Object.entries(expected)) expect([key, extension.get(key)]).toEqual([key, value]);
        // And nothing besides: no text of an event has become a key of its own.
        const known = new Set([...Object.keys(expected), "rt", "cn2"]);
        const others = [...extension.keys()].filter((key) => !known.has(key.replace(/Label$/, "")));
        expect(others).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });
});
