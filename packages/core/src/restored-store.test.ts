import { generateKeyPairSync } from "node:crypto";
import { describe, expect, it } from "vitest";
import { continueRestoredStore } from "./continue-restored.ts";
import { digestKey, parseDigestFile } from "./digest.ts";
import { digestSigner } from "./digest-keys.ts";
import { createHeadgate, type Headgate } from "./headgate.ts";
import { memoryStore } from "./memory-store.ts";
import type { Store } from "./store.ts";
import { type Bucket, bucket } from "./testing/bucket-sink.ts";
import { type VirtualClock, virtualClock } from "./testing/virtual-clock.ts";

const hourMs = 3_600_000;
const events = (n: number): { action: string; actor: { type: string; id: string } }[] =>
  Array.from({ length: n }, () => ({ action: "a.b", actor: { type: "user", id: "u" } }));
const signer = digestSigner({
  key: String(generateKeyPairSync("ed25519").privateKey.export({ type: "pkcs8", format: "pem" })),
});

interface Place {
  readonly clock: VirtualClock;
  readonly store: Store;
  readonly destination: Bucket;
}

function place(): Place {
  const clock = virtualClock(Date.parse("2026-03-01T10:10:00Z"));
  return { clock, store: memoryStore({ clock }), destination: bucket() };
}

/** Runs while `body` does; the store and the bucket stay. */
async function running({ clock, store, destination }: Place, body: (headgate: Headgate) => Promise<void>) {
  const sinks = [destination.definition];
  const options = { store, sinks, alerts: { auditLog: false }, digests: { signer }, clock, random: () => 0.5 } as const;
  const headgate = createHeadgate(options);
  await headgate.open();
  if ((await store.streams.get("s")) === undefined)
    await headgate.streams.create("org", { id: "s", sink: "bucket", options: {} });
  await headgate.start();
  await body(headgate);
  const stopped = headgate.stop({ deadlineMs: 10 });
  await clock.advance(20);
  await stopped;
}

/** What a later life of the same store would have left in the bucket. */
async function plant({ store, destination }: Place, number: number): Promise<string> {
  const chain = (await store.streams.get("s"))?.incarnation ?? "";
  const key = digestKey({ prefix: "", stream: "s", chain }, number);
  destination.digests.set(key, Buffer.from("of another life"));
  return key;
}

describe("a store that is an older copy of one that went on", () => {
  it("is noticed by a digest that it never sent, before anything else is sent", async () => {
    const at = place();
    await running(at, async (headgate) => {
      await headgate.append("org", events(3));
      await at.clock.advance(hourMs);
    });
    const [key, stored] = [await plant(at, 2), at.destination.objects.size];
    await at.clock.advance(2 * hourMs);
    await running(at, async (headgate) => {
      await headgate.append("org", events(2));
      await at.clock.advance(hourMs);
      const { health, pending } = await headgate.streams.status("s");
      expect(health).toMatchObject({ state: "blocked", lastError: { code: "store_restored" } });
      expect(pending).toBe(2);
    });
    expect(at.destination.objects.size).toBe(stored);
    expect(String(at.destination.digests.get(key))).toBe("of another life");
    // The next process knows it too.
    await running(at, async () => await at.clock.advance(hourMs));
    expect(at.destination.objects.size).toBe(stored);
  });

  it("sends again on another chain", async () => {
    const at = place();
    await running(at, async () => await at.clock.advance(hourMs));
    await plant(at, 2);
    await running(at, async () => await at.clock.advance(hourMs));
    const record = await at.store.streams.get("s");
    if (record !== undefined) await at.store.streams.update({ ...record, chain: "another" });
    await running(at, async (headgate) => {
      await headgate.append("org", events(2));
      await at.clock.advance(hourMs);
      expect(await headgate.streams.status("s")).toMatchObject({ health: { state: "active" }, pending: 0 });
    });
    expect(at.destination.events("s")).toHaveLength(2);
    expect([...at.destination.digests.keys()]).toContain(digestKey({ prefix: "", stream: "s", chain: "another" }, 1));
  });

  it.each(["busy", "store-lose-reply"] as const)(
    "is noticed before anything else also where a first attempt fails: %s",
    async (first) => {
      const at = place();
      await running(at, async () => await at.clock.advance(hourMs));
      await plant(at, 2);
      await plant(at, 3);
      const behaviours = [first];
      at.destination.behaveToDigest = () => behaviours.shift() ?? "store";
      await at.clock.advance(2 * hourMs);
      await running(at, async (headgate) => {
        await headgate.append("org", events(2));
        await at.clock.advance(hourMs);
        const { health } = await headgate.streams.status("s");
        expect(health).toMatchObject({ state: "blocked", lastError: { code: "store_restored" } });
      });
      expect(at.destination.objects.size).toBe(0);
    },
  );

  it("holds no events for long where a destination takes no digests", async () => {
    const at = place();
    await running(at, async () => await at.clock.advance(hourMs));
    at.destination.behaveToDigest = () => "busy";
    await at.clock.advance(2 * hourMs);
    await running(at, async (headgate) => {
      await headgate.append("org", events(2));
      await at.clock.advance(hourMs);
      expect(await headgate.streams.status("s")).toMatchObject({ health: { state: "active" }, pending: 0 });
    });
  });

  it("never gives the same sequences when the same copy is restored again, nor to organizations that it does not know", async () => {
    const given = new Set<string>();
    for (const [i, chance] of [0.1, 0.2].entries()) {
      await using store = memoryStore();
      const headgate = createHeadgate({ store, sinks: [] });
      await headgate.append("org", events(3));
      await continueRestoredStore(store, { random: () => chance });
      for (const organization of ["org", "new"]) {
        const { sequences } = await headgate.append(organization, events(2));
        for (const sequence of sequences) given.add(`${organization} ${sequence}`);
        expect(sequences.every((sequence) => Number.isSafeInteger(sequence) && sequence > 1e9)).toBe(true);
      }
      expect(given.size).toBe(4 * (i + 1));
    }
  });

  it("is not what an own attempt is whose reply was lost", async () => {
    const at = place();
    at.destination.behaveToDigest = () => "store-lose-reply";
    await running(at, async (headgate) => {
      await headgate.append("org", events(1));
      await at.clock.advance(hourMs);
      at.destination.behaveToDigest = () => "store";
      await at.clock.advance(2 * hourMs);
      expect(await headgate.streams.status("s")).toMatchObject({ health: { state: "active" }, digest: { number: 4 } });
    });
  });

  it("is not what the digest of a process is that died before the reply", async () => {
    const at = place();
    at.destination.behaveToDigest = () => "store-lose-reply";
    await running(at, async () => await at.clock.advance(hourMs));
    at.destination.behaveToDigest = () => "store";
    await running(at, async (headgate) => {
      await at.clock.advance(hourMs);
      expect(await headgate.streams.status("s")).toMatchObject({ health: { state: "active" }, digest: { number: 3 } });
    });
  });
});

describe("a copy that goes on", () => {
  const sequencesOf = (at: Place): readonly number[] =>
    at.destination
      .events("s")
      .map(({ sequence }) => sequence ?? 0)
      .toSorted((a, b) => a - b);

  it("delivers what it holds and what comes, with accounts that are right, and digests that list what was left out", async () => {
    const at = place();
    at.destination.behave = () => "busy";
    await running(at, async (headgate) => {
      await headgate.append("org", events(3));
      await at.clock.advance(hourMs);
    });
    expect(await continueRestoredStore(at.store, { clock: at.clock, random: () => 0 })).toEqual({
      organizations: 1,
      streams: 1,
    });
    at.destination.digests.clear();
    const next = 2_000_000_001;
    await running(at, async (headgate) => {
      const { sequences } = await headgate.append("org", events(2));
      expect(sequences).toEqual([next, next + 1]);
      expect(await headgate.streams.status("s")).toMatchObject({ accepted: 5, delivered: 0, lost: 0, pending: 5 });
      at.destination.behave = () => "store";
      await at.clock.advance(2 * hourMs);
      expect(await headgate.streams.status("s")).toMatchObject({
        health: { state: "active" },
        accepted: 5,
        delivered: 5,
        lost: 0,
        pending: 0,
      });
    });
    expect(sequencesOf(at)).toEqual([1, 2, 3, next, next + 1]);
    const digests = [...at.destination.digests.values()].map((bytes) => parseDigestFile(bytes).digest);
    expect(digests.flatMap(({ lost }) => lost)).toEqual([[4, next - 1, "store_restored"]]);
    expect(digests.at(-1)?.sequences.through).toBe(next + 1);
  });

  it("passes what was left out also where nothing comes, and where it was done twice", async () => {
    const at = place();
    await running(at, async (headgate) => {
      await headgate.append("org", events(3));
      await at.clock.advance(60_000);
    });
    await continueRestoredStore(at.store, { clock: at.clock, random: () => 0 });
    await continueRestoredStore(at.store, { clock: at.clock, random: () => 0 });
    await running(at, async (headgate) => {
      await at.clock.advance(2 * hourMs);
      expect(await headgate.streams.status("s")).toMatchObject({ accepted: 3, delivered: 3, lost: 0, pending: 0 });
      await headgate.append("org", events(1));
      await at.clock.advance(2 * hourMs);
      expect(await headgate.streams.status("s")).toMatchObject({ accepted: 4, delivered: 4, pending: 0 });
    });
    expect(sequencesOf(at)).toEqual([1, 2, 3, 4_000_000_001]);
  });
});
