import { sinkConformance } from "@headgate/sink-testkit";
import { describe, test } from "vitest";
import { hecBackend, hecFaults, testToken } from "./testing/hec-backend.ts";

describe.each([
  { name: "plain http", server: {}, options: {} },
  { name: "https with its own authority", server: { tls: true }, options: { compression: "none" as const } },
  { name: "acknowledged", server: { tls: true, acknowledge: true }, options: { acknowledge: "required" as const } },
])("splunkSink over $name", ({ server, options }) => {
  sinkConformance({
    test,
    harness: { faults: hecFaults, secrets: [testToken], open: () => hecBackend(server, options) },
  });
});
