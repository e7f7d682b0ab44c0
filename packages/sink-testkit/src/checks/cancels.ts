import assert from "node:assert/strict";
import { setImmediate as tick, setTimeout as sleep } from "node:timers/promises";
import type { Chunk, Sink } from "@headgate/core";
import { auditEvents } from "../audit-event.ts";
import type { Check, CheckTools } from "../check.ts";
import { deliveryContext } from "../check.ts";
import { chunkOf } from "../chunk-of.ts";
import { expectEvents, expectWholeChunks, repeatsAllowed } from "../expect-received.ts";

/** Shutdown: a call that is aborted stops soon, says so with the signal's reason, and leaves nothing half done. */
export const cancels: readonly Check[] = [
  {
    id: "cancels/before",
    title: "sends nothing when the signal is aborted already",
    async run(tools) {
      const sink = await tools.create();
      const reason = new Error("shutdown");
      const ended = await settled(tools, sink, chunkOf(sink, auditEvents(3)), AbortSignal.abort(reason));
      assert.equal(ended, reason, "deliver must reject with the signal's reason.");
      assert.deepEqual(await tools.received(), [], "An aborted call has sent something.");
    },
  },
  {
    id: "cancels/midway",
    title: "is whole or absent wherever the signal is aborted, and the next call completes it",
    async run(tools) {
      const sink = await tools.create();
      const events = auditEvents(400);
      const chunks: Chunk[] = [];
      for (let step = 0; step < 8; step++) {
        const chunk = chunkOf(sink, events.slice(step * 50, step * 50 + 50));
        chunks.push(chunk);
        const reason = new Error(`shutdown ${step}`);
        const controller = new AbortController();
        const pending = settled(tools, sink, chunk, controller.signal);
        for (let ticks = 0; ticks < step; ticks++) await tick();
        controller.abort(reason);
        const ended = await pending;
        assert.ok(
          ended === "delivered" || ended === reason,
          "deliver must reject with the signal's reason, or have delivered.",
        );
        expectWholeChunks(await tools.received(), chunks);
        await tools.deliverToEnd(sink, chunk);
      }
      expectEvents(await tools.received(), sink, events, repeatsAllowed(sink));
    },
  },
  {
    id: "cancels/silent-destination",
    title: "stops waiting for a silent destination when the signal is aborted",
    needs: ["hang"],
    async run(tools) {
      const sink = await tools.create();
      const events = auditEvents(5);
      const chunk = chunkOf(sink, events);
      const reason = new Error("shutdown");
      const controller = new AbortController();
      await tools.backend.script([{ kind: "hang" }]);
      const pending = settled(tools, sink, chunk, controller.signal);
      await sleep(100);
      controller.abort(reason);
      assert.equal(await pending, reason, "deliver must reject with the signal's reason.");
      expectWholeChunks(await tools.received(), [chunk]);
      await tools.backend.script([]);
      await tools.deliverToEnd(sink, chunk);
      expectEvents(await tools.received(), sink, events, repeatsAllowed(sink));
    },
  },
];

/** How a call that may be aborted ended: its status, or what it threw. */
async function settled(tools: CheckTools, sink: Sink, chunk: Chunk, signal: AbortSignal): Promise<unknown> {
  const call = sink.deliver(chunk, deliveryContext({ signal }));
  const outcome = call.then(
    (result) => result.status,
    (error: unknown) => error,
  );
  return await tools.within("An aborted deliver", outcome);
}
