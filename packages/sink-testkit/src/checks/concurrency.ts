import assert from "node:assert/strict";
import { auditEvents } from "../audit-event.ts";
import type { Check } from "../check.ts";
import { chunkOf } from "../chunk-of.ts";
import { expectEvents, expectWholeChunks } from "../expect-received.ts";

const rounds = 3;

/** As many calls at a time as the sink allows. */
export const concurrency: readonly Check[] = [
  {
    id: "concurrency/parallel-calls",
    title: "loses and doubles nothing with limits.concurrency calls at a time",
    async run(tools) {
      const sink = await tools.create();
      const lanes = Math.min(sink.limits.concurrency, 64);
      const chunks = Array.from({ length: lanes * rounds }, (_, index) =>
        chunkOf(sink, auditEvents(20, 1 + index * 20)),
      );
      for (let round = 0; round < rounds; round++) {
        const together = chunks.slice(round * lanes, round * lanes + lanes);
        const results = await Promise.all(together.map((chunk) => tools.deliver(sink, chunk)));
        for (const result of results) assert.equal(result.status, "delivered", JSON.stringify(result));
      }
      const batches = await tools.received();
      expectEvents(batches, sink, auditEvents(lanes * rounds * 20));
      expectWholeChunks(batches, chunks);
    },
  },
];
