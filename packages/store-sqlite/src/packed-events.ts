import type { PreparedEvent } from "@headgate/core";
import { hashId } from "./id-hash.ts";

/** The events of an append as the worker sees them: views into one buffer. */
export interface PackedEvents {
  /** Unix ms. */
  readonly occurredAt: Float64Array<ArrayBuffer>;
  /** Two numbers per event. */
  readonly hashes: Uint32Array<ArrayBuffer>;
  /** Bytes of each stub. */
  readonly lengths: Uint32Array<ArrayBuffer>;
  /** 1 where the caller chose the id. */
  readonly given: Uint8Array<ArrayBuffer>;
  /** The stubs, one after another. */
  readonly stubs: Uint8Array<ArrayBuffer>;
}

/** Views of a buffer made by {@link packEvents}: times, hashes, lengths, flags, stubs, in this order, so that each is aligned. */
export function unpackEvents(packed: ArrayBuffer, count: number): PackedEvents {
  return {
    occurredAt: new Float64Array(packed, 0, count),
    hashes: new Uint32Array(packed, 8 * count, 2 * count),
    lengths: new Uint32Array(packed, 16 * count, count),
    given: new Uint8Array(packed, 20 * count, count),
    stubs: new Uint8Array(packed, 21 * count),
  };
}

/** Copies events into one buffer that can be handed to the worker without another copy. */
export function packEvents(events: readonly PreparedEvent[], seed: readonly [number, number]): ArrayBuffer {
  let size = 21 * events.length;
  for (const { stub } of events) size += stub.length;
  const packed = new ArrayBuffer(size);
  const { occurredAt, hashes, lengths, given, stubs } = unpackEvents(packed, events.length);
  let at = 0;
  let index = 0;
  for (const event of events) {
    occurredAt[index] = event.occurredAt;
    lengths[index] = event.stub.length;
    given[index] = event.idGiven ? 1 : 0;
    hashId(event.id, seed, hashes, 2 * index);
    stubs.set(event.stub, at);
    at += event.stub.length;
    index += 1;
  }
  return packed;
}
