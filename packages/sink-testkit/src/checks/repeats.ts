import assert from "node:assert/strict";
import { auditEvents } from "../audit-event.ts";
import type { Check } from "../check.ts";
import { chunkOf } from "../chunk-of.ts";
import { expectEvents, expectWholeChunks, repeatsAllowed } from "../expect-received.ts";

/** A chunk may be delivered again: after a lost reply, a restart, a takeover. Nothing may double that is stored. */
export const repeats: readonly Check[] = [
  {
    id: "repeats/same-sink",
    title: "takes the same chunk twice without a second object",
    async run(tools) {
      const sink = await tools.create();
      const events = auditEvents(5);
      await tools.deliverToEnd(sink, chunkOf(sink, events));
      const result = await tools.deliver(sink, chunkOf(sink, events), { attempt: 2 });
      assert.equal(result.status, "delivered", `The repeat ended ${JSON.stringify(result)}.`);
      expectEvents(await tools.received(), sink, events, repeatsAllowed(sink));
    },
  },
  {
    id: "repeats/second-sink",
    title: "takes the same chunk again from another runner's sink without a second object",
    async run(tools) {
      const events = auditEvents(5);
      const first = await tools.create();
      await tools.deliverToEnd(first, chunkOf(first, events));
      const second = await tools.create();
      await tools.deliverToEnd(second, chunkOf(second, events));
      expectEvents(await tools.received(), second, events, repeatsAllowed(second));
    },
  },
  {
    id: "repeats/race",
    title: "takes the same chunk from two runners at once without a second object",
    async run(tools) {
      const events = auditEvents(50);
      const sinks = [await tools.create(), await tools.create(), await tools.create()] as const;
      await Promise.all(sinks.map((sink) => tools.deliverToEnd(sink, chunkOf(sink, events))));
      expectEvents(await tools.received(), sinks[0], events, repeatsAllowed(sinks[0]));
    },
  },
  {
    id: "repeats/lost-reply",
    title: "asks for a retry when the reply is lost, and the retry converges",
    needs: ["lost_reply"],
    async run(tools) {
      const sink = await tools.create();
      const events = auditEvents(5);
      const chunk = chunkOf(sink, events);
      await tools.backend.script([{ kind: "lost_reply" }]);
      const result = await tools.deliver(sink, chunk);
      assert.equal(
        result.status,
        "retry",
        `A reply that is lost proves nothing, but deliver ended ${JSON.stringify(result)}.`,
      );
      await tools.deliverToEnd(sink, chunk);
      const batches = await tools.received();
      expectEvents(batches, sink, events, repeatsAllowed(sink));
      expectWholeChunks(batches, [chunk]);
    },
  },
];
