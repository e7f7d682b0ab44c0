import { createHeadgate, memoryStore } from "@headgate/core";
import { SpanStatusCode } from "@opentelemetry/api";
import {
  AlwaysOffSampler,
  BasicTracerProvider,
  InMemorySpanExporter,
  type Sampler,
  SimpleSpanProcessor,
} from "@opentelemetry/sdk-trace-base";
import { describe, expect, it } from "vitest";
import { mostLinks, recentAppends } from "./recent-appends.ts";
import { type Mood, moodySink } from "./testing/moody-sink.ts";
import { createTracing } from "./tracing.ts";

const event = { action: "secrets.read", actor: { type: "user", id: "ada@example.com" } };

async function traced({ mood = "takes", sampler }: { readonly mood?: Mood; readonly sampler?: Sampler } = {}) {
  const exporter = new InMemorySpanExporter();
  const tracerProvider = new BasicTracerProvider({
    spanProcessors: [new SimpleSpanProcessor(exporter)],
    ...(sampler && { sampler }),
  });
  const tracing = createTracing({ tracerProvider });
  const sink = moodySink();
  Object.assign(sink, { mood, words: "hunter2" });
  await using headgate = createHeadgate({
    store: memoryStore(),
    sinks: [sink.definition],
    observer: tracing.observer,
    alerts: { auditLog: false },
  });
  const appending = tracing.traced(headgate);
  const append: typeof appending.append = (organization, events) => appending.append(organization, events);
  await append("org", [event, event]);
  await append("org", [event]);
  // As the REST API does.
  await appending.appendPrepared("other", [headgate.preparer.prepare("other", event)]);
  await headgate.streams.create("org", { id: "s", sink: "moody", options: { place: "s" } });
  await headgate.drain({ patienceMs: 0 });
  const spans = exporter.getFinishedSpans();
  const named = (name: string) => spans.filter((span) => span.name === name);
  return { spans, append, appends: named("headgate.append"), deliveries: named("headgate.deliver"), exporter };
}

describe("tracing", () => {
  it("links a delivery to the appends whose events it carries, and to no others", async () => {
    const { appends, deliveries } = await traced();
    expect(appends.map(({ attributes }) => attributes)).toEqual(
      [
        [2, 1, 2],
        [1, 3, 3],
        [1, 1, 1],
      ].map(([accepted, first, last]) => ({
        "headgate.events.accepted": accepted,
        "headgate.events.duplicates": 0,
        "headgate.sequence.first": first,
        "headgate.sequence.last": last,
      })),
    );
    expect(deliveries).toHaveLength(1);
    const linked = deliveries[0]?.links.map(({ context }) => context.spanId);
    expect(linked).toEqual([appends[1], appends[0]].map((span) => span?.spanContext().spanId));
    expect(deliveries[0]?.attributes).toMatchObject({
      "headgate.stream": "s",
      "headgate.chunk": "s/1-3/0",
      "headgate.status": "delivered",
      "headgate.sequence.first": 1,
      "headgate.sequence.last": 3,
      "headgate.events.count": 3,
    });
    expect(deliveries[0]?.parentSpanContext).toBe(undefined);
  });

  it("marks what was not delivered with the error's code, and tells no more of it", async () => {
    const { deliveries, spans } = await traced({ mood: "denies" });
    expect(deliveries[0]?.status).toEqual({ code: SpanStatusCode.ERROR });
    expect(deliveries[0]?.attributes).toMatchObject({ "headgate.status": "blocked", "error.type": "access_denied" });
    const told = JSON.stringify(
      spans.map(({ attributes, status, events, links }) => [attributes, status, events, links]),
    );
    expect(told).not.toMatch(/hunter2|ada@|secrets\.read|"org"/);
  });

  it("marks an append that failed, and throws what it threw", async () => {
    const { append, exporter } = await traced();
    await expect(append("org", [{ action: "", actor: { type: "user", id: "u" } }])).rejects.toMatchObject({
      code: "event_invalid",
    });
    const span = exporter.getFinishedSpans().at(-1);
    expect([span?.name, span?.status]).toEqual(["headgate.append", { code: SpanStatusCode.ERROR }]);
    expect(span?.attributes).toEqual({ "error.type": "event_invalid" });
    expect(span?.events).toEqual([]);
  });

  it("costs nothing where nobody has set up OpenTelemetry, and remembers nothing that is not sampled", async () => {
    const tracing = createTracing();
    await using headgate = createHeadgate({ store: memoryStore(), sinks: [], observer: tracing.observer });
    expect(await tracing.traced(headgate).append("org", [event])).toMatchObject({ accepted: 1, last_sequence: 1 });
    expect((await traced({ sampler: new AlwaysOffSampler() })).spans).toEqual([]);
  });
});

describe("recentAppends", () => {
  it("stays within its bounds, and keeps the latest", () => {
    const appends = recentAppends();
    const context = (n: number) => ({ traceId: "0".repeat(32), spanId: String(n).padStart(16, "0"), traceFlags: 1 });
    for (let n = 1; n <= 200; n++) appends.keep("busy", { first: n, last: n, context: context(n) });
    expect(appends.spansOf("busy", 1, 200)).toHaveLength(mostLinks);
    expect(appends.spansOf("busy", 1, 200)[0]).toEqual(context(200));
    expect(appends.spansOf("busy", 1, 100)).toEqual([]);
    expect(appends.spansOf("busy", 150, 152)).toEqual([152, 151, 150].map(context));
    for (let n = 1; n <= 1000; n++) appends.keep(`org_${n}`, { first: 1, last: 1, context: context(n) });
    expect(appends.spansOf("busy", 200, 200)).toEqual([]);
    expect(appends.spansOf("org_1", 1, 1)).toEqual([context(1)]);
  });
});
