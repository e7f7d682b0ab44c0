import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { createIdDeriver } from "./wire-id.ts";

describe("createIdDeriver", () => {
  it("makes UUIDv8s that depend on source, position and content, and on nothing else", () => {
    const derive = createIdDeriver("events.ndjson");
    const line = Buffer.from('{"a":1}');
    const ids = [derive(0, line), derive(1, line), derive(0, Buffer.from('{"a":2}')), createIdDeriver("b")(0, line)];
    expect(new Set(ids).size).toBe(4);
    for (const id of ids) expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    derive(0, Buffer.alloc(100_000, 1));
    expect(derive(0, line)).toBe(ids[0]);
    expect(createIdDeriver("events.ndjson")(0, line)).toBe(ids[0]);
  });

  it("is SHA-256 of the source's SHA-256, the position as a big-endian double, and the content", () => {
    const position = Buffer.alloc(8);
    position.writeDoubleBE(2 ** 40);
    const identity = createHash("sha256").update("s").digest();
    const expected = createHash("sha256").update(identity).update(position).update("x").digest("hex");
    const id = createIdDeriver("s")(2 ** 40, Buffer.from("x")).replaceAll("-", "");
    expect(id.slice(0, 12)).toBe(expected.slice(0, 12));
    expect(id.slice(13, 16)).toBe(expected.slice(13, 16));
    expect(id.slice(17)).toBe(expected.slice(17, 32));
  });
});
