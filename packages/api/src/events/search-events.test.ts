import { createPreparer, type JournalRange, memoryStore, type NewEvent, type Store } from "@headgate/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { EventFilter } from "./event-filter.ts";
import { searchEvents, type SearchRange, searchSteps } from "./search-events.ts";

const start = Date.parse("2025-07-16T09:00:00Z");

interface Given {
  readonly minute: number;
  readonly action: string;
  readonly actor: string;
  readonly target: string | undefined;
}

/**
 * A journal whose store and events go by the same clock: events occur up to an hour before or after their append. After
 * each group so many sequences are left out.
 */
async function journalOf(events: readonly Given[], perGroup: number, skip = 0): Promise<Store> {
  let now = start;
  const clock = { now: () => now, after: () => () => {} };
  const store = memoryStore({ clock });
  const preparer = createPreparer({ clock });
  await store.open();
  for (let i = 0; i < events.length; i += perGroup) {
    now += 20 * 60_000;
    const group = events.slice(i, i + perGroup).map(({ minute, action, actor, target }) => {
      const event: NewEvent = {
        action,
        actor: { type: "user", id: actor, name: `Name ${actor}` },
        occurred_at: new Date(now + minute * 60_000),
        ...(target !== undefined && { targets: [{ type: "thing", id: target }] }),
      };
      return preparer.prepare("o", event);
    });
    const last = (await store.journal.append("o", group)).sequences.at(-1) ?? 0;
    await store.journal.skip("o", last + skip);
  }
  return store;
}

async function sequencesOf(store: Store, filter: EventFilter, range?: SearchRange): Promise<readonly number[]> {
  const found: number[] = [];
  for await (const { line, parse, sequence } of searchEvents(store.journal, "o", filter, range)) {
    expect([line.at(-1), parse().sequence]).toEqual([10, sequence]);
    found.push(sequence);
  }
  return found;
}

const given = fc.record({
  minute: fc.integer({ min: -90, max: 60 }),
  action: fc.constantFrom("user.login", "user.logout", "job.run"),
  actor: fc.constantFrom("a", "b", 'q"uote'),
  target: fc.constantFrom(undefined, "t1", "t2"),
});

const wantedFilter = fc.record(
  {
    from: fc.integer({ min: -100, max: 300 }).map((minute) => start + minute * 60_000),
    to: fc.integer({ min: -100, max: 300 }).map((minute) => start + minute * 60_000),
    actions: fc.array(fc.constantFrom("user.login", "user.*", "*", "job", "nothing.*"), { minLength: 1, maxLength: 2 }),
    actor: fc.constantFrom("a", "Name b", "Name", 'q"uote'),
    target: fc.constantFrom("t1", "thing"),
    text: fc.constantFrom("NAME A", "t2", "LOGOUT", 'q"U', "zzz"),
  },
  { requiredKeys: [] },
);

/** The same, by reading everything. */
async function expected(store: Store, wanted: EventFilter): Promise<readonly number[]> {
  const found: number[] = [];
  for await (const { line, parse, sequence } of searchEvents(store.journal, "o")) {
    const event = parse();
    const at = Date.parse(event.occurred_at);
    const text = Buffer.from(line).toString().toLowerCase();
    const named = (name: string): boolean =>
      name.endsWith("*") ? event.action.startsWith(name.slice(0, -1)) : event.action === name;
    const fits = [
      at >= (wanted.from ?? 0) && at < (wanted.to ?? Number.MAX_SAFE_INTEGER),
      wanted.actions?.some(named) ?? true,
      wanted.actor === undefined || [event.actor.id, event.actor.name].includes(wanted.actor),
      wanted.target === undefined || event.targets?.some(({ id }) => id === wanted.target) === true,
      wanted.text === undefined || text.includes(JSON.stringify(wanted.text.toLowerCase()).slice(1, -1)),
    ];
    if (!fits.includes(false)) found.push(sequence);
  }
  return found;
}

describe("searching events", () => {
  it("gives just the events that the filter names, in either order, from any place on", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(given, { maxLength: 30 }),
        fc.integer({ min: 1, max: 7 }),
        wantedFilter,
        fc.nat(30),
        fc.constantFrom(0, 0, 3, 1_000_000_000),
        async (events, perGroup, wanted, after, skip) => {
          await using store = await journalOf(events, perGroup, skip);
          expect(await expected(store, {})).toHaveLength(events.length);
          const all = await expected(store, wanted);
          const beyond = all.filter((sequence) => sequence > after);
          expect(await sequencesOf(store, wanted)).toEqual(all);
          expect(await sequencesOf(store, wanted, { after })).toEqual(beyond);
          expect(await sequencesOf(store, wanted, { after, order: "descending" })).toEqual(beyond.toReversed());
        },
      ),
      { numRuns: 150 },
    );
  });

  it("misses no event that occurred long before or after its append", async () => {
    const minute = fc.integer({ min: 0, max: 300 }).map((at) => start + at * 60_000);
    await fc.assert(
      fc.asyncProperty(
        fc.array(given, { minLength: 10, maxLength: 20 }),
        fc.integer({ min: 1, max: 2 }),
        fc.record({ from: minute, to: fc.constant(Number.MAX_SAFE_INTEGER) }),
        async (events, perGroup, wanted) => {
          await using store = await journalOf(events, perGroup);
          expect(await sequencesOf(store, wanted)).toEqual(await expected(store, wanted));
        },
      ),
    );
  });

  it("reads no bodies outside the stretch that the time names, and little of the index", async () => {
    const events = Array.from({ length: 100 }, () => ({ minute: 0, action: "a", actor: "u", target: undefined }));
    await using store = await journalOf(events, 1);
    const read: unknown[] = [];
    const looked: JournalRange[] = [];
    const journal: Store["journal"] = {
      ...store.journal,
      read: (organization, range) => {
        read.push(range);
        return store.journal.read(organization, range);
      },
      index: (organization, range) => {
        looked.push(range);
        return store.journal.index(organization, range);
      },
    };
    // One event every 20 minutes from 09:20 on.
    const filter = { from: start + 801 * 60_000, to: start + 901 * 60_000 };
    expect(await Array.fromAsync(searchEvents(journal, "o", filter))).toHaveLength(5);
    expect(read).toEqual([{ after: 40, through: 45 }]);
    expect(looked.map(({ after }) => after > 30)).toEqual([true]);
  });

  it("begins where the journal begins after trimming", async () => {
    const events = Array.from({ length: 20 }, () => ({ minute: 0, action: "a", actor: "u", target: undefined }));
    await using store = await journalOf(events, 5);
    await store.journal.trim("o", 10, Date.now());
    const left = [11, 12, 13, 14, 15, 16, 17, 18, 19, 20];
    expect(await sequencesOf(store, {})).toEqual(left);
    expect(await sequencesOf(store, {}, { order: "descending" })).toEqual(left.toReversed());
  });

  it("goes on where the journal begins when retention takes away what it was about to read", async () => {
    const events = Array.from({ length: 20 }, () => ({ minute: 0, action: "a", actor: "u", target: undefined }));
    await using store = await journalOf(events, 5);
    let first = true;
    const journal: Store["journal"] = {
      ...store.journal,
      async *read(organization, range) {
        if (first) await store.journal.trim("o", 10, Date.now());
        first = false;
        yield* store.journal.read(organization, range);
      },
    };
    const found = await Array.fromAsync(searchEvents(journal, "o"), ({ sequence }) => sequence);
    expect(found).toEqual([11, 12, 13, 14, 15, 16, 17, 18, 19, 20]);
  });

  it("ends where the journal ended when it began", async () => {
    await using store = await journalOf([{ minute: 0, action: "a", actor: "u", target: undefined }], 1);
    const preparer = createPreparer();
    const found: number[] = [];
    for await (const { sequence } of searchEvents(store.journal, "o")) {
      found.push(sequence);
      await store.journal.append("o", [preparer.prepare("o", { action: "a", actor: { type: "user", id: "u" } })]);
    }
    expect(found).toEqual([1]);
  });

  it("holds a bounded part of large events when it goes backwards", async () => {
    await using store = memoryStore();
    const preparer = createPreparer();
    const events = Array.from({ length: 20 }, () =>
      preparer.prepare("o", {
        action: "a",
        actor: { type: "u", id: "u" },
        metadata: { text: "x".repeat(1024 * 1024) },
      }),
    );
    await store.open();
    await store.journal.append("o", events);
    const read: JournalRange[] = [];
    const journal: Store["journal"] = {
      ...store.journal,
      read: (organization, range) => {
        read.push(range);
        return store.journal.read(organization, range);
      },
    };
    const steps = await Array.fromAsync(
      searchSteps(journal, "o", {}, { order: "descending" }),
      ({ found }) => found?.sequence,
    );
    expect(steps.filter((sequence) => sequence !== undefined)).toEqual(Array.from({ length: 20 }, (_, i) => 20 - i));
    expect(read.map(({ after, through = 0 }) => through - after)).toEqual([7, 7, 6]);
  });
});
