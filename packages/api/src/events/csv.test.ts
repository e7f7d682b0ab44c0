import { describe, expect, it } from "vitest";
import { csvColumns, csvHead, csvRow } from "./csv.ts";

const base =
  '"schema_version":1,"id":"e-1","occurred_at":"2025-07-16T09:52:30.123Z","organization":{"id":"org_1"},"action":"a.b"';

/** Cells of one row, as RFC 4180 reads them. */
function cells(row: string): Readonly<Record<string, string>> {
  expect(row.endsWith("\r\n")).toBe(true);
  const found = [...row.slice(0, -2).matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,"]*))/g)].map(
    ([, quoted, plain]) => quoted?.replaceAll('""', '"') ?? plain ?? "",
  );
  expect(found).toHaveLength(csvColumns.length);
  return Object.fromEntries(csvColumns.map((name, i) => [name, found[i] as string]));
}

describe("csvRow", () => {
  it("has a cell for each column of the head", () => {
    expect(csvHead).toBe(`${csvColumns.join(",")}\r\n`);
    const event = `{${base},"outcome":"success","actor":{"type":"user","id":"u_1","name":"Ada"},"context":{"ip":"203.0.113.7","x":[1]},"sequence":7}\n`;
    expect(cells(csvRow(event))).toMatchObject({
      sequence: "7",
      id: "e-1",
      organization_id: "org_1",
      organization_name: "",
      outcome: "success",
      actor_name: "Ada",
      ip: "203.0.113.7",
      context: '{"ip":"203.0.113.7","x":[1]}',
      metadata: "",
    });
  });

  it.each([
    ["=1+1", "'=1+1"],
    ["+1", "'+1"],
    ["-1", "'-1"],
    ["@SUM(A1)", "'@SUM(A1)"],
    ["\uff1d1", "'\uff1d1"],
    // Spreadsheets skip blanks, and some take semicolons, tabs and line ends for the end of a cell.
    [" =1", " '=1"],
    ["\u00a0\ufeff=1", "\u00a0\ufeff'=1"],
    ["\t=1", "'\t'=1"],
    ["\r=1", "'\r'=1"],
    ["\n=1", "\n'=1"],
    ["x;=1+1", "x;'=1+1"],
    ["x; -1;\t@A", "x; '-1;\t'@A"],
    ["a=1; b", "a=1; b"],
    ["2026-01-01", "2026-01-01"],
  ])("takes the formula out of %j", (name, safe) => {
    const event = `{${base},"actor":{"type":"user","id":"u","name":${JSON.stringify(name)}},"sequence":1}`;
    expect(cells(csvRow(event))["actor_name"]).toBe(safe);
  });

  it("quotes what holds commas, quotes and line breaks", () => {
    const name = 'a,"b"\nc';
    const event = `{${base},"actor":{"type":"user","id":"u","name":${JSON.stringify(name)}},"sequence":1}`;
    expect(cells(csvRow(event))["actor_name"]).toBe(name);
  });

  it("keeps every digit of a number, and members called __proto__", () => {
    const metadata = '{"n":12345678901234567890,"e":1.10,"__proto__":1}';
    const event = `{${base},"actor":{"type":"user","id":"u"},"metadata":${metadata},"sequence":1}`;
    expect(cells(csvRow(event))["metadata"]).toBe(metadata);
  });

  it("takes events that are nested deeper than any parser's stack", () => {
    const metadata = `${'{"a":'.repeat(100_000)}1${"}".repeat(100_000)}`;
    const event = `{${base},"actor":{"type":"user","id":"u"},"context":{"deep":${metadata}},"metadata":${metadata},"sequence":1}\n`;
    expect(cells(csvRow(event))["metadata"]).toBe(metadata);
  });

  it("is not misled by members of metadata that are named as an event's own, or by brackets in texts", () => {
    const metadata = '{"action":"x","sequence":9,"text":"}]\\\\\\"{,\\\\","context":{"ip":"1"}}';
    const event = `{${base},"actor":{"type":"user","id":"u"},"metadata":${metadata},"sequence":1}\n`;
    expect(cells(csvRow(event))).toMatchObject({ action: "a.b", sequence: "1", ip: "", metadata });
  });
});
