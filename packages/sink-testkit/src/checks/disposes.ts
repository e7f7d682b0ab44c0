import assert from "node:assert/strict";
import { isHeadgateError } from "@headgate/core";
import { auditEvents } from "../audit-event.ts";
import type { Check } from "../check.ts";
import { deliveryContext } from "../check.ts";
import { chunkOf } from "../chunk-of.ts";
import { expectEvents } from "../expect-received.ts";

/** The end of a sink. */
export const disposes: readonly Check[] = [
  {
    id: "disposes/twice",
    title: "can be disposed of twice, used or not",
    async run(tools) {
      const unused = await tools.create();
      const used = await tools.create();
      await tools.deliverToEnd(used, chunkOf(used, auditEvents(2)));
      for (const sink of [unused, unused, used, used]) await tools.within("dispose", sink[Symbol.asyncDispose]());
    },
  },
  {
    id: "disposes/then-refuses",
    title: "throws sink_closed when it is used after its end, and sends nothing",
    async run(tools) {
      const sink = await tools.create();
      const chunk = chunkOf(sink, auditEvents(2));
      await sink[Symbol.asyncDispose]();
      const call = sink.deliver(chunk, deliveryContext());
      const error: unknown = await tools.within(
        "deliver",
        call.catch((reason: unknown) => reason),
      );
      assert.ok(
        isHeadgateError(error, "sink_closed"),
        "deliver after dispose must throw a HeadgateError with the code sink_closed.",
      );
      assert.deepEqual(await tools.received(), [], "A sink that was disposed of has sent something.");
    },
  },
  {
    id: "disposes/alone",
    title: "leaves the other sinks of its destination at work",
    async run(tools) {
      const first = await tools.create();
      const second = await tools.create();
      await tools.deliverToEnd(first, chunkOf(first, auditEvents(2)));
      await first[Symbol.asyncDispose]();
      await tools.deliverToEnd(second, chunkOf(second, auditEvents(2, 3)));
      expectEvents(await tools.received(), second, auditEvents(4));
    },
  },
];
