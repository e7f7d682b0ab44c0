import { createHash } from "node:crypto";
import {
  type Chunk,
  encodeObject,
  formatTimestamp,
  hourPartition,
  objectEncoding,
  type ObjectLayout,
} from "@headgate/core";
import type { AuditableObject } from "../inspect-object.ts";
import type { AuditPlace } from "../place.ts";

/** One event to be stored; what is not given follows from the sequence. */
export interface StoredEvent {
  readonly sequence: number;
  readonly organization?: string;
  readonly id?: string;
  /** Unix ms. @default a second after another, from 2025-07-16T09:00:00Z */
  readonly occurredAt?: number;
}

/** Start of the hour that events are of when nothing else is said. */
export const hour: number = Date.parse("2025-07-16T09:00:00Z");

/** The line of an event, as it is stored. */
export function lineOf({
  sequence,
  organization = "org_1",
  id = `id-${sequence}`,
  occurredAt = hour + (sequence % 3600) * 1000,
}: StoredEvent): string {
  return `${JSON.stringify({
    schema_version: 1,
    id,
    occurred_at: formatTimestamp(occurredAt),
    organization: { id: organization },
    action: "a.b",
    actor: { type: "user", id: "u" },
    sequence,
  })}\n`;
}

/** An object as the sinks store it. `write` makes the lines, their LF included. */
export async function objectOf(
  events: readonly StoredEvent[],
  layout: ObjectLayout = {},
  write: (event: StoredEvent) => string = lineOf,
): Promise<AuditableObject> {
  const times = events.map(({ sequence, occurredAt = hour + (sequence % 3600) * 1000 }) => occurredAt);
  const earliest = times.reduce((least, time) => Math.min(least, time));
  const lines = events.map(write);
  const numbers = Float64Array.from(events, ({ sequence }) => sequence);
  const chunk: Chunk = {
    stream: "s",
    organization: "org_1",
    key: "",
    hour,
    firstSequence: numbers[0] as number,
    lastSequence: numbers.at(-1) as number,
    count: events.length,
    earliest,
    latest: times.at(-1) as number,
    sequences: numbers,
    times: Float64Array.from(times),
    sizes: Uint32Array.from(lines, (line) => Buffer.byteLength(line) - 1),
    body: Buffer.from(lines.join("")),
    encoding: objectEncoding(layout),
  };
  const { key, bytes } = await encodeObject(chunk);
  return rawObject(key, bytes);
}

/** An object under any key. */
export function rawObject(key: string, bytes: Uint8Array): AuditableObject {
  return { key, size: bytes.length, read: () => Promise.resolve(bytes) };
}

/** An object of the default layout whose name fits its bytes, whatever they are. */
export function namedObject(
  bytes: Uint8Array | string,
  { time = hour, extension = "" }: { readonly time?: number; readonly extension?: string } = {},
): AuditableObject {
  const content = Buffer.from(bytes);
  const sha1 = createHash("sha1").update(content).digest("hex");
  return rawObject(`${hourPartition(time)}${new Date(time).toISOString().slice(0, 19)}_${sha1}${extension}`, content);
}

/** A place of objects, listed as they are given. */
export function placeOf(objects: readonly AuditableObject[], prefix = ""): AuditPlace {
  const byKey = new Map(objects.map((object) => [object.key, object]));
  return {
    prefix,
    async *list() {
      yield* objects;
    },
    read: (key) => (byKey.get(key) as AuditableObject).read(),
  };
}

/** `first` to `last`, one after another. */
export function sequences(first: number, last: number): readonly StoredEvent[] {
  return Array.from({ length: last - first + 1 }, (_, i) => ({ sequence: first + i }));
}

/** A place of files by their keys, listed in the order of keys. */
export function placeOfFiles(files: ReadonlyMap<string, Uint8Array>): AuditPlace {
  return {
    prefix: "",
    async *list() {
      for (const key of [...files.keys()].sort()) yield { key, size: (files.get(key) as Uint8Array).length };
    },
    read: (key) => Promise.resolve(files.get(key) as Uint8Array),
  };
}
