import { gzipSync, zstdCompressSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { hour, lineOf, namedObject, objectOf, rawObject, sequences } from "./testing/stored-objects.ts";
import { type AuditableObject, inspectObject } from "./inspect-object.ts";
import type { AuditedEvent } from "./read-event.ts";

async function inspect(
  object: AuditableObject,
): Promise<{ events: number; reasons: readonly string[]; seen: AuditedEvent[] }> {
  const seen: AuditedEvent[] = [];
  const inspection = await inspectObject(object, (event) => seen.push(event));
  return { ...inspection, seen };
}

/** The same object, its bytes a few at a time. */
function trickled(object: AuditableObject, size: number): AuditableObject {
  return {
    ...object,
    async *read() {
      const bytes = await (object.read() as Promise<Uint8Array>);
      for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
    },
  };
}

const three = sequences(5, 7);
const body = three.map(lineOf).join("");
const time = hour + 5000;

describe("inspectObject", () => {
  it.each(["none", "gzip", "zstd"] as const)(
    "finds nothing wrong with an object of the sinks, %s",
    async (compression) => {
      for (const layout of ["iso", "basic"] as const) {
        const object = await objectOf(three, { compression, layout, prefix: "logs/" });
        for (const given of [object, trickled(object, 1), trickled(object, 7)]) {
          const { events, reasons, seen } = await inspect(given);
          expect(reasons).toEqual([]);
          expect(events).toBe(3);
          expect(seen.map(({ sequence }) => sequence)).toEqual([5, 6, 7]);
        }
      }
    },
  );

  it("reads every gzip member and every zstd frame", async () => {
    const [first, rest] = [lineOf({ sequence: 5 }), sequences(6, 7).map(lineOf).join("")];
    const skippable = Buffer.from("502a4d1803000000aabbcc", "hex");
    const gzip = Buffer.concat([gzipSync(first), gzipSync(rest)]);
    const zstd = Buffer.concat([zstdCompressSync(first), skippable, zstdCompressSync(rest)]);
    for (const object of [
      namedObject(gzip, { time, extension: ".json.gz" }),
      namedObject(zstd, { time, extension: ".json.zst" }),
    ]) {
      for (const given of [object, trickled(object, 1), trickled(object, 5)]) {
        expect(await inspect(given)).toMatchObject({ events: 3, reasons: [] });
      }
    }
  });

  it("walks large frames of many blocks", async () => {
    const many = sequences(1, 3000);
    expect(await inspect(trickled(await objectOf(many, { compression: "zstd" }), 1000))).toMatchObject({
      events: 3000,
      reasons: [],
    });
    const flat = Buffer.concat([
      zstdCompressSync(Buffer.alloc(300_000, "\n")),
      zstdCompressSync(lineOf({ sequence: 5 })),
    ]);
    expect((await inspect(namedObject(flat, { time, extension: ".json.zst" }))).events).toBe(1);
  });

  it.each([
    [
      "a flipped bit",
      async () => flip(await objectOf(three), 40),
      /^the SHA-1 of its bytes is [0-9a-f]{40}, not the one in its name/,
    ],
    [
      "a flipped bit in gzip",
      async () => flip(await objectOf(three, { compression: "gzip" }), 40),
      /^the SHA-1 .*cannot be decoded/,
    ],
    ["a flipped bit in zstd", async () => flip(await objectOf(three, { compression: "zstd" }), 20), /^the SHA-1 .*/],
    [
      "half a gzip member",
      () => namedObject(gzipSync(body).subarray(0, 50), { time, extension: ".json.gz" }),
      /^cannot be decoded \(unexpected end of file\)/,
    ],
    [
      "half a zstd frame",
      () => namedObject(zstdCompressSync(body).subarray(0, 50), { time, extension: ".json.zst" }),
      /^cannot be decoded \(unexpected end of file\)/,
    ],
    [
      "text behind gzip",
      () => namedObject(Buffer.concat([gzipSync(body), Buffer.from("extra")]), { time, extension: ".json.gz" }),
      /^cannot be decoded/,
    ],
    [
      "text behind zstd",
      () =>
        namedObject(Buffer.concat([zstdCompressSync(body), Buffer.from("extra")]), { time, extension: ".json.zst" }),
      /^cannot be decoded \(bytes that are no Zstandard frame\)/,
    ],
    ["plain text named gzip", () => namedObject(body, { time, extension: ".json.gz" }), /^cannot be decoded/],
    ["a missing last LF", () => namedObject(body.slice(0, -1), { time }), /^ends in the middle of a line$/],
    ["an empty object", () => namedObject(""), /^holds no events$/],
    ["an empty line", () => namedObject(`${body}\n`, { time }), /^line 4 is not valid JSON$/],
    [
      "broken UTF-8",
      () => namedObject(Buffer.concat([Buffer.from(body), Buffer.from([0x22, 0xff, 0x22, 0x0a])]), { time }),
      /^line 4 is not valid JSON$/,
    ],
    ["a line that is no object", () => namedObject(`${body}7\n`, { time }), /^line 4 is not a JSON object$/],
    [
      "no organization",
      () => namedObject(body.replace('"organization":{"id":"org_1"},', ""), { time }),
      /^line 1 has no organization id; its earliest event is/,
    ],
    [
      "a sequence as text",
      () => namedObject(`${body}${lineOf({ sequence: 8 }).replace(":8}", ':"8"}')}`, { time }),
      /^line 4 has no valid sequence$/,
    ],
    [
      "no id",
      () => namedObject(`${body}${lineOf({ sequence: 8 }).replace('"id":"id-8",', "")}`, { time }),
      /^line 4 has no id$/,
    ],
    [
      "a bad time",
      () => namedObject(`${body}${lineOf({ sequence: 8 }).replace("2025-07", "2025-13")}`, { time }),
      /^line 4 has no valid occurred_at$/,
    ],
    [
      "an event of the next hour",
      () => namedObject(body + lineOf({ sequence: 8, occurredAt: hour + 3_600_000 }), { time }),
      /^line 4 occurred at 2025-07-16T10:00:00\.000Z, outside the hour of the key$/,
    ],
    [
      "another time in the name",
      () => namedObject(body, { time: time + 1000 }),
      /^its earliest event is of 2025-07-16T09:00:05\.000Z, not of the time in its name$/,
    ],
    [
      "events of two organizations",
      () => namedObject(body + lineOf({ sequence: 8, organization: "org_2" }), { time }),
      /^holds events of several organizations$/,
    ],
    [
      "events out of order",
      () => namedObject(body + lineOf({ sequence: 7 }), { time }),
      /^line 4 is out of sequence order$/,
    ],
    [
      "a member twice",
      () =>
        namedObject(body + lineOf({ sequence: 8 }).replace('"sequence":8', '"sequence":9,"sequ\\u0065nce":8'), {
          time,
        }),
      /^line 4 names a member twice$/,
    ],
    [
      "a member that the schema lacks",
      () => namedObject(body + lineOf({ sequence: 8 }).replace('"id":"u"', '"id":"u","x":1'), { time }),
      /^line 4 does not follow the event schema: \$\.actor has an unknown member "x" \(known: type, id, name\)$/,
    ],
    ["a foreign key", () => rawObject("readme.txt", Buffer.from("x")), /^the key does not follow the layout/],
    [
      "an impossible date",
      () => rawObject(`year=2025/month=02/day=30/hour=00/2025-02-30T00:00:00_${"0".repeat(40)}`, Buffer.from("x")),
      /^the key does not follow the layout/,
    ],
  ] as const)("says what is wrong: %s", async (_, make, reason) => {
    const { reasons } = await inspect(await make());
    expect(reasons.join("; ")).toMatch(reason);
  });

  it("finds what stands behind the last gzip member, however it comes", async () => {
    for (const [rest, size] of [
      [Buffer.alloc(100), 1],
      [Buffer.from("\0more"), 7],
      [Buffer.alloc(3_000_000), 65_536],
    ] as const) {
      const object = namedObject(Buffer.concat([gzipSync(body), rest]), { time, extension: ".json.gz" });
      for (const given of [object, trickled(object, size)]) {
        expect((await inspect(given)).reasons).toEqual(["cannot be decoded (bytes behind the last gzip member)"]);
      }
    }
  });

  it("takes the same names for no repetition where they stand in other objects or in strings", async () => {
    const line = lineOf({ sequence: 8 }).replace(
      '"action"',
      '"metadata":{"id":1,"a":["{:}"],"sequence":"\\\\\\":"},"action"',
    );
    expect((await inspect(namedObject(body + line, { time }))).reasons).toEqual([]);
  });

  it("names a key whose folders and time disagree", async () => {
    const good = namedObject(body, { time });
    const { reasons } = await inspect({ ...good, key: good.key.replace("hour=09", "hour=10") });
    expect(reasons).toContain("the time in its name is outside the hour of its folders");
  });

  it("counts the events of a bad object, so that they are not missed as well", async () => {
    const { events, seen } = await inspect(namedObject(`${body}rubbish\n`, { time }));
    expect(events).toBe(3);
    expect(seen).toHaveLength(3);
  });

  it("tells an object that cannot be read from one that cannot be decoded", async () => {
    const gone = Object.assign(new Error("gone"), { code: "ENOENT" });
    const object = namedObject(body, { time });
    expect((await inspect({ ...object, read: () => Promise.reject(gone) })).reasons).toEqual([
      "cannot be read (ENOENT)",
    ]);
    const half = namedObject(gzipSync(body).subarray(0, 50), { time, extension: ".json.gz" });
    let reads = 0;
    const once = { ...half, read: () => (++reads === 1 ? trickled(half, 10).read() : Promise.reject(gone)) };
    expect((await inspect(once)).reasons).toEqual([
      expect.stringContaining("cannot be decoded"),
      "cannot be read (ENOENT)",
    ]);
  });

  it("never quotes an event", async () => {
    const { reasons } = await inspect(namedObject('{"secret":"hunter2"\n["hunter2"]\n{"id":"hunter2"}\n'));
    expect(reasons.join()).not.toContain("hunter2");
  });
});

async function flip(object: AuditableObject, at: number): Promise<AuditableObject> {
  const bytes = Buffer.from(await (object.read() as Promise<Uint8Array>));
  bytes.writeUInt8((bytes[at] as number) ^ 1, at);
  return rawObject(object.key, bytes);
}
