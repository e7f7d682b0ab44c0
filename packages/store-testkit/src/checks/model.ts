import { deepStrictEqual, strictEqual } from "node:assert/strict";
import type { Lease, Store } from "@headgate/core";
import { isHeadgateError } from "@headgate/core";
import * as fc from "fast-check";
import { journalEvent, readEvents } from "../events.ts";
import { checkpointOf, quarantineEntry, streamRecord } from "../fixtures.ts";
import type { StoreCheck, StoreHarness } from "../harness.ts";

type Step =
  | { readonly do: "append"; readonly org: number; readonly ids: readonly number[]; readonly given: boolean }
  | { readonly do: "race"; readonly org: number; readonly batches: readonly (readonly number[])[] }
  | { readonly do: "trim"; readonly org: number; readonly through: number }
  | {
      readonly do: "commit";
      readonly holder: number;
      readonly ahead: number;
      readonly move: number;
      readonly entry: number;
    }
  | { readonly do: "acquire" | "release"; readonly holder: number }
  | { readonly do: "wait" | "reopen" };

const organization = fc.nat({ max: 2 });
const ids = fc.array(fc.nat({ max: 40 }), { maxLength: 6 });
const holder = fc.nat({ max: 2 });
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({ do: fc.constant("append" as const), org: organization, ids, given: fc.boolean() }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant("race" as const),
      org: organization,
      batches: fc.array(ids, { maxLength: 4 }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant("trim" as const), org: organization, through: fc.nat({ max: 30 }) }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant("commit" as const),
      holder,
      ahead: fc.constantFrom(1, 1, 1, 0, 2),
      move: fc.constantFrom(0, 1, 5, -1),
      entry: fc.integer({ min: 1, max: 5 }),
    }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constantFrom("acquire" as const, "release" as const), holder }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom("wait" as const, "reopen" as const) }) },
);

/** What a store must hold, in the plainest form there is. */
interface Model {
  /** Per organization: ids by sequence, beginning at 1, and how many were trimmed. Groups by their last sequence. */
  readonly logs: { readonly ids: string[]; trimmed: number; readonly ends: number[] }[];
  holder: number | undefined;
  expiresAt: number;
  leases: (Lease | undefined)[];
  version: number;
  position: number;
  readonly quarantine: Set<number>;
}

const name = (org: number): string => `org_${org}`;

/** The sequence of an id that the model still holds, or undefined. */
function find(log: Model["logs"][number], id: string): number | undefined {
  const at = log.ids.lastIndexOf(id);
  return at >= log.trimmed ? at + 1 : undefined;
}

function appendToModel(log: Model["logs"][number], batch: readonly string[]): readonly number[] {
  const before = log.ids.length;
  const sequences = batch.map((id) => find(log, id) ?? log.ids.push(id));
  if (log.ids.length > before) log.ends.push(log.ids.length);
  return sequences;
}

async function codeOf(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
    return "done";
  } catch (error) {
    if (isHeadgateError(error)) return error.code;
    throw error;
  }
}

async function run(store: Store, model: Model, now: () => number, one: Step): Promise<void> {
  const ttl = 10_000;
  switch (one.do) {
    case "append": {
      const log = model.logs[one.org]!;
      // Minted ids are new by construction: the store need not look for them.
      const batch = one.given ? one.ids.map(String) : one.ids.map((id, at) => `minted-${log.ids.length}-${at}-${id}`);
      const result = await store.journal.append(
        name(one.org),
        batch.map((id) => journalEvent(id, { given: one.given })),
      );
      const before = log.ids.length;
      deepStrictEqual([...result.sequences], appendToModel(log, batch));
      strictEqual(result.accepted, log.ids.length - before);
      return;
    }
    case "race": {
      const log = model.logs[one.org]!;
      const batches = one.batches.map((batch) => batch.map(String));
      const results = await Promise.all(
        batches.map((batch) =>
          store.journal.append(
            name(one.org),
            batch.map((id) => journalEvent(id)),
          ),
        ),
      );
      // Whatever the order was, it was one: the model takes it over from the sequences.
      const fresh = new Map<number, string>();
      for (const [at, { sequences }] of results.entries()) {
        for (const [index, sequence] of sequences.entries()) {
          const id = batches[at]?.[index] ?? "";
          if (sequence > log.ids.length) fresh.set(sequence, id);
          else strictEqual(find(log, id), sequence);
        }
      }
      const added = Array.from({ length: fresh.size }, (_, index) => fresh.get(log.ids.length + index + 1) ?? "a gap");
      strictEqual(new Set(added).size, added.length);
      strictEqual(added.includes("a gap"), false);
      log.ids.push(...added);
      // How appends of one moment are grouped is the store's own affair.
      const groups = await store.journal.index(name(one.org), { after: log.trimmed });
      log.ends.splice(0, log.ends.length, ...groups.map((group) => group.firstSequence + group.lengths.length - 1));
      return;
    }
    case "trim": {
      const log = model.logs[one.org]!;
      while (log.ends[0] !== undefined && log.ends[0] <= one.through) log.trimmed = log.ends.shift() ?? 0;
      strictEqual(await store.journal.trim(name(one.org), one.through, Number.MAX_SAFE_INTEGER), log.trimmed + 1);
      return;
    }
    case "commit": {
      const lease = model.leases[one.holder];
      if (lease === undefined) return;
      const checkpoint = checkpointOf("s", model.version + one.ahead, {
        position: Math.max(0, model.position + one.move),
      });
      const quarantine = [quarantineEntry("s", one.entry)];
      const held = model.holder === one.holder;
      const wanted = !held
        ? "lease_lost"
        : one.ahead !== 1 || checkpoint.position < model.position
          ? "checkpoint_conflict"
          : "done";
      strictEqual(await codeOf(store.checkpoints.commit({ lease, checkpoint, quarantine })), wanted);
      if (wanted !== "done") return;
      model.version += 1;
      model.position = checkpoint.position;
      model.quarantine.add(one.entry);
      return;
    }
    case "acquire": {
      const lease = await store.leases.acquire("l", `h${one.holder}`, ttl);
      const free = model.holder === undefined || model.holder === one.holder || model.expiresAt <= now();
      strictEqual(lease !== undefined, free);
      if (lease === undefined) return;
      const largest = Math.max(0, ...model.leases.map((known) => known?.token ?? 0));
      if (model.holder === one.holder) strictEqual(lease.token, model.leases[one.holder]?.token);
      else strictEqual(lease.token > largest, true);
      model.leases[one.holder] = lease;
      model.holder = one.holder;
      model.expiresAt = now() + ttl;
      return;
    }
    case "release": {
      const lease = model.leases[one.holder];
      if (lease === undefined) return;
      await store.leases.release(lease);
      if (model.holder === one.holder) model.holder = undefined;
      return;
    }
    case "wait":
    case "reopen":
  }
}

/** Compares all that can be seen of the store with the model. */
async function compare(store: Store, model: Model): Promise<void> {
  for (const [org, log] of model.logs.entries()) {
    strictEqual((await store.journal.head(name(org))).lastSequence, log.ids.length);
    strictEqual(await store.journal.firstSequence(name(org)), log.trimmed + 1);
    const stored = await readEvents(store, name(org), { after: log.trimmed });
    deepStrictEqual(
      stored.map(({ id, sequence }) => `${sequence}: ${id}`),
      log.ids.slice(log.trimmed).map((id, at) => `${log.trimmed + at + 1}: ${id}`),
    );
  }
  const checkpoint = await store.checkpoints.get("s");
  strictEqual(checkpoint?.version ?? 0, model.version);
  strictEqual(checkpoint?.position ?? 0, model.position);
  deepStrictEqual(
    (await store.quarantine.list("s")).map(({ sequence }) => sequence),
    [...model.quarantine].toSorted((a, b) => a - b),
  );
}

async function schedule(harness: StoreHarness, steps: readonly Step[]): Promise<void> {
  const model: Model = {
    logs: [0, 1, 2].map(() => ({ ids: [], trimmed: 0, ends: [] })),
    holder: undefined,
    expiresAt: 0,
    leases: [undefined, undefined, undefined],
    version: 0,
    position: 0,
    quarantine: new Set(),
  };
  const { clock } = harness;
  const now = (): number => clock?.now() ?? 0;
  let store = await harness.open();
  try {
    await store.streams.create(streamRecord("s"));
    for (const one of steps) {
      if (one.do === "wait") clock?.set(clock.now() + 7000);
      else if (one.do === "reopen") store = (await harness.reopen?.(store)) ?? store;
      else await run(store, model, now, one);
    }
    await compare(store, model);
  } finally {
    await store[Symbol.asyncDispose]();
  }
}

/** Random schedules against a plain model. */
export const modelChecks: readonly StoreCheck[] = [
  {
    name: "model: journal, checkpoints and leases do what a plain model does, on random schedules",
    async run(harness) {
      await fc.assert(
        fc.asyncProperty(fc.array(step, { maxLength: 40, size: "max" }), (steps) => schedule(harness, steps)),
        { numRuns: harness.schedules ?? 40, endOnFailure: false },
      );
    },
  },
];
