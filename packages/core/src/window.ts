import type { ChunkPlan, SettledEvents } from "./checkpoint.ts";
import type { AuditEvent } from "./event.ts";
import type { JournalGroup } from "./journal.ts";
import type { Framing, OutgoingEvent, Sink } from "./sink.ts";
import { hourOf } from "./time.ts";

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

/** What of a sink decides the cutting of a window. */
export type Encoding = Pick<Sink, "framing" | "encode">;

/** Whether an ordinal of a piece is settled. */
export function isSettled(settled: SettledEvents | undefined, ordinal: number): boolean {
  if (settled === undefined) return false;
  return settled === "all" || settled.some(([from, to]) => ordinal >= from && ordinal <= to);
}

class OpenPiece {
  readonly parts: Uint8Array[] = [];
  readonly ordinals: number[] = [];
  readonly sequences: number[] = [];
  readonly times: number[] = [];
  readonly sizes: number[] = [];
  total = 0;
  /** Framed size of all events cut into the piece, so that cuts do not move when some are settled. */
  framed: number;
  readonly index: number;
  readonly hour: number | undefined;
  readonly settled: SettledEvents | undefined;

  constructor(index: number, hour: number | undefined, settled: SettledEvents | undefined, framing: Framing) {
    this.index = index;
    this.hour = hour;
    this.settled = settled;
    this.framed = framing.prefix.length + framing.suffix.length;
  }
}

/**
 * Cuts a window into pieces by its sealed plan. The groups are those of the window, in order. Which event goes into
 * which piece depends on the plan and the events alone, never on what is settled or how the groups were read, so every
 * runner cuts alike. Pieces that are wholly settled are left out; others hold what is not settled.
 */
export async function* cutWindow(
  plan: ChunkPlan,
  sink: Encoding,
  groups: AsyncIterable<JournalGroup & { readonly body: Uint8Array }>,
  settled: Readonly<Record<number, SettledEvents>>,
): AsyncGenerator<WindowPiece> {
  const framing = sink.framing ?? ndjsonFraming;
  const encode = sink.encode?.bind(sink);
  const plain = encode === undefined && framing === ndjsonFraming;
  const open = new Map<number, OpenPiece>();
  let next = 0;
  const start = (hour: number): OpenPiece => {
    const piece = new OpenPiece(next, plan.partition === "hour" ? hour : undefined, settled[next], framing);
    next += 1;
    open.set(hour, piece);
    return piece;
  };

  for await (const group of groups) {
    const { body, lengths, occurredAt, firstSequence } = group;
    // Neighbours of one piece are one view into the body: no allocation per event.
    let runFrom = 0;
    let run: OpenPiece | undefined;
    let at = 0;
    for (let i = 0; i < lengths.length; i++) {
      const length = lengths[i] as number;
      const instant = occurredAt[i] as number;
      const sequence = firstSequence + i;
      const encoded = encode?.(outgoing(body.subarray(at, at + length - 1), sequence, instant));
      const size = encoded?.length ?? length - 1;
      const hour = plan.partition === "hour" ? hourOf(instant) : 0;
      const flushRun = (): void => {
        if (run !== undefined && at > runFrom) run.parts.push(body.subarray(runFrom, at));
        run = undefined;
      };
      if (size > plan.maxEventBytes) {
        flushRun();
        const piece = new OpenPiece(next, plan.partition === "hour" ? hour : undefined, settled[next], framing);
        next += 1;
        take(piece, sequence, size, instant);
        if (piece.ordinals.length > 0) yield close(piece, "oversize", framing, true);
        at += length;
        continue;
      }
      let piece = open.get(hour) ?? start(hour);
      const grown = piece.framed + size + (piece.total > 0 ? framing.separator.length : 0);
      if (piece.total > 0 && (grown > plan.maxBytes || piece.total >= plan.maxEvents)) {
        flushRun();
        if (piece.ordinals.length > 0) yield close(piece, "chunk", framing, plain);
        piece = start(hour);
      }
      piece.framed += size + (piece.total > 0 ? framing.separator.length : 0);
      const taken = take(piece, sequence, size, instant);
      if (!plain) {
        if (taken) piece.parts.push(encoded ?? body.subarray(at, at + length - 1));
      } else if (!taken || run !== piece) {
        flushRun();
        if (taken) {
          run = piece;
          runFrom = at;
        }
      }
      at += length;
    }
    if (run !== undefined) (run as OpenPiece).parts.push(body.subarray(runFrom, at));
  }
  for (const piece of [...open.values()].sort((a, b) => a.index - b.index)) {
    if (piece.ordinals.length > 0) yield close(piece, "chunk", framing, plain);
  }
}

/** Counts an event into a piece; false where it is settled already and so left out. */
function take(piece: OpenPiece, sequence: number, size: number, instant: number): boolean {
  const ordinal = piece.total;
  piece.total += 1;
  if (isSettled(piece.settled, ordinal)) return false;
  piece.ordinals.push(ordinal);
  piece.sequences.push(sequence);
  piece.sizes.push(size);
  piece.times.push(instant);
  return true;
}

function close(piece: OpenPiece, kind: WindowPiece["kind"], framing: Framing, linesHaveFeeds: boolean): WindowPiece {
  const parts = kind === "oversize" ? [] : piece.parts;
  return {
    index: piece.index,
    kind,
    hour: piece.hour,
    total: piece.total,
    ordinals: Uint32Array.from(piece.ordinals),
    sequences: Float64Array.from(piece.sequences),
    times: Float64Array.from(piece.times),
    sizes: Uint32Array.from(piece.sizes),
    body: linesHaveFeeds ? concat(parts) : concat(framed(parts, framing)),
  };
}

/** What is left of a piece once some of its ordinals are settled; undefined when nothing is. */
export function remainder(piece: WindowPiece, settled: SettledEvents, framing: Framing): WindowPiece | undefined {
  const kept: number[] = [];
  const parts: Uint8Array[] = [];
  let at = framing.prefix.length;
  for (let i = 0; i < piece.ordinals.length; i++) {
    const size = piece.sizes[i] as number;
    if (!isSettled(settled, piece.ordinals[i] as number)) {
      kept.push(i);
      parts.push(piece.body.subarray(at, at + size));
    }
    at += size + framing.separator.length;
  }
  if (kept.length === 0) return undefined;
  return {
    ...piece,
    ordinals: Uint32Array.from(kept, (i) => piece.ordinals[i] as number),
    sequences: Float64Array.from(kept, (i) => piece.sequences[i] as number),
    times: Float64Array.from(kept, (i) => piece.times[i] as number),
    sizes: Uint32Array.from(kept, (i) => piece.sizes[i] as number),
    body: concat(framed(parts, framing)),
  };
}

/** Adds ordinals to what is settled of a piece with `total` events. */
export function settle(settled: SettledEvents | undefined, ordinals: Iterable<number>, total: number): SettledEvents {
  if (settled === "all") return settled;
  const marks = [
    ...(settled ?? []).map(([from, to]) => [from, to] as [number, number]),
    ...Array.from(ordinals, (o) => [o, o] as [number, number]),
  ];
  marks.sort((a, b) => a[0] - b[0]);
  const merged: [number, number][] = [];
  for (const [from, to] of marks) {
    const last = merged.at(-1);
    if (last !== undefined && from <= last[1] + 1) last[1] = Math.max(last[1], to);
    else merged.push([from, to]);
  }
  return merged.length === 1 && merged[0]?.[0] === 0 && merged[0][1] === total - 1 ? "all" : merged;
}

function framed(parts: readonly Uint8Array[], framing: Framing): Uint8Array[] {
  const out: Uint8Array[] = [framing.prefix];
  parts.forEach((part, i) => {
    if (i > 0) out.push(framing.separator);
    out.push(part);
  });
  out.push(framing.suffix);
  return out;
}

function concat(parts: readonly Uint8Array[]): Uint8Array {
  if (parts.length === 1) return parts[0] as Uint8Array;
  return Buffer.concat(parts);
}

/** An event on its way out, parsed only when asked. */
export function outgoing(line: Uint8Array, sequence: number, occurredAt: number): OutgoingEvent {
  return { line, sequence, occurredAt, parse: () => JSON.parse(decoder.decode(line)) as AuditEvent };
}
