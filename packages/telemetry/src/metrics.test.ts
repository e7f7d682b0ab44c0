import {
  type Alert,
  createHeadgate,
  createPreparer,
  type DeliveryReport,
  type Headgate,
  HeadgateError,
  type Logger,
  memoryStore,
  shardOf,
  silentLogger,
  type Store,
  type StreamRecord,
  type StreamState,
} from "@headgate/core";
import { describe, expect, it } from "vitest";
import { createMetrics, type MeasuredHeadgate, type Metrics } from "./metrics.ts";
import { type ManualClock, manualClock } from "./testing/manual-clock.ts";
import { moodySink } from "./testing/moody-sink.ts";
import { readAgain } from "./testing/read-again.ts";
import { namesOf, samplesOf } from "./testing/samples.ts";

const start = Date.parse("2026-03-01T10:00:00Z");
const minuteMs = 60_000;
const quiet = { auditLog: false } as const;

function record(id: string, organization: string): StreamRecord {
  return {
    id,
    incarnation: id,
    organization,
    sink: "moody",
    options: {},
    paused: false,
    createdAt: start,
    start: 0,
    declared: false,
  };
}

async function appendTo(store: Store, organization: string, clock: ManualClock, events = 1): Promise<void> {
  const prepared = Array.from({ length: events }, () =>
    createPreparer({ clock }).prepare(organization, { action: "a.b", actor: { type: "user", id: "u" } }),
  );
  await store.journal.append(organization, prepared);
}

interface Rig {
  readonly clock: ManualClock;
  readonly store: Store;
  readonly headgate: Headgate<[ReturnType<typeof moodySink>["definition"]]>;
}

async function rig(): Promise<Rig> {
  const clock = manualClock(start);
  const store = memoryStore({ clock });
  await store.open();
  return { clock, store, headgate: createHeadgate({ store, sinks: [moodySink().definition], alerts: quiet, clock }) };
}

async function samples(metrics: Metrics): Promise<ReadonlyMap<string, number>> {
  return samplesOf((await metrics.body()).body);
}

function report(stream: string, rest: Partial<DeliveryReport> = {}): DeliveryReport {
  return {
    stream,
    organization: "org",
    chunk: `${stream}/1-3/0`,
    status: "delivered",
    at: start,
    count: 3,
    events: 3,
    quarantined: 0,
    bytes: 900,
    ms: 40,
    attempt: 1,
    ageMs: 8000,
    firstSequence: 1,
    lastSequence: 3,
    receipt: "key",
    ...rest,
  };
}

describe("metrics of the store", () => {
  it("tell states, lag and what is pending, by kind of sink", async () => {
    const { clock, store, headgate } = await rig();
    const states: readonly StreamState[] = ["active", "active", "blocked", "paused"];
    for (const [i, state] of states.entries()) {
      await store.streams.create({ ...record(`s${i}`, `org_${i}`), paused: state === "paused" });
      await store.streams.saveHealth(`s${i}`, { state, since: start, consecutiveFailures: 0 });
    }
    // What the paused one lacks is the oldest, and is as somebody wants it.
    await appendTo(store, "org_3", clock, 5);
    clock.advance(10 * minuteMs);
    await appendTo(store, "org_2", clock, 2);
    clock.advance(61 * minuteMs);
    await appendTo(store, "org_1", clock, 1);
    const metrics = createMetrics({ headgate, clock, processMetrics: false });
    const found = await samples(metrics);
    expect(
      Object.fromEntries([...found].filter(([name, value]) => name.startsWith("headgate_streams{") && value > 0)),
    ).toEqual({
      'headgate_streams{sink="moody",state="active"}': 2,
      'headgate_streams{sink="moody",state="blocked"}': 1,
      'headgate_streams{sink="moody",state="paused"}': 1,
    });
    expect(found.get('headgate_streams{sink="moody",state="degraded"}')).toBe(0);
    expect(found.get('headgate_events_accepted_total{sink="moody"}')).toBe(8);
    expect(found.get('headgate_events_pending{sink="moody"}')).toBe(8);
    expect(found.get('headgate_oldest_pending_age_seconds{sink="moody"}')).toBe(61 * 60);
    expect(found.get('headgate_streams_lagging{sink="moody"}')).toBe(1);
    expect(found.get('headgate_events_overdue{sink="moody"}')).toBe(2);
    expect(found.get('headgate_service_level_ratio{window="hour",kind="within_hour"}')).toBe(0);
    expect(found.get('headgate_service_level_ratio{window="hour",kind="success"}')).toBe(undefined);
    expect(found.get('headgate_error_budget_left_ratio{window="month"}')).toBeLessThan(0);
    expect(found.get("headgate_store_read_timestamp_seconds")).toBe(clock.now() / 1000);
    metrics.close();
  });

  it("tell what this runner's share is and what waits in it, for whoever adds runners", async () => {
    const { clock, store, headgate } = await rig();
    for (const [i, paused] of [false, false, true].entries())
      await store.streams.create({ ...record(`s${i}`, `org_${i}`), paused });
    for (const i of [0, 1, 2]) await appendTo(store, `org_${i}`, clock, 2);
    clock.advance(10 * minuteMs);
    const shards = [shardOf("s0"), shardOf("s2"), (shardOf("s0") + 1) % 64];
    // The shard of s1 is another runner's, and that of s2 is paused.
    expect(shards).not.toContain(shardOf("s1"));
    const metrics = createMetrics({ headgate: { ...headgate, share: () => ({ shards, runners: 3 }) }, clock });
    const found = await samples(metrics);
    const { pendingBytes } = await headgate.streams.status("s0");
    expect(Object.fromEntries([...found].filter(([name]) => /^headgate_(shard|runners)/.test(name)))).toEqual({
      headgate_runners: 3,
      headgate_shards: 3,
      [`headgate_shard_pending_bytes{shard="${shards[0]}"}`]: pendingBytes,
      [`headgate_shard_oldest_pending_age_seconds{shard="${shards[0]}"}`]: 600,
      [`headgate_shard_pending_bytes{shard="${shards[1]}"}`]: 0,
      [`headgate_shard_oldest_pending_age_seconds{shard="${shards[1]}"}`]: 0,
      [`headgate_shard_pending_bytes{shard="${shards[2]}"}`]: 0,
      [`headgate_shard_oldest_pending_age_seconds{shard="${shards[2]}"}`]: 0,
    });
    metrics.close();
  });

  it("count the alerts that are open, by kind", async () => {
    const { clock, store, headgate } = await rig();
    await store.streams.create(record("s", "org"));
    const error = { code: "access_denied", message: "No.", at: start } as const;
    await store.streams.saveHealth("s", { state: "blocked", since: start, consecutiveFailures: 1, lastError: error });
    await headgate.alerts.evaluate();
    const metrics = createMetrics({ headgate, clock, processMetrics: false });
    const found = await samples(metrics);
    expect(found.get('headgate_alerts_open{kind="blocked"}')).toBe(1);
    expect(found.get('headgate_alerts_open{kind="lagging"}')).toBe(0);
    metrics.close();
  });

  it("are the same after a restart, and keep what a deleted stream has left behind", async () => {
    const { clock, store, headgate } = await rig();
    await store.streams.create(record("s1", "org"));
    await store.streams.create(record("s2", "org"));
    await appendTo(store, "org", clock, 4);
    const metrics = createMetrics({ headgate, clock, processMetrics: false });
    const accepted = 'headgate_events_accepted_total{sink="moody"}';
    expect((await samples(metrics)).get(accepted)).toBe(8);
    const restarted = createMetrics({ headgate, clock: manualClock(start), processMetrics: false });
    expect((await samples(restarted)).get(accepted)).toBe(8);
    await headgate.streams.delete("s1");
    await readAgain(clock);
    const found = await samples(metrics);
    expect(found.get(accepted)).toBe(8);
    expect(found.get('headgate_events_pending{sink="moody"}')).toBe(4);
    expect(found.get('headgate_events_abandoned_total{sink="moody"}')).toBe(4);
    const after = createMetrics({ headgate, clock: manualClock(start), processMetrics: false });
    expect((await samples(after)).get(accepted)).toBe(8);
    expect((await samples(after)).get('headgate_events_abandoned_total{sink="moody"}')).toBe(4);
    after.close();
    // Another stream of the same id begins anew.
    await store.streams.create({ ...record("s1", "org"), createdAt: start + 1, start: 3 });
    await readAgain(clock);
    expect((await samples(metrics)).get(accepted)).toBe(9);
    metrics.close();
    restarted.close();
  });

  it("read the store every 15 s from the first scrape on, however often they are scraped, until closed", async () => {
    const { clock, headgate } = await rig();
    let readings = 0;
    const measured: MeasuredHeadgate = {
      ...headgate,
      streams: {
        ...headgate.streams,
        async statuses(page) {
          readings += 1;
          return headgate.streams.statuses(page);
        },
      },
    };
    const metrics = createMetrics({ headgate: measured, clock, processMetrics: false });
    expect(readings).toBe(0);
    for (let i = 0; i < 5; i++) await metrics.body();
    expect(readings).toBe(1);
    await readAgain(clock);
    expect(readings).toBe(2);
    metrics.close();
    clock.advance(60_000);
    expect(namesOf((await metrics.body()).body)).toContain("headgate_events_pending");
    expect(readings).toBe(2);
  });

  it("say when they were read and how often that failed, and go on", async () => {
    const { clock, headgate } = await rig();
    const logged: unknown[] = [];
    const logger: Logger = { ...silentLogger, warn: (message, fields) => logged.push([message, fields]) };
    let broken = true;
    const alerts = {
      async list(): Promise<readonly Alert[]> {
        if (broken) throw new HeadgateError("store_unavailable", "The store is away.");
        return [];
      },
    };
    const metrics = createMetrics({ headgate: { ...headgate, alerts }, clock, logger, processMetrics: false });
    const first = await samples(metrics);
    expect(first.get("headgate_store_read_failures_total")).toBe(1);
    expect([...first.keys()].filter((name) => name.startsWith("headgate_events_"))).toEqual([]);
    expect(logged).toEqual([
      ["reading the store for metrics failed and is tried again", { error: "store_unavailable: The store is away." }],
    ]);
    broken = false;
    await readAgain(clock);
    expect((await samples(metrics)).get("headgate_store_read_timestamp_seconds")).toBe(clock.now() / 1000);
    metrics.close();
  });

  it("do not keep a scrape waiting for a store that hangs", async () => {
    const { clock, headgate } = await rig();
    const alerts = { list: () => new Promise<never>(() => {}) };
    const metrics = createMetrics({ headgate: { ...headgate, alerts }, clock, processMetrics: false });
    const answer = metrics.body();
    await clock.waiting(5000);
    clock.advance(5000);
    const { contentType, body } = await answer;
    expect(contentType).toBe("text/plain; version=0.0.4; charset=utf-8");
    expect(body).toContain("headgate_build_info{");
    metrics.close();
  });

  it("name no stream and no organization unless told to, and then those that wait longest", async () => {
    const { clock, store, headgate } = await rig();
    for (let i = 0; i < 30; i++) {
      await store.streams.create(record(`stream-${i}`, `organization-${i}`));
      await appendTo(store, `organization-${i}`, clock);
      clock.advance(1000);
    }
    const metrics = createMetrics({ headgate, clock, processMetrics: false });
    metrics.observer.delivery?.(report("stream-1"));
    const { body } = await metrics.body();
    expect(body).not.toMatch(/stream-\d|organization-\d/);
    metrics.close();
    const naming = createMetrics({ headgate, clock, processMetrics: false, topStreams: 3 });
    const named = [...(await samples(naming))].filter(([name]) => name.includes("stream-"));
    expect(named).toEqual(
      [30, 29, 28].map((age, i) => [
        `headgate_stream_oldest_pending_age_seconds{sink="moody",stream="stream-${i}"}`,
        age,
      ]),
    );
    naming.close();
    for (const topStreams of [-1, 21, 1.5])
      expect(() => createMetrics({ headgate, topStreams })).toThrow("topStreams must be a whole number from 0 to 20.");
  });

  it("are as small for ten thousand streams as for ten", async () => {
    async function bodyFor(streams: number): Promise<string> {
      const { clock, store, headgate } = await rig();
      for (let i = 0; i < 100; i++) await appendTo(store, `org_${i}`, clock, 3);
      for (let i = 0; i < streams; i++) await store.streams.create(record(`stream-${i}`, `org_${i % 100}`));
      const metrics = createMetrics({ headgate, clock, topStreams: 20 });
      for (let i = 0; i < streams; i++) metrics.observer.delivery?.(report(`stream-${i}`));
      const { body } = await metrics.body();
      metrics.close();
      expect(samplesOf(body).get('headgate_events_pending{sink="moody"}')).toBe(streams * 3);
      expect(samplesOf(body).get('headgate_deliveries_total{sink="moody",status="delivered"}')).toBe(streams);
      return body;
    }
    const [few, many] = [await bodyFor(20), await bodyFor(10_000)];
    const series = (body: string): string[] =>
      [...samplesOf(body).keys()].filter((name) => name.startsWith("headgate_") && !name.includes("stream="));
    expect(series(many)).toEqual(series(few));
    expect(many.length).toBeLessThan(64_000);
  });
});

describe("metrics of deliveries", () => {
  it("count requests, events, bytes, time and age under the stream's kind of sink, also before the first scrape", async () => {
    const { clock, store, headgate } = await rig();
    await store.streams.create(record("s", "org"));
    const metrics = createMetrics({ headgate, clock, processMetrics: false });
    metrics.observer.delivery?.(report("s"));
    const { receipt: _, ...failed } = report("s", { status: "retry", events: 1, ms: 2000 });
    metrics.observer.delivery?.({ ...failed, error: { code: "destination_failed", message: "No." } });
    metrics.observer.delivery?.(report("gone"));
    const found = await samples(metrics);
    const own = [...found].filter(([name]) => name.startsWith("headgate_deliver") && name.includes('"moody"'));
    const buckets = own.filter(([name]) => name.includes("le="));
    expect(Object.fromEntries(own.filter(([name]) => !name.includes("le=")))).toEqual({
      'headgate_deliveries_total{sink="moody",status="delivered"}': 1,
      'headgate_deliveries_total{sink="moody",status="retry"}': 1,
      'headgate_delivery_events_total{sink="moody"}': 4,
      'headgate_delivery_bytes_total{sink="moody"}': 900,
      'headgate_delivery_seconds_sum{sink="moody"}': 2.04,
      'headgate_delivery_seconds_count{sink="moody"}': 2,
      'headgate_delivery_age_seconds_sum{sink="moody"}': 8,
      'headgate_delivery_age_seconds_count{sink="moody"}': 1,
    });
    expect(buckets.find(([name]) => name.includes('age_seconds_bucket{le="3600"'))?.[1]).toBe(1);
    expect(found.get('headgate_deliveries_total{sink="unknown",status="delivered"}')).toBe(1);
    metrics.close();
  });

  it("count what became of attempts to notify of alerts", async () => {
    const { clock, headgate } = await rig();
    const metrics = createMetrics({ headgate, clock, processMetrics: false });
    let calls = 0;
    const channel = metrics.measured({
      name: "pager",
      organizations: ["org"],
      async notify() {
        calls += 1;
        if (calls === 2) throw new Error("the line is dead");
        return { status: "delivered" };
      },
    });
    const notify = (): Promise<unknown> =>
      channel.notify({} as Parameters<typeof channel.notify>[0], { signal: new AbortController().signal });
    expect(await notify()).toEqual({ status: "delivered" });
    await expect(notify()).rejects.toThrow("the line is dead");
    expect(channel.organizations).toEqual(["org"]);
    const found = await samples(metrics);
    expect(found.get('headgate_alert_notifications_total{channel="pager",status="delivered"}')).toBe(1);
    expect(found.get('headgate_alert_notifications_total{channel="pager",status="retry"}')).toBe(1);
    metrics.close();
  });
});

describe("metrics of the process", () => {
  it("say what runs, and can be left out", async () => {
    const { clock, headgate } = await rig();
    const metrics = createMetrics({ headgate, clock });
    const other = createMetrics({ headgate, clock, processMetrics: false });
    const found = await samples(metrics);
    const build = [...found.keys()].find((name) => name.startsWith("headgate_build_info"));
    expect(build).toMatch(/^headgate_build_info\{version="\d+\.\d+\.\d+",node_version="\d+\./);
    expect(found.get("process_resident_memory_bytes")).toBeGreaterThan(1e6);
    expect([...(await samples(other)).keys()].filter((name) => !name.startsWith("headgate_"))).toEqual([]);
    metrics.close();
    other.close();
  });
});
