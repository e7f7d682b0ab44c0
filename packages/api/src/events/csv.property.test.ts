import { parse } from "csv-parse/sync";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { csvColumns, csvHead, csvRow } from "./csv.ts";

const hostile = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.string({
    unit: fc.constantFrom(
      "\r",
      "\n",
      "\t",
      "\0",
      ",",
      ";",
      '"',
      "'",
      "=",
      "+",
      "-",
      "@",
      "|",
      "\\",
      " ",
      "a",
      "\u2028",
      "\u00a0",
      "\ufeff",
      "\uff1d",
      "\uff20",
      "\ud800",
      "=1+1",
      '""',
    ),
    maxLength: 12,
  }),
  fc.constantFrom('=HYPERLINK("http://x","y")', "+A1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", " =1", "x;=1"),
  fc.nat({ max: 5000 }).map((length) => `="${"x".repeat(length)}`),
);
const cells = fc.record({
  id: hostile,
  organization: fc.record({ id: hostile, name: hostile }),
  action: hostile,
  category: hostile,
  outcome: hostile,
  actor: fc.record({ type: hostile, id: hostile, name: hostile }),
  context: fc.record({ ip: hostile, user_agent: hostile, request_id: hostile, other: hostile }),
  targets: fc.array(fc.record({ type: hostile, id: hostile }), { maxLength: 2 }),
  metadata: fc.dictionary(hostile, hostile, { maxKeys: 3 }),
  sequence: fc.nat(),
});

/** What a cell holds apart from the apostrophes that take formulas out. */
const bare = (text: string): string => text.replaceAll("'", "");
/** What spreadsheets take for a formula: at the front, past what they skip, and past what some take for a cell's end. */
const formula = /(^|[;\t\r\n])[\s\ufeff]*[=+\-@\uff1d\uff0b\uff0d\uff20]/;

/** Rows end with CRLF; parsers that take a line feed or a carriage return alone for an end must be misled by neither. */
const options = { record_delimiter: ["\r\n", "\n", "\r"], relax_quotes: false, bom: false };

describe("rows of CSV", () => {
  it("are read back by another's parser, cell by cell, whatever the texts hold", () => {
    fc.assert(
      fc.property(fc.array(cells, { minLength: 1, maxLength: 4 }), (events) => {
        const lines = events.map((event) => JSON.stringify({ occurred_at: "2026-01-01T00:00:00.000Z", ...event }));
        const text = `${csvHead}${lines.map(csvRow).join("")}`;
        const [head, ...rows] = parse(text, options);
        expect(head).toEqual(csvColumns);
        expect(rows).toHaveLength(events.length);
        events.forEach((event, i) => {
          const { organization, actor, context } = event;
          const expected = [
            String(event.sequence),
            "2026-01-01T00:00:00.000Z",
            event.id,
            organization.id,
            organization.name,
            event.action,
            event.category,
            event.outcome,
            actor.type,
            actor.id,
            actor.name,
            context.ip,
            context.user_agent,
            context.request_id,
            JSON.stringify(event.targets),
            JSON.stringify(context),
            JSON.stringify(event.metadata),
            // Half a surrogate pair has no bytes of its own in UTF-8.
          ].map((cell) => cell.toWellFormed());
          expect(rows[i]?.map(bare)).toEqual(expected.map(bare));
          // What no spreadsheet minds is as it was.
          const harmless = (cell: string): boolean => !formula.test(cell) && !/^[\t\r]/.test(cell);
          expect(rows[i]?.filter((_, n) => harmless(expected[n] ?? ""))).toEqual(expected.filter(harmless));
        });
      }),
      { numRuns: 60 },
    );
  });

  it("hold no formula, in any cell", () => {
    fc.assert(
      fc.property(cells, (event) => {
        const line = JSON.stringify({ occurred_at: "2026-01-01T00:00:00.000Z", ...event });
        const [row = []] = parse(csvRow(line), options);
        for (const cell of row) {
          expect(cell).not.toMatch(formula);
          expect(cell).not.toMatch(/^[\t\r]/);
        }
      }),
      { numRuns: 60 },
    );
  });
});
