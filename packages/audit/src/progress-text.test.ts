import fc from "fast-check";
import { expect, it } from "vitest";
import type { AuditProgress } from "./audit.ts";
import { progressText } from "./progress-text.ts";

const progress = (some: Partial<AuditProgress>): AuditProgress => ({
  listed: 0,
  objects: 0,
  events: 0,
  bytes: 0,
  badObjects: 0,
  ...some,
});

it("counts what is listed while nobody knows how much there is", () => {
  expect(progressText(progress({ listed: 1200 }), { ms: 5000, bar: true })).toBe("listing: 1,200 files");
});

it("is a bar with share, time left, objects a second and bytes once the total is known", () => {
  const total = { objects: 4000, bytes: 80_000_000 };
  const half = progress({ listed: 4100, objects: 1500, events: 9, bytes: 40_000_000, badObjects: 2, total });
  expect(progressText(half, { ms: 30_000, bar: true })).toBe(
    "[##########..........]  50 %, 30 s left, 2 bad, 50 objects/s, 40.0 MB, 1,500 of 4,000",
  );
  expect(progressText(progress({ total }), { ms: 0, bar: true })).toBe(
    "[....................]   0 %, 0 objects/s, 0 B, 0 of 4,000",
  );
});

it("is a line that only counts where no bar can be drawn", () => {
  const total = { objects: 2, bytes: 10 };
  expect(progressText(progress({ objects: 1, events: 3, bytes: 5, total }), { ms: 1500, bar: false })).toBe(
    "auditing: 1 of 2 objects, 3 events, 5 B, 2 events/s",
  );
});

it("is as long as its bar says, from nothing to all, whatever is to be read", () => {
  fc.assert(
    fc.property(
      fc.nat(),
      fc.nat(),
      fc.nat(1e9),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (objects, bytes, ms, part) => {
        const [some, read] = [Math.floor(objects * part), Math.floor(bytes * part)];
        const text = progressText(progress({ objects: some, bytes: read, total: { objects, bytes } }), {
          ms,
          bar: true,
        });
        const [, done = "", left = "", share] = /^\[(#*)(\.*)\] +(\d+) %, /.exec(text) ?? [];
        expect(done.length + left.length).toBe(20);
        expect(done.length).toBe(Math.floor(Number(share) / 5));
        expect(Number(share)).toBeLessThanOrEqual(100);
        expect(text).not.toMatch(/NaN|Infinity|undefined/);
        if (part === 1) expect(Number(share)).toBe(100);
      },
    ),
  );
});
