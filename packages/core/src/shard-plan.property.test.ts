import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { planShards } from "./shard-plan.ts";
import { shardCount, shardName, shardNamed, shardOf } from "./shards.ts";

const names = ["a", "b", "c", "d", "e", "f", "g"];

/** Members, who has what (some of it with runners that are gone), and loads of any skew. */
const views = fc.record({
  members: fc.uniqueArray(fc.constantFrom(...names), { minLength: 1 }),
  owners: fc
    .uniqueArray(fc.tuple(fc.nat(shardCount - 1), fc.constantFrom(...names)), { selector: ([shard]) => shard })
    .map((entries) => new Map(entries)),
  loads: fc.array(fc.oneof(fc.constant(1), fc.double({ min: 0.1, max: 1000, noNaN: true })), {
    minLength: shardCount,
    maxLength: shardCount,
  }),
});

function busyness(plan: ReadonlyMap<number, string>, members: readonly string[], loads: readonly number[]): number[] {
  return members.map((member) =>
    [...plan].reduce((sum, [shard, owner]) => sum + (owner === member ? (loads[shard] ?? 0) : 0), 0),
  );
}

describe("a plan of shards", () => {
  it("has a runner for each shard but those whose last one may still live", () => {
    fc.assert(
      fc.property(views, ({ members, owners, loads }) => {
        const plan = planShards({ members, owners, load: (shard) => loads[shard] ?? 1 });
        for (let shard = 0; shard < shardCount; shard++) {
          const owner = owners.get(shard);
          const gone = owner !== undefined && !members.includes(owner);
          expect(plan.has(shard)).toBe(!gone);
          if (!gone) expect(members).toContain(plan.get(shard));
        }
      }),
    );
  });

  it("stays as it is once it is carried out, whatever order runners are listed in", () => {
    fc.assert(
      fc.property(views, ({ members, owners, loads }) => {
        const load = (shard: number): number => loads[shard] ?? 1;
        const held = new Map([...owners].filter(([, owner]) => members.includes(owner)));
        const plan = planShards({ members, owners: held, load });
        expect(planShards({ members, owners: held, load: (shard) => load(shard) })).toEqual(plan);
        expect(planShards({ members: members.toReversed(), owners: held, load })).toEqual(plan);
        const settled = planShards({ members, owners: plan, load });
        expect(settled).toEqual(plan);
      }),
    );
  });

  it("is even within a tenth of the mean, or no shard of the busiest is small enough to make it more even", () => {
    fc.assert(
      fc.property(views, ({ members, owners, loads }) => {
        const held = new Map([...owners].filter(([, owner]) => members.includes(owner)));
        const plan = planShards({ members, owners: held, load: (shard) => loads[shard] ?? 1 });
        const sums = busyness(plan, members, loads);
        const mean = sums.reduce((sum, one) => sum + one, 0) / sums.length;
        const busiest = members[sums.indexOf(Math.max(...sums))];
        const own = [...plan].filter(([, owner]) => owner === busiest).map(([shard]) => loads[shard] ?? 0);
        const gap = Math.max(...sums) - Math.min(...sums);
        expect(gap <= 0.1 * mean + 1e-9 || own.every((load) => load >= gap - 1e-9)).toBe(true);
      }),
    );
  });

  it("divides equal shards evenly", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 7 }), (count) => {
        const members = names.slice(0, count);
        const plan = planShards({ members, owners: new Map(), load: () => 1 });
        const sums = busyness(plan, members, Array<number>(shardCount).fill(1));
        expect(Math.max(...sums) - Math.min(...sums)).toBeLessThanOrEqual(1);
      }),
    );
  });

  it("moves nothing where one runner leaves and its shards are free", () => {
    const owners = planShards({ members: names, owners: new Map(), load: () => 1 });
    const left = new Map([...owners].filter(([, owner]) => owner !== "g"));
    const plan = planShards({ members: names.slice(0, -1), owners: left, load: () => 1 });
    for (const [shard, owner] of left) expect(plan.get(shard)).toBe(owner);
  });
});

describe("a stream's shard", () => {
  it("is one of them, and the lease's name tells it", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (id) => {
        const shard = shardOf(id);
        expect(shardNamed(shardName(shard))).toBe(shard);
      }),
    );
    for (const name of ["shard 64", "shard -1", "shard 1", "shard 01 ", "shard x", "runner 01"])
      expect(shardNamed(name)).toBeUndefined();
  });

  it("is spread evenly over ids that are alike", () => {
    for (const form of [(n: number) => `stream-${n}`, (n: number) => `acme-${n}-s3`, (n: number) => String(n)]) {
      const counts = new Map<number, number>();
      for (let n = 0; n < 6400; n++) counts.set(shardOf(form(n)), (counts.get(shardOf(form(n))) ?? 0) + 1);
      // 100 each on average; more than six standard deviations off is no chance.
      for (let shard = 0; shard < shardCount; shard++)
        expect(Math.abs((counts.get(shard) ?? 0) - 100)).toBeLessThan(60);
    }
  });

  it("is the one that it was in every release: runners of two releases work side by side", () => {
    expect(["acme-s3", "acme-hec", "a", "", "org_1/ü"].map(shardOf)).toEqual([9, 50, 52, 60, 48]);
  });
});
