import { sinkConformance } from "@headgate/sink-testkit";
import { describe, test } from "vitest";
import { datadogApiClientTransport } from "./api-client/index.ts";
import { harness } from "./testing/harness.ts";

describe.each([
  { title: "over http with gzip", rig: {} },
  { title: "over https without compression", rig: { tls: true, options: { compression: "none" } } },
] as const)("datadogSink $title", ({ rig }) => {
  sinkConformance({ test, harness: harness(rig) });
});

describe.each([
  { title: "over http with gzip", rig: {} },
  { title: "over https without compression", rig: { tls: true, options: { compression: "none" } } },
] as const)("datadogSink with Datadog's client $title", ({ rig }) => {
  sinkConformance({ test, harness: harness({ ...rig, transport: datadogApiClientTransport() }) });
});
