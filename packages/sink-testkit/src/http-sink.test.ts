import type { DeliveryResult, Sink, SinkFailure } from "@headgate/core";
import { HeadgateError } from "@headgate/core";
import { describe, test } from "vitest";
import { sinkConformance } from "./conformance.ts";
import type { FaultServer } from "./fault-server.ts";
import { faultServer } from "./fault-server.ts";
import type { SinkBackend, SinkOverrides } from "./harness.ts";
import { httpFault } from "./http-fault.ts";
import { receivedEvent } from "./ndjson-batch.ts";

const token = "http-token/4711";
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

/** A sink as third parties write them: a JSON array of envelopes, posted. It is accepted, not stored: repeats show. */
function arraySink(server: FaultServer, { timeoutMs = 10_000 }: SinkOverrides): Sink {
  let closed = false;

  const fail = (code: SinkFailure["code"], message: string): SinkFailure => ({
    code,
    message,
    hint: "See the server.",
  });

  async function post(body: Uint8Array<ArrayBuffer>, signal: AbortSignal, receipt: string): Promise<DeliveryResult> {
    if (closed) throw new HeadgateError("sink_closed", "The sink has been disposed of.");
    signal.throwIfAborted();
    const limit = AbortSignal.timeout(timeoutMs);
    try {
      const headers = { authorization: `Bearer ${token}` };
      const reply = await fetch(server.url, {
        method: "POST",
        headers,
        body,
        signal: AbortSignal.any([signal, limit]),
      });
      await reply.arrayBuffer();
      if (reply.status === 202) return { status: "delivered", receipt };
      if (reply.status === 403) return { status: "blocked", error: fail("access_denied", "The server answered 403.") };
      if (reply.status === 404) return { status: "blocked", error: fail("destination_missing", "It answered 404.") };
      if (reply.status !== 429)
        return { status: "retry", error: fail("destination_failed", `It said ${reply.status}.`) };
      const afterMs = Number(reply.headers.get("retry-after") ?? 0) * 1000;
      return { status: "retry", error: fail("destination_busy", "The server answered 429."), afterMs };
    } catch (error) {
      if (signal.aborted) throw signal.reason;
      if (limit.aborted) return { status: "retry", error: fail("destination_timeout", "The server did not answer.") };
      if (error instanceof TypeError) return { status: "retry", error: fail("destination_unreachable", "It hung up.") };
      throw error;
    }
  }

  return {
    name: "array",
    acknowledgement: "accepted",
    partition: "none",
    host: server.url,
    limits: { maxEvents: 1000, maxBytes: 1_000_000, maxEventBytes: 999_000, concurrency: 4 },
    flush: { maxAgeMs: 5000, maxBytes: 1_000_000, maxEvents: 1000 },
    encoding: "array/1",
    framing: { prefix: bytes("["), separator: bytes(",\n"), suffix: bytes("]") },
    encode: ({ line }) => Buffer.concat([bytes('{"event":'), line, bytes("}")]),
    deliver: (chunk, { signal }) => post(Uint8Array.from(chunk.body), signal, chunk.key),
    async *verify({ signal }) {
      const result = await post(Buffer.from("[]"), signal, "");
      if (result.status === "delivered") yield { name: "post", status: "ok", detail: "An empty array was accepted." };
      else yield { name: "post", status: "failed", detail: result.error.message, fix: "Let the token post." };
    },
    async [Symbol.asyncDispose]() {
      closed = true;
    },
  };
}

/** The server behind it: it takes bodies that begin and end as they should. */
async function arrayBackend(): Promise<SinkBackend> {
  const bodies: Buffer[] = [];
  const server = await faultServer(({ headers, body }) => {
    if (headers["authorization"] !== `Bearer ${token}`) return { status: 403 };
    if (body.length > 1_000_000 || body.at(0) !== 0x5b || body.at(-1) !== 0x5d) return { status: 400 };
    if (body.length > 2) bodies.push(body);
    return { status: 202 };
  });
  return {
    create: (overrides = {}) => arraySink(server, overrides),
    received: () =>
      bodies.map((body, index) => {
        // Neither the separator nor the envelope's ends occur within an event: JSON text escapes LF.
        const envelopes = body.subarray(1, -1).toString().split(",\n");
        const events = envelopes.map((envelope) => {
          const { id, sequence } = receivedEvent(Buffer.from(envelope.slice('{"event":'.length, -1)));
          return { id, sequence, bytes: Buffer.from(envelope) };
        });
        return { name: `request ${index}`, bodyBytes: body.length, events };
      }),
    script: (faults) => server.script(faults.flatMap((fault) => httpFault(fault) ?? [])),
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

describe("an HTTP sink with framing, encode and plain acceptance", () => {
  sinkConformance({
    test,
    harness: {
      faults: ["busy", "unavailable", "reset", "hang", "slow", "lost_reply", "denied", "missing"],
      secrets: [token],
      open: arrayBackend,
    },
  });
});
