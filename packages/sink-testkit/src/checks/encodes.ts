import assert from "node:assert/strict";
import fc from "fast-check";
import type { Sink } from "@headgate/core";
import { arbitraryEvents } from "../arbitraries.ts";
import { auditEvents } from "../audit-event.ts";
import type { Check } from "../check.ts";
import { chunkOf, encodedEvent, outgoingEvent } from "../chunk-of.ts";

const zones = ["UTC", "Asia/Kolkata", "America/St_Johns", "Pacific/Kiritimati"];

/** Bytes and names depend on the events alone. */
export const encodes: readonly Check[] = [
  {
    id: "encodes/deterministic",
    title: "encodes the same event to the same bytes, whatever came before, in any order and time zone",
    async run(tools) {
      const sinks = [await tools.create(), await tools.create()] as const;
      const property = fc.property(arbitraryEvents(), fc.integer({ min: 0, max: 7 }), (events, turn) => {
        const bytes = events.map((event) => hex(encodedEvent(sinks[0], event)));
        const turned = [...events.slice(turn), ...events.slice(0, turn)].toReversed();
        for (const [index, zone] of zones.entries()) {
          inZone(zone, () => {
            for (const event of turned) {
              const again = hex(encodedEvent(sinks[index % 2] as Sink, event));
              assert.equal(
                again,
                bytes[events.indexOf(event)],
                `An event has other bytes the second time, in ${zone}.`,
              );
            }
          });
        }
      });
      fc.assert(property, { numRuns: 30, includeErrorInReport: true });
    },
  },
  {
    id: "encodes/total",
    title: "encodes every valid event, and leaves the stored line as it is",
    async run(tools) {
      const sink = await tools.create();
      const property = fc.property(arbitraryEvents(), (events) => {
        for (const event of events) {
          const outgoing = outgoingEvent(event);
          const before = hex(outgoing.line);
          const bytes = sink.encode?.(outgoing, sink.encoding) ?? outgoing.line;
          assert.ok(bytes.length > 0, "An event has no bytes.");
          assert.ok(
            sink.framing !== undefined || !bytes.includes(0x0a),
            "An event holds a line end, yet lines separate events.",
          );
          assert.equal(hex(outgoing.line), before, "encode wrote to the stored line.");
        }
      });
      fc.assert(property, { numRuns: 60, includeErrorInReport: true });
    },
  },
  {
    id: "encodes/same-name",
    title: "stores the same events under the same name at another time and in another time zone",
    async run(tools) {
      const events = auditEvents(5);
      const names: string[] = [];
      for (const [index, zone] of zones.slice(1, 3).entries()) {
        const late = 1_900_000_000_000 + index * 86_400_000;
        await using backend = await tools.harness.open();
        await using sink = await backend.create({ clock: { now: () => late, after: () => () => {} } });
        if (sink.acknowledgement !== "stored") return;
        const chunk = chunkOf(sink, events);
        const result = await inZone(zone, () => tools.deliver(sink, chunk));
        assert.equal(result.status, "delivered", JSON.stringify(result));
        names.push(...(await backend.received()).map((batch) => batch.name));
      }
      assert.equal(names.length, 2);
      assert.equal(
        names[0],
        names[1],
        "The name depends on the time or the time zone: a retry would store a second object.",
      );
    },
  },
];

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("hex");
}

/** Runs with `TZ` set, and puts it back, also after what is awaited. Worker threads ignore it. */
function inZone<T>(zone: string, body: () => T): T {
  const before = process.env["TZ"];
  const restore = (): void => {
    if (before === undefined) delete process.env["TZ"];
    else process.env["TZ"] = before;
  };
  process.env["TZ"] = zone;
  let result: T;
  try {
    result = body();
  } catch (error) {
    restore();
    throw error;
  }
  if (result instanceof Promise) return result.finally(restore) as T;
  restore();
  return result;
}
