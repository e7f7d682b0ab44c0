import { generateKeyPairSync } from "node:crypto";
import { describe, expect, it } from "vitest";
import { type Digest, type DigestSignature, parseDigestFile } from "./digest.ts";
import { digestSigner, type DigestSigner, verifyDigest } from "./digest-keys.ts";
import { createHeadgate, type Headgate } from "./headgate.ts";
import { takeDigestTurn } from "./digest-turn.ts";
import type { Checkpoint } from "./checkpoint.ts";
import type { AuditEvent } from "./event.ts";
import type { Shape } from "./shape.ts";
import { silentLogger } from "./logger.ts";
import { memoryStore } from "./memory-store.ts";
import type { SinkLimits } from "./sink.ts";
import type { Store, StreamRecord } from "./store.ts";
import { bucket, type Bucket } from "./testing/bucket-sink.ts";
import { type VirtualClock, virtualClock } from "./testing/virtual-clock.ts";

const start = Date.parse("2026-03-01T10:10:00Z");
const hourMs = 3_600_000;
const events = (n: number): { action: string; actor: { type: string; id: string } }[] =>
  Array.from({ length: n }, () => ({ action: "a.b", actor: { type: "user", id: "u" } }));
const signer = digestSigner({
  key: String(generateKeyPairSync("ed25519").privateKey.export({ type: "pkcs8", format: "pem" })),
});

/** What an event that is a digest, or a piece of one, says. */
interface DigestMetadata extends DigestSignature {
  readonly digest: string;
  readonly offset?: number;
  readonly bytes?: number;
}

function saidBy(event: AuditEvent | undefined): Digest {
  return JSON.parse((event!.metadata as unknown as DigestMetadata).digest) as Digest;
}

interface Rig extends AsyncDisposable {
  readonly clock: VirtualClock;
  readonly store: Store;
  readonly destination: Bucket;
  readonly headgate: Headgate<[Bucket["definition"]]>;
  /** The stream's digests, in order. */
  digests(): readonly Digest[];
}

async function rig({
  kind = "objects",
  signed = true,
  ...known
}: {
  readonly kind?: "objects" | "log";
  readonly signed?: boolean;
  readonly clock?: VirtualClock;
  readonly store?: Store;
  readonly destination?: Bucket;
  readonly options?: { readonly limits?: Partial<SinkLimits> };
  readonly shape?: Shape;
  readonly signer?: DigestSigner;
} = {}): Promise<Rig> {
  const { clock = virtualClock(start), destination = bucket(kind), options = {} } = known;
  const store = known.store ?? memoryStore({ clock });
  const headgate = createHeadgate({
    store,
    sinks: [destination.definition],
    alerts: { auditLog: false },
    ...(signed && { digests: { signer: known.signer ?? signer } }),
    clock,
    random: () => 0.5,
  });
  await headgate.open();
  if ((await store.streams.get("s")) === undefined)
    await headgate.streams.create("org", {
      id: "s",
      sink: "bucket",
      options,
      ...(known.shape && { shape: known.shape }),
    });
  await headgate.start();
  return {
    clock,
    store,
    destination,
    headgate,
    digests: () => [...destination.digests.values()].map((bytes) => parseDigestFile(bytes).digest),
    async [Symbol.asyncDispose]() {
      const stopped = headgate.stop({ deadlineMs: 10 });
      await clock.advance(20);
      await stopped;
    },
  };
}

describe("a stream's digests", () => {
  it("are made every hour, the quiet ones too", async () => {
    await using r = await rig();
    await r.headgate.append("org", events(3));
    await r.clock.advance(3 * hourMs);
    const [first, quiet, third] = r.digests();
    expect(r.digests()).toHaveLength(3);
    expect(first).toMatchObject({
      number: 1,
      from: "2026-03-01T10:10:00.000Z",
      sequences: { after: 0, through: 3 },
      counts: { delivered: 3, quarantined: 0, filtered: 0, lost: 0 },
      objects: [{ count: 3, first: 1, last: 3 }],
    });
    expect(first?.to.slice(0, 14)).toBe("2026-03-01T11:");
    expect(quiet).toMatchObject({ number: 2, from: first?.to, sequences: { after: 3, through: 3 }, objects: [] });
    expect(third?.to.slice(0, 14)).toBe("2026-03-01T13:");
    expect((await r.headgate.streams.status("s")).digest).toMatchObject({ number: 3, through: 3 });
  });

  it("cover a pause with one", async () => {
    await using r = await rig();
    await r.headgate.streams.pause("s");
    await r.clock.advance(5 * hourMs);
    expect(r.digests()).toEqual([]);
    await r.headgate.streams.resume("s");
    await r.clock.advance(60_000);
    expect(r.digests()).toHaveLength(1);
    expect(r.digests()[0]).toMatchObject({ from: "2026-03-01T10:10:00.000Z", sequences: { after: 0, through: 0 } });
  });

  it.each(["objects", "log"] as const)("vouch for a stream with a filter from its first event: %s", async (kind) => {
    await using r = await rig({ kind, shape: { filter: { exclude: [{ action: "noise" }] } } });
    const noise = { action: "noise", actor: { type: "user", id: "u" } };
    await r.headgate.append("org", [...events(2), noise, noise, ...events(1)]);
    await r.clock.advance(2 * hourMs);
    const said =
      kind === "objects"
        ? r.digests()
        : r.destination
            .events("s")
            .filter(({ action }) => action === "headgate.digest")
            .map(({ metadata }) => JSON.parse(metadata?.["digest"] as string) as Digest);
    expect(said[0]).toMatchObject({
      sequences: { after: 0, through: 5 },
      counts: { delivered: 3, quarantined: 0, filtered: 2, lost: 0 },
      filtered_by: { filter: { exclude: [{ action: "noise" }] } },
    });
    expect(said[1]).toMatchObject({ sequences: { after: 5, through: 5 }, counts: { filtered: 0 } });
  });

  it("are missed where they do not come, once, and the alert ends when they do", async () => {
    let broken = true;
    const moody: DigestSigner = {
      ...signer,
      sign: (line) => (broken ? Promise.reject(new Error("out of reach")) : signer.sign(line)),
    };
    await using r = await rig({ signer: moody });
    const open = async (): Promise<readonly string[]> =>
      (await r.headgate.alerts.list({ open: true })).map(({ kind }) => kind);
    await r.headgate.append("org", events(1));
    await r.clock.advance(1.25 * hourMs);
    expect(await open()).toEqual([]);
    await r.clock.advance(hourMs);
    expect(await open()).toEqual(["digest_overdue"]);
    broken = false;
    await r.clock.advance(hourMs);
    expect(await open()).toEqual([]);
    expect(await r.headgate.alerts.list()).toMatchObject([{ kind: "digest_overdue", severity: "warning" }]);
  });

  it("name what is in quarantine with its reason, and the object of what leaves it", async () => {
    await using r = await rig();
    r.destination.poison = ({ sequence }) => sequence === 2;
    await r.headgate.append("org", events(3));
    await r.clock.advance(hourMs);
    expect(r.digests()[0]).toMatchObject({
      counts: { delivered: 2, quarantined: 1 },
      quarantined: [[2, 2, "event_refused"]],
    });
    r.destination.poison = () => false;
    await r.headgate.quarantine.retry("s", 2);
    await r.clock.advance(hourMs);
    const [, second] = r.digests();
    expect(second).toMatchObject({
      sequences: { after: 3, through: 3 },
      objects: [{ count: 1, first: 2, last: 2 }],
      quarantined: [],
    });
  });

  it("do not keep events from being delivered when they are refused themselves", async () => {
    await using r = await rig();
    r.destination.behaveToDigest = () => "blocked";
    await r.headgate.append("org", events(1));
    await r.clock.advance(hourMs);
    expect((await r.headgate.streams.status("s")).health).toMatchObject({ state: "active", consecutiveFailures: 0 });
    await r.headgate.append("org", events(1));
    await r.clock.advance(hourMs);
    expect(r.destination.events("s")).toHaveLength(2);
    r.destination.behaveToDigest = () => "store";
    await r.clock.advance(hourMs);
    expect(r.digests().at(-1)).toMatchObject({ sequences: { through: 2 } });
    expect(r.digests().map(({ number }) => number)).toEqual(r.digests().map((_, i) => i + 1));
  });

  it("are events where the destination stores no objects, whole and signed", async () => {
    await using r = await rig({ kind: "log" });
    await r.headgate.append("org", events(2));
    await r.clock.advance(hourMs);
    const digest = r.destination.events("s").find(({ action }) => action === "headgate.digest");
    const { digest: line, ...signature } = (digest?.metadata ?? {}) as {
      digest: string;
      algorithm: "Ed25519";
      key_id: string;
      signature: string;
    };
    expect(verifyDigest(Buffer.from(line), signature, signer.published)).toBe("valid");
    const said = JSON.parse(line) as Digest;
    expect(said).toMatchObject({ key: null, sequences: { after: 0, through: 2 }, counts: { delivered: 2 } });
    expect("objects" in said).toBe(false);
    const status = await r.headgate.streams.status("s");
    expect([status.accepted, status.delivered]).toEqual([2, 2]);
  });

  it("go in pieces where one event cannot hold them: only the one in flight comes twice, whoever continues", async () => {
    const first = await rig({ kind: "log", options: { limits: { maxEventBytes: 6000 } } });
    const { clock, store, destination } = first;
    destination.poison = ({ action }) => action === "bad";
    const actor = { type: "user", id: "u" };
    const mixed = Array.from({ length: 300 }, (_, i) => ({ action: i % 2 === 0 ? "a.b" : "bad", actor }));
    await first.headgate.append("org", mixed);
    const sent: string[] = [];
    destination.behave = ({ key }) => {
      if (!key.includes("digest-")) return "store";
      sent.push(key);
      return sent.length === 2 ? "store-lose-reply" : sent.length > 2 ? "busy" : "store";
    };
    await clock.advance(hourMs);
    await first[Symbol.asyncDispose]();
    destination.behave = () => "store";
    await using r = await rig({ clock, store, destination });
    await clock.advance(60_000);
    const pieces = destination.events("s").filter(({ action }) => action === "headgate.digest");
    const byId = Map.groupBy(pieces, ({ id }) => id);
    expect([...byId.values()].map(({ length }) => length)).toEqual([1, 2, 1, 1]);
    const metadata = [...byId.values()].map(([piece]) => piece?.metadata as unknown as DigestMetadata);
    const line = metadata
      .toSorted((a, b) => (a.offset ?? 0) - (b.offset ?? 0))
      .map(({ digest }) => digest)
      .join("");
    expect(metadata.map(({ bytes }) => bytes)).toEqual(metadata.map(() => line.length));
    const { algorithm, key_id, signature } = metadata[0]!;
    expect(verifyDigest(Buffer.from(line), { algorithm, key_id, signature }, signer.published)).toBe("valid");
    expect((JSON.parse(line) as Digest).quarantined).toHaveLength(150);
    await r.clock.advance(hourMs);
    expect(await r.headgate.streams.status("s")).toMatchObject({ digest: { number: 2 } });
  });

  it("are events of the time when they are sent, where the destination would drop an older one", async () => {
    await using r = await rig({ kind: "log", options: { limits: { maxEventAgeMs: 2 * hourMs } } });
    r.destination.behave = () => "busy";
    await r.clock.advance(hourMs);
    const made = (await r.store.checkpoints.get("s"))?.chain?.sealed?.to ?? 0;
    await r.clock.advance(2 * hourMs);
    r.destination.behave = () => "store";
    await r.clock.advance(hourMs);
    const [late, next] = r.destination.events("s").filter(({ action }) => action === "headgate.digest");
    expect(saidBy(late)).toMatchObject({ to: new Date(made).toISOString() });
    expect(Date.parse(late?.occurred_at ?? "")).toBeGreaterThan(made + 2 * hourMs);
    expect(next?.occurred_at).toBe(saidBy(next).to);
  });

  it("begin with what is recorded where they are switched on later", async () => {
    const earlier = await rig({ signed: false });
    const { clock, store, destination } = earlier;
    await earlier.headgate.append("org", events(2));
    await clock.advance(hourMs);
    await earlier[Symbol.asyncDispose]();
    expect(destination.digests.size).toBe(0);
    await using r = await rig({ clock, store, destination });
    await r.headgate.append("org", events(1));
    await clock.advance(hourMs);
    const [first, second] = r.digests();
    expect(first).toMatchObject({ sequences: { after: 0, through: 2 }, objects: [{ first: 1, last: 2 }] });
    expect(second).toMatchObject({ sequences: { after: 2, through: 3 }, objects: [{ first: 3, last: 3 }] });
  });

  it("are made before a drain ends, of what no digest vouches for yet", async () => {
    await using r = await rig();
    await r.headgate.append("org", events(2));
    const draining = r.headgate.drain({ patienceMs: 1000 });
    await r.clock.advance(20_000);
    expect((await draining).complete).toBe(true);
    expect(r.digests().map(({ sequences }) => sequences)).toEqual([{ after: 0, through: 2 }]);
  });

  it("go on in time when the clock was ahead for a while", async () => {
    await using r = await rig();
    await r.headgate.append("org", events(1));
    await r.clock.advance(hourMs);
    expect(r.digests()).toHaveLength(1);
    // What a clock that is a month ahead leaves behind.
    const lease = await r.store.leases.current("delivery");
    const checkpoint = await r.store.checkpoints.get("s");
    if (lease === undefined || checkpoint?.chain === undefined) throw new Error("there is no chain");
    const ahead = r.clock.now() + 30 * 24 * hourMs;
    const chain = { ...checkpoint.chain, to: ahead, madeAt: ahead };
    const moved = { ...checkpoint, version: checkpoint.version + 1, chain };
    await r.store.checkpoints.commit({ lease, checkpoint: moved });
    await r.headgate.append("org", events(1));
    await r.clock.advance(4 * hourMs);
    expect(r.digests().length).toBeGreaterThanOrEqual(4);
    expect(r.digests().at(-1)).toMatchObject({ from: new Date(ahead).toISOString(), sequences: { through: 2 } });
  });

  it("outlive a runner that was overtaken while it signed", async () => {
    await using r = await rig();
    r.destination.behaveToDigest = () => "busy";
    await r.headgate.append("org", events(2));
    await r.clock.advance(hourMs);
    expect(await r.store.documents.list("digests")).toHaveLength(1);
    const record = (await r.store.streams.get("s")) as StreamRecord;
    const { chain: _, ...before } = (await r.store.checkpoints.get("s")) as Checkpoint;
    const sink = r.destination.definition.create({}, {} as never);
    const idle = new AbortController().signal;
    const stale = takeDigestTurn(
      { id: "s", organization: "org", sink, flush: sink.flush, absences: record },
      record,
      before,
      {
        store: r.store,
        clock: r.clock,
        logger: silentLogger,
        observer: {},
        signal: idle,
        ending: idle,
        attempt: 1,
        requestTimeoutMs: 1000,
        splits: new Map(),
        signer,
        lease: () => ({ name: "delivery", holder: "overtaken", token: 0, expiresAt: 0 }),
      },
    );
    await expect(stale).rejects.toMatchObject({ code: "lease_lost" });
    r.destination.behaveToDigest = () => "store";
    await r.clock.advance(hourMs);
    expect(r.digests()[0]).toMatchObject({ number: 1, sequences: { through: 2 } });
    expect(await r.store.documents.list("digests")).toEqual([]);
  });

  it("begin another chain where the stream moves to another place", async () => {
    const destination = bucket();
    const { definition } = destination;
    Object.assign(definition, { location: ({ host = "here" }: { readonly host?: string }) => host });
    await using r = await rig({ destination });
    await r.headgate.append("org", events(2));
    await r.clock.advance(hourMs);
    await r.headgate.append("org", events(1));
    await r.clock.advance(20_000);
    await r.headgate.streams.update("s", { options: { host: "there" } });
    await r.headgate.append("org", events(1));
    await r.clock.advance(hourMs);
    const [first, last, second, third] = r.digests();
    expect(last).toMatchObject({ number: 2, chain: first?.chain, sequences: { after: 2, through: 3 }, final: true });
    expect(second?.chain).not.toBe(first?.chain);
    expect(second).toMatchObject({ number: 1, previous: null, sequences: { after: 3, through: 3 }, objects: [] });
    expect(third).toMatchObject({
      number: 2,
      chain: second?.chain,
      sequences: { after: 3, through: 4 },
      objects: [{ first: 4, last: 4 }],
    });
  });

  it("name so many objects at most, and vouch for sequences once all their objects are named", async () => {
    await using r = await rig({ options: { limits: { maxEvents: 1 } } });
    r.destination.behaveToDigest = () => "busy";
    await r.headgate.append("org", events(4500));
    await r.clock.advance(hourMs);
    r.destination.behaveToDigest = () => "store";
    await r.clock.advance(2 * hourMs);
    const [first, second, third] = r.digests();
    expect([first, second, third].map((digest) => digest?.objects?.length)).toEqual([2000, 2000, 500]);
    expect([first, second, third].map((digest) => digest?.sequences.through)).toEqual([0, 0, 4500]);
  });

  it("wait for what signs, and hold up nothing meanwhile", async () => {
    let hangs = true;
    const slow = { ...signer, sign: (line: Uint8Array) => (hangs ? new Promise<never>(() => {}) : signer.sign(line)) };
    await using r = await rig({ signer: slow });
    await r.headgate.append("org", events(1));
    await r.clock.advance(hourMs);
    await r.headgate.append("org", events(1));
    await r.clock.advance(20 * 60_000);
    expect((await r.headgate.streams.status("s")).pending).toBe(0);
    hangs = false;
    await r.clock.advance(hourMs);
    expect(r.digests().at(-1)).toMatchObject({ sequences: { through: 2 } });
  });

  it("leave nothing behind when their stream is deleted while one is under way", async () => {
    await using r = await rig();
    r.destination.behaveToDigest = () => "busy";
    await r.headgate.append("org", events(2));
    await r.clock.advance(hourMs);
    expect(await r.store.documents.list("digests")).toHaveLength(1);
    const deleted = r.headgate.streams.delete("s");
    await r.clock.advance(10_000);
    await deleted;
    expect(await r.store.documents.list("digests")).toEqual([]);
    expect(await r.store.objects.list("s")).toEqual([]);
  });
});
