import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { durationPattern, parseDuration, parseSize, sizePattern } from "./units.ts";

describe("parseDuration", () => {
  it.each([
    ["500ms", 500],
    ["30s", 30_000],
    ["1.5m", 90_000],
    ["1h", 3_600_000],
    ["30d", 2_592_000_000],
  ])("reads %s", (text, ms) => expect(parseDuration(text)).toBe(ms));

  it.each(["", "5", "5 m", "-1s", "1H", "1e3s", "m", "5constructor"])("refuses %j", (text) => {
    expect(parseDuration(text)).toBeUndefined();
  });
});

describe("parseSize", () => {
  it.each([
    ["0B", 0],
    ["512KiB", 524_288],
    ["1MB", 1_000_000],
    ["64MiB", 67_108_864],
    ["1.5GiB", 1_610_612_736],
  ])("reads %s", (text, bytes) => expect(parseSize(text)).toBe(bytes));

  it.each(["64", "64 MiB", "64mib", "1TB"])("refuses %j", (text) => expect(parseSize(text)).toBeUndefined());
});

describe("the patterns of the schema", () => {
  it("take just what the parsers take", () => {
    const text = fc.oneof(fc.string(), fc.stringMatching(/^\d{1,3}(\.\d)?[a-zA-Z]{1,3}$/));
    fc.assert(
      fc.property(text, (candidate) => {
        expect(new RegExp(durationPattern).test(candidate)).toBe(parseDuration(candidate) !== undefined);
        expect(new RegExp(sizePattern).test(candidate)).toBe(parseSize(candidate) !== undefined);
      }),
    );
  });
});
