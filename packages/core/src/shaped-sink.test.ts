import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { EventFormat } from "./event-format.ts";
import { createHeadgate, type Headgate } from "./headgate.ts";
import { memoryStore } from "./memory-store.ts";
import { hmacPseudonyms } from "./pseudonyms.ts";
import type { Shape } from "./shape.ts";
import type { Store } from "./store.ts";
import { bucket, type Bucket } from "./testing/bucket-sink.ts";
import { type VirtualClock, virtualClock } from "./testing/virtual-clock.ts";

const start = Date.parse("2026-03-01T10:10:00Z");
const pseudonyms = hmacPseudonyms({ keys: { one: new Uint8Array(32).fill(1) } });

/** Writes the action under a version, and knows the versions that it is given. */
function format(...versions: readonly string[]): EventFormat {
  return {
    name: "tiny",
    title: "Tiny",
    encoding: versions.at(-1) ?? "",
    encoder: (encoding) =>
      versions.includes(encoding)
        ? ({ action, sequence }) => JSON.stringify({ version: encoding, action, sequence })
        : undefined,
  };
}

interface Rig extends AsyncDisposable {
  readonly clock: VirtualClock;
  readonly store: Store;
  readonly destination: Bucket;
  readonly headgate: Headgate<[Bucket["definition"]]>;
}

async function rig(
  known: Partial<Pick<Rig, "clock" | "store" | "destination">> & { readonly formats?: readonly EventFormat[] } = {},
  kind: "objects" | "log" = "objects",
): Promise<Rig> {
  const { clock = virtualClock(start), destination = bucket(kind), formats = [format("1")] } = known;
  const store = known.store ?? memoryStore({ clock });
  const headgate = createHeadgate({
    store,
    sinks: [destination.definition],
    alerts: { auditLog: false },
    formats,
    pseudonyms,
    clock,
    random: () => 0.5,
  });
  await headgate.start();
  return {
    clock,
    store,
    destination,
    headgate,
    async [Symbol.asyncDispose]() {
      const stopped = headgate.stop({ deadlineMs: 10 });
      await clock.advance(20);
      await stopped;
    },
  };
}

const limits = { maxEvents: 2 };
const create = (r: Rig, shape: Shape): Promise<unknown> =>
  r.headgate.streams.create("org", { id: "s", sink: "bucket", options: { limits }, shape });
const append = (r: Rig, ...actions: readonly string[]): Promise<unknown> =>
  r.headgate.append(
    "org",
    actions.map((action) => ({ action, actor: { type: "user", id: "u", name: "Ada" } })),
  );

describe("a stream with a shape", () => {
  it("delivers what its filter lets pass, in its form, and counts the rest", async () => {
    await using r = await rig();
    await create(r, {
      filter: { exclude: [{ action: "noise.*" }] },
      privacy: [{ path: "actor.name", method: "drop" }],
    });
    await append(r, "a.b", "noise.x", "a.c", "noise.y", "a.d");
    await r.clock.advance(60_000);
    expect(r.destination.events("s").map(({ action, actor }) => [action, actor])).toEqual(
      ["a.b", "a.c", "a.d"].map((action) => [action, { type: "user", id: "u" }]),
    );
    expect(await r.headgate.streams.status("s")).toMatchObject({
      accepted: 5,
      delivered: 3,
      filtered: 2,
      quarantined: 0,
      pending: 0,
    });
  });

  it("ends windows of which nothing passes, and asks the destination for nothing", async () => {
    await using r = await rig();
    await create(r, { filter: { include: [{ action: "wanted" }] } });
    await append(r, "a", "b", "c");
    await r.clock.advance(60_000);
    expect(r.destination.requests).toEqual([]);
    expect(await r.headgate.streams.status("s")).toMatchObject({ accepted: 3, filtered: 3, delivered: 0, pending: 0 });
  });

  it("adds up at every moment, whatever the destination does, and doubles nothing", async () => {
    const actions = fc.array(fc.constantFrom("keep", "drop", "poison"), { minLength: 1, maxLength: 12 });
    const behaviour = fc.infiniteStream(fc.constantFrom("store", "store", "store-lose-reply", "busy", "accept-half"));
    await fc.assert(
      fc.asyncProperty(actions, behaviour, async (some, behaves) => {
        await using r = await rig();
        r.destination.behave = () => behaves.next().value as "store";
        r.destination.poison = ({ action }) => action === "poison";
        await create(r, { filter: { exclude: [{ action: "drop" }] } });
        await append(r, ...some);
        const count = (action: string): number => some.filter((one) => one === action).length;
        for (let i = 0; i < 40; i++) {
          await r.clock.advance(30_000);
          const { accepted, delivered, quarantined, filtered, pending } = await r.headgate.streams.status("s");
          expect(delivered + quarantined + filtered + pending).toBe(accepted);
          if (pending === 0) break;
        }
        const { delivered, quarantined, filtered, pending } = await r.headgate.streams.status("s");
        // A destination that took a half has not looked at it.
        expect(delivered).toBeGreaterThanOrEqual(count("keep"));
        expect([delivered + quarantined, filtered, pending]).toEqual([
          count("keep") + count("poison"),
          count("drop"),
          0,
        ]);
        expect(r.destination.events("s").some(({ action }) => action === "drop")).toBe(false);
      }),
      { numRuns: 40 },
    );
  });

  it("ends a window that is under way in the shape that it began in", async () => {
    await using r = await rig();
    await create(r, { format: "tiny" });
    r.destination.behave = () => (r.destination.objects.size === 0 ? "store" : "busy");
    await append(r, "a", "b", "c", "d");
    await r.clock.advance(20_000);
    expect(r.destination.objects.size).toBe(1);
    await r.headgate.streams.update("s", { shape: { filter: { include: [{ action: "none" }] } } });
    r.destination.behave = () => "store";
    await append(r, "e");
    await r.clock.advance(600_000);
    const texts = [...r.destination.objects.values()].map((body) => Buffer.from(body).toString()).join("");
    expect(texts).toBe(
      ["a", "b", "c", "d"].map((action, i) => `{"version":"1","action":"${action}","sequence":${i + 1}}\n`).join(""),
    );
    expect(await r.headgate.streams.status("s")).toMatchObject({ delivered: 4, filtered: 1, pending: 0 });
  });

  it("ends a window under the old version after an upgrade, and waits where that is not known any more", async () => {
    const first = await rig();
    await create(first, { format: "tiny" });
    first.destination.behave = () => (first.destination.objects.size === 0 ? "store" : "busy");
    await append(first, "a", "b", "c", "d");
    await first.clock.advance(20_000);
    await first[Symbol.asyncDispose]();
    const { clock, store, destination } = first;
    destination.behave = () => "store";
    {
      await using other = await rig({ clock, store, destination, formats: [format("2")] });
      await clock.advance(600_000);
      const { health, pending } = await other.headgate.streams.status("s");
      expect(health).toMatchObject({ state: "blocked", lastError: { code: "codec_changed" } });
      expect(pending).toBe(2);
      expect(destination.objects.size).toBe(1);
    }
    await using upgraded = await rig({ clock, store, destination, formats: [format("1", "2")] });
    await append(upgraded, "e");
    await clock.advance(600_000);
    const versions = [...destination.objects.values()].map((body) => Buffer.from(body).toString().slice(0, 15));
    expect(versions).toEqual([`{"version":"1",`, `{"version":"1",`, `{"version":"2",`]);
  });

  it("waits for a format and a key that it was saved with and that have gone", async () => {
    const first = await rig();
    await create(first, { format: "tiny" });
    await first[Symbol.asyncDispose]();
    const { clock, store, destination } = first;
    await using other = await rig({ clock, store, destination, formats: [] });
    await append(other, "a");
    await clock.advance(60_000);
    const { health, pending } = await other.headgate.streams.status("s");
    expect([health.lastError?.code, pending]).toEqual(["shape_invalid", 1]);
  });

  it("sends an event that left quarantine in its form, also where the filter has changed since", async () => {
    await using r = await rig();
    r.destination.poison = () => true;
    await create(r, { format: "tiny" });
    await append(r, "a");
    await r.clock.advance(60_000);
    expect(await r.headgate.streams.status("s")).toMatchObject({ quarantined: 1 });
    r.destination.poison = () => false;
    const shape: Shape = { format: "tiny", filter: { include: [{ action: "none" }] } };
    await r.headgate.streams.update("s", { shape });
    expect(await r.headgate.quarantine.retry("s", 1)).toBe(true);
    await r.clock.advance(60_000);
    expect([...r.destination.objects.values()].map((body) => Buffer.from(body).toString())).toEqual([
      '{"version":"1","action":"a","sequence":1}\n',
    ]);
    expect(await r.headgate.streams.status("s")).toMatchObject({ delivered: 1, quarantined: 0, filtered: 0 });
  });

  it("is refused at save, and shown before: the last events as they are and as they would be sent", async () => {
    await using r = await rig();
    const invalid: Shape = { privacy: [{ path: "id", method: "drop" }] };
    await expect(create(r, invalid)).rejects.toMatchObject({ code: "shape_invalid" });
    await create(r, {});
    await expect(r.headgate.streams.update("s", { shape: invalid })).rejects.toMatchObject({ code: "shape_invalid" });
    await append(r, "a", "b", "c");
    const shape: Shape = { filter: { exclude: [{ action: "b" }] }, format: "tiny" };
    const seen = await r.headgate.streams.preview("org", shape, { limit: 2 });
    expect(seen.map(({ sequence, after }) => [sequence, after])).toEqual([
      [3, '{"version":"1","action":"c","sequence":3}'],
      [2, undefined],
    ]);
    expect(seen[0]?.before).toContain('"name":"Ada"');
    await expect(r.headgate.streams.preview("org", invalid)).rejects.toMatchObject({ code: "shape_invalid" });
    expect(await r.headgate.streams.preview("nobody", shape)).toEqual([]);
  });
});
