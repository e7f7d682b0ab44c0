import { describe, expect, it } from "vitest";
import { bytesText, countText, durationText, plural, timeText } from "./numbers.ts";
import { tableText } from "./table.ts";

describe("texts of numbers", () => {
  it("are short and have units", () => {
    expect([0, 999, 1_234_567].map(countText)).toEqual(["0", "999", "1,234,567"]);
    expect([1, 2].map((count) => plural(count, "event"))).toEqual(["1 event", "2 events"]);
    expect([0, 999, 1500, 2_000_000, 3e9, 4e12].map(bytesText)).toEqual([
      "0 B",
      "999 B",
      "1.5 kB",
      "2.0 MB",
      "3.0 GB",
      "4.0 TB",
    ]);
    expect([0, 999, 1000, 61_000, 7_200_000, 200_000_000].map(durationText)).toEqual([
      "0 ms",
      "999 ms",
      "1 s",
      "1 min",
      "2 h",
      "2 d",
    ]);
    expect(timeText(Date.parse("2025-07-16T09:52:30.999Z"))).toBe("2025-07-16T09:52:30Z");
  });
});

describe("tableText", () => {
  it("aligns words to the left and numbers to the right", () => {
    expect(
      tableText(
        ["NAME", "N"],
        [
          ["a", "10"],
          ["longer", "7"],
        ],
        ["N"],
      ),
    ).toBe("NAME     N\na       10\nlonger   7\n");
  });
});
