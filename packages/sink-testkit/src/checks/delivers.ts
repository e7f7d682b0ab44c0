import assert from "node:assert/strict";
import fc from "fast-check";
import { arbitraryEvents } from "../arbitraries.ts";
import { auditEvent, auditEvents } from "../audit-event.ts";
import { chunkOf } from "../chunk-of.ts";
import type { Check } from "../check.ts";
import { expectEvents, expectWholeChunks } from "../expect-received.ts";

/** Every event arrives, once, in order, unaltered. */
export const delivers: readonly Check[] = [
  {
    id: "delivers/every-event",
    title: "delivers every event of every chunk once, in order, byte for byte",
    async run(tools) {
      const sink = await tools.create();
      const sets = [auditEvents(1), auditEvents(7, 2), auditEvents(100, 9)];
      const chunks = sets.map((events) => chunkOf(sink, events));
      for (const chunk of chunks) {
        const result = await tools.deliver(sink, chunk);
        assert.equal(result.status, "delivered", JSON.stringify(result));
      }
      const batches = await tools.received();
      expectEvents(batches, sink, sets.flat());
      expectWholeChunks(batches, chunks);
      assert.equal(batches.length, chunks.length, "One deliver call is one request.");
    },
  },
  {
    id: "delivers/hour-edges",
    title: "delivers events of the first and the last millisecond of an hour, with gaps in their sequences",
    async run(tools) {
      const sink = await tools.create();
      const events = [
        auditEvent({ sequence: 3, occurred_at: "2024-02-29T23:59:59.999Z" }),
        auditEvent({ sequence: 5, occurred_at: "2024-02-29T23:00:00.000Z" }),
        auditEvent({ sequence: 900, occurred_at: "2024-02-29T23:30:00.000Z" }),
      ];
      const chunk = chunkOf(sink, events);
      await tools.deliverToEnd(sink, chunk);
      const batches = await tools.received();
      expectEvents(batches, sink, events);
      expectWholeChunks(batches, [chunk]);
    },
  },
  {
    id: "delivers/hostile-events",
    title: "delivers unicode, NUL, lone surrogates, deep nesting and __proto__ keys unaltered",
    async run(tools) {
      const sink = await tools.create();
      let sequence = 2 ** 40;
      const property = fc.asyncProperty(arbitraryEvents(), async (drawn) => {
        // Every run, and every shrinking, is a chunk of its own.
        const events = drawn.map((event) => ({ ...event, id: `${event.id}-${sequence}`, sequence: sequence++ }));
        const before = await tools.received();
        const seen = new Set(before.map((batch) => batch.name));
        const chunk = chunkOf(sink, events);
        await tools.deliverToEnd(sink, chunk);
        const added = (await tools.received()).filter((batch) => !seen.has(batch.name));
        expectEvents(added, sink, events);
        expectWholeChunks(added, [chunk]);
      });
      await fc.assert(property, { numRuns: 15, includeErrorInReport: true });
    },
  },
  {
    id: "delivers/leaves-chunk-alone",
    title: "does not write to the chunk's body: a retry needs the same bytes",
    async run(tools) {
      const sink = await tools.create();
      const chunk = chunkOf(sink, auditEvents(5));
      const copy = Uint8Array.from(chunk.body);
      await tools.deliverToEnd(sink, chunk);
      assert.ok(Buffer.compare(copy, chunk.body) === 0, "deliver changed the chunk's body.");
    },
  },
];
