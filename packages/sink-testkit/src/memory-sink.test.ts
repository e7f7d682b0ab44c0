import { describe, test } from "vitest";
import { sinkConformance } from "./conformance.ts";
import { memoryHarness } from "./memory-harness.ts";

describe("memorySink", () => {
  sinkConformance({ test, harness: memoryHarness });
});
