import fc from "fast-check";
import { expect, it } from "vitest";
import { eventTimeLength, writeEventTime } from "./event-time.ts";

function written(ms: number): string {
  const bytes = new Uint8Array(64).fill(0x21);
  const end = writeEventTime(bytes, 3, ms);
  const text = Buffer.from(bytes).toString("latin1");
  expect(text.slice(0, 3) + text.slice(end)).toBe("!".repeat(64 - (end - 3)));
  expect(end - 3).toBe(eventTimeLength(ms));
  return text.slice(3, end);
}

it.each([
  [0, "0.000"],
  [1, "0.001"],
  [999, "0.999"],
  [1000, "1.000"],
  [9999, "9.999"],
  [10_000, "10.000"],
  [1_752_659_550_123, "1752659550.123"],
  [253_402_300_799_999, "253402300799.999"],
  [-1, "-0.001"],
  [-1000, "-1.000"],
  [-62_135_596_800_000, "-62135596800.000"],
])("writes %i ms as %s", (ms, text) => {
  expect(written(ms)).toBe(text);
});

it("writes every instant of the years 1 to 9999 with three decimals, exactly", () => {
  const instant = fc.integer({ min: -62_135_596_800_000, max: 253_402_300_799_999 });
  fc.assert(
    fc.property(instant, (ms) => {
      const text = written(ms);
      expect(text).toMatch(/^-?\d+\.\d{3}$/);
      const [, sign, seconds, millis] = /^(-?)(\d+)\.(\d{3})$/.exec(text) ?? [];
      const whole = BigInt(seconds ?? "") * 1000n + BigInt(millis ?? "");
      expect(sign === "-" ? -whole : whole).toBe(BigInt(ms));
      // `-0.000` is no instant, and no number begins with a zero that it could do without.
      expect(text).not.toMatch(/^-?0\d|^-0\.000$/);
    }),
    { numRuns: 2000 },
  );
});
