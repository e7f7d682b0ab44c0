import type { DeliveryResult, Framing, Sink, SinkFailure } from "@headgate/core";
import { HeadgateError } from "@headgate/core";

/** What a server said. */
export interface Posted {
  readonly status: number;
  readonly text: string;
  /** What Retry-After asks for, in ms. */
  readonly afterMs: number;
}

/** What tells one sink of this kind from another. */
export interface PostSinkOptions {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly framing: Framing;
  /** Puts a stored line in its envelope. */
  readonly encode: (line: Uint8Array) => Uint8Array;
  readonly timeoutMs: number | undefined;
  /** What an answer means for a request; undefined where it was accepted. */
  readonly judge: (posted: Posted) => DeliveryResult | undefined;
}

/** A failure with a hint. */
export function failure(code: SinkFailure["code"], message: string): SinkFailure {
  return { code, message, hint: "See the server." };
}

/** The smallest sink that posts its chunks somewhere: enough to hold a strict server against the kit. */
export function postSink({ url, headers, framing, encode, timeoutMs = 10_000, judge }: PostSinkOptions): Sink {
  let closed = false;

  async function post(body: Uint8Array<ArrayBuffer>, signal: AbortSignal): Promise<DeliveryResult | undefined> {
    if (closed) throw new HeadgateError("sink_closed", "The sink has been disposed of.");
    signal.throwIfAborted();
    const limit = AbortSignal.timeout(timeoutMs);
    try {
      const reply = await fetch(url, { method: "POST", headers, body, signal: AbortSignal.any([signal, limit]) });
      const text = await reply.text();
      return judge({ status: reply.status, text, afterMs: Number(reply.headers.get("retry-after") ?? 0) * 1000 });
    } catch (error) {
      if (signal.aborted) throw signal.reason;
      if (limit.aborted) return { status: "retry", error: failure("destination_timeout", "It did not answer.") };
      if (error instanceof TypeError) {
        return { status: "retry", error: failure("destination_unreachable", "It hung up.") };
      }
      throw error;
    }
  }

  return {
    name: "post",
    acknowledgement: "accepted",
    partition: "none",
    host: url,
    limits: { maxEvents: 1000, maxBytes: 1_000_000, maxEventBytes: 990_000, concurrency: 1 },
    flush: { maxAgeMs: 5000, maxBytes: 1_000_000, maxEvents: 1000 },
    encoding: "post/1",
    framing,
    encode: ({ line }) => encode(line),
    deliver: async (chunk, { signal }) =>
      (await post(Uint8Array.from(chunk.body), signal)) ?? { status: "delivered", receipt: chunk.key },
    async [Symbol.asyncDispose]() {
      closed = true;
    },
  };
}
