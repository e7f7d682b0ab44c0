import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { retryAfterMs } from "./retry-after.ts";

const now = Date.parse("2025-07-16T09:52:30.123Z");

describe("retryAfterMs", () => {
  it("reads seconds and dates, and nothing else", () => {
    const read = (text: string): number | undefined => retryAfterMs({ "retry-after": text }, now);
    expect(read("120")).toBe(120_000);
    expect(read("0")).toBe(0);
    expect(read(" 1.5 ")).toBe(1500);
    expect(read("Wed, 16 Jul 2025 09:53:30 GMT")).toBe(59_877);
    expect(read("Wed, 16 Jul 2025 09:00:00 GMT")).toBe(0);
    expect(read("soon")).toBeUndefined();
    expect(read("")).toBeUndefined();
    expect(retryAfterMs({}, now)).toBeUndefined();
  });

  it("is never less than nothing, nor more than an hour", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.nat().map(String), fc.date().map(String)), (text) => {
        const ms = retryAfterMs({ "retry-after": text }, now);
        expect(ms === undefined || (ms >= 0 && ms <= 3_600_000)).toBe(true);
      }),
    );
  });
});
