import { secret } from "@headgate/core";
import type { Fault, ReceivedBatch, SinkBackend } from "@headgate/sink-testkit";
import { receivedEvent, sinkContext } from "@headgate/sink-testkit";
import type { HecServer, HecServerOptions } from "@headgate/sink-testkit/hec";
import { hecFault, startHecServer } from "@headgate/sink-testkit/hec";
import type { SplunkOperatorOptions, SplunkSinkOptions } from "../options.ts";
import { splunkSink } from "../splunk-sink.ts";
import { testAction } from "../test-event.ts";

/** A token that tests use, and look for where it must not show. */
export const testToken = "0f5c1a7e-90ab-4cde-8f01-23456789abcd";

/** Faults of the kit that a collector can play. */
export const hecFaults = [
  "busy",
  "unavailable",
  "reset",
  "hang",
  "slow",
  "lost_reply",
  "denied",
  "missing",
  "refuses",
] as const satisfies readonly Fault["kind"][];

/** A collector on loopback as a destination of the conformance kit. */
export async function hecBackend(
  server: Partial<HecServerOptions> & { readonly acknowledge?: boolean } = {},
  options: Partial<SplunkSinkOptions> = {},
  operator: SplunkOperatorOptions = {},
): Promise<SinkBackend> {
  const { acknowledge = false, ...more } = server;
  const hec = await startHecServer({ tokens: [{ token: testToken, acknowledge, indexes: ["audit"] }], ...more });
  return {
    create(overrides = {}) {
      const { timeoutMs } = overrides;
      const timeouts = timeoutMs === undefined ? {} : { requestMs: timeoutMs, ackMs: Math.max(1000, timeoutMs) };
      const definition = splunkSink({ allowInsecureEndpoint: true, ...operator });
      return definition.create(
        {
          url: hec.url,
          token: secret(testToken),
          index: "audit",
          timeouts,
          ...(hec.ca === undefined ? {} : { ca: hec.ca }),
          ...options,
        },
        sinkContext(overrides),
      );
    },
    received: () => receivedBy(hec),
    script: (faults) => hec.script(faults.flatMap((fault) => hecFault(fault) ?? [])),
    [Symbol.asyncDispose]: () => hec[Symbol.asyncDispose](),
  };
}

/** What a collector has indexed, request by request, without the sink's own events. */
export function receivedBy(server: HecServer): readonly ReceivedBatch[] {
  const events = server.events.filter(({ fields }) => fields?.["action"] !== testAction);
  return [...Map.groupBy(events, ({ request }) => request)].map(([request, batch]) => ({
    name: `request ${request}`,
    bodyBytes: server.requests[request]?.body.length ?? 0,
    events: batch.map(({ raw, event }) => ({ ...receivedEvent(Buffer.from(JSON.stringify(event))), bytes: raw })),
  }));
}
