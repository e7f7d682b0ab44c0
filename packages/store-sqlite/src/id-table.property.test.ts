import { randomFillSync } from "node:crypto";
import { DatabaseSync } from "node:sqlite";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { idTable } from "./id-table.ts";

const word = fc.nat({ max: 0xffffffff });
const group = fc.array(fc.tuple(word, word), { minLength: 1, maxLength: 30 });

describe("idTable", () => {
  it("leads to the group of every hash it was given, in memory and on disk, until its layer is dropped", () => {
    fc.assert(
      fc.property(fc.array(group, { maxLength: 40 }), fc.nat({ max: 45 }), (groups, dropped) => {
        const database = new DatabaseSync(":memory:");
        // Layers this small fill up, double, and leave the memory within a few groups.
        const table = idTable(database, { smallest: 16, largest: 128, inMemory: 160 });
        for (const [index, hashes] of groups.entries()) {
          table.add(index + 1, Uint32Array.from(hashes.flat()));
          if (index % 3 === 0) table.spill();
        }
        table.spill();
        table.dropBefore(dropped);
        for (const [index, hashes] of groups.entries()) {
          if (index + 1 < dropped) continue;
          for (const [high, low] of hashes) {
            expect(table.find(high, low, (from, to) => from <= index + 1 && index + 1 < to)).toBe(true);
          }
        }
        expect(table.through).toBe(groups.length);
        database.close();
      }),
    );
  });

  it("rarely leads anywhere for a hash it was not given, and then to few groups", () => {
    const database = new DatabaseSync(":memory:");
    const table = idTable(database);
    const perGroup = 100;
    for (let id = 1; id <= 2000; id++) table.add(id, randomFillSync(new Uint32Array(2 * perGroup)));
    let wrong = 0;
    let widest = 0;
    const asked = randomFillSync(new Uint32Array(2 * 200_000));
    for (let at = 0; at < asked.length; at += 2) {
      table.find(asked[at] ?? 0, asked[at + 1] ?? 0, (from, to) => {
        wrong += 1;
        widest = Math.max(widest, to - from);
        return false;
      });
    }
    // A few in 200,000 are to be expected; fifty would be a defect of the hash table.
    expect(wrong).toBeLessThan(50);
    expect(widest).toBeLessThanOrEqual(2);
    database.close();
  });
});
