import { describe, expect, it } from "vitest";
import { freezeEncoding } from "./encoding.ts";
import { entryWriter } from "./entry.ts";

const line = Buffer.from('{"id":"e-1","action":"a.b","outcome":"failure","actor":{"type":"user","id":"u"}}');
const event = { sequence: 7, occurredAt: 1_700_000_000_123, line, parse: () => JSON.parse(line.toString()) as never };

describe("an event in another format", () => {
  it.each(['{"class_uid":3002}', String.raw`"CEF:0|a|b|1|x\\=|\"q\""`])("is under audit: %s", (text) => {
    const encoding = freezeEncoding({ source: "headgate", tags: "", hostname: undefined, service: "audit" });
    const entry = Buffer.from(entryWriter(encoding).entry({ ...event, value: Buffer.from(text) })).toString();
    expect(JSON.parse(entry)).toMatchObject({ audit: JSON.parse(text) as unknown, status: "error" });
  });
});
