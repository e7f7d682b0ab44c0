import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { formatTimestamp, hourMs, hourOf, isStoredTimestamp, parseTimestamp } from "./time.ts";

const instants = fc.date({
  min: new Date("0000-01-01T00:00:00Z"),
  max: new Date("9999-12-31T23:59:59.999Z"),
  noInvalidDate: true,
});

describe("parseTimestamp", () => {
  it("reads what formatTimestamp writes, in any order", () => {
    fc.assert(
      fc.property(fc.array(instants), (dates) => {
        for (const date of dates.flatMap((one) => [one, new Date(Math.min(+one + 1234, Date.UTC(9999, 11, 31)))])) {
          expect(parseTimestamp(formatTimestamp(date.getTime()))).toBe(date.getTime());
          expect(isStoredTimestamp(formatTimestamp(date.getTime()))).toBe(true);
        }
      }),
    );
  });

  it("reads any offset and any precision", () => {
    fc.assert(
      fc.property(
        instants,
        fc.integer({ min: -1439, max: 1439 }),
        fc.stringMatching(/^\d{1,9}$/),
        fc.constantFrom("T", "t", " "),
        (date, offset, digits, t) => {
          const whole = Math.floor(date.getTime() / 1000) * 1000;
          const shifted = new Date(whole + offset * 60_000);
          if (shifted.getUTCFullYear() < 0 || shifted.getUTCFullYear() > 9999) return;
          const [hours, minutes] = [Math.floor(Math.abs(offset) / 60), Math.abs(offset) % 60].map((n) =>
            String(n).padStart(2, "0"),
          );
          const text = `${shifted.toISOString().slice(0, 10)}${t}${shifted.toISOString().slice(11, 19)}.${digits}${offset < 0 ? "-" : "+"}${hours}:${minutes}`;
          expect(parseTimestamp(text)).toBe(whole + Number(digits.padEnd(3, "0").slice(0, 3)));
        },
      ),
    );
  });

  it.each([
    "",
    "2026-13-01T00:00:00Z",
    "2025-02-29T00:00:00.000Z",
    "2026-01-01",
    "2026-01-01T24:00:00Z",
    "2026-01-01T24:00:00.000Z",
    "2026-01-01T00:00:61.000Z",
    "2026-01-01T00:00:00",
    "20260101T000000Z",
    "2026-01-01T00:00:00.Z",
  ])("refuses %j", (text) => {
    parseTimestamp("2026-01-01T00:00:59.000Z");
    expect(parseTimestamp(text)).toBeUndefined();
  });

  it("counts a leap second as the next minute's first instant", () => {
    for (const text of ["2016-12-31T23:59:60Z", "2016-12-31T23:59:60.000Z"]) {
      expect(parseTimestamp(text)).toBe(Date.parse("2017-01-01T00:00:00Z"));
      expect(isStoredTimestamp(text)).toBe(false);
    }
  });
});

describe("hourOf", () => {
  it("is the start of the UTC hour", () => {
    fc.assert(
      fc.property(instants, (date) => {
        const hour = new Date(hourOf(date.getTime()));
        expect(hour.toISOString().slice(13)).toMatch(/^:00:00\.000Z$|^.*:00:00\.000Z$/);
        expect(date.getTime() - hour.getTime()).toBeGreaterThanOrEqual(0);
        expect(date.getTime() - hour.getTime()).toBeLessThan(hourMs);
      }),
    );
  });
});
