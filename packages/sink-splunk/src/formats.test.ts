import { describe, expect, it } from "vitest";
import { startRig } from "./testing/rig.ts";

const line = Buffer.from('{"id":"e-1","action":"a.b"}');
const event = { sequence: 7, occurredAt: 1_700_000_000_123, line, parse: () => JSON.parse(line.toString()) as never };

describe("an event in another format", () => {
  it.each(['{"class_uid":3002}', String.raw`"CEF:0|a|b|1|x\\=|\"q\""`])(
    "is the event of its envelope: %s",
    async (text) => {
      await using rig = await startRig();
      await using sink = rig.sink();
      const value = Buffer.from(text);
      const envelope = JSON.parse(
        Buffer.from(sink.encode?.({ ...event, value }, sink.encoding) ?? []).toString(),
      ) as object;
      expect(envelope).toMatchObject({
        event: JSON.parse(text) as unknown,
        fields: { id: "e-1", sequence: "7", action: "a.b" },
      });
      expect(sink.takesFormats).toBe(true);
    },
  );
});
