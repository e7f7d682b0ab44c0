import type { AuditEvent, DeliveryResult } from "@headgate/core";
import { auditEvent, chunkOf, deliveryContext } from "@headgate/sink-testkit";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { freezeEncoding } from "./encoding.ts";
import { entryWriter } from "./entry.ts";
import { maxAgeMs, maxAheadMs } from "./limits.ts";
import { restamped } from "./stale.ts";
import { apiKey, type Rig, startRig } from "./testing/harness.ts";

const hour = 3_600_000;
const now = Date.parse("2025-07-16T10:00:00.000Z");

/** Events so many ms before (or after) now. */
function aged(...ages: readonly number[]): AuditEvent[] {
  return ages.map((age, i) => auditEvent({ sequence: i + 1, occurred_at: new Date(now - age).toISOString() }));
}

async function deliver(
  rig: Rig,
  events: readonly AuditEvent[],
  stale?: "quarantine" | "restamp",
): Promise<DeliveryResult> {
  await using sink = rig.sink(stale === undefined ? {} : { stale });
  return await sink.deliver(chunkOf(sink, events), deliveryContext());
}

describe("an event that Datadog would drop in silence", () => {
  it("is named and nothing is sent, those that are too old first", async () => {
    await using rig = await startRig();
    const events = aged(0, maxAgeMs + 1, -maxAheadMs - 1, 20 * hour, maxAgeMs);
    const old = await deliver(rig, events);
    expect(old).toMatchObject({ status: "rejected", indexes: [1, 3], error: { code: "event_too_old" } });
    const ahead = await deliver(
      rig,
      [0, 2, 4].map((i) => events[i] as AuditEvent),
    );
    expect(ahead).toMatchObject({ status: "rejected", indexes: [1], error: { code: "event_too_old" } });
    expect(rig.server.requests).toEqual([]);
    expect(
      (
        await deliver(
          rig,
          [0, 4].map((i) => events[i] as AuditEvent),
        )
      ).status,
    ).toBe("delivered");
  });

  it("is found before Datadog finds it, and not long before", async () => {
    await using rig = await startRig();
    expect((await deliver(rig, aged(maxAgeMs, -maxAheadMs))).status).toBe("delivered");
    // The request takes its time.
    rig.now += 4 * 60_000;
    expect((await deliver(rig, aged(maxAgeMs - 4 * 60_000))).status).toBe("delivered");
    expect(rig.server.logs.map(({ dropped }) => dropped)).toEqual([undefined, undefined, undefined]);
    expect([18 * hour - maxAgeMs, 2 * hour - maxAheadMs]).toEqual([300_000, 300_000]);
  });

  it("goes by the clock that the sink was given", async () => {
    await using rig = await startRig();
    const [event] = aged(0) as [AuditEvent];
    rig.now = now + 19 * hour;
    expect((await deliver(rig, [event])).status).toBe("rejected");
    rig.now = now - 3 * hour;
    expect((await deliver(rig, [event])).status).toBe("rejected");
  });
});

describe("with stale: restamp", () => {
  it("has the present time and a tag, and its own time where it was; the others are left alone", async () => {
    await using rig = await startRig({ options: { tags: { env: "production" }, hostname: "audit-1" } });
    const events = aged(0, 30 * hour, -3 * hour, hour);
    expect((await deliver(rig, events, "restamp")).status).toBe("delivered");
    const logs = rig.server.logs.map(({ log }) => log);
    const tags = "organization:org_1,stream:stream-1,env:production";
    expect(logs).toMatchObject([
      { timestamp: now, ddtags: tags },
      { timestamp: now, ddtags: `${tags},restamped:true` },
      { timestamp: now, ddtags: `${tags},restamped:true` },
      { timestamp: now - hour, ddtags: tags },
    ]);
    expect(logs.map((log) => log["audit"])).toEqual(events);
    expect(rig.server.logs.map(({ dropped }) => dropped)).toEqual([undefined, undefined, undefined, undefined]);
  });

  it("leaves the chunk as it is, since a retry needs it", async () => {
    await using rig = await startRig();
    await using sink = rig.sink({ stale: "restamp" });
    const chunk = chunkOf(sink, aged(20 * hour, 0));
    const before = Buffer.from(chunk.body);
    await sink.deliver(chunk, deliveryContext());
    expect(before.equals(chunk.body)).toBe(true);
  });

  it("holds for years that are not written with 13 digits", async () => {
    await using rig = await startRig();
    const events = ["0001-01-01T00:00:00.000Z", "1970-01-01T00:00:00.000Z", "9999-12-31T23:59:59.999Z"].map((at, i) =>
      auditEvent({ sequence: i + 1, occurred_at: at }),
    );
    expect((await deliver(rig, events, "restamp")).status).toBe("delivered");
    expect(rig.server.logs.map(({ log }) => log["timestamp"])).toEqual([now, now, now]);
  });

  it("does without the tag where a limit would be exceeded by it", () => {
    const encoding = freezeEncoding({ source: "s", service: "s", hostname: undefined, tags: "a:b" });
    const writer = entryWriter(encoding);
    const at = (size: number): Uint8Array => {
      const note = (pad: number): Uint8Array =>
        writer.note({ message: 'a "b\\', time: 1, audit: JSON.stringify({ pad: "x".repeat(pad) }) });
      return note(size - note(0).length);
    };
    const restamp = (...sizes: readonly number[]): readonly Readonly<Record<string, unknown>>[] => {
      const entries = sizes.map(at);
      const body = Buffer.from(`[${entries.map((entry) => Buffer.from(entry).toString()).join(",")}]`);
      const chunk = { body, sizes: Uint32Array.from(sizes) };
      const moved = restamped(chunk, [...sizes.keys()], writer, now);
      expect(moved.length).toBeLessThanOrEqual(5_000_000);
      return JSON.parse(Buffer.from(moved).toString()) as readonly Readonly<Record<string, unknown>>[];
    };
    const mark = ",restamped:true".length;
    const tagsOf = (...sizes: readonly number[]): readonly unknown[] => restamp(...sizes).map(({ ddtags }) => ddtags);
    expect(tagsOf(1_000_000, 1_000_000 - mark, 1_000_001 - mark)).toEqual(["a:b", "a:b,restamped:true", "a:b"]);
    const full = [900_000, 900_000, 900_000, 900_000, 900_000, 500_000 - 7];
    expect(new Set(tagsOf(...full))).toEqual(new Set(["a:b"]));
    expect(new Set(tagsOf(...full.with(5, 500_000 - 7 - 6 * mark)))).toEqual(new Set(["a:b,restamped:true"]));
    expect(restamp(...full).map(({ timestamp }) => timestamp)).toEqual(full.map(() => now));
  });

  it("changes nothing but time and tags, whatever stands in the messages", () => {
    const encoding = freezeEncoding({ source: "s", service: 's"\\', hostname: undefined, tags: "a:b" });
    const writer = entryWriter(encoding);
    const logs = fc.array(fc.record({ message: fc.string({ unit: "binary" }), move: fc.boolean() }), { minLength: 1 });
    const property = fc.property(logs, (drawn) => {
      const entries = drawn.map(({ message }) => writer.note({ message, time: 1_700_000_000_000, audit: '{"id":1}' }));
      const body = Buffer.from(`[${entries.map((entry) => Buffer.from(entry).toString()).join(",")}]`);
      const indexes = drawn.flatMap(({ move }, i) => (move ? [i] : []));
      const moved = restamped({ body, sizes: Uint32Array.from(entries, (e) => e.length) }, indexes, writer, now);
      const before = JSON.parse(body.toString()) as readonly object[];
      expect(JSON.parse(Buffer.from(moved).toString())).toEqual(
        before.map((log, i) =>
          drawn[i]?.move === true ? { ...log, timestamp: now, ddtags: "a:b,restamped:true" } : log,
        ),
      );
    });
    fc.assert(property);
  });

  it("is no way around the key", async () => {
    await using rig = await startRig();
    rig.server.apiKeys.delete(apiKey);
    expect(await deliver(rig, aged(30 * hour), "restamp")).toMatchObject({ status: "blocked" });
  });
});
