import type { ChunkPlan, SettledEvents } from "./checkpoint.ts";
import { Cutter, measureLines, type OpenPiece } from "./cutter.ts";
import type { AuditEvent } from "./event.ts";
import type { JournalGroup } from "./journal.ts";
import { isSettled } from "./settled.ts";
import { leftOut } from "./shaped-sink.ts";
import type { Framing, OutgoingEvent, Sink } from "./sink.ts";

const empty = new Uint8Array(0);
const lineFeed = new Uint8Array([0x0a]);
const decoder = new TextDecoder();

/** NDJSON: LF after each line. */
export const ndjsonFraming: Framing = { prefix: empty, separator: lineFeed, suffix: lineFeed };

/** A piece of a window: the events of one request, or one event that no request can hold. */
export interface WindowPiece {
  /** Its number in the window: the same whenever the window is cut. */
  readonly index: number;
  /** `oversize`: one event above `maxEventBytes`, for quarantine. */
  readonly kind: "chunk" | "oversize";
  readonly hour: number | undefined;
  /** How many events were cut into it, settled ones included. */
  readonly total: number;
  /** Of the events that are not settled yet, body order. */
  readonly ordinals: Uint32Array;
  readonly sequences: Float64Array;
  /** `occurred_at` of each, Unix ms. */
  readonly times: Float64Array;
  /** Encoded bytes of each, without framing. */
  readonly sizes: Uint32Array;
  readonly body: Uint8Array;
}

/** The plan that a window is cut by, from what the sink declares now. */
export function planOf(sink: Sink): ChunkPlan {
  const { maxEvents, maxBytes, maxEventBytes } = sink.limits;
  return { partition: sink.partition, maxEvents, maxBytes, maxEventBytes, encoding: sink.encoding };
}

/** What of a sink decides the bytes of a window. */
export type Encoding = Pick<Sink, "framing" | "encode">;

/** A window's events: `index` in memory, bodies as they are read. Both hold the same groups, in order. */
export interface WindowSource {
  readonly index: readonly JournalGroup[];
  readonly groups: AsyncIterable<JournalGroup & { readonly body: Uint8Array }>;
}

/** Takes the unsettled events of one piece and makes its body. */
interface Assembly {
  readonly ordinals: number[];
  readonly sequences: number[];
  readonly times: number[];
  readonly sizes: number[];
  /** Encoded events, for sinks that encode or frame. */
  readonly parts: Uint8Array[];
  /** Stored lines, for sinks that take them as they are: allocated once, filled as groups are read. */
  readonly lines: Uint8Array;
  filled: number;
}

/**
 * Cuts a window into pieces by its sealed plan. Which event goes into which piece does not depend on what is settled or
 * how the groups were read, so every runner cuts alike. Pieces that are wholly settled are left out; others hold what is
 * not settled. In memory are the window's bodies, once, and one group. Events that a filter leaves out are in no piece;
 * `onLeftOut` is called for each.
 */
export async function* cutWindow(
  plan: ChunkPlan,
  sink: Encoding,
  { index, groups }: WindowSource,
  settled: Readonly<Record<number, SettledEvents>>,
  onLeftOut?: () => void,
): AsyncGenerator<WindowPiece> {
  const framing = sink.framing ?? ndjsonFraming;
  const encode = sink.encode?.bind(sink);
  const plain = encode === undefined && framing === ndjsonFraming;
  const sizes = plain ? measureLines(plan, framing, index, settled) : undefined;
  const cutter = new Cutter(plan, framing, settled);
  const assemblies = new Map<OpenPiece, Assembly>();

  const assemblyOf = (piece: OpenPiece): Assembly => {
    let assembly = assemblies.get(piece);
    if (assembly === undefined) {
      const lines = new Uint8Array(sizes?.get(piece.index) ?? 0);
      assembly = { ordinals: [], sequences: [], times: [], sizes: [], parts: [], lines, filled: 0 };
      assemblies.set(piece, assembly);
    }
    return assembly;
  };

  const finish = (piece: OpenPiece): WindowPiece | undefined => {
    const assembly = assemblies.get(piece);
    assemblies.delete(piece);
    if (assembly === undefined) return undefined;
    const { index: number, kind, hour, total } = piece;
    const body = plain ? assembly.lines : frame(assembly.parts, framing);
    return {
      index: number,
      kind,
      hour,
      total,
      ordinals: Uint32Array.from(assembly.ordinals),
      sequences: Float64Array.from(assembly.sequences),
      times: Float64Array.from(assembly.times),
      sizes: Uint32Array.from(assembly.sizes),
      body: kind === "oversize" ? empty : body,
    };
  };

  for await (const { body, lengths, occurredAt, firstSequence } of groups) {
    // Neighbouring lines of one piece are copied in one go.
    let run: Assembly | undefined;
    let runFrom = 0;
    let at = 0;
    for (let i = 0; i < lengths.length; i++) {
      const length = lengths[i] as number;
      const instant = occurredAt[i] as number;
      const encoded = encode?.(outgoing(body.subarray(at, at + length - 1), firstSequence + i, instant), plan.encoding);
      if (encoded === leftOut) {
        onLeftOut?.();
        at += length;
        continue;
      }
      const size = encoded?.length ?? length - 1;
      const piece = cutter.place(instant, size);
      const keep = !isSettled(piece.settled, piece.total - 1);
      const assembly = keep ? assemblyOf(piece) : undefined;
      if (assembly !== undefined) {
        assembly.ordinals.push(piece.total - 1);
        assembly.sequences.push(firstSequence + i);
        assembly.times.push(instant);
        assembly.sizes.push(size);
      }
      if (plain) {
        const target = piece.kind === "chunk" ? assembly : undefined;
        if (target !== run) {
          if (run !== undefined) copy(run, body.subarray(runFrom, at));
          run = target;
          runFrom = at;
        }
      } else if (assembly !== undefined) assembly.parts.push(owned(encoded, body, at, at + length - 1));
      at += length;
      const done = piece.kind === "oversize" ? piece : cutter.closed;
      const finished = done === undefined ? undefined : finish(done);
      if (finished !== undefined) yield finished;
    }
    if (run !== undefined) copy(run, body.subarray(runFrom, at));
  }
  for (const piece of cutter.rest()) {
    const finished = finish(piece);
    if (finished !== undefined) yield finished;
  }
}

/** An encoded event that outlives its group: what is a view into the group's body is copied. */
function owned(encoded: Uint8Array | undefined, body: Uint8Array, from: number, to: number): Uint8Array {
  if (encoded === undefined) return body.slice(from, to);
  return encoded.buffer === body.buffer ? encoded.slice() : encoded;
}

function copy(assembly: Assembly, lines: Uint8Array): void {
  assembly.lines.set(lines, assembly.filled);
  assembly.filled += lines.length;
}

/** What is left of a piece once some of its ordinals are settled; undefined when nothing is. */
export function remainder(piece: WindowPiece, settled: SettledEvents, framing: Framing): WindowPiece | undefined {
  const left = partOf(piece, framing, (i) => !isSettled(settled, piece.ordinals[i] as number));
  return left.ordinals.length === 0 ? undefined : left;
}

/** The two halves of a piece of several events, the second one first. */
export function halves(piece: WindowPiece, framing: Framing): readonly [second: WindowPiece, first: WindowPiece] {
  const middle = Math.ceil(piece.ordinals.length / 2);
  return [partOf(piece, framing, (i) => i >= middle), partOf(piece, framing, (i) => i < middle)];
}

/** A piece in parts that begin at the given sequences, the first part last. */
export function partsAt(piece: WindowPiece, starts: readonly number[], framing: Framing): WindowPiece[] {
  const place = (i: number): number => starts.filter((start) => start <= (piece.sequences[i] as number)).length;
  const parts = [...Map.groupBy(piece.sequences.keys(), place).values()].map((indexes) => new Set(indexes));
  if (parts.length < 2) return [piece];
  return parts.map((indexes) => partOf(piece, framing, (i) => indexes.has(i))).toReversed();
}

function partOf(piece: WindowPiece, framing: Framing, keeps: (i: number) => boolean): WindowPiece {
  const kept: number[] = [];
  const parts: Uint8Array[] = [];
  let at = framing.prefix.length;
  for (let i = 0; i < piece.ordinals.length; i++) {
    const size = piece.sizes[i] as number;
    if (keeps(i)) {
      kept.push(i);
      parts.push(piece.body.subarray(at, at + size));
    }
    at += size + framing.separator.length;
  }
  return {
    ...piece,
    ordinals: Uint32Array.from(kept, (i) => piece.ordinals[i] as number),
    sequences: Float64Array.from(kept, (i) => piece.sequences[i] as number),
    times: Float64Array.from(kept, (i) => piece.times[i] as number),
    sizes: Uint32Array.from(kept, (i) => piece.sizes[i] as number),
    body: frame(parts, framing),
  };
}

function frame(parts: readonly Uint8Array[], { prefix, separator, suffix }: Framing): Uint8Array {
  const framed: Uint8Array[] = [prefix];
  parts.forEach((part, i) => {
    if (i > 0) framed.push(separator);
    framed.push(part);
  });
  framed.push(suffix);
  return Buffer.concat(framed);
}

/** An event on its way out, parsed only when asked. */
export function outgoing(line: Uint8Array, sequence: number, occurredAt: number): OutgoingEvent {
  return { line, sequence, occurredAt, parse: () => JSON.parse(decoder.decode(line)) as AuditEvent };
}
