import type { Alert, ServiceLevel, Share, StreamState } from "@headgate/core";
import { Counter, Gauge, type Registry } from "prom-client";
import type { SinkTotals, StreamTotals } from "./stream-totals.ts";

/** What one look at the store found. */
export interface StoreFindings {
  readonly totals: StreamTotals;
  /** Of the process that looked. */
  readonly share: Share;
  /** Those that are open. */
  readonly alerts: readonly Alert[];
  /** When the look began and when it was over, Unix ms. */
  readonly began: number;
  readonly at: number;
}

const states: readonly StreamState[] = ["unverified", "active", "degraded", "disconnected", "blocked", "paused"];
const alertKinds: readonly Alert["kind"][] = [
  "disconnected",
  "blocked",
  "lagging",
  "loss_countdown",
  "events_lost",
  "quarantine",
  "digest_overdue",
  "verification_failed",
];
const windows = ["hour", "day", "month"] as const;
const shares: Readonly<Record<string, (level: ServiceLevel) => number | undefined>> = {
  success: (level) => level.success,
  within_hour: (level) => level.withinHour,
};

/**
 * The instruments that tell what the store holds. The returned function sets all of them at once, so that no scrape
 * sees the half of a look: what is reset is made anew, and a scrape under way keeps what it began with.
 */
export function streamInstruments(registry: Registry, topStreams: number): (found: StoreFindings) => void {
  const registers = [registry];
  const counters = bySink({
    headgate_events_accepted_total: ["Events appended for streams.", ({ accepted }) => accepted],
    headgate_events_delivered_total: ["Events that destinations confirmed.", ({ delivered }) => delivered],
    headgate_events_lost_total: [
      "Events that were given up by the operator's limit on pending age.",
      ({ lost }) => lost,
    ],
    headgate_events_abandoned_total: [
      "Events that streams had not delivered when they were deleted.",
      ({ abandoned }) => abandoned,
    ],
  }).map(([name, help, of]) => ({ of, meter: new Counter({ name, help, labelNames: ["sink"], registers }) }));
  const gauges = bySink({
    headgate_events_quarantined: [
      "Events in quarantine, or discarded from it; falls when a retry delivers one.",
      ({ quarantined }) => quarantined,
    ],
    headgate_events_filtered: ["Events that streams' filters left out.", ({ filtered }) => filtered],
    headgate_events_pending: ["Events not delivered yet.", ({ pending }) => pending],
    headgate_pending_bytes: ["Size of the events not delivered yet.", ({ pendingBytes }) => pendingBytes],
    headgate_events_overdue: ["Events that have been pending for more than an hour.", ({ overdue }) => overdue],
    headgate_streams_lagging: [
      "Streams, not paused, whose oldest pending event is 45 minutes old or older.",
      ({ lagging }) => lagging,
    ],
  }).map(([name, help, of]) => ({ of, meter: new Gauge({ name, help, labelNames: ["sink"], registers }) }));

  const gauge = <Label extends string>(name: string, help: string, labelNames: Label[]): Gauge<Label> =>
    new Gauge({ name, help, labelNames, registers });
  const streams = gauge("headgate_streams", "Streams.", ["sink", "state"]);
  const age = gauge(
    "headgate_oldest_pending_age_seconds",
    "How long ago the oldest pending event of a stream that is not paused was appended; 0 where none is pending.",
    ["sink"],
  );
  const lastStreamed = gauge("headgate_last_delivery_timestamp_seconds", "When a destination last confirmed events.", [
    "sink",
  ]);
  const levels = gauge(
    "headgate_service_level_ratio",
    "Share of events that were delivered, not quarantined (success), and within an hour of their append (within_hour).",
    ["window", "kind"],
  );
  const budget = gauge(
    "headgate_error_budget_left_ratio",
    "What is left of the error budget of 0.1 %: 1 is all of it, below 0 the promise is broken.",
    ["window"],
  );
  const runners = gauge("headgate_runners", "Runners on the store.", []);
  const shards = gauge("headgate_shards", "Shards of the streams, of 64, that this runner delivers.", []);
  const shardBytes = gauge(
    "headgate_shard_pending_bytes",
    "Size of the events not delivered yet of a shard that this runner delivers, of streams that are not paused.",
    ["shard"],
  );
  const shardAge = gauge(
    "headgate_shard_oldest_pending_age_seconds",
    "How long ago the oldest pending event was appended of a shard that this runner delivers; 0 where none is pending.",
    ["shard"],
  );
  const alerts = gauge("headgate_alerts_open", "Alerts that are open.", ["kind"]);
  const readAt = gauge("headgate_store_read_timestamp_seconds", "When the store was last read for these metrics.", []);
  const readTook = gauge("headgate_store_read_duration_seconds", "How long the last such reading took.", []);
  const top =
    topStreams === 0
      ? undefined
      : gauge(
          "headgate_stream_oldest_pending_age_seconds",
          "The streams, not paused, whose events wait longest: how long ago the oldest was appended.",
          ["sink", "stream"],
        );

  return ({ totals, share: own, alerts: open, began, at }) => {
    const { sinks, serviceLevels, waiting } = totals;
    const secondsSince = (instant: number): number => Math.max(0, at - instant) / 1000;
    for (const meter of [streams, age, lastStreamed, levels, budget, shardBytes, shardAge, alerts, top]) meter?.reset();
    for (const { meter } of [...counters, ...gauges]) meter.reset();

    for (const [sink, sum] of sinks) {
      for (const { meter, of } of counters) meter.inc({ sink }, of(sum));
      for (const { meter, of } of gauges) meter.set({ sink }, of(sum));
      for (const state of states) streams.set({ sink, state }, sum.states.get(state) ?? 0);
      age.set({ sink }, sum.oldestPendingAt === undefined ? 0 : secondsSince(sum.oldestPendingAt));
      if (sum.lastStreamedAt !== undefined) lastStreamed.set({ sink }, sum.lastStreamedAt / 1000);
    }
    for (const window of windows) {
      const level = serviceLevels[window];
      for (const [kind, of] of Object.entries(shares)) {
        const share = of(level);
        if (share !== undefined) levels.set({ window, kind }, share);
      }
      budget.set({ window }, level.budgetLeft);
    }
    runners.set(own.runners);
    shards.set(own.shards.length);
    for (const shard of own.shards) {
      const { pendingBytes = 0, oldestPendingAt } = totals.shards.get(shard) ?? {};
      shardBytes.set({ shard }, pendingBytes);
      shardAge.set({ shard }, oldestPendingAt === undefined ? 0 : secondsSince(oldestPendingAt));
    }
    for (const kind of alertKinds) alerts.set({ kind }, open.filter((alert) => alert.kind === kind).length);
    for (const { id: stream, sink, oldestPendingAt } of waiting)
      top?.set({ sink, stream }, secondsSince(oldestPendingAt));
    readAt.set(at / 1000);
    readTook.set((at - began) / 1000);
  };
}

type SinkMeter = readonly [help: string, of: (totals: SinkTotals) => number];

function bySink(meters: Readonly<Record<string, SinkMeter>>): readonly (readonly [name: string, ...SinkMeter])[] {
  return Object.entries(meters).map(([name, [help, of]]) => [name, help, of] as const);
}
