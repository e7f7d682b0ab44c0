import type { Chunk, Clock, DeliveryContext, DeliveryResult } from "@headgate/core";
import { ackWait, askAck, type Batch, unconfirmed } from "./acks.ts";
import { knownGood } from "./known-good.ts";
import { pace } from "./pace.ts";
import { type Answer, poster, type PostParts } from "./post.ts";
import { refusesAll } from "./refuses-all.ts";
import type { SplunkSettings } from "./settings.ts";
import type { Verdict } from "./verdict.ts";

/** What delivery works with. */
export interface DeliveryParts extends PostParts {
  readonly settings: Pick<SplunkSettings, "acknowledge" | "timeouts">;
  readonly clock: Clock;
  /** The body of a chunk, under the settings of now. */
  readonly bodyOf: (chunk: Chunk) => Uint8Array;
  /** The body of a test event. */
  readonly testBody: () => Uint8Array;
}

/** A request whose batch is not confirmed yet. */
interface Unconfirmed {
  readonly answer: Answer;
  readonly batch: Batch;
  /** When the wait for it is over, Unix ms. */
  readonly until: number;
  acked: boolean;
  /** How often the question for it had no answer since. */
  unanswered: number;
}

/** Of so many chunks what they wait for is remembered: the one under way, and events retried from quarantine before it. */
const mostOpen = 8;
/** So often a late confirmation is asked for before a chunk is sent again although it may be in. */
const mostUnanswered = 5;

/**
 * The `deliver` of a Splunk sink: one request with the chunk's events, and questions about it until its fate is known. A
 * second request within a call is made only where the first has surely taken nothing, so one at most is unsettled at any
 * time.
 */
export function deliverer(parts: DeliveryParts): (chunk: Chunk, context: DeliveryContext) => Promise<DeliveryResult> {
  const { settings, clock } = parts;
  const { ackMs } = settings.timeouts;
  const { post, postAnywhere } = poster(parts);
  const evidence = knownGood(clock);
  const { after } = pace();
  const awaitAck = ackWait();
  const open = new Map<string, Unconfirmed>();
  let warned = false;

  /** Asks whether it is the event that is at fault: then a good one is taken. Otherwise gives what the stream waits for. */
  async function test({ endpoint }: Answer, signal: AbortSignal): Promise<Failed | undefined> {
    const body = parts.testBody();
    const { verdict } = await post(endpoint, body, { count: 1, bytes: body.length }, signal);
    if (verdict.kind === "retry") return retry(verdict);
    if (verdict.kind === "blocked") return { status: "blocked", error: verdict.error };
    if (verdict.kind !== "taken") return { status: "blocked", error: refusesAll(verdict.error) };
    evidence.tookTest();
    evidence.spend();
    return undefined;
  }

  async function refused(
    answer: Answer,
    { at, hecCode, error }: Extract<Verdict, { readonly kind: "refused" }>,
    signal: AbortSignal,
  ): Promise<DeliveryResult> {
    if (at > 0) evidence.took();
    // All events name one index: when that is gone, an event in the middle is no worse than those before it.
    const vouched = hecCode !== 7 && evidence.spend();
    const other = vouched ? undefined : await test(answer, signal);
    return { ...(other ?? { status: "rejected", error, indexes: [at] }), acceptedCount: at };
  }

  /** What a request comes to, once what it took is confirmed or needs no confirmation. */
  async function conclude(chunk: Chunk, answer: Answer, signal: AbortSignal): Promise<DeliveryResult> {
    const { verdict, batch } = answer;
    switch (verdict.kind) {
      case "taken": {
        evidence.took();
        const pauseMs = after(verdict.slow);
        return {
          status: "delivered",
          receipt: batch === undefined ? chunk.key : `${chunk.key} ack ${batch.channel}/${batch.ackId}`,
          ...(pauseMs === undefined ? {} : { afterMs: Math.max(pauseMs, verdict.afterMs ?? 0) }),
        };
      }
      case "refused":
        return await refused(answer, verdict, signal);
      case "split": {
        // As with a named one: an index that is gone is no event's fault.
        const vouched = chunk.count > 1 || (verdict.error.vendorCode !== "7" && evidence.spend());
        return (vouched ? undefined : await test(answer, signal)) ?? { status: "split", error: verdict.error };
      }
      case "retry":
        return retry(verdict);
      case "blocked":
        return { status: "blocked", error: verdict.error };
    }
  }

  /** Waits until the time of a batch is over. */
  async function confirm(chunk: Chunk, waiting: Unconfirmed, signal: AbortSignal): Promise<DeliveryResult> {
    const { answer, batch, until } = waiting;
    const state = await awaitAck(batch, until - clock.now(), clock, signal);
    if (state.kind === "acked") return await concludeAcked(chunk, waiting, signal);
    if (state.kind === "lost") open.delete(chunk.key);
    if (state.kind === "barred") return { status: "blocked", error: state.error };
    answer.endpoint.renewChannel();
    return { status: "retry", error: unconfirmed(state.kind, ackMs) };
  }

  /** Splunk says it once: it is remembered until all that follows from it is done. */
  async function concludeAcked(chunk: Chunk, waiting: Unconfirmed, signal: AbortSignal): Promise<DeliveryResult> {
    waiting.acked = true;
    const result = await conclude(chunk, waiting.answer, signal);
    open.delete(chunk.key);
    return result;
  }

  /** Waits for the confirmation of what was taken. */
  async function settle(chunk: Chunk, answer: Answer, { signal, logger }: DeliveryContext): Promise<DeliveryResult> {
    const { verdict, endpoint, batch } = answer;
    if (answer.unasked && !warned) {
      warned = true;
      logger.warn("Splunk offers acknowledgements, which this stream's transport cannot ask for", {
        stream: chunk.stream,
        hint: "Use the sink's own transport, or a token without acknowledgement: unasked ones pile up in Splunk.",
      });
    }
    if (batch === undefined) {
      if (settings.acknowledge !== "required" || verdict.kind !== "taken") return await conclude(chunk, answer, signal);
      // Switched off since it was asked for: the next call finds that out before it sends anything.
      endpoint.acknowledges = false;
      return { status: "retry", error: unconfirmed("lost", ackMs) };
    }
    // Also when the wait is cut short: the same chunk may come again.
    const waiting: Unconfirmed = { answer, batch, until: clock.now() + ackMs, acked: false, unanswered: 0 };
    open.set(chunk.key, waiting);
    for (const key of open.keys()) if (open.size > mostOpen) open.delete(key);
    return await confirm(chunk, waiting, signal);
  }

  /** What has become of the chunk's last request, where its confirmation did not come in time; undefined to send it again. */
  async function settledLate(chunk: Chunk, signal: AbortSignal): Promise<DeliveryResult | undefined> {
    const earlier = open.get(chunk.key);
    if (earlier === undefined) return undefined;
    if (earlier.acked) return await concludeAcked(chunk, earlier, signal);
    // The wait was cut short.
    if (earlier.until > clock.now()) return await confirm(chunk, earlier, signal);
    const state = await askAck(earlier.batch, signal);
    if (state.kind === "barred") return { status: "blocked", error: state.error };
    if (state.kind === "unanswered" && ++earlier.unanswered < mostUnanswered)
      return { status: "retry", error: unconfirmed(state.kind, ackMs) };
    if (state.kind === "acked") return await concludeAcked(chunk, earlier, signal);
    open.delete(chunk.key);
    return undefined;
  }

  return async (chunk, context) => {
    const { signal } = context;
    signal.throwIfAborted();
    const late = await settledLate(chunk, signal);
    if (late !== undefined) return late;
    const body = parts.bodyOf(chunk);
    const answer = await postAnywhere(body, { count: chunk.count, bytes: body.length }, signal);
    return await settle(chunk, answer, context);
  };
}

type Failed = DeliveryResult & { readonly status: "retry" | "blocked" };

function retry({ error, afterMs }: Extract<Verdict, { readonly kind: "retry" }>): Failed {
  return { status: "retry", error, ...(afterMs === undefined ? {} : { afterMs }) };
}
