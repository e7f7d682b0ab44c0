import type { JsonObject } from "@headgate/core";
import { arbitraryEvents, chunkOf } from "@headgate/sink-testkit";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { chunkFor, deliver, startRig } from "./testing/rig.ts";

describe("a window that was sealed under other settings", () => {
  it("is cut by the bytes that it was sealed with, and sent under the settings of now", async () => {
    await using rig = await startRig();
    await using old = rig.sink({ host: "a", source: "old, with a comma", sourcetype: "x" });
    await using now = rig.sink({ index: "other", sourcetype: "a longer one", compression: "none" });
    const property = fc.asyncProperty(arbitraryEvents(), async (events) => {
      const chunk = chunkOf(old, events);
      expect(now.canEncode?.(chunk.encoding)).toBe(true);
      const before = rig.server.events.length;
      expect((await deliver(now, chunk)).status).toBe("delivered");
      const sent = rig.server.events.slice(before).map(({ raw }) => Buffer.from(raw).toString());
      const under = chunkOf(now, events);
      expect(sent.join("\n")).toBe(Buffer.from(under.body).toString());
    });
    await fc.assert(property, { numRuns: 25 });
  });

  it("encodes the same under the old encoding, whoever does it", async () => {
    await using rig = await startRig();
    await using old = rig.sink({ source: "old" });
    await using now = rig.sink({ index: "other" });
    const line = Buffer.from('{"id":"e","action":"a"}');
    const event = { sequence: 1, occurredAt: 5, line, parse: () => JSON.parse(line.toString()) as never };
    expect(now.encode?.(event, old.encoding)).toEqual(old.encode?.(event, old.encoding));
    const own = JSON.parse(Buffer.from(now.encode?.(event, now.encoding) ?? []).toString()) as JsonObject;
    expect(own["index"]).toBe("other");
  });

  it.each(["", "{}", "null", "nonsense", '{"splunk":2,"host":"h","source":"s","sourcetype":"t"}', '{"prefix":""}'])(
    "by another kind of sink, or a later one, is not taken: %s",
    async (encoding) => {
      await using rig = await startRig();
      await using sink = rig.sink();
      expect(sink.canEncode?.(encoding)).toBe(false);
      expect(chunkFor(sink).chunk.encoding).not.toBe(encoding);
    },
  );
});
