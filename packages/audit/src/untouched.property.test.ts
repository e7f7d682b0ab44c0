import { cefFormat, cloudEventsFormat, ecsFormat, ocsfFormat } from "@headgate/formats";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { chainPlan, check, write, writerOf } from "./testing/buckets.ts";
import { endOf, type Fate } from "./testing/honest-chain.ts";

const writers = [ocsfFormat(), ecsFormat(), cefFormat(), cloudEventsFormat()].map(writerOf);

describe("an untouched place", () => {
  it("is always complete, and proven with the keys", async () => {
    await fc.assert(
      fc.asyncProperty(chainPlan("a", writers), chainPlan("b", writers), fc.nat(9), async (a, b, disk) => {
        const files = await write([a, b]);
        const report = await check(files, { onDisk: disk === 0 });
        expect(report.findings).toEqual([]);
        const digests = a.hours.length + b.hours.length;
        expect(report).toMatchObject({ complete: true, proven: true, signatures: "valid", digests, gaps: [] });
        const counted = (wanted: readonly Fate[]): number =>
          [a, b].flatMap(({ hours }) => hours.flat()).filter((each) => wanted.includes(each)).length;
        const sum = (name: "quarantined" | "filtered" | "lost"): number =>
          report.chains.reduce((total, chain) => total + chain[name], 0);
        expect(sum("quarantined")).toBe(counted(["quarantined", "released"]));
        expect(sum("filtered")).toBe(counted(["filtered"]));
        expect(sum("lost")).toBe(counted(["lost"]));
        const unchecked = await check(files, { keys: false });
        expect(unchecked).toMatchObject({ complete: true, proven: false, signatures: "unchecked" });
      }),
      { numRuns: 300 },
    );
  });

  it("is complete from any hour on, and from any folder of the bucket", async () => {
    await fc.assert(
      fc.asyncProperty(chainPlan("a", writers), fc.nat(2), async (plan, index) => {
        const files = await write([plan]);
        const from = endOf(index) - 7000;
        const report = await check(files, { from });
        expect(report.findings).toEqual([]);
        expect(report).toMatchObject({ complete: true, proven: true });
        const inner = new Map([...files].map(([key, bytes]) => [key.slice((plan.prefix ?? "").length), bytes]));
        expect((await check(inner)).findings).toEqual([]);
        const outer = new Map([...files].map(([key, bytes]) => [`copy/of/${key}`, bytes]));
        expect((await check(outer)).findings).toEqual([]);
      }),
      { numRuns: 200 },
    );
  });
});
