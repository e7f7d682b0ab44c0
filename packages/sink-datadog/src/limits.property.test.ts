import type { AuditEvent, JournalGroup, WindowPiece } from "@headgate/core";
import { cutWindow, planOf } from "@headgate/core";
import { auditEvent, chunkOf, deliveryContext, encodedEvent, outgoingEvent } from "@headgate/sink-testkit";
import fc from "fast-check";
import { expect, it } from "vitest";
import { startRig } from "./testing/harness.ts";

/** The pieces that core cuts of these events. */
async function pieces(events: readonly AuditEvent[]): Promise<readonly WindowPiece[]> {
  await using rig = await startRig();
  const sink = rig.sink();
  const lines = events.map((event) => Buffer.concat([outgoingEvent(event).line, Buffer.from("\n")]));
  const group = {
    firstSequence: 1,
    count: events.length,
    lengths: Uint32Array.from(lines, (line) => line.length),
    occurredAt: Float64Array.from(events, (event) => Date.parse(event.occurred_at)),
    body: Buffer.concat(lines),
  } as unknown as JournalGroup & { readonly body: Uint8Array };
  const groups = (async function* () {
    yield group;
  })();
  const cut: WindowPiece[] = [];
  for await (const piece of cutWindow(planOf(sink), sink, { index: [group], groups }, {})) cut.push(piece);
  return cut;
}

/** An event with so many bytes of padding, in one-byte or two-byte characters or in escapes. */
const padded = (sequence: number, [length, pad]: readonly [number, string]): AuditEvent =>
  auditEvent({ sequence, metadata: { pad: pad.repeat(length) } });

it("makes no body over 5,000,000 bytes or 1,000 logs and no log over 1,000,000, whatever the events", async () => {
  const pad = fc.constantFrom("x", "é", '"');
  const small = fc.tuple(fc.integer({ min: 0, max: 3000 }), pad);
  // Around the limit of one log, and large enough that a few fill a body.
  const large = fc.oneof(
    fc.tuple(fc.integer({ min: 240_000, max: 510_000 }), pad),
    fc.tuple(fc.integer({ min: 998_500, max: 1_000_500 }), fc.constant("x")),
  );
  const sizes = fc.oneof(
    fc.array(fc.oneof({ weight: 5, arbitrary: small }, { weight: 1, arbitrary: large }), {
      minLength: 1,
      maxLength: 40,
    }),
    fc
      .tuple(fc.integer({ min: 990, max: 2100 }), small)
      .map(([count, size]) => Array.from({ length: count }, () => size)),
  );
  let oversize = 0;
  let full = 0;
  const property = fc.asyncProperty(sizes, async (drawn) => {
    const events = drawn.map((size, i) => padded(i + 1, size));
    const seen: number[] = [];
    for (const piece of await pieces(events)) {
      seen.push(...piece.sequences);
      if (piece.kind === "oversize") {
        oversize += 1;
        expect(piece.sizes[0]).toBeGreaterThan(1_000_000);
        continue;
      }
      if (piece.body.length > 4_000_000) full += 1;
      expect(piece.body.length).toBeLessThanOrEqual(5_000_000);
      expect(piece.sequences.length).toBeLessThanOrEqual(1000);
      const logs = JSON.parse(new TextDecoder().decode(piece.body)) as readonly unknown[];
      expect(logs).toHaveLength(piece.sequences.length);
      for (const [i, size] of piece.sizes.entries()) {
        expect(size).toBeLessThanOrEqual(1_000_000);
        expect(Buffer.byteLength(JSON.stringify(logs[i]))).toBe(size);
      }
    }
    expect(seen.sort((a, b) => a - b)).toEqual(events.map(({ sequence }) => sequence));
  });
  await fc.assert(property, { numRuns: 40 });
  expect([oversize > 0, full > 0]).toEqual([true, true]);
});

it("sends a log of the last byte that is kept, and no longer one", async () => {
  await using rig = await startRig();
  await using sink = rig.sink();
  const size = (length: number): number => encodedEvent(sink, padded(1, [length, "x"])).length;
  const most = 1_000_000 - size(0);
  const [fits] = await pieces([padded(1, [most, "x"])]);
  expect([fits?.kind, fits?.sizes[0]]).toEqual(["chunk", 1_000_000]);
  expect((await pieces([padded(1, [most + 1, "x"])]))[0]?.kind).toBe("oversize");
  expect((await sink.deliver(chunkOf(sink, [padded(1, [most, "x"])]), deliveryContext())).status).toBe("delivered");
  expect(rig.server.logs.map(({ truncated }) => truncated)).toEqual([false]);
});
