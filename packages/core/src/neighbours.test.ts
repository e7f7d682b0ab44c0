import { describe, expect, it } from "vitest";
import { createHeadgate } from "./headgate.ts";
import { memoryStore } from "./memory-store.ts";
import { type Behaviour, bucket } from "./testing/bucket-sink.ts";
import { virtualClock } from "./testing/virtual-clock.ts";

/** Health events would come among the events that these tests count. */
const quiet = { auditLog: false } as const;

const minute = 60_000;
const actor = { type: "user", id: "u" };
const healthy = Array.from({ length: 9 }, (_, i) => `well${i}`);

interface Hour {
  /** Events of each healthy stream that were in at the end of each minute. */
  readonly timeline: readonly (readonly number[])[];
  readonly requests: number;
  /** Events of healthy streams that were in more than once. */
  readonly doubled: number;
  readonly dead: { readonly state: string; readonly pending: number; readonly delivered: number } | undefined;
  /** Of the dead stream, once it was well again for a while. */
  readonly recovered: number;
}

/** An hour of ten streams that each get an event a second, in simulated time. */
async function hour(dead: Behaviour | undefined, host: string): Promise<Hour> {
  const clock = virtualClock(Date.parse("2026-03-01T10:00:10Z"));
  const destination = bucket("log");
  let well = false;
  destination.behave = ({ stream }) => (stream === "dead" && !well ? (dead ?? "store") : "store");
  const store = memoryStore({ clock });
  const headgate = createHeadgate({ store, sinks: [destination.definition], alerts: quiet, clock, random: () => 0.5 });
  for (const id of [...(dead === undefined ? [] : ["dead"]), ...healthy])
    await headgate.streams.create(id, { id, sink: "bucket", options: { host: id === "dead" ? host : "shared.test" } });
  await headgate.start();
  const timeline: number[][] = [];
  for (let past = 0; past < 60; past++) {
    for (let second = 0; second < 60; second += 10) {
      for (const id of ["dead", ...healthy])
        await headgate.append(
          id,
          Array.from({ length: 10 }, () => ({ action: "a", actor })),
        );
      await clock.advance(10_000);
    }
    timeline.push(await Promise.all(healthy.map(async (id) => (await headgate.streams.status(id)).delivered)));
  }
  const doubled = healthy.reduce((sum, id) => {
    const ids = destination.events(id).map((event) => event.id);
    return sum + ids.length - new Set(ids).size;
  }, 0);
  const requests = destination.requests.filter(({ stream }) => stream !== "dead").length;
  const status = dead === undefined ? undefined : await headgate.streams.status("dead");
  well = true;
  await clock.advance(15 * minute);
  const recovered = new Set(destination.events("dead").map(({ id }) => id)).size;
  const stopped = headgate.stop({ deadlineMs: 10 });
  await clock.advance(20);
  await stopped;
  return {
    timeline,
    requests,
    doubled,
    dead: status && { state: status.health.state, pending: status.pending, delivered: status.delivered },
    recovered,
  };
}

describe("nine healthy streams beside one whose destination is dead for an hour", () => {
  it.each([
    ["hangs", "hang", "disconnected"],
    ["answers 401", "blocked", "blocked"],
    ["answers 503", "busy", "disconnected"],
  ] as const)(
    "deliver minute by minute what they deliver alone, once, where it %s; and it catches up when it is well",
    async (_what, behaviour, state) => {
      const alone = await hour(undefined, "");
      expect(alone.timeline.at(-1)?.every((delivered) => delivered >= 3550)).toBe(true);
      for (const host of ["dead.test", "shared.test"]) {
        const beside = await hour(behaviour, host);
        expect(beside.timeline).toEqual(alone.timeline);
        expect(beside.requests).toBe(alone.requests);
        expect(beside.doubled).toBe(0);
        expect(beside.dead).toEqual({ state, pending: 3600, delivered: 0 });
        expect(beside.recovered).toBe(3600);
      }
    },
  );
});
