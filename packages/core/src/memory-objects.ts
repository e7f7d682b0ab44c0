import type { StoredObject } from "./checkpoint.ts";

/** The objects of streams in memory. */
export interface MemoryObjects {
  readonly add: (stream: string, objects: readonly StoredObject[]) => void;
  readonly list: (
    stream: string,
    page?: { readonly after?: number; readonly limit?: number; readonly from?: number; readonly to?: number },
  ) => readonly StoredObject[];
  /** Removes those up to a number whose events all come before a sequence. */
  readonly trim: (stream: string, through: number, before: number) => void;
  readonly delete: (stream: string) => void;
}

/** Makes an empty record of objects. */
export function memoryObjects(): MemoryObjects {
  const kept = new Map<string, StoredObject[]>();
  return {
    add(stream, objects) {
      if (objects.length > 0) kept.set(stream, [...(kept.get(stream) ?? []), ...objects]);
    },
    list: (stream, { after = 0, limit, from = 0, to = Number.POSITIVE_INFINITY } = {}) =>
      (kept.get(stream) ?? [])
        .filter(({ number, sequences }) => number > after && firstOf(sequences) <= to && lastOf(sequences) >= from)
        .slice(0, limit),
    trim(stream, through, before) {
      const objects = kept.get(stream);
      if (objects === undefined) return;
      kept.set(
        stream,
        objects.filter(({ number, sequences }) => number > through || lastOf(sequences) >= before),
      );
    },
    delete: (stream) => void kept.delete(stream),
  };
}

function firstOf(sequences: StoredObject["sequences"]): number {
  return sequences[0]?.[0] ?? 0;
}

function lastOf(sequences: StoredObject["sequences"]): number {
  return sequences.at(-1)?.[1] ?? 0;
}
