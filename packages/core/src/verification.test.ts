import { describe, expect, it } from "vitest";
import { createHeadgate, type Headgate } from "./headgate.ts";
import { memoryStore } from "./memory-store.ts";
import type { SinkDefinition, VerificationStep } from "./sink.ts";
import type { Store } from "./store.ts";
import { bucket } from "./testing/bucket-sink.ts";
import { type VirtualClock, virtualClock } from "./testing/virtual-clock.ts";

/** Health events would come among the events that these tests count. */
const quiet = { auditLog: false } as const;

const ok: VerificationStep = { name: "write", status: "ok", detail: "Wrote." };
const failed: VerificationStep = { name: "write", status: "failed", detail: "Denied.", fix: "Allow it." };
const actor = { type: "user", id: "u" };

interface Options {
  readonly place: string;
}

interface Rig extends AsyncDisposable {
  readonly clock: VirtualClock;
  readonly headgate: Headgate<[SinkDefinition<"checked", Options>]>;
  /** What the next verifications find; the last one stays. */
  readonly script: (VerificationStep | "throws" | "hangs")[];
  /** Places in the order in which they were verified. */
  readonly verified: string[];
  readonly blocked: { now: boolean };
}

function rig(store?: Store): Rig {
  const clock = virtualClock(Date.parse("2026-03-01T10:10:00Z"));
  const destination = bucket();
  const script: Rig["script"] = [ok];
  const verified: string[] = [];
  const blocked = { now: false };
  destination.behave = () => (blocked.now ? "blocked" : "store");
  const definition: SinkDefinition<"checked", Options> = {
    type: "checked",
    schema: {},
    fromConfig: () => ({ place: "" }),
    create: ({ place }, context) => ({
      ...destination.definition.create({}, context),
      async *verify({ signal }) {
        verified.push(place);
        const next = (script.length > 1 ? script.shift() : script[0]) ?? ok;
        if (next === "throws") throw new TypeError("defect");
        if (next === "hangs")
          await new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason as Error)));
        else yield next;
      },
    }),
  };
  const headgate = createHeadgate({
    alerts: quiet,
    store: store ?? memoryStore({ clock }),
    sinks: [definition],
    clock,
    random: () => 0.5,
  });
  return {
    clock,
    headgate,
    script,
    verified,
    blocked,
    async [Symbol.asyncDispose]() {
      const stopped = headgate.stop({ deadlineMs: 10 });
      await clock.advance(20);
      await stopped;
    },
  };
}

const stream = (place: string) => ({ id: "s", sink: "checked", options: { place } }) as const;

describe("verification", () => {
  it("runs once for a new stream, whose success makes it active before anything is delivered", async () => {
    await using r = rig();
    await r.headgate.streams.create("org", stream("a"));
    await r.headgate.start();
    await r.clock.advance(5000);
    const { health } = await r.headgate.streams.status("s");
    expect(health).toMatchObject({ state: "active", verification: { ok: true, steps: [ok] } });
    await r.headgate.stop();
    await r.headgate.start();
    await r.clock.advance(5000);
    expect(r.verified).toEqual(["a"]);
  });

  it("leaves a stream unverified where a step fails, says which and what to do, and keeps nothing from being delivered", async () => {
    await using r = rig();
    r.script[0] = failed;
    await r.headgate.streams.create("org", stream("a"));
    await r.headgate.start();
    await r.clock.advance(1000);
    const error = { code: "verification_failed", message: "write: Denied.", hint: "Allow it." };
    expect((await r.headgate.streams.status("s")).health).toMatchObject({ state: "unverified", lastError: error });
    await r.headgate.append("org", [{ action: "a", actor }]);
    await r.clock.advance(600_000);
    const { health, delivered } = await r.headgate.streams.status("s");
    expect([health.state, health.verification?.ok, delivered]).toEqual(["active", false, 1]);
  });

  it("runs again when the stream is changed, and when it is resumed", async () => {
    await using r = rig();
    const declare = (place: string): Promise<void> =>
      r.headgate.streams.declare([{ ...stream(place), organization: "org" }]);
    await declare("a");
    await r.headgate.start();
    await r.clock.advance(1000);
    await declare("a");
    await r.clock.advance(1000);
    expect(r.verified).toEqual(["a"]);
    await declare("b");
    await r.clock.advance(1000);
    expect(r.verified).toEqual(["a", "b"]);
    await r.headgate.streams.pause("s");
    await r.clock.advance(1000);
    await r.headgate.streams.resume("s");
    await r.clock.advance(1000);
    expect(r.verified).toEqual(["a", "b", "b"]);
    expect((await r.headgate.streams.status("s")).health.state).toBe("active");
  });

  it("is tried again at a start where it failed before, also where the sink threw or never ended", async () => {
    await using r = rig();
    r.script.splice(0, 1, "throws", "hangs", ok);
    await r.headgate.streams.create("org", stream("a"));
    await r.headgate.start();
    await r.clock.advance(1000);
    const threw = (await r.headgate.streams.status("s")).health.verification;
    expect(threw).toMatchObject({
      ok: false,
      steps: [{ status: "failed", detail: expect.stringContaining("TypeError") as unknown }],
    });
    await r.headgate.stop();
    await r.headgate.start();
    await r.clock.advance(601_000);
    const hung = (await r.headgate.streams.status("s")).health.verification;
    expect(hung).toMatchObject({ ok: false, steps: [{ detail: expect.stringContaining("10 minutes") as unknown }] });
    await r.headgate.stop();
    await r.headgate.start();
    await r.clock.advance(1000);
    expect((await r.headgate.streams.status("s")).health.verification?.ok).toBe(true);
  });

  it("has a blocked stream tried at once where it succeeds", async () => {
    await using r = rig();
    r.script[0] = failed;
    r.blocked.now = true;
    await r.headgate.streams.create("org", stream("a"));
    await r.headgate.append("org", [{ action: "a", actor }]);
    await r.headgate.start();
    await r.clock.advance(400_000);
    expect((await r.headgate.streams.status("s")).health.state).toBe("blocked");
    r.blocked.now = false;
    r.script[0] = ok;
    await r.headgate.stop();
    await r.headgate.start();
    await r.clock.advance(2000);
    expect((await r.headgate.streams.status("s")).health.state).toBe("active");
  });

  it("of a stream that somebody has just created goes before those of a start", async () => {
    await using r = rig();
    r.script[0] = "hangs";
    for (let i = 0; i < 8; i++)
      await r.headgate.streams.create(`org_${i}`, { id: `s${i}`, sink: "checked", options: { place: `old ${i}` } });
    await r.headgate.start();
    await r.clock.advance(1000);
    await r.headgate.streams.create("org", stream("new"));
    // The four that hang end at their time limit.
    await r.clock.advance(601_000);
    expect(r.verified.indexOf("new")).toBe(4);
  });

  it("is tried again by itself until it succeeds, ever more rarely, and not while the stream is paused", async () => {
    await using r = rig();
    r.script[0] = failed;
    await r.headgate.streams.create("org", stream("a"));
    await r.headgate.start();
    const triesIn = async (minutes: number): Promise<number> => {
      const before = r.verified.length;
      await r.clock.advance(minutes * 60_000);
      return r.verified.length - before;
    };
    // At once, and after 1, 2, 4 and 8 minutes; after 16 and 32; then once an hour.
    expect([await triesIn(20), await triesIn(60), await triesIn(180)]).toEqual([5, 2, 3]);
    await r.headgate.streams.pause("s");
    expect(await triesIn(300)).toBe(0);
    await r.headgate.streams.resume("s");
    expect(await triesIn(2)).toBe(1);
    r.script[0] = ok;
    expect([await triesIn(60), await triesIn(300)]).toEqual([1, 0]);
    expect((await r.headgate.streams.status("s")).health).toMatchObject({
      state: "active",
      verification: { ok: true },
    });
  });

  it("that somebody asks for counts as the stream's own, unless it was broken off", async () => {
    await using r = rig();
    r.script[0] = failed;
    await r.headgate.streams.create("org", stream("a"));
    await r.headgate.start();
    await r.clock.advance(1000);
    r.script[0] = ok;
    const broken = new AbortController();
    const brokenOff = async (): Promise<void> => {
      for await (const _step of r.headgate.streams.verify("s", { signal: broken.signal })) broken.abort();
    };
    await brokenOff();
    expect((await r.headgate.streams.status("s")).health.verification?.ok).toBe(false);
    await Array.fromAsync(r.headgate.streams.verify("s"));
    expect((await r.headgate.streams.status("s")).health).toMatchObject({
      state: "active",
      verification: { ok: true },
    });
    const tries = r.verified.length;
    await r.clock.advance(3_600_000);
    expect(r.verified.length).toBe(tries);
  });

  it("can be asked for step by step, from any process", async () => {
    await using r = rig();
    await r.headgate.streams.create("org", stream("a"));
    expect(await Array.fromAsync(r.headgate.streams.verify("s"))).toEqual([ok]);
    await expect(Array.fromAsync(r.headgate.streams.verify("x"))).rejects.toMatchObject({ code: "stream_unknown" });
  });
});
