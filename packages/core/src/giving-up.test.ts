import { generateKeyPairSync } from "node:crypto";
import { describe, expect, it } from "vitest";
import type { AlertNotification } from "./alert.ts";
import type { DeliverySettings } from "./delivery-settings.ts";
import { type Digest, parseDigestFile } from "./digest.ts";
import { digestSigner } from "./digest-keys.ts";
import { createHeadgate, type Headgate } from "./headgate.ts";
import type { Logger } from "./logger.ts";
import { memoryStore } from "./memory-store.ts";
import { trimJournals } from "./retention.ts";
import type { Store } from "./store.ts";
import { type Behaviour, bucket, type Bucket } from "./testing/bucket-sink.ts";
import { type VirtualClock, virtualClock } from "./testing/virtual-clock.ts";

const start = Date.parse("2026-03-01T10:10:00Z");
const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
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
  readonly told: AlertNotification[];
  readonly errors: object[];
  digests(): readonly Digest[];
  /** How the stream stands, its sum checked. */
  counts(): Promise<readonly [delivered: number, lost: number, pending: number]>;
  stop(): Promise<void>;
}

/** Waits are long, so that days pass in few steps. */
const patient = { pollMs: 60_000, leaseTtlMs: hourMs, retry: { baseMs: 60_000, capMs: hourMs, blockedMs: hourMs } };

async function rig({
  delivery,
  options = {},
  signed = true,
  ...known
}: {
  readonly delivery?: Partial<DeliverySettings>;
  readonly options?: object;
  readonly signed?: boolean;
  readonly clock?: VirtualClock;
  readonly store?: Store;
  readonly destination?: Bucket;
} = {}): Promise<Rig> {
  const { clock = virtualClock(start), destination = bucket("objects") } = known;
  const store = known.store ?? memoryStore({ clock });
  const told: AlertNotification[] = [];
  const errors: object[] = [];
  const none = (): void => {};
  const logger: Logger = {
    debug: none,
    info: none,
    warn: none,
    error: (_message, fields) => errors.push(fields ?? {}),
  };
  const headgate = createHeadgate({
    store,
    sinks: [destination.definition],
    alerts: {
      auditLog: false,
      settings: { everyMs: 600_000 },
      channels: [
        {
          name: "page",
          async notify(notification) {
            told.push(notification);
            return { status: "delivered" };
          },
        },
      ],
    },
    ...(signed && { digests: { signer } }),
    delivery: { ...patient, ...delivery },
    retentionMs: 3650 * dayMs,
    clock,
    logger,
    random: () => 0.5,
  });
  await headgate.open();
  if ((await store.streams.get("s")) === undefined)
    await headgate.streams.create("org", { id: "s", sink: "bucket", options });
  await headgate.start();
  let stopped = false;
  const stop = async (): Promise<void> => {
    if (stopped) return;
    stopped = true;
    const done = headgate.stop({ deadlineMs: 10 });
    await clock.advance(20);
    await done;
  };
  return {
    clock,
    store,
    destination,
    headgate,
    told,
    errors,
    digests: () => [...destination.digests.values()].map((bytes) => parseDigestFile(bytes).digest),
    async counts() {
      const { accepted, delivered, quarantined, filtered, lost, pending } = await headgate.streams.status("s");
      expect(delivered + quarantined + filtered + lost + pending).toBe(accepted);
      return [delivered, lost, pending];
    },
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

const giveUpAfterMs = 2 * dayMs;

/** The first digest that a destination without objects was sent. */
function digestEventIn(destination: Bucket): unknown {
  const text = destination.events("s").find(({ action }) => action === "headgate.digest")?.metadata?.["digest"];
  return typeof text === "string" ? JSON.parse(text) : undefined;
}

describe("a limit on pending age", () => {
  it("is none by default: nothing is ever given up", async () => {
    await using r = await rig();
    r.destination.behave = () => "blocked";
    await r.headgate.append("org", events(3));
    await r.clock.advance(10 * dayMs);
    expect(await r.counts()).toEqual([0, 0, 3]);
  });

  it("must be a day at least", () => {
    const sinks = [bucket().definition] as const;
    const limited = (ms: number) => () =>
      createHeadgate({ store: memoryStore(), sinks, delivery: { giveUpAfterMs: ms } });
    expect(limited(dayMs - 1)).toThrow(/after a day of waiting at the earliest/);
    expect(limited(Number.NaN)).toThrow(/a day/);
    expect(limited(dayMs)).not.toThrow();
  });

  it.each(["objects", "log"] as const)("ends the claim on what is older, and signs the gap: %s", async (kind) => {
    await using r = await rig({ delivery: { giveUpAfterMs }, destination: bucket(kind) });
    r.destination.behave = () => "blocked";
    await r.headgate.append("org", events(3));
    await r.clock.advance(dayMs);
    await r.headgate.append("org", events(2));
    await r.clock.advance(dayMs - 60_000);
    expect(await r.counts()).toEqual([0, 0, 5]);
    await r.clock.advance(hourMs);
    expect(await r.counts()).toEqual([0, 3, 2]);
    expect(r.errors).toEqual([expect.objectContaining({ stream: "s", events: 3, first: 1, last: 3 })]);
    r.destination.behave = () => "store";
    await r.clock.advance(3 * hourMs);
    expect(await r.counts()).toEqual([2, 3, 0]);
    const digest = kind === "objects" ? r.digests()[0] : digestEventIn(r.destination);
    expect(digest).toMatchObject({
      number: 1,
      sequences: { after: 0, through: 5 },
      counts: { delivered: 2, quarantined: 0, filtered: 0, lost: 3 },
      lost: [[1, 3, "pending_age_limit_unconfirmed"]],
    });
    expect((await r.store.checkpoints.get("s"))?.lost).toMatchObject({ count: 3, ranges: [] });
  });

  it("keeps what of a window was confirmed, and loses the rest of it as a whole", async () => {
    await using r = await rig({ delivery: { giveUpAfterMs }, options: { limits: { maxEvents: 2 } } });
    const queue: Behaviour[] = ["store", "busy"];
    r.destination.behave = () => queue.shift() ?? "busy";
    await r.headgate.append("org", events(3));
    await r.clock.advance(1000);
    await r.headgate.append("org", events(3));
    await r.clock.advance(hourMs);
    expect(await r.counts()).toEqual([2, 0, 4]);
    await r.clock.advance(giveUpAfterMs);
    expect(await r.counts()).toEqual([2, 4, 0]);
    r.destination.behave = () => "store";
    await r.headgate.append("org", events(1));
    await r.clock.advance(3 * hourMs);
    const [first] = r.digests();
    expect(first).toMatchObject({
      sequences: { after: 0 },
      objects: [{ count: 2, first: 1, last: 2 }],
      lost: [[3, 6, "pending_age_limit_unconfirmed"]],
    });
    expect(await r.counts()).toEqual([3, 4, 0]);
    expect(r.destination.events("s").map(({ sequence }) => sequence)).toEqual([1, 2, 7]);
  });

  it("lists as lost what may have arrived without a reply, and says so", async () => {
    await using r = await rig({ delivery: { giveUpAfterMs } });
    const queue: Behaviour[] = ["store-lose-reply"];
    r.destination.behave = () => queue.shift() ?? "blocked";
    await r.headgate.append("org", events(2));
    await r.clock.advance(giveUpAfterMs + hourMs);
    expect(await r.counts()).toEqual([0, 2, 0]);
    expect(r.destination.events("s")).toHaveLength(2);
    await r.clock.advance(2 * hourMs);
    expect(r.digests()[0]).toMatchObject({ objects: [], lost: [[1, 2, "pending_age_limit_unconfirmed"]] });
  });

  it("gives a day's notice where it is set below what is pending, and after a standstill", async () => {
    const first = await rig();
    first.destination.behave = () => "blocked";
    await first.headgate.append("org", events(3));
    await first.clock.advance(dayMs);
    await first.stop();
    const { clock, store, destination } = first;
    await clock.advance(100 * dayMs);
    await using r = await rig({ clock, store, destination, delivery: { giveUpAfterMs } });
    await r.clock.advance(dayMs - hourMs);
    expect(await r.counts()).toEqual([0, 0, 3]);
    const countdown = r.told.findLast(({ alert }) => alert.kind === "loss_countdown")?.alert;
    expect(countdown?.lossAt).toBe(start + 102 * dayMs + 20);
    await r.clock.advance(2 * hourMs);
    expect(await r.counts()).toEqual([0, 3, 0]);
  });

  it("takes no notice of a clock that was ahead for once", async () => {
    let ahead = 0;
    const real = virtualClock(start);
    const clock: VirtualClock = { ...real, now: () => real.now() + ahead };
    await using r = await rig({ clock, delivery: { giveUpAfterMs } });
    r.destination.behave = () => "blocked";
    await r.headgate.append("org", events(3));
    await clock.advance(hourMs);
    ahead = 365 * dayMs;
    await clock.advance(20 * hourMs);
    ahead = 0;
    await clock.advance(10 * hourMs);
    expect(await r.counts()).toEqual([0, 0, 3]);
    expect((await r.store.checkpoints.get("s"))?.noticeAt ?? 0).toBeLessThanOrEqual(clock.now());
    await clock.advance(giveUpAfterMs);
    expect(await r.counts()).toEqual([0, 3, 0]);
  });

  it.each([
    [false, 3],
    [true, 0],
  ])("goes for a paused stream where that is said: %s", async (giveUpPaused, left) => {
    await using r = await rig({ delivery: { giveUpAfterMs, giveUpPaused } });
    await r.headgate.streams.pause("s");
    await r.headgate.append("org", events(3));
    await r.clock.advance(giveUpAfterMs - hourMs);
    expect(r.told.map(({ alert }) => alert.kind).includes("loss_countdown")).toBe(giveUpPaused);
    await r.clock.advance(2 * hourMs);
    expect(await r.counts()).toEqual([0, 3 - left, left]);
    await r.headgate.streams.resume("s");
    await r.clock.advance(3 * hourMs);
    expect(r.digests().find(({ sequences }) => sequences.through > 0)).toMatchObject({
      sequences: { after: 0, through: 3 },
      counts: { delivered: left, lost: 3 - left },
      lost: giveUpPaused ? [[1, 3, "pending_age_limit"]] : [],
    });
  });

  it("lets the log be trimmed of what was given up, and of nothing else", async () => {
    await using r = await rig({ delivery: { giveUpAfterMs } });
    r.destination.behave = () => "blocked";
    const trim = (): Promise<void> => trimJournals({ store: r.store, clock: r.clock, retentionMs: hourMs });
    await r.headgate.append("org", events(3));
    await r.clock.advance(dayMs);
    await r.headgate.append("org", events(1));
    await trim();
    expect(await r.store.journal.firstSequence("org")).toBe(1);
    await r.clock.advance(dayMs + hourMs);
    await trim();
    expect(await r.store.journal.firstSequence("org")).toBe(4);
    r.destination.behave = () => "store";
    await r.clock.advance(3 * hourMs);
    // The chain began with the stream, so that the gap is signed although its events are gone.
    expect(r.digests()[0]).toMatchObject({ sequences: { after: 0, through: 4 }, counts: { delivered: 1, lost: 3 } });
  });

  it("claims nothing of what was given up while no digests were made", async () => {
    const first = await rig({ delivery: { giveUpAfterMs }, signed: false, destination: bucket("log") });
    first.destination.behave = () => "blocked";
    await first.headgate.append("org", events(3));
    await first.clock.advance(giveUpAfterMs + hourMs);
    expect((await first.store.checkpoints.get("s"))?.lost).toMatchObject({ count: 3, ranges: [] });
    await first.stop();
    const { clock, store, destination } = first;
    destination.behave = () => "store";
    await using r = await rig({ clock, store, destination, delivery: { giveUpAfterMs } });
    await r.headgate.append("org", events(1));
    await r.clock.advance(3 * hourMs);
    expect(digestEventIn(destination)).toMatchObject({ sequences: { after: 3 }, counts: { lost: 0 } });
  });

  it("is counted down to, told of once it has taken something, and counts against the service level", async () => {
    await using r = await rig({ delivery: { giveUpAfterMs } });
    r.destination.behave = () => "blocked";
    await r.headgate.append("org", events(3));
    await r.clock.advance(giveUpAfterMs - hourMs);
    const countdown = r.told.filter(({ alert }) => alert.kind === "loss_countdown");
    expect(countdown.length).toBeGreaterThan(4);
    const { severity, lossAt = 0 } = countdown[0]?.alert ?? {};
    expect(severity).toBe("critical");
    // The notice begins with the look that finds it due: there is one a minute.
    expect(lossAt - start - giveUpAfterMs).toBeLessThanOrEqual(120_000);
    expect(lossAt - start).toBeGreaterThanOrEqual(giveUpAfterMs);
    await r.clock.advance(2 * hourMs);
    const lost = r.told.filter(({ alert }) => alert.kind === "events_lost");
    expect(lost.map(({ type }) => type)).toEqual(["opened"]);
    expect(lost[0]?.alert.message).toMatch(/; 3 in all/);
    const { serviceLevels } = await r.headgate.streams.status("s");
    expect(serviceLevels.day).toMatchObject({ delivered: 0, lost: 3, success: 0 });
  });
});
