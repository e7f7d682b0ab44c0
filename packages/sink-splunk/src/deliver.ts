import type { Chunk, Clock, DeliveryContext, DeliveryResult } from "@headgate/core";
import { HttpFailure, transportResult } from "@headgate/egress";
import { acksEnabled, askAck, awaitAck, type Batch, unconfirmed } from "./acks.ts";
import { mayGoElsewhere, nothingSent } from "./elsewhere.ts";
import type { Endpoint, Endpoints } from "./endpoints.ts";
import { hecReply } from "./hec-reply.ts";
import { knownGood } from "./known-good.ts";
import { pace } from "./pace.ts";
import { refusesAll } from "./refuses-all.ts";
import type { SplunkSettings } from "./settings.ts";
import { type SentBody, type Verdict, verdictOf } from "./verdict.ts";

/** What delivery works with. */
export interface DeliveryParts {
  readonly settings: SplunkSettings;
  readonly endpoints: Endpoints;
  readonly clock: Clock;
  /** Whether the transport can ask for acknowledgements. */
  readonly asksAcks: boolean;
  /** The body of a chunk, under the settings of now. */
  readonly bodyOf: (chunk: Chunk) => Uint8Array;
  /** The body of a test event. */
  readonly testBody: () => Uint8Array;
}

/** A request's verdict, and what an indexer is to confirm of it. */
interface Answer {
  readonly verdict: Verdict;
  readonly endpoint: Endpoint;
  readonly batch: Batch | undefined;
  /** A confirmation is on offer that the transport cannot ask for. */
  readonly unasked?: boolean;
}

/** A batch that was not confirmed in time. */
interface Unconfirmed extends Answer {
  readonly key: string;
  readonly batch: Batch;
}

/**
 * The `deliver` of a Splunk sink: one request with the chunk's events, and questions about it until its fate is known. It
 * goes to another endpoint in the same call only where the first has surely taken nothing, so one request at most is
 * unsettled at any time.
 */
export function deliverer(parts: DeliveryParts): (chunk: Chunk, context: DeliveryContext) => Promise<DeliveryResult> {
  const { settings, endpoints, clock, asksAcks } = parts;
  const { acknowledge } = settings;
  const { ackMs } = settings.timeouts;
  const evidence = knownGood(clock);
  const { after } = pace();
  let open: Unconfirmed | undefined;
  let warned = false;

  /** Posts a body to one endpoint. */
  async function post(endpoint: Endpoint, body: Uint8Array, sent: SentBody, signal: AbortSignal): Promise<Answer> {
    try {
      const { channel } = endpoint;
      const { reply } = await endpoint.send({ path: "event", body, signal });
      const verdict = verdictOf(reply, sent, clock.now());
      const ackId = acknowledge === "off" ? undefined : hecReply(reply)?.ackId;
      const batch = ackId === undefined || !asksAcks ? undefined : { endpoint, channel, ackId };
      if (verdict.kind === "retry") endpoints.failed(endpoint);
      else endpoints.works(endpoint);
      return { verdict, endpoint, batch, unasked: ackId !== undefined && !asksAcks };
    } catch (error) {
      return troubled(endpoint, error, signal);
    }
  }

  /** What trouble on the way means. */
  function troubled(endpoint: Endpoint, error: unknown, signal: AbortSignal): Answer {
    signal.throwIfAborted();
    const result = transportResult(error, "Splunk");
    if (result === undefined || !(error instanceof HttpFailure)) throw error;
    endpoints.failed(endpoint);
    const verdict: Verdict =
      result.status === "blocked"
        ? { kind: "blocked", error: result.error }
        : { kind: "retry", error: result.error, afterMs: undefined, elsewhere: nothingSent(error) };
    return { verdict, endpoint, batch: undefined };
  }

  /** Where acknowledgement is required: why nothing may be sent to an endpoint. */
  async function withoutAcks(endpoint: Endpoint, signal: AbortSignal): Promise<Answer | undefined> {
    if (acknowledge !== "required" || endpoint.acknowledges) return undefined;
    try {
      const { on, reply } = await acksEnabled(endpoint, signal);
      endpoint.acknowledges = on === true;
      if (on === true) return undefined;
      const verdict = verdictOf(reply, { count: 0, bytes: 0 }, clock.now());
      // An answer that says nothing of acknowledgements proves none.
      if (verdict.kind === "blocked" || verdict.kind === "retry") return { verdict, endpoint, batch: undefined };
      const error = {
        code: "destination_unexpected",
        message: "Splunk does not say whether acknowledgements are on for the token.",
        hint: "Check that the endpoint passes /services/collector/ack on to the collector. It is tried again.",
      } as const;
      return { verdict: { kind: "retry", error, afterMs: undefined, elsewhere: false }, endpoint, batch: undefined };
    } catch (error) {
      return troubled(endpoint, error, signal);
    }
  }

  /** Posts to the first endpoint that takes a request at all. */
  async function postAnywhere(body: Uint8Array, sent: SentBody, signal: AbortSignal): Promise<Answer> {
    let held: Answer | undefined;
    for (const endpoint of endpoints.inOrder()) {
      const answer = (await withoutAcks(endpoint, signal)) ?? (await post(endpoint, body, sent, signal));
      if (!mayGoElsewhere(answer.verdict)) return answer;
      // Of several that are down, the one that may come up by itself decides.
      if (held === undefined || held.verdict.kind === "blocked") held = answer;
    }
    if (held === undefined) throw new Error("a Splunk sink has no endpoint");
    return held;
  }

  /** Whether an event that was refused is at fault: the collector takes a good one. Otherwise what the stream waits for. */
  async function blames({ verdict, endpoint }: Answer, signal: AbortSignal): Promise<Failed | undefined> {
    const error = verdict.kind === "refused" || verdict.kind === "split" ? verdict.error : undefined;
    // All events name one index: when it is gone, an event in the middle is no worse than those before it.
    const always = verdict.kind === "refused" && verdict.hecCode === 7;
    if (error === undefined || (!always && evidence.spend())) return undefined;
    const body = parts.testBody();
    const test = await post(endpoint, body, { count: 1, bytes: body.length }, signal);
    switch (test.verdict.kind) {
      case "taken":
        evidence.tookTest();
        evidence.spend();
        return undefined;
      case "retry":
        return retry(test.verdict);
      case "blocked":
        return { status: "blocked", error: test.verdict.error };
      case "refused":
      case "split":
        return { status: "blocked", error: refusesAll(test.verdict.error) };
    }
  }

  /** What a request comes to, once its taken part is confirmed or needs no confirmation. */
  async function conclude(chunk: Chunk, answer: Answer, signal: AbortSignal): Promise<DeliveryResult> {
    const { verdict, batch } = answer;
    switch (verdict.kind) {
      case "taken": {
        evidence.took();
        const pauses = [after(verdict.slow), verdict.afterMs].filter((ms) => ms !== undefined);
        const afterMs = verdict.slow ? Math.max(...pauses) : undefined;
        return {
          status: "delivered",
          receipt: batch === undefined ? chunk.key : `${chunk.key} ack ${batch.channel}/${batch.ackId}`,
          ...(afterMs === undefined ? {} : { afterMs }),
        };
      }
      case "refused": {
        const { at, error, hecCode } = verdict;
        if (at > 0) evidence.took();
        const other = at === 0 || hecCode === 7 ? await blames(answer, signal) : undefined;
        if (other !== undefined) return at === 0 ? other : { ...other, acceptedCount: at };
        if (at > 0 && hecCode !== 7) evidence.spend();
        return { status: "rejected", error, indexes: [at], acceptedCount: at };
      }
      case "split":
        return (
          (chunk.count === 1 ? await blames(answer, signal) : undefined) ?? { status: "split", error: verdict.error }
        );
      case "retry":
        return retry(verdict);
      case "blocked":
        return { status: "blocked", error: verdict.error };
    }
  }

  /** Waits for the confirmation of what was taken. */
  async function settle(chunk: Chunk, answer: Answer, { signal, logger }: DeliveryContext): Promise<DeliveryResult> {
    const { verdict, endpoint, batch } = answer;
    if (batch === undefined) {
      if (answer.unasked && !warned) {
        warned = true;
        logger.warn("Splunk offers acknowledgements, which this stream's transport cannot ask for", {
          stream: chunk.stream,
          hint: "Use the sink's own transport, or a token without acknowledgement: unasked ones pile up in Splunk.",
        });
      }
      if (acknowledge === "required" && verdict.kind === "taken") {
        // Switched off since it was asked for: the next call finds that out before it sends anything.
        endpoint.acknowledges = false;
        return { status: "retry", error: unconfirmed("lost", ackMs) };
      }
      return await conclude(chunk, answer, signal);
    }
    const state = await awaitAck(batch, ackMs, clock, signal);
    if (state.kind === "acked") return await conclude(chunk, answer, signal);
    if (state.kind !== "lost") open = { ...answer, batch, key: chunk.key };
    if (state.kind === "barred") return { status: "blocked", error: state.error };
    endpoint.renewChannel();
    return { status: "retry", error: unconfirmed(state.kind, ackMs) };
  }

  /** What has become of the chunk's last request, where its confirmation did not come in time. */
  async function settledLate(chunk: Chunk, signal: AbortSignal): Promise<DeliveryResult | undefined> {
    if (open === undefined || open.key !== chunk.key) {
      open = undefined;
      return undefined;
    }
    const state = await askAck(open.batch, signal);
    if (state.kind === "barred") return { status: "blocked", error: state.error };
    const answer = open;
    open = undefined;
    return state.kind === "acked" ? await conclude(chunk, answer, signal) : undefined;
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

type Retry = Extract<Verdict, { readonly kind: "retry" }>;
type Failed = DeliveryResult & { readonly status: "retry" | "blocked" };

function retry({ error, afterMs }: Retry): DeliveryResult & { readonly status: "retry" } {
  return { status: "retry", error, ...(afterMs === undefined ? {} : { afterMs }) };
}
