import {
  type AlertChannel,
  type AlertResult,
  type Clock,
  type DeliveryObserver,
  type DeliveryReport,
  HeadgateError,
  type HeadgateAlerts,
  type HeadgateStreams,
  isHeadgateError,
  type Logger,
  type Share,
  silentLogger,
  type SinkDefinition,
  sleep,
  type StreamStatus,
  systemClock,
} from "@headgate/core";
import { Counter, Registry } from "prom-client";
import { deliveryInstruments } from "./delivery-instruments.ts";
import { buildInfo, processMetrics } from "./process-metrics.ts";
import { streamInstruments } from "./stream-instruments.ts";
import { createStreamCount, type StreamCount } from "./stream-totals.ts";

/** What metrics read of a Headgate. */
export interface MeasuredHeadgate {
  readonly sinks: readonly Pick<SinkDefinition, "type">[];
  readonly streams: Pick<HeadgateStreams<readonly SinkDefinition[]>, "get" | "statuses" | "deletedTotals">;
  readonly alerts: Pick<HeadgateAlerts, "list">;
  share(): Share;
}

/** What `createMetrics` takes. */
export interface MetricsOptions {
  /** The Headgate, or a function that gives it, for one that is made after its metrics because it is told of their observer. */
  readonly headgate: MeasuredHeadgate | (() => MeasuredHeadgate);
  /** The store is read this often, in ms; more rarely where reading takes more than a tenth of that. @default 15_000 */
  readonly everyMs?: number;
  /**
   * How many of the streams that wait longest are named, with the age of their oldest pending event, 0 to 20.
   * @default 0: no stream is named
   */
  readonly topStreams?: number;
  /** Whether memory, CPU and event loop of the process are measured too. @default true */
  readonly processMetrics?: boolean;
  /** @default the machine's clock */
  readonly clock?: Clock;
  /** @default silent */
  readonly logger?: Logger;
}

/** Metrics in Prometheus' text format. */
export interface Metrics {
  /** Is to be told of deliveries: pass it to `createHeadgate`. */
  readonly observer: DeliveryObserver;
  /** Wraps an alert channel so that its attempts are counted. */
  measured(channel: AlertChannel): AlertChannel;
  /**
   * What a scrape is answered with. It never reads the store, but the first call begins to, and waits for the first reading, for at
   * most 5 s; where there is none yet, what the store holds is left out.
   */
  body(): Promise<{ readonly contentType: string; readonly body: string }>;
  /** Ends reading the store. */
  close(): void;
}

const page = 500;
const mostTopStreams = 20;
const mostAlerts = 1000;
const mostSinks = 100_000;
/** Less than Prometheus waits for a scrape. */
const firstReadingMs = 5000;

/**
 * Makes metrics of a Headgate. What the store holds, such as events accepted and pending, is read from it every 15 s, so
 * it goes on over restarts, and is the same on each process of a store: take the highest, not the sum. What is counted
 * of requests, `headgate_deliver…`, is this process's own.
 *
 * The number of time series depends on the kinds of sinks, not on how many streams or organizations there are.
 *
 * @throws `config_invalid` for `topStreams` that is not 0 to 20
 *
 * @example
 * ```ts
 * const metrics: Metrics = createMetrics({ headgate: () => headgate });
 * const headgate = createHeadgate({ store: memoryStore(), sinks: [], observer: metrics.observer });
 * const { contentType, body } = await metrics.body();
 * metrics.close();
 * ```
 */
export function createMetrics(options: MetricsOptions): Metrics {
  const { everyMs = 15_000, topStreams = 0, clock = systemClock, logger = silentLogger } = options;
  if (!Number.isInteger(topStreams) || topStreams < 0 || topStreams > mostTopStreams) {
    throw new HeadgateError("config_invalid", `topStreams must be a whole number from 0 to ${mostTopStreams}.`);
  }
  const headgate = (): MeasuredHeadgate =>
    typeof options.headgate === "function" ? options.headgate() : options.headgate;
  const registry = new Registry();
  buildInfo(registry);
  if (options.processMetrics !== false) processMetrics(registry);
  const countDelivery = deliveryInstruments(registry);
  const show = streamInstruments(registry, topStreams);
  const notifications = new Counter({
    name: "headgate_alert_notifications_total",
    help: "Attempts to notify of alerts, by what became of them.",
    labelNames: ["channel", "status"],
    registers: [registry],
  });
  const failures = new Counter({
    name: "headgate_store_read_failures_total",
    help: "Readings of the store for these metrics that failed.",
    registers: [registry],
  });

  const closing = new AbortController();
  let counting: StreamCount | undefined;
  const count = (): StreamCount => {
    counting ??= createStreamCount(
      headgate().sinks.map(({ type }) => type),
      topStreams,
    );
    return counting;
  };

  async function* pages(): AsyncGenerator<readonly StreamStatus[]> {
    for (let after: string | undefined; ;) {
      closing.signal.throwIfAborted();
      const found = await headgate().streams.statuses({ limit: page, ...(after !== undefined && { after }) });
      yield found.streams;
      after = found.after;
      if (after === undefined) return;
    }
  }

  async function read(): Promise<void> {
    const began = clock.now();
    const alerts = await headgate().alerts.list({ open: true, limit: mostAlerts });
    const totals = await count().take(pages(), began, () => headgate().streams.deletedTotals());
    show({ totals, share: headgate().share(), alerts, began, at: clock.now() });
  }

  /** Reads until closed. `onRead` is called after each reading, however it went. */
  async function keepReading(onRead: () => void): Promise<void> {
    const { signal } = closing;
    while (!signal.aborted) {
      const began = clock.now();
      try {
        await read();
      } catch (error) {
        if (signal.aborted) break;
        failures.inc();
        logger.warn("reading the store for metrics failed and is tried again", {
          error: isHeadgateError(error)
            ? `${error.code}: ${error.message}`
            : error instanceof Error
              ? error.name
              : typeof error,
        });
      }
      onRead();
      await sleep(clock, Math.max(everyMs, 10 * (clock.now() - began)), signal).catch(() => {});
    }
    onRead();
  }

  let firstReading: Promise<void> | undefined;
  /** Sinks of streams that no reading has seen yet, and look-ups of them that are under way. */
  const sinks = new Map<string, string>();
  const lookups = new Map<string, Promise<string>>();

  function lookedUp(stream: string): Promise<string> {
    const known = lookups.get(stream);
    if (known !== undefined) return known;
    const sink = headgate()
      .streams.get(stream)
      .then((record) => {
        // Where nobody scrapes, no reading ever clears away streams that are gone.
        if (sinks.size >= mostSinks) sinks.clear();
        if (record !== undefined) sinks.set(stream, record.sink);
        return record?.sink ?? "unknown";
      })
      .catch(() => "unknown")
      .finally(() => lookups.delete(stream));
    lookups.set(stream, sink);
    return sink;
  }

  function observe(report: DeliveryReport): void {
    const sink = count().sinkOf(report.stream) ?? sinks.get(report.stream);
    if (sink === undefined) void lookedUp(report.stream).then((found) => countDelivery(found, report));
    else countDelivery(sink, report);
  }

  return {
    observer: { delivery: observe },

    measured: (channel) => ({
      name: channel.name,
      ...(channel.organizations && { organizations: channel.organizations }),
      async notify(notification, context) {
        const told = (status: AlertResult["status"]): void => notifications.inc({ channel: channel.name, status });
        try {
          const result = await channel.notify(notification, context);
          told(result.status);
          return result;
        } catch (error) {
          told("retry");
          throw error;
        }
      },
    }),

    async body() {
      firstReading ??= new Promise((resolve) => void keepReading(resolve));
      const answered = new AbortController();
      const patience = sleep(clock, firstReadingMs, answered.signal).catch(() => {});
      await Promise.race([Promise.all([firstReading, ...lookups.values()]), patience]);
      answered.abort();
      return { contentType: registry.contentType, body: await registry.metrics() };
    },

    close: () => closing.abort(),
  };
}
