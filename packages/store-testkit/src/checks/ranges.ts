import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import type { JournalRange, Store } from "@headgate/core";
import { groupBytes, joinGroup, rangeEnd, sliceGroup } from "@headgate/core";
import { journalEvent, journalEvents, readEvents, readGroups, upTo } from "../events.ts";
import { rejectsWith } from "../expect.ts";
import type { StoreCheck } from "../harness.ts";

const sizes = [1, 3, 1, 4, 2] as const;
const total = sizes.reduce((sum, size) => sum + size, 0);

/** A journal of groups of uneven sizes with lines of uneven lengths, and what it must hold. */
async function unevenJournal(store: Store): Promise<ReturnType<typeof joinGroup>> {
  const events = upTo(total).map((n) =>
    journalEvent(`e${n}`, { note: "x".repeat((n * 37) % 90), occurredAt: 1.75e12 + n }),
  );
  let at = 0;
  for (const size of sizes) await store.journal.append("org_a", events.slice(at, (at += size)));
  return joinGroup(1, 0, events);
}

function* ranges(bytes: number): Generator<JournalRange> {
  const mean = Math.floor(bytes / total);
  for (let after = 0; after <= total; after++) {
    for (const through of [undefined, Number.POSITIVE_INFINITY, ...upTo(total - after).map((n) => after + n)]) {
      for (const limits of [
        {},
        { maxEvents: 1 },
        { maxEvents: 4 },
        { maxBytes: 1 },
        { maxBytes: 3 * mean },
        { maxBytes: bytes },
      ]) {
        yield { after, ...(through === undefined ? {} : { through }), ...limits };
      }
    }
  }
}

/** Reading, by whatever way, tells one story. */
export const rangeChecks: readonly StoreCheck[] = [
  {
    name: "ranges: index and read are cut to what rangeEnd says, at every range",
    async run(harness) {
      await using store = await harness.open();
      const whole = await unevenJournal(store);
      for (const range of ranges(whole.body.length)) {
        const said = JSON.stringify(range);
        const wanted = sliceGroup(whole, range.after, rangeEnd([whole], range));
        const index = await store.journal.index("org_a", range);
        const groups = await readGroups(store.journal, "org_a", range);
        for (const found of [index, groups]) {
          strictEqual(found[0]?.firstSequence, wanted?.firstSequence, said);
          deepStrictEqual(
            found.flatMap((group) => Array.from(group.lengths)),
            Array.from(wanted?.lengths ?? []),
            said,
          );
          deepStrictEqual(
            found.flatMap((group) => Array.from(group.occurredAt)),
            Array.from(wanted?.occurredAt ?? []),
            said,
          );
          let next = range.after + 1;
          for (const group of found) {
            strictEqual(group.firstSequence, next, said);
            next += group.lengths.length;
          }
        }
        ok(
          index.every((group) => group.body === undefined),
          "the index comes without bodies",
        );
        const body = Buffer.concat(groups.map((group) => group.body));
        strictEqual(Buffer.compare(body, wanted?.body ?? Buffer.alloc(0)), 0, said);
      }
    },
  },
  {
    name: "ranges: position says what comes next and how many bytes lie before",
    async run(harness) {
      await using store = await harness.open();
      const whole = await unevenJournal(store);
      for (let after = 0; after <= total + 1; after++) {
        const { nextSequence, bytesBefore } = await store.journal.position("org_a", after);
        strictEqual(nextSequence, after < total ? after + 1 : 0);
        const before = sliceGroup(whole, 0, after);
        strictEqual(bytesBefore, before === undefined ? 0 : groupBytes(before));
      }
    },
  },
  {
    name: "ranges: groups and positions carry the time of their append",
    needs: ["clock"],
    async run(harness) {
      await using store = await harness.open();
      const clock = harness.clock!;
      const start = clock.now();
      for (const step of [1, 2, 3]) {
        clock.set(start + step * 1000);
        await store.journal.append("org_a", journalEvents(`at${step}`, 2));
      }
      const times = [1, 1, 2, 2, 3, 3].map((step) => start + step * 1000);
      const groups = [
        ...(await store.journal.index("org_a", { after: 0 })),
        ...(await readGroups(store.journal, "org_a")),
      ];
      deepStrictEqual(
        groups.flatMap((group) => Array.from(group.lengths, () => group.appendedAt)),
        [...times, ...times],
      );
      for (const [after, time] of times.entries()) {
        strictEqual((await store.journal.position("org_a", after)).appendedAt, time);
      }
      strictEqual((await store.journal.head("org_a")).appendedAt, start + 3000);
    },
  },
  {
    name: "ranges: reading what the journal does not hold is refused, not skipped",
    async run(harness) {
      await using store = await harness.open();
      await unevenJournal(store);
      strictEqual(await store.journal.trim("org_a", 4, Number.MAX_SAFE_INTEGER), 5);
      await rejectsWith("store_corrupt", readEvents(store, "org_a", { after: 0 }));
      await rejectsWith("store_corrupt", readEvents(store, "org_a", { after: 3, through: 6 }));
      await rejectsWith("store_corrupt", readEvents(store, "org_a", { after: 4, through: total + 1 }));
      await rejectsWith("store_corrupt", readEvents(store, "org_a", { after: 1, through: 2 }));
      strictEqual((await readEvents(store, "org_a", { after: 4 })).length, total - 4);
      strictEqual((await store.journal.position("org_a", 0)).nextSequence, 5);
    },
  },
  {
    name: "ranges: a reading that is broken off leaves the store usable",
    async run(harness) {
      await using store = await harness.open();
      await unevenJournal(store);
      for (let round = 0; round < 20; round++) {
        for await (const group of store.journal.read("org_a", { after: 0 })) {
          ok(group.body.length > 0);
          break;
        }
      }
      strictEqual((await readEvents(store, "org_a")).length, total);
    },
  },
];
