import { generateKeyPairSync } from "node:crypto";
import { describe, expect, it } from "vitest";
import { type Digest, parseDigestFile } from "./digest.ts";
import { digestSigner, verifyDigest } from "./digest-keys.ts";
import { createHeadgate, type Headgate } from "./headgate.ts";
import type { Logger } from "./logger.ts";
import { memoryStore } from "./memory-store.ts";
import { shardName, shardOf } from "./shards.ts";
import type { Store } from "./store.ts";
import type { StreamStatus } from "./stream-status.ts";
import { bucket, type Bucket } from "./testing/bucket-sink.ts";
import { type VirtualClock, virtualClock } from "./testing/virtual-clock.ts";

const start = Date.parse("2026-03-01T10:10:00Z");
const hourMs = 3_600_000;
const events = (n: number): { action: string; actor: { type: string; id: string } }[] =>
  Array.from({ length: n }, () => ({ action: "a.b", actor: { type: "user", id: "u" } }));
const signer = digestSigner({
  key: String(generateKeyPairSync("ed25519").privateKey.export({ type: "pkcs8", format: "pem" })),
});

interface Rig extends AsyncDisposable {
  readonly clock: VirtualClock;
  readonly store: Store;
  readonly destination: Bucket;
  readonly headgate: Headgate<[Bucket["definition"]]>;
  readonly warnings: (readonly [message: string, why: unknown])[];
  digests(): readonly Digest[];
  /** Deletes the stream, and lets so much time pass meanwhile. */
  remove(ms?: number): Promise<StreamStatus>;
}

async function rig({ signed = true, running = true } = {}): Promise<Rig> {
  const clock = virtualClock(start);
  const destination = bucket("objects");
  Object.assign(destination.definition, { location: ({ host = "here" }: { readonly host?: string }) => host });
  const store = memoryStore({ clock });
  const warnings: Rig["warnings"] = [];
  const none = (): void => {};
  const logger: Logger = {
    debug: none,
    info: none,
    warn: (message, fields) => warnings.push([message, fields?.["why"]]),
    error: none,
  };
  const headgate = createHeadgate({
    store,
    sinks: [destination.definition],
    alerts: { auditLog: false },
    ...(signed && { digests: { signer } }),
    clock,
    logger,
    random: () => 0.5,
  });
  await headgate.streams.create("org", { id: "s", sink: "bucket", options: { limits: { maxEvents: 2 } } });
  if (running) await headgate.start();
  return {
    clock,
    store,
    destination,
    headgate,
    warnings,
    digests: () => [...destination.digests.values()].map((bytes) => parseDigestFile(bytes).digest),
    async remove(ms = 0) {
      const deleting = headgate.streams.delete("s");
      // Whoever awaits it is told of a failure; until then nobody has to be.
      deleting.catch(() => {});
      await clock.advance(ms);
      return deleting;
    },
    async [Symbol.asyncDispose]() {
      const stopped = headgate.stop({ deadlineMs: 10 });
      await clock.advance(20);
      await stopped;
    },
  };
}

/** The store as another process has it: what it closes stays open here. */
const shared = (store: Store): Store => ({ ...store, [Symbol.asyncDispose]: () => Promise.resolve() });

describe("a stream that moves to another place", () => {
  it("ends its chain there with a digest that says so, and begins one at the new place", async () => {
    await using r = await rig();
    await r.headgate.append("org", events(3));
    await r.clock.advance(10_000);
    await r.headgate.streams.update("s", { options: { limits: { maxEvents: 2 }, host: "elsewhere" } });
    await r.headgate.append("org", events(1));
    await r.clock.advance(2 * hourMs);
    const [old, next] = r.digests();
    expect(old).toMatchObject({ number: 1, sequences: { after: 0, through: 3 }, final: true });
    expect(next).toMatchObject({ number: 1, previous: null, sequences: { after: 3, through: 3 } });
    expect(r.digests().at(-1)).toMatchObject({ chain: next?.chain, sequences: { through: 4 } });
    expect(next?.chain).not.toBe(old?.chain);
    expect(r.digests().filter(({ final }) => final)).toEqual([old]);
    expect((await r.headgate.streams.status("s")).delivered).toBe(4);
  });

  it("does so too where another process changes it, and moves on where the old place takes nothing", async () => {
    for (const behaviour of ["store", "busy"] as const) {
      await using r = await rig();
      await using other = createHeadgate({ store: shared(r.store), sinks: [r.destination.definition], clock: r.clock });
      await r.headgate.append("org", events(3));
      await r.clock.advance(10_000);
      r.destination.behaveToDigest = () => behaviour;
      await other.streams.update("s", { options: { limits: { maxEvents: 2 }, host: "elsewhere" } });
      await r.clock.advance(15_000);
      r.destination.behaveToDigest = () => "store";
      await r.headgate.append("org", events(1));
      await r.clock.advance(2 * hourMs);
      const finals = r.digests().filter(({ final }) => final);
      expect(finals).toMatchObject(behaviour === "store" ? [{ sequences: { through: 3 } }] : []);
      expect(r.digests().at(-1)).toMatchObject({ sequences: { through: 4 } });
      expect((await r.headgate.streams.status("s")).delivered).toBe(4);
    }
  });
});

describe("the deletion of a stream", () => {
  it("ends its chain with a digest that says so, of all that is settled", async () => {
    await using r = await rig();
    await r.headgate.append("org", events(3));
    await r.clock.advance(hourMs);
    await r.headgate.append("org", events(2));
    await r.clock.advance(10_000);
    const last = await r.remove();
    expect(r.digests().map(({ number, final }) => [number, final])).toEqual([
      [1, undefined],
      [2, true],
    ]);
    expect(r.digests()[1]).toMatchObject({ sequences: { after: 3, through: 5 }, objects: [{ count: 2 }] });
    expect(last.digest).toMatchObject({ number: 2, through: 5, final: true });
    expect(r.warnings).toEqual([]);
    const [, file] = [...r.destination.digests.values()].map(parseDigestFile);
    expect(file && verifyDigest(file.line, file.signature, signer.published)).toBe("valid");
    expect(await r.store.documents.list("digests")).toEqual([]);
  });

  it("covers a window that is half delivered by what of it is settled, and names its objects", async () => {
    await using r = await rig();
    r.destination.behave = ({ firstSequence }) => (firstSequence === 1 ? "store" : "busy");
    await r.headgate.append("org", events(4));
    await r.clock.advance(10_000);
    const last = await r.remove();
    expect(last).toMatchObject({ delivered: 2, pending: 2 });
    expect(r.digests()).toMatchObject([
      { number: 1, sequences: { after: 0, through: 0 }, objects: [{ first: 1, last: 2 }], final: true },
    ]);
  });

  it("sends a digest that was under way first, as it is", async () => {
    await using r = await rig();
    let takes = false;
    r.destination.behaveToDigest = () => (takes ? "store" : "busy");
    await r.headgate.append("org", events(1));
    await r.clock.advance(hourMs + 60_000);
    expect((await r.store.checkpoints.get("s"))?.chain?.sealed?.number).toBe(1);
    takes = true;
    await r.remove();
    expect(r.digests().map(({ number, final }) => [number, final])).toEqual([
      [1, undefined],
      [2, true],
    ]);
  });

  it("waits ten seconds for a destination, and no longer", async () => {
    for (const behaviour of ["busy", "hang"] as const) {
      await using r = await rig();
      await r.headgate.append("org", events(1));
      await r.clock.advance(10_000);
      let asked = 0;
      r.destination.behaveToDigest = () => {
        asked++;
        return "busy";
      };
      if (behaviour === "hang") {
        r.destination.behave = () => "hang";
        await r.headgate.append("org", events(1));
        await r.clock.advance(6000);
      }
      const { digest, health } = await r.remove(10_000);
      expect([health.state, digest]).toEqual(["deleted", undefined]);
      expect(asked).toBe(behaviour === "busy" ? 10 : 0);
      expect(await r.headgate.streams.get("s")).toBeUndefined();
      if (behaviour === "busy")
        expect(r.warnings).toContainEqual([
          "a chain of digests ends without one that says so",
          "The destination did not take it in time.",
        ]);
    }
  });

  it("does not wait for a destination that refuses", async () => {
    await using r = await rig();
    await r.headgate.append("org", events(1));
    await r.clock.advance(10_000);
    r.destination.behaveToDigest = () => "blocked";
    await r.remove();
    expect(await r.headgate.streams.get("s")).toBeUndefined();
    expect(r.warnings.at(-1)?.[0]).toBe("a chain of digests ends without one that says so");
  });

  it("sends nothing where nothing was delivered, no digests are made, or no process delivers", async () => {
    for (const options of [{}, { signed: false }, { running: false }]) {
      await using r = await rig(options);
      if (Object.keys(options).length > 0) await r.headgate.append("org", events(1));
      await r.clock.advance(10_000);
      await r.remove();
      expect(r.digests()).toEqual([]);
      expect(await r.headgate.streams.get("s")).toBeUndefined();
    }
  });

  it("has the process that delivers end the chain, where it is another one that deletes", async () => {
    await using r = await rig();
    await using other = createHeadgate({ store: shared(r.store), sinks: [r.destination.definition], clock: r.clock });
    await r.headgate.append("org", events(3));
    await r.clock.advance(10_000);
    const deleting = other.streams.delete("s");
    await r.clock.advance(5000);
    const last = await deleting;
    expect(last).toMatchObject({ delivered: 3, digest: { number: 1, through: 3, final: true } });
    expect(r.digests()).toMatchObject([{ number: 1, sequences: { after: 0, through: 3 }, final: true }]);
    expect(await r.headgate.streams.get("s")).toBeUndefined();
    expect(await r.store.documents.list("chain_ends")).toEqual([]);
  });

  it("has its end from the process that delivers also where that one looks at so many streams that it does so rarely", async () => {
    await using r = await rig();
    await using other = createHeadgate({ store: shared(r.store), sinks: [r.destination.definition], clock: r.clock });
    await r.headgate.append("org", events(1));
    await r.clock.advance(10_000);
    const record = await r.store.streams.get("s");
    for (let n = 0; record !== undefined && n < 16_000; n++)
      await r.store.streams.create({ ...record, id: `s${n}`, organization: `org_${n}`, paused: true });
    await r.clock.advance(1500);
    const deleting = other.streams.delete("s");
    await r.clock.advance(2000);
    expect((await r.store.streams.list({ limit: 1 })).map(({ id }) => id)).toEqual(["s0"]);
    expect((await deleting).digest?.final).toBe(true);
  });

  it("has its end from the runner that the stream is on its way to", async () => {
    await using r = await rig();
    await using other = createHeadgate({ store: shared(r.store), sinks: [r.destination.definition], clock: r.clock });
    await r.headgate.append("org", events(1));
    await r.clock.advance(10_000);
    const stopped = r.headgate.stop();
    await r.clock.advance(1);
    await stopped;
    // Another runner is there, and has not taken the shard yet.
    await r.store.leases.acquire("runner next", "next", 2000);
    const deleting = other.streams.delete("s");
    await r.clock.advance(1000);
    await r.headgate.start();
    await r.clock.advance(12_000);
    expect((await deleting).digest?.final).toBe(true);
  });

  it("is not kept waiting by another process that is gone, or whose destination takes no digest", async () => {
    for (const gone of [true, false]) {
      await using r = await rig();
      await using other = createHeadgate({ store: shared(r.store), sinks: [r.destination.definition], clock: r.clock });
      await r.headgate.append("org", events(1));
      await r.clock.advance(10_000);
      r.destination.behaveToDigest = () => "busy";
      if (gone) {
        const stopped = r.headgate.stop();
        await r.clock.advance(1);
        await stopped;
        // It was killed: what it held is still its own for a while.
        await r.store.leases.acquire(shardName(shardOf("s")), "killed", 60_000);
      }
      const deleting = other.streams.delete("s");
      await r.clock.advance(20_000);
      expect((await deleting).digest?.final).toBeUndefined();
      expect(r.digests()).toEqual([]);
      expect(await r.store.documents.list("chain_ends")).toEqual([]);
    }
  });

  it("goes on with a stream whose deletion in another process came to nothing", async () => {
    await using r = await rig();
    await r.headgate.append("org", events(1));
    await r.clock.advance(10_000);
    // As one leaves it that is killed while it waits.
    await r.store.documents.write([{ collection: "chain_ends", key: "s", value: String(r.clock.now()) }]);
    await r.clock.advance(5000);
    expect(r.digests().map(({ final }) => final)).toEqual([true]);
    await r.headgate.append("org", events(1));
    await r.clock.advance(2 * hourMs);
    expect((await r.headgate.streams.status("s")).delivered).toBe(2);
    expect(r.digests()[1]).toMatchObject({ number: 2, counts: { delivered: 1 } });
    // One of long ago is nobody's any more.
    await r.store.documents.write([{ collection: "chain_ends", key: "s", value: String(start) }]);
    await r.clock.advance(5000);
    expect(r.digests().filter(({ final }) => final)).toHaveLength(1);
    expect(await r.store.documents.list("chain_ends")).toEqual([]);
  });

  it("leaves a stream that could not be deleted to go on, and its chain to go on after its end", async () => {
    await using r = await rig();
    await r.headgate.append("org", events(1));
    await r.clock.advance(10_000);
    const remove = r.store.streams.delete.bind(r.store.streams);
    Object.assign(r.store.streams, { delete: () => Promise.reject(new Error("full")) });
    await expect(r.remove()).rejects.toThrow("full");
    Object.assign(r.store.streams, { delete: remove });
    await r.headgate.append("org", events(1));
    await r.clock.advance(2 * hourMs);
    expect(r.digests().map(({ number, final, counts }) => [number, final, counts.delivered])).toEqual([
      [1, true, 1],
      [2, undefined, 1],
      ...(r.digests().length > 2 ? [[3, undefined, 0]] : []),
    ]);
  });
});
