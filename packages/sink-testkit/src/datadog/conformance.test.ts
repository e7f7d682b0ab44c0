import type { DeliveryResult } from "@headgate/core";
import { describe, test } from "vitest";
import { sinkConformance } from "../conformance.ts";
import type { ReceivedBatch, SinkBackend } from "../harness.ts";
import { receivedEvent } from "../ndjson-batch.ts";
import type { Posted } from "../testing/post-sink.ts";
import { failure, postSink } from "../testing/post-sink.ts";
import { datadogFault } from "./fault.ts";
import type { DatadogServer } from "./server.ts";
import { startDatadogServer } from "./server.ts";

const apiKey = "0123456789abcdef0123456789abcdef";
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

function judge({ status, afterMs }: Posted): DeliveryResult | undefined {
  if (status === 202) return undefined;
  if (status === 403) return { status: "blocked", error: failure("access_denied", "The key is wrong.") };
  if (status === 429) return { status: "retry", error: failure("destination_busy", "It is busy."), afterMs };
  return { status: "retry", error: failure("destination_failed", "It failed.") };
}

function receivedBy(server: DatadogServer): readonly ReceivedBatch[] {
  const byRequest = Map.groupBy(server.logs, ({ request }) => request);
  return [...byRequest].map(([request, logs]) => ({
    name: `request ${request}`,
    bodyBytes: server.requests[request]?.body.length ?? 0,
    events: logs.map(({ raw, log }) => ({ ...receivedEvent(bytes(JSON.stringify(log["audit"]))), bytes: raw })),
  }));
}

async function open(): Promise<SinkBackend> {
  const server = await startDatadogServer({ apiKeys: [apiKey] });
  return {
    create: ({ timeoutMs } = {}) =>
      postSink({
        url: `${server.url}/api/v2/logs`,
        headers: { "dd-api-key": apiKey, "content-type": "application/json" },
        framing: { prefix: bytes("["), separator: bytes(","), suffix: bytes("]") },
        encode: (line) => Buffer.concat([bytes('{"audit":'), line, bytes("}")]),
        timeoutMs,
        judge,
      }),
    received: () => receivedBy(server),
    script: (faults) => server.script(faults.flatMap((fault) => datadogFault(fault) ?? [])),
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

describe("a sink on the strict Datadog intake", () => {
  sinkConformance({
    test,
    harness: {
      faults: ["busy", "unavailable", "reset", "hang", "slow", "lost_reply", "denied"],
      secrets: [apiKey],
      verifies: false,
      open,
    },
  });
});
