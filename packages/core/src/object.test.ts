import { createHash } from "node:crypto";
import { gunzipSync, zstdDecompressSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { canEncodeObject, encodeObject, objectEncoding, type ObjectLayout, readerSafePrefix } from "./object.ts";
import type { Chunk } from "./sink.ts";

const body = new TextEncoder().encode('{"a":1}\n{"b":2}\n');

function chunk(layout: ObjectLayout): Chunk {
  const earliest = Date.parse("2025-07-16T09:52:30.999Z");
  return {
    stream: "acme s3",
    organization: "acme",
    key: "k",
    hour: Date.parse("2025-07-16T09:00:00Z"),
    firstSequence: 4,
    lastSequence: 9,
    count: 2,
    earliest,
    latest: earliest,
    sequences: Float64Array.of(4, 9),
    times: Float64Array.of(earliest, earliest),
    sizes: Uint32Array.of(7, 7),
    body,
    encoding: objectEncoding(layout),
  };
}

describe("encodeObject", () => {
  it("names the object by the hour, the earliest second and the SHA-1 of its bytes", async () => {
    const object = await encodeObject(chunk({ prefix: "headgate/" }));
    // Golden: printf '{"a":1}\n{"b":2}\n' | sha1sum
    expect(object.key).toBe(
      "headgate/year=2025/month=07/day=16/hour=09/2025-07-16T09:52:30_2e64bef4f3394e75c4de763247c2e330bb947ced",
    );
    expect(object.bytes).toEqual(body);
    expect(object.metadata).toMatchObject({
      "headgate-layout": "1",
      "headgate-stream": "acme%20s3",
      "headgate-first-sequence": "4",
      "headgate-last-sequence": "9",
      "headgate-count": "2",
      "headgate-bytes": "16",
    });
  });

  it("has a layout without colons", async () => {
    const { key } = await encodeObject(chunk({ layout: "basic" }));
    expect(key).toMatch(/^year=2025\/month=07\/day=16\/hour=09\/20250716T095230Z_[0-9a-f]{40}$/);
  });

  it.each(["gzip", "zstd"] as const)(
    "compresses with %s, names what is stored, and says so in the extension",
    async (compression) => {
      const object = await encodeObject(chunk({ compression }));
      expect(object.key.endsWith(compression === "gzip" ? ".json.gz" : ".json.zst")).toBe(true);
      expect(object.key).toContain(createHash("sha1").update(object.bytes).digest("hex"));
      const plain = compression === "gzip" ? gunzipSync(object.bytes) : zstdDecompressSync(object.bytes);
      expect(new Uint8Array(plain)).toEqual(body);
      expect(await encodeObject(chunk({ compression }))).toEqual(object);
    },
  );

  it("tells whether this process writes the same bytes", () => {
    const encoding = objectEncoding({ compression: "gzip" });
    expect(canEncodeObject(encoding)).toBe(true);
    expect(canEncodeObject(encoding.replace(/gzip-[^"]*/, "gzip-1.2.0-other"))).toBe(false);
    expect(canEncodeObject(objectEncoding({ prefix: "elsewhere/" }))).toBe(true);
  });

  it.each(["", "ocsf-1.3", "null", "7", "[]", '"gzip"', "{}", '{"version":1}', '{"version":1,"codec":"undefined"}'])(
    "knows that it does not write what it cannot read: %j",
    (encoding) => {
      expect(canEncodeObject(encoding)).toBe(false);
    },
  );
});

describe("readerSafePrefix", () => {
  it.each(["", "headgate/", "a/b_c/d.e/", "a/part-"])("takes %j", (prefix) => {
    expect(readerSafePrefix(prefix)).toBe(true);
  });

  it.each(["_logs/", ".a/", "a/_b/", "a/.b/", "_", "a/_", "../a/"])("takes %j for one that readers skip", (prefix) => {
    expect(readerSafePrefix(prefix)).toBe(false);
  });
});
