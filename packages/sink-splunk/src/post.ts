import type { Clock } from "@headgate/core";
import { HttpFailure, transportResult } from "@headgate/egress";
import { acksEnabled, type Batch } from "./acks.ts";
import { mayGoElsewhere, nothingSent } from "./elsewhere.ts";
import type { Endpoint, Endpoints } from "./endpoints.ts";
import { hecReply } from "./hec-reply.ts";
import type { SplunkSettings } from "./settings.ts";
import { type SentBody, type Verdict, verdictOf } from "./verdict.ts";

/** A request's verdict, and what an indexer is to confirm of it. */
export interface Answer {
  readonly verdict: Verdict;
  readonly endpoint: Endpoint;
  readonly batch: Batch | undefined;
  /** A confirmation is on offer that the transport cannot ask for. */
  readonly unasked: boolean;
}

/** What posting works with. */
export interface PostParts {
  readonly settings: Pick<SplunkSettings, "acknowledge">;
  readonly endpoints: Endpoints;
  readonly clock: Clock;
  /** Whether the transport can ask for acknowledgements. */
  readonly asksAcks: boolean;
}

/** Posts bodies of events. */
export interface Poster {
  /** To one endpoint. */
  readonly post: (endpoint: Endpoint, body: Uint8Array, sent: SentBody, signal: AbortSignal) => Promise<Answer>;
  /** To the first endpoint that takes a request at all: to another one only where it has surely taken nothing. */
  readonly postAnywhere: (body: Uint8Array, sent: SentBody, signal: AbortSignal) => Promise<Answer>;
}

export function poster({ settings, endpoints, clock, asksAcks }: PostParts): Poster {
  const { acknowledge } = settings;

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

  function troubled(endpoint: Endpoint, error: unknown, signal: AbortSignal): Answer {
    signal.throwIfAborted();
    const result = transportResult(error, "Splunk");
    if (result === undefined || !(error instanceof HttpFailure)) throw error;
    endpoints.failed(endpoint);
    return withoutBatch(
      endpoint,
      result.status === "blocked"
        ? { kind: "blocked", error: result.error }
        : { kind: "retry", error: result.error, afterMs: undefined, elsewhere: nothingSent(error) },
    );
  }

  /** Where acknowledgement is required: why nothing may be sent to an endpoint. */
  async function barrier(endpoint: Endpoint, signal: AbortSignal): Promise<Answer | undefined> {
    if (acknowledge !== "required" || endpoint.acknowledges) return undefined;
    try {
      const { on, reply } = await acksEnabled(endpoint, signal);
      endpoint.acknowledges = on === true;
      if (on === true) return undefined;
      const verdict = verdictOf(reply, { count: 0, bytes: 0 }, clock.now());
      if (verdict.kind === "retry") endpoints.failed(endpoint);
      return withoutBatch(endpoint, verdict.kind === "blocked" || verdict.kind === "retry" ? verdict : silent);
    } catch (error) {
      return troubled(endpoint, error, signal);
    }
  }

  return {
    post,
    async postAnywhere(body, sent, signal) {
      let held: Answer | undefined;
      for (const endpoint of endpoints.inOrder()) {
        const answer = (await barrier(endpoint, signal)) ?? (await post(endpoint, body, sent, signal));
        if (!mayGoElsewhere(answer.verdict)) return answer;
        // Of several that are down, the one that may come up by itself decides.
        if (held === undefined || held.verdict.kind === "blocked") held = answer;
      }
      if (held === undefined) throw new Error("a Splunk sink has no endpoint");
      return held;
    },
  };
}

function withoutBatch(endpoint: Endpoint, verdict: Verdict): Answer {
  return { verdict, endpoint, batch: undefined, unasked: false };
}

/** An answer that says nothing of acknowledgements proves none. */
const silent: Verdict = {
  kind: "retry",
  error: {
    code: "destination_unexpected",
    message: "Splunk does not say whether acknowledgements are on for the token.",
    hint: "Check that the endpoint passes /services/collector/ack on to the collector. It is tried again.",
  },
  afterMs: undefined,
  elsewhere: false,
};
