import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { ChunkPlan, SettledEvents } from "./checkpoint.ts";
import { joinGroup, rangeEnd, sliceGroup } from "./group.ts";
import type { JournalGroup } from "./journal.ts";
import type { Framing, Sink } from "./sink.ts";
import { hourMs, hourOf } from "./time.ts";
import { cutWindow, type Encoding, ndjsonFraming, remainder, type WindowPiece } from "./window.ts";
import { settle } from "./settled.ts";

const encoder = new TextEncoder();
const decoder = new TextDecoder();
const start = Date.parse("2026-01-01T00:00:00Z");

const events = fc.array(fc.record({ minutes: fc.nat(240), size: fc.integer({ min: 0, max: 300 }) }), {
  minLength: 1,
  maxLength: 80,
});
const plans: fc.Arbitrary<ChunkPlan> = fc.record({
  partition: fc.constantFrom("hour" as const, "none" as const),
  maxEvents: fc.integer({ min: 1, max: 20 }),
  maxBytes: fc.integer({ min: 350, max: 1500 }),
  maxEventBytes: fc.integer({ min: 100, max: 340 }),
  encoding: fc.constant(""),
});
const array: Framing = { prefix: encoder.encode("["), separator: encoder.encode(","), suffix: encoder.encode("]") };
const encodings: fc.Arbitrary<Encoding> = fc.constantFrom<Encoding>(
  {},
  { framing: array },
  { framing: array, encode: ({ line, sequence }) => encoder.encode(`{"n":${sequence},"e":${decoder.decode(line)}}`) },
);

type Full = JournalGroup & { readonly body: Uint8Array };

/** The events as groups of random sizes. */
function journal(list: readonly { minutes: number; size: number }[], cuts: readonly number[]): Full[] {
  const groups: Full[] = [];
  const prepared = list.map(({ minutes, size }, i) => ({
    id: `e${i}`,
    idGiven: true,
    occurredAt: start + minutes * 60_000,
    stub: encoder.encode(`{"id":"e${i}","pad":"${"x".repeat(size)}"`),
  }));
  for (let at = 0, c = 0; at < prepared.length; c++) {
    const n = cuts.length === 0 ? prepared.length : 1 + (cuts[c % cuts.length] as number);
    groups.push(joinGroup(at + 1, 0, prepared.slice(at, at + n)));
    at += n;
  }
  return groups;
}

async function* each<T>(items: readonly T[]): AsyncGenerator<T> {
  yield* items;
}

async function cut(
  plan: ChunkPlan,
  sink: Encoding,
  groups: readonly Full[],
  settled: Record<number, SettledEvents> = {},
): Promise<WindowPiece[]> {
  const pieces: WindowPiece[] = [];
  for await (const piece of cutWindow(plan, sink, { index: groups, groups: each(groups) }, settled)) pieces.push(piece);
  // Views and copies alike: the bytes count.
  return pieces.sort((a, b) => a.index - b.index).map((piece) => ({ ...piece, body: Uint8Array.from(piece.body) }));
}

describe("cutWindow", () => {
  it("puts every event into exactly one piece, in sequence order, within the limits and the hour", async () => {
    await fc.assert(
      fc.asyncProperty(events, plans, encodings, fc.array(fc.nat(9)), async (list, plan, sink, cuts) => {
        const groups = journal(list, cuts);
        const pieces = await cut(plan, sink, groups);
        const seen = pieces.flatMap(({ sequences }) => [...sequences]).sort((a, b) => a - b);
        expect(seen).toEqual(list.map((_, i) => i + 1));
        for (const piece of pieces) {
          expect([...piece.sequences]).toEqual([...piece.sequences].sort((a, b) => a - b));
          if (piece.kind === "oversize") {
            expect(piece.sequences.length).toBe(1);
            expect(piece.sizes[0]).toBeGreaterThan(plan.maxEventBytes);
            continue;
          }
          expect(piece.sequences.length).toBeLessThanOrEqual(plan.maxEvents);
          if (piece.sequences.length > 1) expect(piece.body.length).toBeLessThanOrEqual(plan.maxBytes);
          const hours = new Set([...piece.times].map(hourOf));
          if (plan.partition === "hour") expect([...hours]).toEqual([piece.hour]);
        }
      }),
    );
  });

  it("makes bodies that are the framed encodings, and NDJSON bodies that concatenate to the journal", async () => {
    await fc.assert(
      fc.asyncProperty(events, plans, encodings, fc.array(fc.nat(9)), async (list, plan, sink, cuts) => {
        const groups = journal(list, cuts);
        const lines = decoder
          .decode(Buffer.concat(groups.map(({ body }) => body)))
          .split("\n")
          .slice(0, -1);
        const framing = sink.framing ?? ndjsonFraming;
        for (const piece of await cut(plan, sink, groups)) {
          if (piece.kind === "oversize") continue;
          const encoded = [...piece.sequences].map((sequence) => {
            const line = encoder.encode(lines[sequence - 1]);
            return decoder.decode(
              sink.encode?.({ line, sequence, occurredAt: 0, parse: () => JSON.parse("{}") as never }, plan.encoding) ??
                line,
            );
          });
          const [prefix, separator, suffix] = [framing.prefix, framing.separator, framing.suffix].map((part) =>
            decoder.decode(part),
          );
          expect(decoder.decode(piece.body)).toBe(`${prefix}${encoded.join(separator)}${suffix}`);
          expect([...piece.sizes]).toEqual(encoded.map((text) => encoder.encode(text).length));
        }
      }),
    );
  });

  it("cuts by the encoding that was sealed, whatever the sink's own is by now", async () => {
    await fc.assert(
      fc.asyncProperty(events, plans, fc.integer({ min: 0, max: 40 }), async (list, plan, pad) => {
        const groups = journal(list, []);
        const sealed = { ...plan, encoding: "x".repeat(pad) };
        const encode: Sink["encode"] = ({ line }, encoding) => Buffer.concat([Buffer.from(encoding), line]);
        const pieces = await cut(sealed, { encode }, groups);
        const fixed = await cut(sealed, { encode: (event) => encode(event, "x".repeat(pad)) }, groups);
        expect(pieces).toEqual(fixed);
      }),
    );
  });

  it("cuts alike however the journal was grouped, and however much is settled", async () => {
    await fc.assert(
      fc.asyncProperty(
        events,
        plans,
        encodings,
        fc.array(fc.nat(9)),
        fc.array(fc.nat(9)),
        fc.array(fc.boolean(), { minLength: 1 }),
        async (list, plan, sink, one, other, coin) => {
          const whole = await cut(plan, sink, journal(list, one));
          expect(await cut(plan, sink, journal(list, other))).toEqual(whole);
          const settled: Record<number, SettledEvents> = {};
          let flip = 0;
          for (const piece of whole) {
            const done = [...piece.ordinals].filter(() => coin[flip++ % coin.length]);
            if (done.length > 0) settled[piece.index] = settle(undefined, done, piece.total);
          }
          const rest = await cut(plan, sink, journal(list, other), settled);
          const expected = whole.flatMap((piece) => {
            if (piece.kind === "oversize") return settled[piece.index] === undefined ? [piece] : [];
            return remainder(piece, settled[piece.index] ?? [], sink.framing ?? ndjsonFraming) ?? [];
          });
          expect(
            rest.map(({ index, kind, sequences, sizes, body }) => ({
              index,
              kind,
              sequences,
              sizes,
              body: decoder.decode(body),
            })),
          ).toEqual(
            expected.map(({ index, kind, sequences, sizes, body }) => ({
              index,
              kind,
              sequences,
              sizes,
              body: decoder.decode(body),
            })),
          );
        },
      ),
    );
  });

  it("adds at most one piece per hour and window for late and shuffled events", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.shuffledSubarray(
          Array.from({ length: 60 }, (_, i) => i),
          { minLength: 60 },
        ),
        async (order) => {
          // One event a minute around an hour's end, in any order.
          const groups = journal(
            order.map((i) => ({ minutes: 30 + i, size: 10 })),
            [4],
          );
          const pieces = await cut(
            { partition: "hour", maxEvents: 1000, maxBytes: 1e6, maxEventBytes: 1e5, encoding: "" },
            {},
            groups,
          );
          expect(pieces.map(({ hour }) => hour ?? 0).sort((a, b) => a - b)).toEqual([start, start + hourMs]);
        },
      ),
    );
  });
});

describe("settle", () => {
  it("is the union of ordinals, and all when it is everything", () => {
    fc.assert(
      fc.property(fc.array(fc.array(fc.nat(15))), fc.integer({ min: 17, max: 20 }), (batches, total) => {
        let settled: SettledEvents | undefined;
        for (const batch of batches) settled = settle(settled, batch, total);
        const want = [...new Set(batches.flat())].sort((a, b) => a - b);
        const have =
          settled === "all"
            ? []
            : (settled ?? []).flatMap(([from, to]) => Array.from({ length: to - from + 1 }, (_, i) => from + i));
        expect(have).toEqual(want);
        expect(
          settle(
            settled,
            Array.from({ length: total }, (_, i) => i),
            total,
          ),
        ).toBe("all");
      }),
    );
  });
});

describe("rangeEnd and sliceGroup", () => {
  it("take at least one event, keep to the limits, and cut exactly", () => {
    fc.assert(
      fc.property(
        events,
        fc.array(fc.nat(9)),
        fc.nat(80),
        fc.nat(2000),
        fc.nat(20),
        (list, cuts, after, maxBytes, maxEvents) => {
          const groups = journal(list, cuts);
          const end = rangeEnd(groups, { after, maxBytes, maxEvents });
          const parts = groups.flatMap((group) => sliceGroup(group, after, end) ?? []);
          const lines = decoder
            .decode(Buffer.concat(parts.map(({ body }) => body)))
            .split("\n")
            .slice(0, -1);
          expect(lines.map((line) => (JSON.parse(line) as { sequence: number }).sequence)).toEqual(
            Array.from({ length: Math.max(0, end - after) }, (_, i) => after + 1 + i),
          );
          if (after < list.length) expect(end).toBeGreaterThan(after);
          if (end > after + 1) {
            expect(end - after).toBeLessThanOrEqual(maxEvents);
            expect(parts.reduce((sum, { body }) => sum + body.length, 0)).toBeLessThanOrEqual(maxBytes);
          }
        },
      ),
    );
  });
});
