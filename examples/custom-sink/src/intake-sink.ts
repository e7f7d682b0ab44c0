import { type DeliveryResult, HeadgateError, type Secret, type SinkDefinition, type SinkFailure } from "@headgate/core";
import { type EgressOptions, endpointUrl, httpClient, retryAfterMs, transportResult } from "@headgate/egress";

/** Posts NDJSON to an intake that answers 202, with a bearer token. */
export function intakeSink(operator: EgressOptions = {}): SinkDefinition<"intake", { url: string; token: Secret }> {
  return {
    type: "intake",
    secretOptions: ["token"],
    schema: { type: "object", required: ["url", "token"], properties: { url: {}, token: { writeOnly: true } } },
    fromConfig: (options) => options as { url: string; token: Secret },
    create({ url: text, token }, { clock, stream }) {
      const url = endpointUrl(text, { ...operator, name: "url" });
      const client = httpClient(operator);
      let closed = false;

      async function post(body: Uint8Array, signal: AbortSignal): Promise<DeliveryResult> {
        if (closed) throw new HeadgateError("sink_closed", `The intake sink of ${stream} has been disposed of.`);
        const headers = { authorization: `Bearer ${token.reveal()}`, "content-type": "application/x-ndjson" };
        try {
          const reply = await client.send({ url, method: "POST", headers, body, signal });
          if (reply.status === 202) return { status: "delivered", receipt: `HTTP 202 at ${clock.now()}` };
          const error = failures[reply.status] ?? down;
          if (reply.status === 413) return { status: "split", error };
          if (error !== down && reply.status !== 429) return { status: "blocked", error };
          return { status: "retry", error, afterMs: retryAfterMs(reply.headers, clock.now()) ?? 0 };
        } catch (error) {
          const result = transportResult(error, "The intake");
          if (result === undefined) throw error;
          return result;
        }
      }

      return {
        name: "intake",
        acknowledgement: "accepted",
        partition: "none",
        host: url.host,
        limits: { maxEvents: 1000, maxBytes: 1_000_000, maxEventBytes: 900_000, concurrency: 1 },
        flush: { maxAgeMs: 5000, maxBytes: 1_000_000, maxEvents: 1000 },
        encoding: "ndjson/1",
        deliver: (chunk, { signal }) => post(chunk.body, signal),
        async [Symbol.asyncDispose]() {
          closed = true;
          await client[Symbol.asyncDispose]();
        },
      };
    },
  };
}

const again = "Nothing to do yet: it is tried again.";
const down: SinkFailure = { code: "destination_failed", message: "The intake is not well.", hint: again };
const failures: Readonly<Record<number, SinkFailure>> = {
  401: { code: "credentials_invalid", message: "The intake does not know the token.", hint: "Correct it." },
  403: { code: "access_denied", message: "The token may not write.", hint: "Let it write." },
  404: { code: "destination_missing", message: "There is no intake at this URL.", hint: "Correct it." },
  413: { code: "event_too_large", message: "The intake takes no event of this size.", hint: "Discard it." },
  429: { code: "destination_busy", message: "The intake asks to slow down.", hint: again },
};
