import { sinkConformance } from "@headgate/sink-testkit";
import { describe, test } from "vitest";
import { hecBackend, hecFaults, testToken } from "../testing/hec-backend.ts";
import { splunkLoggingTransport } from "./transport.ts";

describe.each([
  { name: "plain http", server: {} },
  { name: "https with its own authority", server: { tls: true } },
])("splunkSink by splunk-logging over $name", ({ server }) => {
  sinkConformance({
    test,
    harness: {
      faults: hecFaults,
      secrets: [testToken],
      open: () => hecBackend(server, {}, { transport: splunkLoggingTransport() }),
    },
  });
});
