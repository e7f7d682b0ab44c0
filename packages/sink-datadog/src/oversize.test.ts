import { auditEvents, chunkOf, deliveryContext } from "@headgate/sink-testkit";
import { describe, expect, it } from "vitest";
import { datadogApiClientTransport } from "./api-client/transport.ts";
import { intakeLimits } from "./limits.ts";
import { startRig } from "./testing/harness.ts";
import { httpLogsTransport } from "./transport.ts";

/** An event whose log has so many bytes. */
function eventOf(bytes: number, sized: (event: ReturnType<typeof auditEvents>[number]) => number) {
  const [event] = auditEvents(1) as [ReturnType<typeof auditEvents>[number]];
  const padded = (text: string): typeof event => ({ ...event, metadata: { text } });
  return padded("x".repeat(bytes - sized(padded(""))));
}

describe.each([
  { name: "its own transport", transport: httpLogsTransport },
  { name: "Datadog's client", transport: datadogApiClientTransport() },
])("an event that is retried from quarantine, by $name,", ({ transport }) => {
  it.each(["quarantine", "restamp"] as const)(
    "is not sent to be cut where its log is one byte over the limit (stale: %s)",
    async (stale) => {
      await using rig = await startRig({ transport });
      await using sink = rig.sink({ stale });
      // As core cuts it then: the limit that it broke may have been mended.
      const unlimited = { ...sink, limits: { ...sink.limits, maxBytes: Infinity, maxEventBytes: Infinity } };
      const cut = (bytes: number) =>
        chunkOf(unlimited, [eventOf(bytes, (event) => chunkOf(unlimited, [event]).sizes[0] as number)]);

      const result = await sink.deliver(cut(intakeLimits.maxEventBytes + 1), deliveryContext());
      expect(result).toMatchObject({ status: "rejected", indexes: [0], error: { code: "event_too_large" } });
      expect(rig.server.requests).toEqual([]);

      expect((await sink.deliver(cut(intakeLimits.maxEventBytes), deliveryContext())).status).toBe("delivered");
      expect(rig.server.logs).toMatchObject([{ truncated: false }]);
    },
  );
});
