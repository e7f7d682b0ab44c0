import assert from "node:assert/strict";
import type { AuditEvent, Chunk, Sink } from "@headgate/core";
import { encodedEvent } from "./chunk-of.ts";
import type { ReceivedBatch } from "./harness.ts";

/**
 * Fails unless the destination has exactly these events, each with the bytes that `encode` gives: `once`, or at least
 * once where a repeat is allowed.
 */
export function expectEvents(
  batches: readonly ReceivedBatch[],
  sink: Sink,
  events: readonly AuditEvent[],
  times: "once" | "at_least_once" = "once",
): void {
  const wanted = new Map(events.map((event) => [event.id, event]));
  const seen = new Map<string, number>();
  for (const batch of batches) {
    for (const received of batch.events) {
      const event = wanted.get(received.id);
      assert.ok(event !== undefined, `The destination has an event that was never handed in, in ${batch.name}.`);
      assert.equal(received.sequence, event.sequence, `An event has another sequence in ${batch.name}.`);
      const same = Buffer.compare(received.bytes, encodedEvent(sink, event)) === 0;
      assert.ok(same, `The bytes of the event with sequence ${event.sequence} were altered.`);
      seen.set(received.id, (seen.get(received.id) ?? 0) + 1);
    }
  }
  for (const event of events) {
    const count = seen.get(event.id) ?? 0;
    assert.ok(count > 0, `The event with sequence ${event.sequence} is lost (${seen.size} of ${wanted.size} are in).`);
    if (times === "once") assert.equal(count, 1, `The event with sequence ${event.sequence} is in ${count} times.`);
  }
}

/** Fails unless each batch is a whole chunk: its events in its order, and its very number of bytes. */
export function expectWholeChunks(batches: readonly ReceivedBatch[], chunks: readonly Chunk[]): void {
  for (const batch of batches) {
    const sequences = batch.events.map((event) => event.sequence);
    const chunk = chunks.find((candidate) => candidate.firstSequence === sequences[0]);
    assert.ok(chunk !== undefined, `${batch.name} is no chunk that was handed in: it begins elsewhere or is empty.`);
    assert.deepEqual(
      sequences,
      [...chunk.sequences],
      `${batch.name} holds other events than its chunk, or out of order.`,
    );
    assert.equal(batch.bodyBytes, chunk.body.length, `${batch.name} has another size than its chunk's body.`);
  }
}

/** How often an event may be in after a repeat: once where `delivered` means stored. */
export function repeatsAllowed(sink: Sink): "once" | "at_least_once" {
  return sink.acknowledgement === "stored" ? "once" : "at_least_once";
}
