import fc from "fast-check";
import { expect, it } from "vitest";
import { digestPiece } from "./digest-event.ts";

const signature = { algorithm: "Ed25519", key_id: "k", signature: "s" } as const;

it("pieces of a digest are its line, whatever the limit, and none is longer than a fifth of it", () => {
  const text = fc.string({ unit: "grapheme", maxLength: 9000 });
  fc.assert(
    fc.property(text, fc.integer({ min: 1, max: 60_000 }), (said, maxEventBytes) => {
      const line = Buffer.from(JSON.stringify(said));
      const most = Math.max(1024, maxEventBytes / 5);
      const pieces: string[] = [];
      for (let sent = 0; sent < line.length;) {
        const { metadata, offset, end } = digestPiece(line, signature, { maxEventBytes }, sent);
        expect(end - sent).toBeLessThanOrEqual(most);
        expect(offset).toBe(line.length <= most ? undefined : sent);
        expect(metadata).toEqual({
          digest: metadata.digest,
          ...(offset === undefined ? {} : { offset, bytes: line.length }),
          ...signature,
        });
        pieces.push(metadata.digest);
        sent = end;
      }
      expect(pieces.join("")).toBe(String(line));
    }),
  );
});
