import type { DeliveryResult } from "@headgate/core";
import { describe, test } from "vitest";
import { sinkConformance } from "../conformance.ts";
import type { ReceivedBatch, SinkBackend } from "../harness.ts";
import { receivedEvent } from "../ndjson-batch.ts";
import type { Posted } from "../testing/post-sink.ts";
import { failure, postSink } from "../testing/post-sink.ts";
import { hecFault } from "./fault.ts";
import type { HecServer } from "./server.ts";
import { startHecServer } from "./server.ts";

const token = "11111111-2222-4333-8444-555555555555";
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

interface Reply {
  readonly code: number;
  readonly "invalid-event-number"?: number;
}

function judge({ status, text, afterMs }: Posted): DeliveryResult | undefined {
  if (!text.startsWith("{")) return { status: "retry", error: failure("destination_failed", "It sent no JSON.") };
  const { code, "invalid-event-number": number = 0 } = JSON.parse(text) as Reply;
  if (code === 0) return undefined;
  if (code === 9) {
    return { status: "retry", error: failure("destination_busy", "It is busy."), afterMs, acceptedCount: number };
  }
  if (code === 7) return { status: "blocked", error: failure("destination_missing", "The index is wrong.") };
  if (status === 400) {
    const error = failure("event_refused", "An event is bad.");
    return { status: "rejected", error, indexes: [number], acceptedCount: number };
  }
  return { status: "blocked", error: failure("access_denied", "The token is wrong.") };
}

function receivedBy(server: HecServer): readonly ReceivedBatch[] {
  const byRequest = Map.groupBy(server.events, ({ request }) => request);
  return [...byRequest].map(([request, events]) => ({
    name: `request ${request}`,
    bodyBytes: server.requests[request]?.body.length ?? 0,
    events: events.map(({ raw, event }) => ({ ...receivedEvent(bytes(JSON.stringify(event))), bytes: raw })),
  }));
}

async function open(): Promise<SinkBackend> {
  const server = await startHecServer({ tokens: [{ token }] });
  return {
    create: ({ timeoutMs } = {}) =>
      postSink({
        url: `${server.url}/services/collector/event`,
        headers: { authorization: `Splunk ${token}` },
        framing: { prefix: bytes(""), separator: bytes("\n"), suffix: bytes("") },
        encode: (line) => Buffer.concat([bytes('{"event":'), line, bytes("}")]),
        timeoutMs,
        judge,
      }),
    received: () => receivedBy(server),
    script: (faults) => server.script(faults.flatMap((fault) => hecFault(fault) ?? [])),
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

describe("a sink on the strict HTTP Event Collector", () => {
  sinkConformance({
    test,
    harness: {
      faults: ["busy", "unavailable", "reset", "hang", "slow", "lost_reply", "partial", "refuses", "denied", "missing"],
      secrets: [token],
      verifies: false,
      open,
    },
  });
});
