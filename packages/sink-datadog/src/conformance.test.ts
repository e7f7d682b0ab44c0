import { sinkConformance } from "@headgate/sink-testkit";
import { describe, test } from "vitest";
import { harness } from "./testing/harness.ts";

describe.each([
  { title: "over http with gzip", rig: {} },
  { title: "over https without compression", rig: { tls: true, options: { compression: "none" } } },
] as const)("datadogSink $title", ({ rig }) => {
  sinkConformance({ test, harness: harness(rig) });
});
