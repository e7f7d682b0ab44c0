import assert from "node:assert/strict";
import type { AuditEvent, Sink } from "@headgate/core";
import { auditEvent } from "../audit-event.ts";
import type { Check, CheckTools } from "../check.ts";
import { chunkOf, encodedEvent, framingBytes } from "../chunk-of.ts";
import { expectEvents, expectWholeChunks } from "../expect-received.ts";

/** Beyond these a check at the limit would measure the machine, not the sink. */
const mostEvents = 100_000;
const mostBytes = 64 * 1024 * 1024;

/** What is declared is what the destination takes: core cuts exactly at it. */
export const limits: readonly Check[] = [
  {
    id: "limits/declared",
    title: "declares limits that are whole, positive, fit each other and never change",
    async run(tools) {
      const sink = await tools.create();
      const other = await tools.create();
      for (const [name, value] of [...Object.entries(sink.limits), ...Object.entries(sink.flush)]) {
        assert.ok(value > 0, `${name} is ${value}.`);
        assert.ok(Number.isInteger(value) || value === Number.POSITIVE_INFINITY, `${name} is ${value}.`);
      }
      assert.ok(Number.isFinite(sink.limits.concurrency), "concurrency has no bound.");
      const largest = sink.limits.maxEventBytes + framingBytes(sink, 1);
      assert.ok(
        largest <= sink.limits.maxBytes,
        `An event of maxEventBytes, framed, exceeds maxBytes by ${largest - sink.limits.maxBytes}.`,
      );
      assert.deepEqual(other.limits, sink.limits, "Two sinks of the same options declare different limits.");
      assert.equal(other.encoding, sink.encoding, "Two sinks of the same options have different encodings.");
      assert.ok(sink.canEncode?.(sink.encoding) ?? true, "canEncode refuses the sink's own encoding.");
    },
  },
  {
    id: "limits/largest-event",
    title: "delivers an event of exactly maxEventBytes",
    run: (tools) =>
      deliverAtLimit(tools, (sink) => [
        padded(sink, 1, Math.min(sink.limits.maxEventBytes, mostBytes - framingBytes(sink, 1))),
      ]),
  },
  {
    id: "limits/largest-chunk",
    title: "delivers a chunk of exactly maxBytes",
    run: (tools) => deliverAtLimit(tools, eventsOfMaxBytes),
  },
  {
    id: "limits/most-events",
    title: "delivers a chunk of exactly maxEvents events",
    run: (tools) => deliverAtLimit(tools, smallestEvents),
  },
];

async function deliverAtLimit(tools: CheckTools, make: (sink: Sink) => readonly AuditEvent[]): Promise<void> {
  const sink = await tools.create();
  const events = make(sink);
  const chunk = chunkOf(sink, events);
  const result = await tools.deliver(sink, chunk);
  const size = `${events.length} events of ${chunk.body.length} bytes, within the declared limits,`;
  assert.equal(result.status, "delivered", `${size} ended ${JSON.stringify(result)}.`);
  const batches = await tools.received();
  expectEvents(batches, sink, events);
  expectWholeChunks(batches, [chunk]);
}

/** An event whose encoding has exactly `bytes` bytes, or as few less as the encoding allows. */
function padded(sink: Sink, sequence: number, bytes: number): AuditEvent {
  const withPad = (length: number): AuditEvent => auditEvent({ sequence, metadata: { pad: "x".repeat(length) } });
  const size = (length: number): number => encodedEvent(sink, withPad(length)).length;
  let length = Math.max(0, bytes - size(0));
  // An encoding may write the text more than once, or its length: approach from above.
  for (let over = size(length) - bytes; over > 0 && length > 0; over = size(length) - bytes) {
    length = Math.max(0, length - Math.max(1, Math.floor(over / 2)));
  }
  return withPad(length);
}

function eventsOfMaxBytes(sink: Sink): AuditEvent[] {
  const maxBytes = Math.min(sink.limits.maxBytes, mostBytes);
  const least = Math.ceil(maxBytes / sink.limits.maxEventBytes) + 1;
  const count = Math.min(least, sink.limits.maxEvents);
  const events: AuditEvent[] = [];
  let left = maxBytes - framingBytes(sink, count);
  for (let sequence = 1; sequence <= count; sequence++) {
    const event = padded(
      sink,
      sequence,
      Math.min(sink.limits.maxEventBytes, Math.floor(left / (count - sequence + 1))),
    );
    left -= encodedEvent(sink, event).length;
    events.push(event);
  }
  return events;
}

function smallestEvents(sink: Sink): AuditEvent[] {
  const smallest = (sequence: number): AuditEvent => ({
    schema_version: 1,
    id: `e-${sequence}`,
    occurred_at: "2025-07-16T09:52:30.123Z",
    organization: { id: "o" },
    action: "a",
    actor: { type: "u", id: "u" },
    sequence,
  });
  const most = Math.min(sink.limits.maxEvents, mostEvents);
  const maxBytes = Math.min(sink.limits.maxBytes, mostBytes);
  const perEvent = encodedEvent(sink, smallest(mostEvents)).length + framingBytes(sink, 2) - framingBytes(sink, 1);
  const count = Math.min(most, Math.floor((maxBytes - framingBytes(sink, 1)) / perEvent));
  return Array.from({ length: count }, (_, index) => smallest(index + 1));
}
