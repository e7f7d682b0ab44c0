import {
  type Checkpoint,
  createPreparer,
  memoryStore,
  type QuarantineEntry,
  type Store,
  type StoredObject,
  type StreamRecord,
} from "@headgate/core";
import { describe, expect, it } from "vitest";
import { planRepair } from "./plan.ts";
import type { Range } from "./ranges.ts";
import type { Wanted } from "./wanted.ts";

const record: StreamRecord = {
  id: "s",
  incarnation: "life",
  organization: "org",
  sink: "file",
  options: {},
  paused: false,
  createdAt: 1,
  start: 10,
  declared: false,
};

const object = (number: number, sequences: readonly Range[]): StoredObject => ({
  number,
  key: `prefix/year=2026/name-${number}`,
  sha1: "a",
  sha256: "b",
  bytes: 1,
  count: 1,
  sequences,
  encoding: "v1",
  at: 1,
});

/**
 * A stream that began after sequence 10. Up to 12 trimmed, 13 to 20 delivered before objects were recorded; then objects of
 * 21 to 30 (but 25 and 26, which were filtered) and 31 to 40, then 41 and 42 in quarantine, up to 50 lost, then left out up
 * to 1050, and 1051 to 1055 pending.
 */
async function state(trimmed = true): Promise<Store> {
  const store = memoryStore();
  await store.open();
  const preparer = createPreparer();
  const append = async (count: number): Promise<unknown> =>
    store.journal.append(
      "org",
      Array.from({ length: count }, () => preparer.prepare("org", { action: "a", actor: { type: "u", id: "u" } })),
    );
  await append(12);
  await append(38);
  await store.journal.skip("org", 1050);
  await append(5);
  await store.streams.create(record);
  const lease = await store.leases.acquire("delivery", "me", 60_000);
  if (lease === undefined) throw new Error("no lease");
  const checkpoint: Checkpoint = {
    stream: "s",
    incarnation: "life",
    version: 1,
    start: 10,
    position: 1050,
    delivered: 36,
    quarantined: 2,
    lost: { count: 8, at: 1, ranges: [[43, 50, "pending_age_limit"]] },
    recorded: { count: 2, since: 20 },
  };
  const quarantine = [41, 42].map((sequence): QuarantineEntry => ({
    stream: "s",
    organization: "org",
    sequence,
    eventId: "e",
    quarantinedAt: 1,
    reason: { code: "event_refused", message: "No." },
    line: new Uint8Array(1),
  }));
  const objects = [
    object(1, [
      [21, 24],
      [27, 30],
    ]),
    object(2, [[31, 40]]),
  ];
  await store.checkpoints.commit({ lease, checkpoint, quarantine, objects });
  if (trimmed) await store.journal.trim("org", 12, Number.MAX_SAFE_INTEGER);
  return store;
}

const wanted = (more: Partial<Wanted>): Wanted => ({
  stream: "s",
  organization: "org",
  chain: "life",
  objects: new Map(),
  sequences: [],
  altered: new Set(),
  unseen: [],
  ...more,
});

describe("a plan", () => {
  it("accounts for every sequence that is missing", async () => {
    await using store = await state();
    const all = await planRepair(store, record, wanted({ sequences: [[1, Number.MAX_SAFE_INTEGER]] }));
    expect(all).toMatchObject({
      objects: 2,
      again: [
        [21, 24],
        [27, 40],
      ],
      replays: [
        [21, 24],
        [27, 40],
      ],
    });
    const told = Object.fromEntries(
      all.remaining.map(({ cause, sequences = [0, 0] }) => [`${sequences[0]}-${sequences[1]}`, cause]),
    );
    expect(told).toEqual({
      "1-12": "trimmed",
      "13-20": "unrecorded",
      "25-26": "left_out",
      "41-42": "quarantined",
      "43-50": "given_up",
      "51-1050": "store_restored",
      "1051-1055": "pending",
      [`1056-${Number.MAX_SAFE_INTEGER}`]: "never_given",
    });
  });

  it("knows an object by its name, under whatever prefix the audit began to read", async () => {
    await using store = await state();
    const gone = new Map<string, Range>([
      ["name-2", [31, 40]],
      ["year=2026/name-9", [13, 14]],
    ]);
    const plan = await planRepair(store, record, wanted({ objects: gone, sequences: [[13, 14]] }));
    expect(plan).toMatchObject({ objects: 1, again: [[31, 40]], replays: [[31, 40]] });
    expect(plan.remaining).toEqual([
      { cause: "unrecorded", stream: "s", key: "year=2026/name-9", sequences: [13, 14] },
    ]);
  });

  it("has what was altered, and what an end was cut off with, sent again, and calls none of it missing", async () => {
    await using store = await state();
    const plan = await planRepair(
      store,
      record,
      wanted({
        altered: new Set(["name-1"]),
        // Of what was altered so that it cannot be read, no object holds the sequences.
        sequences: [[22, 23]],
        unseen: [
          [21, 22],
          [40, 41],
        ],
      }),
    );
    expect(plan).toMatchObject({ objects: 0, again: [], remaining: [] });
    expect(plan.replays).toEqual([
      [21, 24],
      [27, 40],
    ]);
  });

  it("stores what is from before the stream began for whoever names the stream, exactly what is missing", async () => {
    await using store = await state(false);
    const sequences: readonly Range[] = [
      [2, 3],
      [7, 8],
      [33, 33],
    ];
    const digested = await planRepair(store, record, wanted({ sequences }));
    expect(digested.remaining.map(({ cause }) => cause)).toEqual(["before_stream", "before_stream"]);
    const named = await planRepair(store, record, wanted({ sequences, chain: undefined }));
    expect(named).toMatchObject({
      remaining: [],
      again: sequences,
      replays: [
        [2, 3],
        [7, 8],
        [31, 40],
      ],
    });
  });

  it("asks a stream that has no objects on record for nothing", async () => {
    await using store = memoryStore();
    await store.open();
    await store.streams.create(record);
    const plan = await planRepair(store, record, wanted({ sequences: [[11, 12]] }));
    expect(plan).toMatchObject({ replays: [], remaining: [{ cause: "no_objects", stream: "s" }] });
  });
});
