import { rangeText, type WalkedChain } from "./check-chain.ts";
import type { Findings } from "./finding.ts";
import type { Ledger, Row } from "./ledger.ts";
import { listLimit } from "./report.ts";
import type { SequenceRange } from "./sequence-set.ts";

/** What became of a chain's sequences. */
export interface Account {
  readonly delivered: number;
  readonly quarantined: number;
  /** Of those in quarantine, delivered later. */
  readonly released: number;
  readonly filtered: number;
  readonly lost: number;
  /** In objects already, above the last digest's sequences. */
  readonly ahead: number;
  readonly missing: number;
  readonly gaps: readonly SequenceRange[];
  readonly duplicates: readonly number[];
}

interface Piece {
  readonly first: number;
  readonly last: number;
  /** Of the digest that names its object; -1 where none does. */
  readonly number: number;
}

/**
 * Holds each digest's sequences against what its chain's objects hold. Objects are merged with digests in the order of
 * sequences: one digest's pieces are held at a time.
 */
export function accountSequences(
  chain: WalkedChain,
  { partial }: { /** Objects from before the audit begins are not known. */ readonly partial: boolean },
  ledger: Ledger,
  findings: Findings,
): Account {
  const who = { organization: chain.organization, stream: chain.stream, chain: chain.name };
  const total = { delivered: 0, quarantined: 0, released: 0, filtered: 0, lost: 0, ahead: 0, missing: 0 };
  const gaps: SequenceRange[] = [];
  const duplicates: number[] = [];
  const pieces = createPieces(chain.id, ledger, (range, key) => {
    for (let at = range[0]; at <= range[1] && duplicates.length < listLimit; at++) duplicates.push(at);
    const message = `Sequences ${rangeText(range)} stand twice: ${key} repeats them`;
    findings.add({ kind: "sequences_repeated", message, ...who, sequences: range, key });
  });
  let partialLeft = partial && chain.numbers[0] > 1;
  // Released from quarantine after the audit's beginning, or from before digests were switched on.
  pieces.through(chain.after);
  let position = chain.after;

  function missing(range: SequenceRange): void {
    total.missing += range[1] - range[0] + 1;
    if (gaps.length < listLimit) gaps.push(range);
  }
  for (const digest of ledger.rows("SELECT * FROM digest WHERE chain = ? AND used > 0 ORDER BY number", chain.id)) {
    const [number, after, through] = [digest["number"], digest["after"], digest["through"]].map(Number) as [
      number,
      number,
      number,
    ];
    if (after > position) {
      // What missing digests would vouch for is there, or it is not.
      for (const range of complement(pieces.through(after), [position + 1, after])) missing(range);
    }
    position = Math.max(position, through);
    const own = pieces.through(through).filter((piece) => piece.number >= 0);
    if (through <= after) continue;
    const labels = ledger.all("SELECT * FROM label WHERE digest = ? ORDER BY first", Number(digest["id"]));
    const result = balance([after + 1, through], own, number, labels);
    for (const name of ["delivered", "released"] as const) total[name] += result[name];
    for (const name of ["quarantined", "filtered", "lost"] as const) total[name] += Number(digest[name]);
    for (const { first, last } of labels.filter(({ reason }) => reason === "store_restored").map(rangeOf)) {
      total.lost -= last - first + 1;
      findings.add({
        kind: "store_restored",
        message: `The platform's store was put back from a backup: what became of events that it had given sequences from ${first} to ${last} nobody vouches for`,
        ...who,
        digests: [number, number],
        sequences: [first, last],
      });
    }
    const filtered = Number(digest["filtered"]);
    const short = result.open - filtered;
    const lenient = partialLeft;
    partialLeft = false;
    if (short > 0 && !lenient) {
      for (const range of result.ranges) missing(range);
      // Which of them were filtered out is not known.
      total.missing -= filtered;
      const among = filtered === 0 ? "" : `${short} of `;
      const list = `${result.ranges.slice(0, 10).map(rangeText).join(", ")}${result.ranges.length > 10 ? ", …" : ""}`;
      findings.add({
        kind: "sequences_missing",
        message: `Digest ${number} counts sequences that no object holds: ${among}${list}`,
        ...who,
        digests: [number, number],
        sequences: [result.ranges[0]?.[0] ?? after + 1, result.ranges.at(-1)?.[1] ?? through],
      });
    }
    if (short < 0 || result.contradictions > 0) {
      findings.add({
        kind: "counts_wrong",
        message: `The counts of digest ${number} do not fit the objects: ${result.contradictions > 0 ? `${result.contradictions} sequences are delivered and set apart or lost as well, or delivered later without having been set apart` : `${-short} fewer sequences are filtered than it says`}`,
        ...who,
        digests: [number, number],
        sequences: [after + 1, through],
      });
    }
  }
  total.ahead = sizeOf(pieces.through(Number.MAX_SAFE_INTEGER).filter((piece) => piece.number >= 0));
  return { ...total, gaps, duplicates };
}

function rangeOf(row: Row): { readonly first: number; readonly last: number } {
  return { first: Number(row["first"]), last: Number(row["last"]) };
}

interface Balance {
  readonly delivered: number;
  readonly released: number;
  /** Sequences of which nothing is known: filtered, or missing. */
  readonly open: number;
  readonly ranges: readonly SequenceRange[];
  readonly contradictions: number;
}

function balance(range: SequenceRange, pieces: readonly Piece[], number: number, labels: readonly Row[]): Balance {
  const apart = labels.map((row): SequenceRange => [Number(row["first"]), Number(row["last"])]);
  const early = pieces.filter((piece) => piece.number <= number);
  const late = pieces.filter((piece) => piece.number > number);
  const known = [...early.map(({ first, last }): SequenceRange => [first, last]), ...apart].sort(([a], [b]) => a - b);
  const ranges = [
    ...complement(
      known.map(([first, last]) => ({ first, last })),
      range,
    ),
  ];
  const released = overlap(late, apart);
  return {
    delivered: sizeOf(early) + sizeOf(late),
    released,
    open: ranges.reduce((sum, [first, last]) => sum + last - first + 1, 0),
    ranges,
    contradictions: overlap(early, apart) + sizeOf(late) - released,
  };
}

/** What sorted pieces leave open of a range. */
function* complement(
  pieces: readonly Pick<Piece, "first" | "last">[],
  [from, to]: SequenceRange,
): Generator<SequenceRange> {
  let next = from;
  for (const { first, last } of pieces) {
    if (first > next) yield [next, Math.min(first - 1, to)];
    next = Math.max(next, last + 1);
  }
  if (next <= to) yield [next, to];
}

/** How many sequences two sorted lists share. */
function overlap(pieces: readonly Piece[], ranges: readonly SequenceRange[]): number {
  let shared = 0;
  let at = 0;
  for (const { first, last } of pieces) {
    while (at < ranges.length && (ranges[at] as SequenceRange)[1] < first) at++;
    for (let i = at; i < ranges.length && (ranges[i] as SequenceRange)[0] <= last; i++) {
      const [from, to] = ranges[i] as SequenceRange;
      shared += Math.min(last, to) - Math.max(first, from) + 1;
    }
  }
  return shared;
}

function sizeOf(pieces: readonly Piece[]): number {
  return pieces.reduce((sum, { first, last }) => sum + last - first + 1, 0);
}

/** A chain's runs of sequences in order, each sequence once, up to where they are asked for. */
function createPieces(
  chain: number,
  ledger: Ledger,
  repeated: (range: SequenceRange, key: string) => void,
): { through(sequence: number): readonly Piece[] } {
  const rows = ledger.rows(
    `SELECT s.first, s.last, o.number, f.key FROM owner o JOIN span s ON s.file = o.file JOIN file f ON f.id = o.file
      WHERE o.chain = ? ORDER BY s.first, o.number, f.id`,
    chain,
  );
  let end = 0;
  let held: Piece | undefined;
  function next(): Piece | undefined {
    for (const row of { [Symbol.iterator]: () => ({ next: () => rows.next() }) }) {
      const [first, last, number] = [row["first"], row["last"], row["number"]].map(Number) as [number, number, number];
      // Objects that nobody vouches for are told of as such.
      if (number >= 0 && first <= end) repeated([first, Math.min(last, end)], String(row["key"]));
      const from = number < 0 ? first : Math.max(first, end + 1);
      if (number >= 0) end = Math.max(end, last);
      if (from <= last) return { first: from, last, number };
    }
    return undefined;
  }
  return {
    through(sequence) {
      const found: Piece[] = [];
      for (held ??= next(); held !== undefined && held.first <= sequence; held = next()) {
        found.push({ ...held, last: Math.min(held.last, sequence) });
        if (held.last > sequence) {
          held = { ...held, first: sequence + 1 };
          break;
        }
      }
      return found;
    },
  };
}
