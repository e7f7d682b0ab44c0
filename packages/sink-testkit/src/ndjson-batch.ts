import type { ReceivedBatch, ReceivedEvent } from "./harness.ts";

const lf = 0x0a;

/**
 * Reads an uncompressed NDJSON body as a destination would: a line is an event. For the `received` of a harness.
 * @throws where a line is no JSON object with `id` and `sequence`, or the last line has no LF: that is half a batch
 */
export function ndjsonBatch(name: string, body: Uint8Array): ReceivedBatch {
  const events: ReceivedEvent[] = [];
  for (let start = 0; start < body.length;) {
    const end = body.indexOf(lf, start);
    if (end === -1) throw new Error(`${name} ends within a line.`);
    events.push(receivedEvent(body.subarray(start, end)));
    start = end + 1;
  }
  return { name, bodyBytes: body.length, events };
}

/** Reads the id and the sequence of one event in the native encoding. */
export function receivedEvent(bytes: Uint8Array): ReceivedEvent {
  const event = JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString()) as {
    readonly id?: unknown;
    readonly sequence?: unknown;
  };
  if (typeof event.id !== "string" || typeof event.sequence !== "number") {
    throw new Error("An event has no id or no sequence.");
  }
  return { id: event.id, sequence: event.sequence, bytes };
}
