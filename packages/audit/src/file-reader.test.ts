import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createFileReader } from "./file-reader.ts";
import { temporaryFolder } from "./testing/temporary-folder.ts";

describe("createFileReader", () => {
  it("gives each file's very bytes, small or large, from a disk that is quick or slow", async () => {
    using folder = temporaryFolder();
    const files = [0, 1, 5000, 1024 * 1024, 1024 * 1024 + 1].map((size, i) => {
      const bytes = Buffer.alloc(size, i + 1);
      return { bytes, path: folder.write(String(size), bytes) };
    });
    const ways = new Set<string>();
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(files.length - 1), { maxLength: 40 }), fc.boolean(), async (picked, slow) => {
        let time = 0;
        const read = createFileReader(() => (time += slow ? 60 : 0));
        for (const { bytes, path } of picked.map((at) => files[at] as (typeof files)[number])) {
          const given = read(path);
          ways.add(given instanceof Uint8Array ? "at once" : given instanceof Promise ? "soon" : "in pieces");
          const found =
            given instanceof Uint8Array || given instanceof Promise
              ? await given
              : Buffer.concat(await Array.fromAsync(given));
          expect(Buffer.compare(found, bytes)).toBe(0);
        }
      }),
      { numRuns: 40 },
    );
    expect(ways).toEqual(new Set(["at once", "soon", "in pieces"]));
  });

  it("goes to other threads once a few answers running took long, and comes back", () => {
    using folder = temporaryFolder();
    const path = folder.write("a", "b");
    let time = 0;
    let took = 0;
    const read = createFileReader(() => (time += took));
    const isAtOnce = (): boolean => {
      const given = read(path);
      // Nobody waits for the others.
      if (given instanceof Promise) given.catch(() => {});
      return given instanceof Uint8Array;
    };
    took = 5;
    expect(Array.from({ length: 5 }, isAtOnce)).toEqual([true, true, true, true, false]);
    took = 0;
    const next = Array.from({ length: 300 }, isAtOnce);
    expect(next.filter((atOnce) => !atOnce)).toHaveLength(255);
    expect(next.at(-1)).toBe(true);
  });

  it("fails for a file that has gone", () => {
    using folder = temporaryFolder();
    expect(() => createFileReader()(`${folder.path}/gone`)).toThrow(/ENOENT/);
  });
});
