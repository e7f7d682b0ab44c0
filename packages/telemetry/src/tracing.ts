import {
  type AppendSummary,
  type DeliveryObserver,
  type DeliveryReport,
  type Headgate,
  isHeadgateError,
} from "@headgate/core";
import {
  isSpanContextValid,
  type Span,
  SpanKind,
  SpanStatusCode,
  trace,
  TraceFlags,
  type TracerProvider,
} from "@opentelemetry/api";
import { recentAppends } from "./recent-appends.ts";

/** What `createTracing` takes. */
export interface TracingOptions {
  /** @default the one that is registered with `@opentelemetry/api` when a span begins; none: nothing is traced */
  readonly tracerProvider?: TracerProvider;
}

/** What of a Headgate is traced. */
export type AppendingHeadgate = Pick<Headgate, "append" | "appendPrepared">;

/** Spans across append and delivery. */
export interface Tracing {
  /** Makes a span `headgate.deliver` of each request. Pass it to `createHeadgate`. */
  readonly observer: DeliveryObserver;
  /**
   * The same Headgate with each append in a span `headgate.append`, a child of the span that is active. Pass it to
   * `createApi`, too.
   */
  traced<Traced extends AppendingHeadgate>(headgate: Traced): Traced;
}

/**
 * Traces with the OpenTelemetry that the process has set up. A delivery has a trace of its own, because one request
 * carries the events of many appends; it is linked to the spans of those that this process made lately. Spans
 * carry stream, chunk and sequences, and no organization, no event and no error text.
 *
 * @example
 * ```ts
 * const tracing = createTracing();
 * const headgate = createHeadgate({ store: memoryStore(), sinks: [], observer: tracing.observer });
 * await tracing.traced(headgate).append("org_1", [{ action: "user.login", actor: { type: "user", id: "u_1" } }]);
 * ```
 */
export function createTracing({ tracerProvider }: TracingOptions = {}): Tracing {
  const tracer = () => (tracerProvider ?? trace.getTracerProvider()).getTracer("@headgate/telemetry");
  const appends = recentAppends();

  /** Runs an append in its span. */
  async function inSpan<Result>(
    organization: string,
    append: () => Promise<Result>,
    told: (result: Result) => Pick<AppendSummary, "accepted" | "duplicates" | "first_sequence" | "last_sequence">,
  ): Promise<Result> {
    return await tracer().startActiveSpan("headgate.append", { kind: SpanKind.PRODUCER }, async (span) => {
      try {
        const result = await append();
        const { accepted, duplicates, first_sequence: first, last_sequence: last } = told(result);
        span.setAttributes({
          "headgate.events.accepted": accepted,
          "headgate.events.duplicates": duplicates,
          ...(first !== undefined && { "headgate.sequence.first": first }),
          ...(last !== undefined && { "headgate.sequence.last": last }),
        });
        remember(span, organization, first, last);
        return result;
      } catch (error) {
        // The error's own text may name what the caller gave.
        span.setAttribute("error.type", isHeadgateError(error) ? error.code : "internal");
        span.setStatus({ code: SpanStatusCode.ERROR });
        throw error;
      } finally {
        span.end();
      }
    });
  }

  function remember(span: Span, organization: string, first: number | undefined, last: number | undefined): void {
    const context = span.spanContext();
    if (first === undefined || last === undefined || !isSpanContextValid(context)) return;
    if ((context.traceFlags & TraceFlags.SAMPLED) !== 0) appends.keep(organization, { first, last, context });
  }

  return {
    traced: (headgate) => ({
      ...headgate,
      append: (organization: string, events: Parameters<Headgate["append"]>[1]) =>
        inSpan(
          organization,
          () => headgate.append(organization, events),
          (summary) => summary,
        ),
      appendPrepared: (organization: string, events: Parameters<Headgate["appendPrepared"]>[1]) =>
        inSpan(
          organization,
          () => headgate.appendPrepared(organization, events),
          ({ accepted, duplicates, sequences }) => ({ accepted, duplicates, ...endsOf(sequences) }),
        ),
    }),

    observer: {
      delivery(report) {
        const { organization, firstSequence, lastSequence, at, ms, status, error } = report;
        const links = appends.spansOf(organization, firstSequence, lastSequence).map((context) => ({ context }));
        const span = tracer().startSpan("headgate.deliver", {
          kind: SpanKind.CLIENT,
          root: true,
          startTime: new Date(at - ms),
          attributes: attributesOf(report),
          links,
        });
        if (error !== undefined) span.setAttribute("error.type", error.code);
        if (status !== "delivered") span.setStatus({ code: SpanStatusCode.ERROR });
        span.end(new Date(at));
      },
    },
  };
}

/** The first and the last of sequences that need not ascend: repeats have those of before. */
function endsOf(sequences: Iterable<number>): { readonly first_sequence?: number; readonly last_sequence?: number } {
  let [first, last] = [Number.POSITIVE_INFINITY, 0];
  for (const sequence of sequences) [first, last] = [Math.min(first, sequence), Math.max(last, sequence)];
  return last === 0 ? {} : { first_sequence: first, last_sequence: last };
}

function attributesOf(report: DeliveryReport): Readonly<Record<string, string | number>> {
  const { stream, chunk, status, count, events, quarantined, bytes, attempt } = report;
  return {
    "headgate.stream": stream,
    "headgate.chunk": chunk,
    "headgate.status": status,
    "headgate.sequence.first": report.firstSequence,
    "headgate.sequence.last": report.lastSequence,
    "headgate.events.count": count,
    "headgate.events.delivered": events,
    "headgate.events.quarantined": quarantined,
    "headgate.bytes": bytes,
    "headgate.attempt": attempt,
  };
}
