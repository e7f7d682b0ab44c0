// A platform with Headgate embedded, to be killed: appends its events in small batches, each with an id of its own, and
// streams them to one log intake. Started again it appends the same events, which stores nothing twice, and goes on.
// `--to-end` drains and exits once everything is in.
import { createHeadgate, secret, type SinkDefinition } from "@headgate/core";
import { sqliteStore } from "@headgate/store-sqlite";
import { setTimeout as sleep } from "node:timers/promises";
import type { IntakeRun } from "./intake.ts";

const run = JSON.parse(process.env["INTAKE_RUN"] ?? "") as IntakeRun;
const { kind, url, key, path, events, requestEvents, acknowledge } = run;
const insecure = { allowInsecureEndpoint: true } as const;
const hec = { url, token: secret(key), index: "audit", acknowledge, maxEvents: requestEvents };
const logs = { url, apiKey: secret(key), service: "crash" };

/** Each loads no more than it needs: the clients are slow to load, and this process starts often. */
const kinds: Readonly<Record<IntakeRun["kind"], () => Promise<readonly [SinkDefinition, object]>>> = {
  async splunk() {
    const { splunkSink } = await import("@headgate/sink-splunk");
    return [splunkSink(insecure), hec];
  },
  async "splunk-logging"() {
    const { splunkSink } = await import("@headgate/sink-splunk");
    const { splunkLoggingTransport } = await import("@headgate/sink-splunk/splunk-logging");
    return [splunkSink({ ...insecure, transport: splunkLoggingTransport() }), hec];
  },
  async datadog() {
    const { datadogSink } = await import("@headgate/sink-datadog");
    return [datadogSink(insecure), logs];
  },
  async "datadog-api-client"() {
    const { datadogSink } = await import("@headgate/sink-datadog");
    const { datadogApiClientTransport } = await import("@headgate/sink-datadog/api-client");
    return [datadogSink({ ...insecure, transport: datadogApiClientTransport() }), logs];
  },
};
const [sink, options] = await kinds[kind]();

await using headgate = createHeadgate({
  // Health events would come among the events that are counted.
  alerts: { auditLog: false },
  store: sqliteStore({ path }),
  sinks: [sink],
  delivery: { retry: { baseMs: 50, capMs: 500, blockedMs: 500 }, leaseTtlMs: 2000 },
});
// Datadog's requests have a fixed limit of 1,000 events: there a window is one request.
const flush = { maxAgeMs: 50, maxEvents: kind.startsWith("datadog") ? requestEvents : requestEvents * 4 };
await headgate.streams.declare([{ id: "intake", organization: "org_1", sink: sink.type, options, flush }]);
await headgate.start();
console.log("started");
for (let from = 0; from < events; from += 50) {
  const batch = Array.from({ length: Math.min(50, events - from) }, (_, i) => ({
    id: `e-${from + i}`,
    action: "pipeline.run.finished",
    actor: { type: "user", id: "u_1" },
    metadata: { pad: "x".repeat(200) },
  }));
  const { accepted } = await headgate.append("org_1", batch);
  // What is there already needs no time; what is new comes in as a platform's own pace.
  if (accepted > 0) await sleep(8);
}
if (process.argv.includes("--to-end")) {
  const { complete } = await headgate.drain({ patienceMs: 30_000 });
  process.exitCode = complete ? 0 : 1;
} else await sleep(3_600_000);
