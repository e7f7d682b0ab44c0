import { streamJson } from "@headgate/api";
import { type AlertChannel, type DrainSummary, type StreamStatus, systemClock } from "@headgate/core";
import { createMetrics, createTracing, joinedObservers, logDeliveries } from "@headgate/telemetry";
import { randomUUID } from "node:crypto";
import { configuredDelivery } from "../configured-delivery.ts";
import type { RunnerConfig } from "../config/config.ts";
import { parseDuration } from "../config/units.ts";
import { configuredSources } from "../configured-sources.ts";
import { commandConfig, embedded, type RunnerHeadgate } from "../embedded.ts";
import { configuredStore } from "../open-store.ts";
import { type RunSourcesOptions, runSources, type SourceOutcome } from "../run-sources.ts";
import type { Source, SourceProgress } from "../sources/index.ts";
import { streamsTable } from "../stream-view.ts";
import { createLogger } from "../terminal/logger.ts";
import { bytesText, countText, plural } from "../terminal/numbers.ts";
import { createStopSignal } from "../terminal/stop-signal.ts";
import { tableText } from "../terminal/table.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { incompleteText, rejectedText } from "./source-notes.ts";
import { type Command, configOption, defineCommand, exitCode, type ExitCode, UsageError } from "./command.ts";

const defaultLeaseTtlMs = 15_000;

export const runCommand: Command = defineCommand({
  description:
    "Reads the sources into the journal and delivers the streams, until SIGTERM or Ctrl-C; a second signal ends it at once, and nothing is lost by that. Several runners on the same store share the streams, and take over what one had that ends or dies; one of them reads the sources. With --once it reads every source to its end, delivers all that is pending, prints a summary and exits with 0 only if everything was delivered or quarantined.",
  options: {
    ...configOption,
    once: { type: "boolean", description: "Read to the end, deliver everything, print a summary, exit." },
    patience: {
      type: "string",
      value: "TIME",
      description:
        "With --once: give up on a stream that has failed for so long; one that is blocked ends at once. Default: 60s.",
    },
    grace: { type: "string", value: "TIME", description: "Time for requests under way when stopping. Default: 10s." },
  },
  examples: ["headgate run -c headgate.yaml", "headgate run -c headgate.yaml --once --json"],
  async run({ values, terminal }) {
    const patienceMs = duration("patience", values.patience, 60_000);
    const graceMs = duration("grace", values.grace, 10_000);
    const config = commandConfig(values.config);
    const logger = createLogger(config.log, terminal);
    for (const warning of config.warnings) logger.warn(warning);
    using stop = createStopSignal(process, () => {
      logger.info("stopping; a second signal ends it at once");
      // What hangs beyond the grace is abandoned: the next start goes on from the store.
      setTimeout(() => process.exit(exitCode.failed), graceMs + 5000).unref();
    });
    const store = configuredStore(config.store, logger);
    const { http, allowInsecureEndpoint: allowInsecureEndpoints } = config;
    const serves = http !== undefined && values.once !== true;
    // Where the process has been started with an OpenTelemetry set-up; nothing happens otherwise.
    const tracing = createTracing();
    const metrics = serves ? createMetrics({ headgate: () => headgate, logger }) : undefined;
    const measured = (channel: AlertChannel): AlertChannel => metrics?.measured(channel) ?? channel;
    const configured = await configuredDelivery(config, logger, measured);
    await using headgate = embedded(store, {
      ...configured,
      // What is to be delivered once must not grow by what is said about it.
      alerts: { ...configured.alerts, ...(values.once === true && { auditLog: false }) },
      observer: joinedObservers(logDeliveries(logger), metrics?.observer ?? {}, tracing.observer),
    });
    await headgate.streams.declare(config.streams as Parameters<typeof headgate.streams.declare>[0]);
    // Before delivery begins: an address that is taken is a reason not to start at all.
    await using server =
      http === undefined || metrics === undefined
        ? undefined
        : await (
            await import("../http/serve.ts")
          ).serve({
            config: http,
            headgate: tracing.traced(headgate),
            metrics,
            oidc: config.oidc,
            allowInsecureEndpoints,
            logger,
          });
    await headgate.start();
    const reading: Omit<RunSourcesOptions, "once"> = {
      store,
      holder: randomUUID(),
      leaseTtlMs: config.delivery.leaseTtlMs ?? defaultLeaseTtlMs,
      signal: stop.signal,
      clock: systemClock,
      logger,
    };
    const sources = configuredSources(config, headgate, store, logger);
    if (values.once === true) {
      return await once({
        config,
        headgate,
        sources,
        reading,
        patienceMs,
        graceMs,
        terminal,
        json: values.json === true,
      });
    }
    logger.info("running", {
      streams: config.streams.length,
      sources: config.sources.length,
      ...(server !== undefined && { url: server.url }),
    });
    const [outcomes] = await Promise.all([runSources(sources, { ...reading, once: false }), aborted(stop.signal)]);
    await Promise.all([server?.close(graceMs), headgate.stop({ deadlineMs: graceMs })]);
    logger.info("stopped");
    return outcomes.some(({ error }) => error !== undefined) ? exitCode.failed : exitCode.done;
  },
});

function duration(name: string, text: string | undefined, otherwise: number): number {
  if (text === undefined) return otherwise;
  const ms = parseDuration(text);
  if (ms === undefined) throw new UsageError(`--${name} must be a duration such as 30s or 5m.`);
  return ms;
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}

interface Once {
  readonly config: RunnerConfig;
  readonly headgate: RunnerHeadgate;
  readonly sources: readonly Source[];
  readonly reading: Omit<RunSourcesOptions, "once">;
  readonly patienceMs: number;
  readonly graceMs: number;
  readonly terminal: Terminal;
  readonly json: boolean;
}

async function once({
  config,
  headgate,
  sources,
  reading,
  patienceMs,
  graceMs,
  terminal,
  json,
}: Once): Promise<ExitCode> {
  const began = performance.now();
  const onProgress = (progress: SourceProgress): void =>
    terminal.progress(() => readingText(progress, performance.now() - began));
  const outcomes = await runSources(sources, { ...reading, once: true, patienceMs, onProgress });
  const drained = await headgate.drain({
    signal: reading.signal,
    patienceMs,
    onProgress: (streams) => terminal.progress(() => drainText(streams)),
  });
  terminal.endProgress();
  await headgate.stop({ deadlineMs: graceMs });
  const declared = new Set(config.streams.map(({ id }) => id));
  const left = drained.streams.filter(
    ({ id, pending, health }) => pending > 0 && (health.state !== "paused" || declared.has(id)),
  );
  const failed = outcomes.filter(({ error }) => error !== undefined);
  const cut = outcomes.some(({ incomplete }) => incomplete !== undefined);
  const complete = left.length === 0 && failed.length === 0 && !cut && !reading.signal.aborted;
  await terminal.print(json ? summaryJson(complete, drained, outcomes) : summaryText(drained, outcomes));
  for (const { error } of failed)
    if (error !== undefined) terminal.note(`${error.message}${error.hint === undefined ? "" : ` ${error.hint}`}`);
  for (const outcome of outcomes) {
    const { source, incomplete } = outcome;
    if (json && incomplete !== undefined) terminal.note(incompleteText(source, incomplete));
    const rejected = rejectedText(source, outcome);
    if (rejected !== undefined) terminal.note(rejected);
  }
  if (left.length > 0) terminal.note(pendingText(left));
  if (reading.signal.aborted) terminal.note("Stopped by a signal. Run again to go on.");
  return complete ? exitCode.done : exitCode.failed;
}

/** What is left, and what to do about it: only a destination that failed is to be mended. */
export function pendingText(left: readonly StreamStatus[]): string {
  const pending = left.reduce((sum, stream) => sum + stream.pending, 0);
  const [are, they] = pending === 1 ? ["is", "It is"] : ["are", "They are"];
  const failing = left.some(({ health }) => health.consecutiveFailures > 0 || health.state === "blocked");
  const paused = left.every(({ health }) => health.state === "paused");
  const advice = failing
    ? "mend the destination, then run again"
    : paused
      ? "`headgate streams resume` goes on"
      : `run again to deliver ${pending === 1 ? "it" : "them"}`;
  return `${plural(pending, "event")} ${are} still pending on ${left.map(({ id }) => id).join(", ")}. ${they} kept: ${advice}.`;
}

function readingText({ read, rejected, bytes, totalBytes }: SourceProgress, ms: number): string {
  const rate = countText(Math.round(read / Math.max(0.001, ms / 1000)));
  const share =
    totalBytes === undefined || totalBytes === 0 ? "" : ` (${Math.min(100, Math.floor((100 * bytes) / totalBytes))} %)`;
  const bad = rejected === 0 ? "" : `, ${countText(rejected)} to quarantine`;
  return `reading: ${countText(read)} lines, ${bytesText(bytes)}${share}, ${rate} lines/s${bad}`;
}

function drainText(streams: readonly StreamStatus[]): string {
  const sum = (count: (stream: StreamStatus) => number): string =>
    countText(streams.reduce((total, stream) => total + count(stream), 0));
  const troubled = streams.filter(({ health }) => health.consecutiveFailures > 0).map(({ id }) => id);
  const trouble = troubled.length === 0 ? "" : `; failing: ${troubled.join(", ")}`;
  return `delivering: ${sum(({ delivered }) => delivered)} delivered, ${sum(({ pending }) => pending)} pending, ${sum(({ quarantined }) => quarantined)} quarantined${trouble}`;
}

function summaryJson(complete: boolean, { streams }: DrainSummary, outcomes: readonly SourceOutcome[]): string {
  const sources = outcomes.map(({ error, ...outcome }) => ({
    ...outcome,
    ...(error !== undefined && { error: { code: error.code, message: error.message } }),
  }));
  return `${JSON.stringify({ complete, streams: streams.map((stream) => streamJson(stream)), sources }, undefined, 2)}\n`;
}

function summaryText({ streams }: DrainSummary, outcomes: readonly SourceOutcome[]): string {
  const rows = outcomes.map(({ source, read, accepted, duplicates, rejected }) => [
    source,
    countText(read),
    countText(accepted),
    countText(duplicates),
    countText(rejected),
  ]);
  const numbers = ["READ", "ACCEPTED", "DUPLICATES", "REJECTED"];
  const sources = rows.length === 0 ? "" : `\n${tableText(["SOURCE", ...numbers], rows, numbers)}`;
  const incomplete = outcomes.map((outcome) =>
    outcome.incomplete === undefined ? "" : `\n${incompleteText(outcome.source, outcome.incomplete)}\n`,
  );
  return streamsTable(streams, Date.now()) + sources + incomplete.join("");
}
