import { describe, expect, it } from "vitest";
import type { AlertChannel, AlertNotification, AlertResult } from "./alert.ts";
import { createHeadgate, type Headgate, type HeadgateOptions } from "./headgate.ts";
import { memoryStore } from "./memory-store.ts";
import type { Store } from "./store.ts";
import { bucket, type Bucket } from "./testing/bucket-sink.ts";
import { type VirtualClock, virtualClock } from "./testing/virtual-clock.ts";
import { hourMs } from "./time.ts";

const start = Date.parse("2026-03-01T10:10:00Z");
const minuteMs = 60_000;

/** A channel that keeps what it is told, and answers as it is told to. */
interface Pager extends AlertChannel {
  readonly told: AlertNotification[];
  answer: (notification: AlertNotification) => AlertResult | Promise<AlertResult>;
}

function pager(name = "pager", choice: Partial<AlertChannel> = {}): Pager {
  const self: Pager = {
    name,
    told: [],
    answer: () => ({ status: "delivered" }),
    async notify(notification) {
      self.told.push(notification);
      return self.answer(notification);
    },
    ...choice,
  };
  return self;
}

interface Rig extends AsyncDisposable {
  readonly clock: VirtualClock;
  readonly store: Store;
  readonly destination: Bucket;
  readonly headgate: Headgate<[Bucket["definition"]]>;
  readonly page: Pager;
  append(action?: string): Promise<unknown>;
}

async function rig(
  options: Partial<HeadgateOptions<[Bucket["definition"]], undefined>> = {},
  shared: { readonly clock?: VirtualClock; readonly store?: Store; readonly page?: Pager } = {},
): Promise<Rig> {
  const clock = shared.clock ?? virtualClock(start);
  const store = shared.store ?? memoryStore({ clock });
  const page = shared.page ?? pager();
  const destination = bucket();
  const alerts = { channels: [page], auditLog: false };
  const headgate = createHeadgate({
    store,
    sinks: [destination.definition],
    clock,
    random: () => 0.5,
    alerts,
    ...options,
  });
  if ((await headgate.streams.get("s")) === undefined)
    await headgate.streams.create("org", { id: "s", name: "Lake", sink: "bucket", options: {} });
  await headgate.start();
  return {
    clock,
    store,
    destination,
    headgate,
    page,
    append: (action = "a.b") => headgate.append("org", [{ action, actor: { type: "user", id: "u" } }]),
    async [Symbol.asyncDispose]() {
      const stopped = headgate.stop({ deadlineMs: 10 });
      await clock.advance(20);
      await stopped;
    },
  };
}

const lines = ({ told }: Pager): readonly string[] => told.map(({ type, alert }) => `${type} ${alert.kind}`);

describe("alerts", () => {
  it("tell of a disconnected stream with the last streamed time, of the lag, and of the recovery of both", async () => {
    await using r = await rig();
    await r.append();
    await r.clock.advance(minuteMs);
    r.destination.behave = () => "busy";
    await r.append();
    await r.clock.advance(12 * minuteMs);
    expect(lines(r.page)).toEqual(["opened disconnected"]);
    const [{ alert }] = r.page.told as [AlertNotification];
    expect(alert).toMatchObject({
      organization: "org",
      stream: "s",
      streamName: "Lake",
      severity: "critical",
      pending: 1,
    });
    expect(alert.lastStreamed).toMatchObject({ sequence: 1 });
    expect(alert.since).toBeLessThan(start + 2 * minuteMs);
    expect(alert.message).toBe("Nothing reaches the destination: Busy.");
    await r.clock.advance(35 * minuteMs);
    expect(lines(r.page)).toEqual(["opened disconnected", "opened lagging"]);
    r.destination.behave = () => "store";
    await r.clock.advance(10 * minuteMs);
    expect(lines(r.page).slice(2).toSorted()).toEqual(["recovered disconnected", "recovered lagging"]);
    const closed = await r.headgate.alerts.list({ organization: "org" });
    expect(closed.map(({ closedAt }) => closedAt !== undefined)).toEqual([true, true]);
    expect(await r.headgate.alerts.list({ open: true })).toEqual([]);
  });

  it("tell at once of a stream that is blocked, not at the next round", async () => {
    await using r = await rig({ alerts: { channels: [], auditLog: false } });
    await r.clock.advance(minuteMs);
    const quick = pager("quick");
    await using q = await rig(
      { alerts: { channels: [quick], auditLog: false, settings: { everyMs: 24 * hourMs } } },
      { clock: r.clock, store: memoryStore({ clock: r.clock }) },
    );
    q.destination.behave = () => "blocked";
    await q.append();
    await q.clock.advance(10_000);
    expect(lines(quick)).toEqual(["opened blocked"]);
    expect(quick.told[0]?.alert).toMatchObject({ code: "access_denied" });
  });

  it("count down to the loss of events that grow too old for the destination", async () => {
    await using r = await rig();
    await r.headgate.streams.create("org", {
      id: "d",
      sink: "bucket",
      options: { limits: { maxEventAgeMs: 4 * hourMs } },
    });
    await r.headgate.streams.pause("s");
    r.destination.behave = () => "busy";
    await r.append();
    await r.clock.advance(2 * hourMs + minuteMs);
    const countdown = r.page.told.find(({ alert }) => alert.kind === "loss_countdown");
    expect(countdown?.alert).toMatchObject({ stream: "d", severity: "critical", lossAt: start + 4 * hourMs });
    expect(countdown?.alert.message).toMatch(/^In (120 minutes|2 h 0 min|119 minutes|1 h 59 min) the oldest/);
    await r.clock.advance(2 * hourMs);
    expect(r.page.told.filter(({ alert }) => alert.kind === "loss_countdown").length).toBeGreaterThan(4);
  });

  it("count down from when events occurred, and not for those that are old and on their way", async () => {
    await using r = await rig();
    const options = { limits: { maxEventAgeMs: 4 * hourMs } };
    await r.headgate.streams.create("org", { id: "d", sink: "bucket", options });
    await r.headgate.streams.pause("s");
    const late = { action: "a.b", actor: { type: "user", id: "u" }, occurred_at: new Date(start - 3 * hourMs) };
    const countdowns = (): AlertNotification[] => r.page.told.filter(({ alert }) => alert.kind === "loss_countdown");
    await r.headgate.append("org", [late]);
    await r.clock.advance(10 * minuteMs);
    expect(countdowns()).toEqual([]);
    r.destination.behave = () => "busy";
    await r.append();
    await r.headgate.append("org", [late]);
    await r.clock.advance(2 * minuteMs);
    expect(countdowns()).toMatchObject([{ type: "opened", alert: { lossAt: start + hourMs } }]);
  });

  it("tell of events in quarantine once, and not for ever", async () => {
    await using r = await rig();
    r.destination.poison = ({ action }) => action === "bad";
    await r.append("bad");
    await r.clock.advance(2 * minuteMs);
    await r.append("bad");
    await r.clock.advance(3 * hourMs);
    expect(lines(r.page)).toEqual(["opened quarantine", "recovered quarantine"]);
    expect(r.page.told.at(-1)?.alert.quarantined).toBe(2);
  });

  it("say nothing while a stream is paused, end with what it did before, and are silent once it is gone", async () => {
    await using r = await rig();
    r.destination.behave = () => "blocked";
    await r.append();
    await r.clock.advance(minuteMs);
    await r.headgate.streams.pause("s");
    await r.clock.advance(3 * hourMs);
    expect(lines(r.page)).toEqual(["opened blocked"]);
    r.destination.behave = () => "store";
    await r.headgate.streams.resume("s");
    await r.clock.advance(3 * minuteMs);
    expect(lines(r.page)).toEqual(["opened blocked", "recovered blocked"]);
    r.destination.behave = () => "blocked";
    await r.append();
    await r.clock.advance(minuteMs);
    await r.headgate.streams.delete("s");
    await r.clock.advance(hourMs);
    expect(lines(r.page)).toEqual(["opened blocked", "recovered blocked", "opened blocked"]);
    expect(await r.headgate.alerts.list({ open: true })).toEqual([]);
    expect((await r.headgate.alerts.list()).length).toBe(2);
  });

  it("of a stream that had the id before are none of the next one's, nor of its organization's", async () => {
    await using r = await rig();
    r.destination.behave = () => "blocked";
    await r.append();
    await r.clock.advance(minuteMs);
    expect(lines(r.page)).toEqual(["opened blocked"]);
    // Between two looks: nobody has seen that there was none in between.
    await r.headgate.streams.delete("s");
    await r.headgate.streams.create("other", { id: "s", sink: "bucket", options: {} });
    await r.headgate.append("other", [{ action: "a.b", actor: { type: "user", id: "u" } }]);
    await r.clock.advance(2 * hourMs);
    const told = r.page.told.map(({ type, alert }) => `${type} ${alert.kind} ${alert.organization}`);
    expect(told.slice(0, 2)).toEqual(["opened blocked org", "opened blocked other"]);
    expect(told.slice(2).every((line) => line.endsWith("other"))).toBe(true);
    expect((await r.headgate.alerts.list({ organization: "org" })).map(({ closedAt }) => closedAt)).not.toContain(
      undefined,
    );
    expect(JSON.stringify(await r.headgate.alerts.list({ organization: "org" }))).not.toContain('"other"');
  });

  it("tell of no recovery while a stream goes from one trouble to the other", async () => {
    await using r = await rig();
    await r.append();
    await r.clock.advance(minuteMs);
    r.destination.behave = () => "busy";
    await r.append();
    await r.clock.advance(20 * minuteMs);
    r.destination.behave = () => "blocked";
    await r.clock.advance(20 * minuteMs);
    r.destination.behave = () => "busy";
    await r.clock.advance(25 * minuteMs);
    expect(lines(r.page).filter((line) => line.startsWith("recovered"))).toEqual([]);
    r.destination.behave = () => "store";
    await r.clock.advance(15 * minuteMs);
    const ended = lines(r.page).filter((line) => line.startsWith("recovered"));
    expect(ended.toSorted()).toEqual(["recovered blocked", "recovered disconnected", "recovered lagging"]);
    expect(await r.headgate.alerts.list({ open: true })).toEqual([]);
  });
});

describe("an alert's delivery", () => {
  it("is tried again until the channel takes it, under the same id, and shown", async () => {
    await using r = await rig();
    r.page.answer = () => (r.page.told.length < 4 ? { status: "retry", message: "Down." } : { status: "delivered" });
    r.destination.behave = () => "blocked";
    await r.append();
    await r.clock.advance(20_000);
    const [alert] = await r.headgate.alerts.list();
    expect(alert).toMatchObject({ kind: "blocked", notifications: 1 });
    const id = alert?.id ?? "";
    expect(await r.headgate.alerts.dispatches(id)).toMatchObject([
      { channel: "pager", status: "pending", message: "Down." },
    ]);
    await r.clock.advance(10 * minuteMs);
    expect(new Set(r.page.told.map((notification) => notification.id)).size).toBe(1);
    expect(await r.headgate.alerts.dispatches(id)).toMatchObject([
      { channel: "pager", status: "delivered", attempts: 4 },
    ]);
  });

  it("is given up where the channel says so, or throws for a day; and what it throws is not shown", async () => {
    const [gone, broken] = [pager("gone"), pager("broken")];
    gone.answer = () => ({ status: "failed", message: "Gone." });
    broken.answer = () => Promise.reject(new Error("https://hooks.example/s3cr3t"));
    await using r = await rig({
      alerts: { channels: [gone, broken], auditLog: false, settings: { remindersMs: [100 * hourMs] } },
    });
    r.destination.behave = () => "blocked";
    await r.append();
    await r.clock.advance(25 * hourMs);
    const alert = (await r.headgate.alerts.list()).find(({ kind }) => kind === "blocked");
    const dispatches = await r.headgate.alerts.dispatches(alert?.id ?? "");
    expect(dispatches.map(({ channel, status }) => `${channel} ${status}`)).toEqual(["broken failed", "gone failed"]);
    expect(gone.told.filter(({ alert: { kind } }) => kind === "blocked").length).toBe(1);
    expect(JSON.stringify(dispatches)).not.toContain("s3cr3t");
  });

  it.each([1, 20])("waits no longer, and asks no more often, for a clock that was set back by %d h", async (hours) => {
    const steady = virtualClock(start);
    let backMs = 0;
    const clock: VirtualClock = { ...steady, now: () => steady.now() - backMs };
    await using r = await rig({}, { clock });
    r.page.answer = () => ({ status: "retry", message: "Down." });
    r.destination.behave = () => "blocked";
    await r.append();
    await r.clock.advance(10 * minuteMs);
    backMs = hours * hourMs;
    const before = r.page.told.length;
    await r.clock.advance(2 * hourMs);
    const after = r.page.told.length - before;
    expect(after).toBeGreaterThan(3);
    expect(after).toBeLessThan(60);
    r.page.answer = () => ({ status: "delivered" });
    await r.clock.advance(hourMs);
    const [alert] = await r.headgate.alerts.list({ open: true });
    expect((await r.headgate.alerts.dispatches(alert?.id ?? "")).every(({ status }) => status === "delivered")).toBe(
      true,
    );
  });

  it("does not wait for a channel that hangs", async () => {
    const [hung, quick] = [pager("hung"), pager("quick")];
    hung.answer = () => new Promise(() => {});
    await using r = await rig({ alerts: { channels: [hung, quick], auditLog: false } });
    r.destination.behave = () => "blocked";
    await r.append();
    await r.clock.advance(10_000);
    r.destination.behave = () => "store";
    await r.clock.advance(3 * minuteMs);
    expect(lines(quick)).toEqual(["opened blocked", "recovered blocked"]);
  });

  it("keeps the order of an alert's notifications, also where the first one has to wait", async () => {
    await using r = await rig();
    r.page.answer = () =>
      r.clock.now() < start + 20 * minuteMs ? { status: "retry", message: "Down." } : { status: "delivered" };
    r.destination.behave = () => "blocked";
    await r.append();
    await r.clock.advance(minuteMs);
    r.destination.behave = () => "store";
    await r.clock.advance(hourMs);
    const delivered = r.page.told.filter(({ at }) => at >= start);
    const first = delivered.findIndex(({ type }) => type === "recovered");
    expect(first).toBeGreaterThan(0);
    expect(delivered.slice(first).map(({ type }) => type)).toEqual(["recovered"]);
  });

  it("goes only to channels of the organization", async () => {
    const [theirs, ours] = [pager("theirs", { organizations: ["other"] }), pager("ours", { organizations: ["org"] })];
    await using r = await rig({ alerts: { channels: [theirs, ours], auditLog: false } });
    r.destination.behave = () => "blocked";
    await r.append();
    await r.clock.advance(10_000);
    expect([theirs.told.length, ours.told.length]).toEqual([0, 1]);
  });

  it("is made by the next process where the first one died before it", async () => {
    const store = memoryStore();
    const clock = virtualClock(start);
    const page = pager();
    page.answer = () => ({ status: "retry", message: "Down." });
    {
      await using r = await rig({}, { store, clock, page });
      r.destination.behave = () => "blocked";
      await r.append();
      await r.clock.advance(20_000);
    }
    const [first] = page.told;
    page.answer = () => ({ status: "delivered" });
    page.told.length = 0;
    await using r = await rig({}, { store, clock, page });
    r.destination.behave = () => "blocked";
    await r.clock.advance(5 * minuteMs);
    expect(page.told.map(({ id, type }) => `${type} ${id}`)).toEqual([`opened ${first?.id}`]);
  });

  it("is made once where two processes look at the same time", async () => {
    const store = memoryStore();
    const clock = virtualClock(start);
    const page = pager();
    await using one = await rig({}, { store, clock, page });
    await using two = await rig({}, { store, clock, page });
    one.destination.behave = () => "blocked";
    two.destination.behave = () => "blocked";
    await one.append();
    await clock.advance(4000);
    await Promise.all([one.headgate.alerts.evaluate(), two.headgate.alerts.evaluate(), clock.advance(20_000)]);
    expect(lines(page)).toEqual(["opened blocked"]);
  });
});

describe("the organization's own log", () => {
  it("holds an event of each notification, once, whatever the platform's catalog says", async () => {
    const page = pager();
    await using r = await rig({ alerts: { channels: [page] }, unknownActions: "refuse" as const });
    r.destination.behave = () => (r.clock.now() < start + 10 * minuteMs ? "busy" : "store");
    await r.append();
    await r.clock.advance(30 * minuteMs);
    expect(lines(page)).toEqual(["opened disconnected", "recovered disconnected"]);
    const events = r.destination.events("s").filter(({ action }) => action.startsWith("headgate."));
    expect(events.map(({ action }) => action)).toEqual(["headgate.stream.disconnected", "headgate.stream.recovered"]);
    expect(events[0]).toMatchObject({
      category: "system",
      actor: { type: "system", id: "headgate" },
      targets: [{ type: "headgate.stream", id: "s", name: "Lake" }],
      metadata: { kind: "disconnected", type: "opened", code: "destination_busy" },
    });
  });

  it("does not keep an alert on its own events going", async () => {
    await using r = await rig({ alerts: {} });
    r.destination.poison = ({ action }) => action === "bad" || action.startsWith("headgate.");
    await r.append("bad");
    await r.clock.advance(12 * hourMs);
    const { lastSequence } = await r.store.journal.head("org");
    expect(lastSequence).toBe(2);
  });
});

it("refuses two channels of one name", () => {
  const alerts = { channels: [pager("a"), pager("a")] };
  const make = (): unknown => createHeadgate({ store: memoryStore(), sinks: [], alerts });
  expect(make).toThrow(expect.objectContaining({ code: "config_invalid" }));
});
