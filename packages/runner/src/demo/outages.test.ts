import { describe, expect, it } from "vitest";
import { isAway } from "./outages.ts";

describe("isAway", () => {
  it("lets a destination be away again and again, and never at the start", () => {
    const plan = { firstMs: 40, everyMs: 100, lastMs: 20 };
    const away = [0, 39, 40, 59, 60, 139, 140, 159, 160].filter((at) => isAway(plan, at));
    expect(away).toEqual([40, 59, 140, 159]);
  });
});
