import { createPreparer, memoryStore, type Store } from "@headgate/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { exportEvents, type ExportFilter } from "./export-events.ts";

const start = Date.parse("2025-07-16T09:00:00Z");
const preparer = createPreparer({ clock: { now: () => start + 86_400_000, after: () => () => {} } });

interface Given {
  readonly minute: number;
  readonly action: string;
  readonly actor: string;
}

async function journalOf(events: readonly Given[], perGroup: number): Promise<Store> {
  const store = memoryStore();
  await store.open();
  const prepared = events.map(({ minute, action, actor }) =>
    preparer.prepare("o", {
      action,
      actor: { type: "user", id: actor, name: `Name ${actor}` },
      occurred_at: new Date(start + minute * 60_000),
    }),
  );
  for (let i = 0; i < prepared.length; i += perGroup) await store.journal.append("o", prepared.slice(i, i + perGroup));
  return store;
}

async function sequencesOf(store: Store, filter: ExportFilter): Promise<readonly number[]> {
  const found: number[] = [];
  for await (const { line, parse } of exportEvents(store.journal, "o", filter)) {
    expect(line.at(-1)).toBe(10);
    found.push(parse().sequence);
  }
  return found;
}

const given = fc.record({
  minute: fc.integer({ min: 0, max: 20 }),
  action: fc.constantFrom("user.login", "user.logout", "job.run"),
  actor: fc.constantFrom("a", "b"),
});

describe("exportEvents", () => {
  it("gives just the events that the filter names, in sequence order", async () => {
    const filter = fc.record(
      {
        from: fc.integer({ min: -1, max: 21 }).map((minute) => start + minute * 60_000),
        to: fc.integer({ min: -1, max: 21 }).map((minute) => start + minute * 60_000),
        action: fc.constantFrom("user.login", "user.*", "*", "job", "nothing.*"),
        actor: fc.constantFrom("a", "Name b", "Name"),
      },
      { requiredKeys: [] },
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(given, { maxLength: 30 }),
        fc.integer({ min: 1, max: 7 }),
        filter,
        async (events, perGroup, wanted) => {
          await using store = await journalOf(events, perGroup);
          const expected = events.flatMap(({ minute, action, actor }, i) => {
            const at = start + minute * 60_000;
            const inTime = at >= (wanted.from ?? 0) && at < (wanted.to ?? Number.MAX_SAFE_INTEGER);
            const acted =
              wanted.action === undefined ||
              wanted.action === action ||
              (wanted.action.endsWith("*") && action.startsWith(wanted.action.slice(0, -1)));
            const by = wanted.actor === undefined || wanted.actor === actor || wanted.actor === `Name ${actor}`;
            return inTime && acted && by ? [i + 1] : [];
          });
          expect(await sequencesOf(store, wanted)).toEqual(expected);
        },
      ),
      { numRuns: 60 },
    );
  });

  it("reads no bodies outside the stretch that the time names", async () => {
    await using store = await journalOf(
      Array.from({ length: 100 }, (_, minute) => ({ minute, action: "a", actor: "u" })),
      10,
    );
    const read: unknown[] = [];
    const journal = {
      ...store.journal,
      read: (...args: Parameters<Store["journal"]["read"]>) => {
        read.push(args[1]);
        return store.journal.read(...args);
      },
    };
    const found = exportEvents(journal, "o", { from: start + 40 * 60_000, to: start + 45 * 60_000 });
    expect(await Array.fromAsync(found)).toHaveLength(5);
    expect(read).toEqual([{ after: 40, through: 45 }]);
  });

  it("begins where the journal begins after trimming", async () => {
    await using store = await journalOf(
      Array.from({ length: 20 }, (_, minute) => ({ minute, action: "a", actor: "u" })),
      5,
    );
    await store.journal.trim("o", 10, Date.now() + 1000);
    expect(await sequencesOf(store, {})).toEqual([11, 12, 13, 14, 15, 16, 17, 18, 19, 20]);
  });

  it("ends where the journal ended when it began", async () => {
    await using store = await journalOf([{ minute: 1, action: "a", actor: "u" }], 1);
    const found: number[] = [];
    for await (const { parse } of exportEvents(store.journal, "o")) {
      found.push(parse().sequence);
      await store.journal.append("o", [preparer.prepare("o", { action: "a", actor: { type: "user", id: "u" } })]);
    }
    expect(found).toEqual([1]);
  });
});
