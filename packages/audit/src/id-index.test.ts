import { readdirSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { temporaryFolder } from "./testing/temporary-folder.ts";
import { createIdIndex } from "./id-index.ts";

describe("createIdIndex", () => {
  it("finds each id that stands under two sequences of an organization, spilled or not", () => {
    const event = fc.record({
      organization: fc.constantFrom("a", "b"),
      id: fc.integer({ min: 0, max: 60 }).map(String),
      sequence: fc.integer({ min: 1, max: 2 ** 40 }),
    });
    fc.assert(
      fc.property(fc.array(event, { maxLength: 60 }), fc.constantFrom(7, 1000), (events, held) => {
        using folder = temporaryFolder();
        {
          using index = createIdIndex({ held, directory: folder.path });
          const expected: string[] = [];
          const seen = new Map<string, number>();
          for (const { organization, id, sequence } of events) {
            index.add(organization, id, sequence);
            const first = seen.get(`${organization}/${id}`);
            if (first === undefined) seen.set(`${organization}/${id}`, sequence);
            else if (first !== sequence) expected.push(JSON.stringify([organization, [first, sequence]]));
          }
          const { total, found } = index.repeated(1000);
          const got = found.map(({ organization, sequences }) => JSON.stringify([organization, sequences]));
          expect(got.sort()).toEqual(expected.sort());
          expect(total).toBe(expected.length);
        }
        expect(readdirSync(folder.path)).toEqual([]);
      }),
    );
  });

  it("takes no two of 300,000 ids for one, whether they differ in one letter or in all", () => {
    using index = createIdIndex();
    for (let i = 0; i < 150_000; i++) {
      index.add("a", `id-${i}`, 2 * i + 1);
      index.add("a", crypto.randomUUID(), 2 * i + 2);
    }
    expect(index.repeated(10)).toEqual({ total: 0, found: [] });
  });

  it("says what to do where the temporary folder cannot be written", () => {
    using index = createIdIndex({ held: 1, directory: "/nonexistent" });
    expect(() => index.add("a", "b", 1)).toThrow(
      expect.objectContaining({
        code: "file_unwritable",
        hint: expect.stringContaining("--skip-ids") as string,
      }) as Error,
    );
  });
});
