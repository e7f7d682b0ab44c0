import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { joinGroup } from "@headgate/core";
import { journalEvent, journalEvents, readEvents, readGroups, upTo } from "../events.ts";
import { rejectsWith } from "../expect.ts";
import type { StoreCheck } from "../harness.ts";

const organizations = ["org_a", "org_b", "org_c"] as const;

/** Sequences and bytes of what is appended. */
export const appendChecks: readonly StoreCheck[] = [
  {
    name: "append: an organization that never had an event has an empty journal",
    async run(harness) {
      await using store = await harness.open();
      const { journal } = store;
      const head = await journal.head("org_a");
      deepStrictEqual({ ...head }, { organization: "org_a", lastSequence: 0, totalBytes: 0, appendedAt: 0 });
      strictEqual(await journal.firstSequence("org_a"), 1);
      deepStrictEqual(await readEvents(store, "org_a"), []);
      deepStrictEqual(
        { ...(await journal.position("org_a", 0)) },
        { nextSequence: 0, appendedAt: 0, bytesBefore: 0, skipped: 0 },
      );
      deepStrictEqual((await journal.changes()).heads, []);
    },
  },
  {
    name: "append: concurrent appends get gapless sequences per organization",
    async run(harness) {
      await using store = await harness.open();
      const appends = Array.from({ length: 120 }, async (_, index) => {
        const organization = organizations[index % 3] ?? "";
        const events = journalEvents(`e${index}`, 1 + (index % 7), { given: index % 2 === 0 });
        const result = await store.journal.append(organization, events);
        strictEqual(result.accepted, events.length);
        strictEqual(result.duplicates, 0);
        return events.map((event, at) => ({ organization, id: event.id, sequence: result.sequences[at] }));
      });
      const acknowledged = (await Promise.all(appends)).flat();
      for (const organization of organizations) {
        const stored = await readEvents(store, organization);
        const promised = acknowledged.filter((event) => event.organization === organization);
        deepStrictEqual(
          stored.map(({ sequence }) => sequence),
          upTo(promised.length),
        );
        const ids = new Map(promised.map(({ sequence, id }) => [sequence, id]));
        for (const { sequence, id } of stored) strictEqual(id, ids.get(sequence));
        strictEqual((await store.journal.head(organization)).lastSequence, promised.length);
      }
    },
  },
  {
    name: "append: an event can be read as soon as its append has resolved",
    async run(harness) {
      await using store = await harness.open();
      for (const sequence of upTo(5)) {
        await store.journal.append("org_a", [journalEvent(`e${sequence}`)]);
        const stored = await readEvents(store, "org_a");
        strictEqual(stored.length, sequence);
        strictEqual(stored.at(-1)?.id, `e${sequence}`);
      }
    },
  },
  {
    name: "append: an empty batch stores nothing",
    async run(harness) {
      await using store = await harness.open();
      const result = await store.journal.append("org_a", []);
      deepStrictEqual({ ...result }, { accepted: 0, duplicates: 0, sequences: [] });
      strictEqual((await store.journal.head("org_a")).lastSequence, 0);
    },
  },
  {
    name: "append: organization ids are taken to the letter, and bad ones refused",
    async run(harness) {
      await using store = await harness.open();
      const names = ["acme", "Acme", "acme ", "acme%", "acm_", "\u00e9", "e\u0301", "1", "01", "x".repeat(256)];
      for (const name of names) await store.journal.append(name, [journalEvent(`of ${name}`)]);
      for (const name of names) {
        const stored = await readEvents(store, name);
        deepStrictEqual(
          stored.map(({ id }) => id),
          [`of ${name}`],
        );
      }
      for (const name of ["", "a\u0000b", "a\nb", "x".repeat(257), "a\ud800"]) {
        await rejectsWith("organization_invalid", store.journal.append(name, [journalEvent("e")]));
      }
      strictEqual((await store.journal.changes()).heads.length, names.length);
    },
  },
  {
    name: "bodies: stored bytes, lengths and times are those of joinGroup",
    async run(harness) {
      await using store = await harness.open();
      const notes = [
        "",
        "\u{1f512} \u00fc \u0000 \ud800",
        "x".repeat(70_000),
        '"},"sequence":7}\n',
        "y".repeat(4 << 20),
      ];
      const events = notes.map((note, at) =>
        journalEvent(`e${at}`, { note, occurredAt: 1_749_999_999_999 - at * 3_600_000 }),
      );
      await store.journal.append("org_a", events.slice(0, 2));
      await store.journal.append("org_a", events.slice(2));
      const wanted = joinGroup(1, 0, events);
      const groups = await readGroups(store.journal, "org_a");
      strictEqual(Buffer.compare(Buffer.concat(groups.map(({ body }) => body)), wanted.body), 0);
      deepStrictEqual(
        groups.flatMap(({ lengths }) => Array.from(lengths)),
        Array.from(wanted.lengths),
      );
      deepStrictEqual(
        groups.flatMap(({ occurredAt }) => Array.from(occurredAt)),
        Array.from(wanted.occurredAt),
      );
      strictEqual((await store.journal.head("org_a")).totalBytes, wanted.body.length);
    },
  },
  {
    name: "bodies: do not follow what the caller does with its buffers afterwards",
    async run(harness) {
      await using store = await harness.open();
      const event = journalEvent("kept");
      await store.journal.append("org_a", [event]);
      event.stub.fill(0x20);
      strictEqual((await readEvents(store, "org_a"))[0]?.id, "kept");
    },
  },
];
