import type { Chunk, Clock, DeliveryContext, DeliveryResult, SinkFailure } from "@headgate/core";
import type { EntryWriter } from "./entry.ts";
import { knownGood } from "./known-good.ts";
import { type ReplyResult, replyResult, requestFailure } from "./outcome.ts";
import { oversizeResult } from "./oversize.ts";
import type { DatadogSettings } from "./settings.ts";
import { restamped, staleOf, staleResult } from "./stale.ts";
import { testLog } from "./test-log.ts";
import type { LogsTransport } from "./transport.ts";

/** What delivery works with. */
export interface DeliveryParts {
  readonly settings: Pick<DatadogSettings, "stale" | "compression">;
  readonly transport: LogsTransport;
  readonly writerOf: (encoding: string) => EntryWriter;
  readonly clock: Clock;
}

/**
 * The `deliver` of a Datadog sink: one request with the chunk, after a look at its events' times. Where a single event is
 * refused, and nothing vouches for the destination, a test log follows in the same call: the request before it had no
 * effect, so one request at most is unsettled at any time.
 */
export function deliverer(parts: DeliveryParts): (chunk: Chunk, context: DeliveryContext) => Promise<DeliveryResult> {
  const { settings, transport, writerOf, clock } = parts;
  const contentEncoding = settings.compression === "gzip" ? "gzip" : "identity";
  const evidence = knownGood();

  async function post(body: Uint8Array, receipt: string, signal: AbortSignal): Promise<ReplyResult> {
    try {
      const reply = await transport.submit(body, { contentEncoding, signal });
      const result = replyResult(reply, receipt, clock.now());
      if (result.status === "delivered") evidence.accepted(clock.now());
      return result;
    } catch (error) {
      signal.throwIfAborted();
      const result = requestFailure(error);
      if (result === undefined) throw error;
      return result;
    }
  }

  /** Whether it is the event that is at fault, or everything is refused. */
  async function single(
    chunk: Chunk,
    refusal: ReplyResult,
    error: SinkFailure,
    signal: AbortSignal,
  ): Promise<ReplyResult> {
    if (evidence.vouches(clock.now())) return refusal;
    const test = await post(testLog(writerOf(chunk.encoding), clock.now()), "", signal);
    if (test.status === "delivered") {
      evidence.vouches(clock.now());
      return refusal;
    }
    return test.status === "split" ? { status: "blocked", error: refusesAll(error) } : test;
  }

  return async (chunk, { signal }) => {
    const oversize = oversizeResult(chunk);
    if (oversize !== undefined) return oversize;
    const now = clock.now();
    const stale = staleOf(chunk, now);
    let { body } = chunk;
    if (settings.stale === "restamp") {
      const indexes = [...stale.old, ...stale.ahead];
      if (indexes.length > 0) body = restamped(chunk, indexes, writerOf(chunk.encoding), now);
    } else {
      const result = staleResult(stale);
      if (result !== undefined) return result;
    }
    const result = await post(body, chunk.key, signal);
    if (result.status !== "split" || chunk.count > 1) return result;
    return await single(chunk, result, result.error, signal);
  };
}

function refusesAll({ vendorCode }: SinkFailure): SinkFailure {
  return {
    code: "destination_misconfigured",
    message: `Datadog refuses every log, a tiny one of Headgate's own too (HTTP ${vendorCode ?? "unknown"}). No event is at fault.`,
    hint: "Check the stream's service, source, hostname and tags, and what answers at site or url. Nothing is dropped meanwhile.",
    ...(vendorCode === undefined ? {} : { vendorCode }),
  };
}
