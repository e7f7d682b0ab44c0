import { HeadgateError } from "@headgate/core";
import { describe, expect, it } from "vitest";
import { hour, placeOf, objectOf, rawObject, sequences } from "./testing/stored-objects.ts";
import { audit } from "./audit.ts";

describe("audit", () => {
  it("says complete where every sequence is there once", async () => {
    const objects = [
      await objectOf(sequences(4, 6)),
      await objectOf(sequences(7, 7), { compression: "zstd" }),
      await objectOf(sequences(1, 3), { compression: "gzip" }),
    ];
    const report = await audit(placeOf(objects));
    expect(report).toMatchObject({
      complete: true,
      objects: 3,
      events: 7,
      first_sequence: 1,
      last_sequence: 7,
      gaps: [],
      duplicates: [],
      bad_objects: [],
      missing: 0,
      ids_checked: true,
    });
    expect(report).not.toHaveProperty("organizations");
  });

  it("begins where the first object begins: a stream need not start at 1", async () => {
    expect(await audit(placeOf([await objectOf(sequences(100, 103))]))).toMatchObject({
      complete: true,
      first_sequence: 100,
    });
  });

  it("lists gaps as ranges and duplicates as sequences", async () => {
    const objects = [
      await objectOf(sequences(1, 4)),
      await objectOf(sequences(4, 5)),
      await objectOf(sequences(9, 9)),
      await objectOf(sequences(11, 12)),
    ];
    expect(await audit(placeOf(objects))).toMatchObject({
      complete: false,
      gaps: [
        [6, 8],
        [10, 10],
      ],
      missing: 4,
      duplicates: [4],
      totals: { gaps: 2, duplicates: 1 },
    });
  });

  it("finds an id under two sequences, unless ids are left out", async () => {
    const objects = [await objectOf([{ sequence: 1, id: "same" }, { sequence: 2 }, { sequence: 3, id: "same" }])];
    expect(await audit(placeOf(objects))).toMatchObject({
      complete: false,
      duplicate_ids: [[1, 3]],
      duplicates: [],
      totals: { duplicate_ids: 1 },
    });
    expect(await audit(placeOf(objects), { ids: false })).toMatchObject({ complete: true, ids_checked: false });
  });

  it("keeps organizations apart and adds them up", async () => {
    const of = (organization: string, first: number, last: number): ReturnType<typeof objectOf> =>
      objectOf(sequences(first, last).map(({ sequence }) => ({ sequence, organization })));
    const report = await audit(placeOf([await of("b", 3, 5), await of("a", 1, 2), await of("a", 5, 5)]));
    expect(report).toMatchObject({
      complete: false,
      events: 6,
      first_sequence: 1,
      last_sequence: 5,
      gaps: [[3, 4]],
      missing: 2,
    });
    expect(report.organizations).toMatchObject([
      { organization: "a", complete: false, events: 3, first_sequence: 1, last_sequence: 5, gaps: [[3, 4]] },
      { organization: "b", complete: true, events: 3, first_sequence: 3, last_sequence: 5, gaps: [] },
    ]);
  });

  it("lists bad objects by key with their reasons, and goes on", async () => {
    const unreadable = {
      ...(await objectOf([{ sequence: 2 }])),
      read: () => Promise.reject(new HeadgateError("access_denied", "S3 does not allow reading.")),
    };
    const report = await audit(
      placeOf([
        rawObject("year=2025/a-readme", Buffer.from("")),
        unreadable,
        await objectOf(sequences(1, 1)),
        await objectOf(sequences(3, 3)),
      ]),
    );
    expect(report.bad_objects).toEqual([
      { key: "year=2025/a-readme", reason: expect.stringContaining("layout") as string },
      { key: unreadable.key, reason: "cannot be read: S3 does not allow reading." },
    ]);
    expect(report).toMatchObject({ complete: false, objects: 4, events: 2, gaps: [[2, 2]] });
  });

  it("leaves alone what is outside the folders of the layout", async () => {
    const objects = [rawObject("headgate.db", Buffer.from("x")), await objectOf(sequences(1, 1))];
    expect(await audit(placeOf(objects))).toMatchObject({ complete: true, objects: 1, ignored: 1 });
  });

  it("passes over names that readers skip, below where the audit starts", async () => {
    const good = await objectOf(sequences(1, 1), { prefix: "_in/" });
    const objects = [rawObject("_in/_digests/x", Buffer.from("")), rawObject("_in/.tmp-1", Buffer.from("")), good];
    expect(await audit(placeOf(objects, "_in/"))).toMatchObject({ complete: true, objects: 1 });
  });

  it("shows what is under which prefix, and which prefix has several organizations", async () => {
    const of = (organization: string, prefix: string, sequence: number): ReturnType<typeof objectOf> =>
      objectOf([{ sequence, organization }], { prefix });
    const swapped = await audit(placeOf([await of("acme", "beta/", 1), await of("beta", "acme/", 1)]));
    expect(swapped).toMatchObject({
      organizations: [
        { organization: "acme", prefixes: ["beta/"] },
        { organization: "beta", prefixes: ["acme/"] },
      ],
      shared_prefixes: [],
    });
    const shared = [await of("acme", "", 1), await of("beta", "", 1)];
    expect(await audit(placeOf(shared))).toMatchObject({
      complete: true,
      shared_prefixes: [{ prefix: "", organizations: ["acme", "beta"] }],
    });
  });

  it("finds any other organization where one is expected", async () => {
    const foreign = await objectOf([{ sequence: 2, organization: "beta" }]);
    const objects = [await objectOf([{ sequence: 1, organization: "acme" }]), foreign];
    expect(await audit(placeOf(objects), { organization: "acme" })).toMatchObject({
      complete: false,
      bad_objects: [{ key: foreign.key, reason: "holds events of another organization than acme" }],
    });
  });

  it("counts the keys of event objects that it leaves out", async () => {
    const [aside, hidden] = [
      await objectOf(sequences(1, 1), { prefix: "_old/" }),
      await objectOf(sequences(2, 2), { prefix: ".x/" }),
    ];
    const objects = [
      aside,
      hidden,
      rawObject("_digests/year=2025/x", Buffer.from("")),
      await objectOf(sequences(3, 3)),
    ];
    expect(await audit(placeOf(objects))).toMatchObject({ complete: true, objects: 1, skipped: 2 });
  });

  it("counts nothing where there is nothing", async () => {
    expect(await audit(placeOf([]))).toMatchObject({ objects: 0, events: 0, first_sequence: 0, last_sequence: 0 });
  });

  it("reads several at a time, but no more bytes than it may", async () => {
    const objects = await Promise.all(
      sequences(1, 40).map((event) => objectOf([{ ...event, occurredAt: hour + event.sequence }])),
    );
    const { size } = objects[0] as { readonly size: number };
    let [open, most] = [0, 0];
    const watched = objects.map((object) => ({
      key: object.key,
      size: object.size,
      async *read(): AsyncGenerator<Uint8Array> {
        most = Math.max(most, ++open);
        await new Promise((resolve) => setImmediate(resolve));
        yield await (object.read() as Promise<Uint8Array>);
        open--;
      },
    }));
    expect((await audit(placeOf(watched), { concurrency: 16, memoryBytes: 5 * (size + 2) })).complete).toBe(true);
    expect(most).toBeGreaterThan(1);
    expect(most).toBeLessThanOrEqual(5);
    most = 0;
    expect((await audit(placeOf(watched), { memoryBytes: 1 })).complete).toBe(true);
    expect(most).toBe(1);
  });

  it("throws what the listing throws, after the open objects are closed", async () => {
    const broken = {
      ...placeOf([]),
      async *list(): AsyncGenerator<never> {
        yield* [];
        throw new HeadgateError("destination_missing", "There is no bucket.");
      },
    };
    await expect(audit(broken)).rejects.toMatchObject({ code: "destination_missing" });
  });

  it("tells progress and stops when asked", async () => {
    const stop = new AbortController();
    const objects = await Promise.all(sequences(1, 20).map((event) => objectOf([event])));
    const total = { objects: 20, bytes: objects.reduce((sum, { size }) => sum + size, 0) };
    const told: (readonly [listed: number, objects: number, total: unknown])[] = [];
    const running = audit(placeOf(objects), {
      concurrency: 1,
      signal: stop.signal,
      onProgress: ({ listed, objects: done, total: all }) => {
        told.push([listed, done, all]);
        if (done === 3) stop.abort(new Error("enough"));
      },
    });
    await expect(running).rejects.toThrow("enough");
    expect(told).toEqual([
      ...objects.map((_, at) => [at + 1, 0, undefined]),
      ...[0, 1, 2, 3].map((done) => [20, done, total]),
    ]);
  });
});
