import type { ChunkPlan, SettledEvents } from "./checkpoint.ts";
import type { JournalGroup } from "./journal.ts";
import { isSettled } from "./settled.ts";
import type { Framing } from "./sink.ts";
import { hourOf } from "./time.ts";

/** A piece of a window while events are placed in it. */
export interface OpenPiece {
  /** Pieces are numbered as they open. */
  readonly index: number;
  readonly kind: "chunk" | "oversize";
  readonly hour: number | undefined;
  readonly settled: SettledEvents | undefined;
  /** Events placed in it, settled ones included. */
  total: number;
  /** Framed size of all of them: the limits are applied to it, so that cuts do not move when some are settled. */
  framed: number;
}

/**
 * The law by which a window is cut: which event goes into which piece. It looks at the plan, the times and the sizes, in
 * sequence order, and at nothing else.
 */
export class Cutter {
  readonly #plan: ChunkPlan;
  readonly #framing: Framing;
  readonly #settled: Readonly<Record<number, SettledEvents>>;
  readonly #open = new Map<number, OpenPiece>();
  #next = 0;
  /** The piece that the last event closed by not fitting, if it did. */
  closed: OpenPiece | undefined;

  constructor(plan: ChunkPlan, framing: Framing, settled: Readonly<Record<number, SettledEvents>>) {
    this.#plan = plan;
    this.#framing = framing;
    this.#settled = settled;
  }

  /** Places the next event, of `size` encoded bytes. Its ordinal is the piece's `total` less one. */
  place(instant: number, size: number): OpenPiece {
    const plan = this.#plan;
    const hour = plan.partition === "hour" ? hourOf(instant) : 0;
    this.closed = undefined;
    if (size > plan.maxEventBytes) {
      const piece = this.#start(hour, "oversize");
      piece.total = 1;
      return piece;
    }
    let piece = this.#open.get(hour);
    const separator = this.#framing.separator.length;
    if (piece === undefined || piece.total >= plan.maxEvents || piece.framed + separator + size > plan.maxBytes) {
      this.closed = piece;
      piece = this.#start(hour, "chunk");
      this.#open.set(hour, piece);
    }
    piece.framed += size + (piece.total > 0 ? separator : 0);
    piece.total += 1;
    return piece;
  }

  /** The pieces that are still open, by number. */
  rest(): OpenPiece[] {
    return [...this.#open.values()].sort((a, b) => a.index - b.index);
  }

  #start(hour: number, kind: OpenPiece["kind"]): OpenPiece {
    const index = this.#next;
    this.#next += 1;
    const { prefix, suffix } = this.#framing;
    return {
      index,
      kind,
      hour: this.#plan.partition === "hour" ? hour : undefined,
      settled: this.#settled[index],
      total: 0,
      framed: prefix.length + suffix.length,
    };
  }
}

/** How many bytes the unsettled lines of each piece have, LF included, from the index alone: so bodies can be allocated once. */
export function measureLines(
  plan: ChunkPlan,
  framing: Framing,
  index: readonly JournalGroup[],
  settled: Readonly<Record<number, SettledEvents>>,
): Map<number, number> {
  const cutter = new Cutter(plan, framing, settled);
  const sizes = new Map<number, number>();
  for (const { lengths, occurredAt } of index) {
    for (let i = 0; i < lengths.length; i++) {
      const length = lengths[i] as number;
      const piece = cutter.place(occurredAt[i] as number, length - 1);
      if (isSettled(piece.settled, piece.total - 1) || piece.kind === "oversize") continue;
      sizes.set(piece.index, (sizes.get(piece.index) ?? 0) + length);
    }
  }
  return sizes;
}
