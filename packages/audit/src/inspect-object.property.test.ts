import { gzipSync, zstdCompressSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type AuditableObject, inspectObject, type Inspection } from "./inspect-object.ts";
import { lineOf, namedObject } from "./testing/stored-objects.ts";
import type { AuditedEvent } from "./read-event.ts";

const ways = {
  "": (bytes: Uint8Array) => bytes,
  ".json.gz": (bytes: Uint8Array) => gzipSync(bytes),
  ".json.zst": (bytes: Uint8Array) => zstdCompressSync(bytes),
} as const;

async function inspected(object: AuditableObject): Promise<{ found: Inspection; events: readonly AuditedEvent[] }> {
  const events: AuditedEvent[] = [];
  const found = await inspectObject(object, (event) => void events.push(event));
  return { found, events };
}

describe("an object that comes at once", () => {
  it("is judged as one that comes in pieces, however it is compressed, joined or damaged", async () => {
    const lines = fc.array(fc.oneof({ weight: 5, arbitrary: fc.nat(40) }, fc.constantFrom("rubbish\n", "\n", "{}")), {
      maxLength: 6,
    });
    await fc.assert(
      fc.asyncProperty(
        fc.array(lines, { minLength: 1, maxLength: 3 }),
        fc.constantFrom(...(Object.keys(ways) as (keyof typeof ways)[])),
        fc.record({ flip: fc.option(fc.nat()), cut: fc.option(fc.nat(30)), rest: fc.constantFrom("", "\0\0", "x") }),
        fc.integer({ min: 1, max: 50 }),
        async (parts, extension, { flip, cut, rest }, size) => {
          const texts = parts.map((part) =>
            part.map((line) => (typeof line === "string" ? line : lineOf({ sequence: line + 1 }))).join(""),
          );
          const whole = Buffer.concat([...texts.map((text) => ways[extension](Buffer.from(text))), Buffer.from(rest)]);
          const bytes = Buffer.from(whole.subarray(0, whole.length - (cut ?? 0)));
          if (flip !== null && bytes.length > 0)
            bytes.writeUInt8((bytes[flip % bytes.length] as number) ^ 4, flip % bytes.length);
          const object = namedObject(bytes, { extension });
          const shared = new Uint8Array(bytes.length);
          const atOnce: AuditableObject = {
            ...object,
            read() {
              shared.set(bytes);
              // As a reader does that uses one buffer for all.
              queueMicrotask(() => shared.fill(0));
              return shared;
            },
          };
          const pieces: AuditableObject = {
            ...object,
            async *read() {
              for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
            },
          };
          const [one, other] = [await inspected(atOnce), await inspected(pieces)];
          const isUndecodable = one.found.reasons.some((reason) => reason.includes("cannot be decoded"));
          if (!isUndecodable) expect(one).toEqual(other);
          // How many lines come out before the damage depends on how the bytes come.
          else {
            expect(one.found.sha256).toBe(other.found.sha256);
            expect(other.found.reasons.join()).toContain("cannot be decoded");
          }
        },
      ),
      { numRuns: 600 },
    );
  });
});
