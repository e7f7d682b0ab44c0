import assert from "node:assert/strict";
import type { AuditEvent, Chunk, OutgoingEvent, Sink } from "@headgate/core";
import { ndjsonFraming } from "@headgate/core";

const encoder = new TextEncoder();
const hourMs = 3_600_000;

/** An event as core hands it to `encode`: its stored line, unparsed. */
export function outgoingEvent(event: AuditEvent): OutgoingEvent {
  const line = encoder.encode(JSON.stringify(event));
  return {
    sequence: event.sequence,
    occurredAt: Date.parse(event.occurred_at),
    line,
    parse: () => JSON.parse(new TextDecoder().decode(line)) as AuditEvent,
  };
}

/** The bytes of one event in a sink's own encoding. */
export function encodedEvent(sink: Sink, event: AuditEvent): Uint8Array {
  const outgoing = outgoingEvent(event);
  return sink.encode === undefined ? outgoing.line : sink.encode(outgoing, sink.encoding);
}

/** Whose chunk it is. */
export interface ChunkOwner {
  /** @default "stream-1" */
  readonly stream?: string;
  /** @default "org_1" */
  readonly organization?: string;
}

/**
 * The chunk that core would cut of these events for this sink: encoded, framed, with the sink's own frozen settings.
 * The same events give the same chunk. Fails on what core never does: no event at all, events out of sequence,
 * events of two hours for a sink that partitions, or more than the sink's limits allow.
 */
export function chunkOf(sink: Sink, events: readonly AuditEvent[], owner: ChunkOwner = {}): Chunk {
  const { stream = "stream-1", organization = "org_1" } = owner;
  const first = events[0];
  const last = events.at(-1);
  assert.ok(first !== undefined && last !== undefined, "A chunk holds at least one event.");
  const times = events.map((event) => Date.parse(event.occurred_at));
  const earliest = times.reduce((a, b) => Math.min(a, b));
  const hour = sink.partition === "hour" ? Math.floor(earliest / hourMs) * hourMs : undefined;
  for (const [index, event] of events.entries()) {
    assert.ok(index === 0 || event.sequence > (events[index - 1] as AuditEvent).sequence, "Sequences must rise.");
    const sameHour = hour === undefined || (times[index] as number) < hour + hourMs;
    assert.ok(sameHour, "This sink partitions by hour: one chunk, one hour.");
  }
  const encoded = events.map((event) => encodedEvent(sink, event));
  const body = frame(encoded, sink);
  assert.ok(events.length <= sink.limits.maxEvents, `${events.length} events exceed maxEvents of the sink.`);
  assert.ok(body.length <= sink.limits.maxBytes, `${body.length} bytes exceed maxBytes of the sink.`);
  return {
    stream,
    organization,
    key: `${stream}/${first.sequence}-${last.sequence}${hour === undefined ? "" : `@${hour}`}`,
    hour,
    firstSequence: first.sequence,
    lastSequence: last.sequence,
    count: events.length,
    earliest,
    latest: times.at(-1) as number,
    sequences: Float64Array.from(events, (event) => event.sequence),
    times: Float64Array.from(times),
    sizes: Uint32Array.from(encoded, (event) => event.length),
    body,
    encoding: sink.encoding,
  };
}

/** Bytes that framing adds to `count` events. */
export function framingBytes(sink: Sink, count: number): number {
  const { prefix, separator, suffix } = sink.framing ?? ndjsonFraming;
  return prefix.length + separator.length * Math.max(0, count - 1) + suffix.length;
}

function frame(encoded: readonly Uint8Array[], sink: Sink): Uint8Array {
  const { prefix, separator, suffix } = sink.framing ?? ndjsonFraming;
  const size = encoded.reduce((sum, event) => sum + event.length, framingBytes(sink, encoded.length));
  const body = new Uint8Array(size);
  let at = 0;
  const put = (bytes: Uint8Array): void => {
    body.set(bytes, at);
    at += bytes.length;
  };
  put(prefix);
  for (const [index, event] of encoded.entries()) {
    assert.ok(event.length <= sink.limits.maxEventBytes, `${event.length} bytes exceed maxEventBytes of the sink.`);
    if (index > 0) put(separator);
    put(event);
  }
  put(suffix);
  return body;
}
