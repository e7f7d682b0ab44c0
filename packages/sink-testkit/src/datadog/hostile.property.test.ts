import { deflateSync, gzipSync } from "node:zlib";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ask } from "../testing/ask.ts";
import { readLogs } from "./read-logs.ts";
import type { DatadogServer } from "./server.ts";
import { startDatadogServer } from "./server.ts";

const plain = (body: string | Uint8Array): Buffer => Buffer.from(body);
const log = fc.dictionary(fc.string(), fc.jsonValue());

describe("the logs of a body", () => {
  it("are those that JSON has, in its order, each with its own bytes", () => {
    fc.assert(
      fc.property(fc.array(log), fc.constantFrom(undefined, 2, "\t"), (values, space) => {
        const logs = readLogs(Buffer.from(JSON.stringify(values, undefined, space)));
        const back = JSON.parse(JSON.stringify(values)) as unknown;
        expect(logs?.map((each) => each.log)).toEqual(back);
        expect(logs?.map(({ raw }) => JSON.parse(Buffer.from(raw).toString()) as unknown)).toEqual(back);
      }),
    );
  });

  it("are none where the body is not JSON, wherever it was cut", () => {
    fc.assert(
      fc.property(fc.array(log, { minLength: 1 }), fc.nat(), (values, place) => {
        const bytes = Buffer.from(JSON.stringify(values));
        expect(readLogs(bytes.subarray(0, place % bytes.length))).toBeUndefined();
      }),
    );
  });
});

describe("an intake", () => {
  let server: DatadogServer;
  beforeAll(async () => {
    server = await startDatadogServer({ apiKeys: ["key"] });
  });
  afterAll(() => server[Symbol.asyncDispose]());

  it("answers whatever bytes it is sent", async () => {
    const body = fc.oneof(
      fc.uint8Array({ maxLength: 100 }),
      fc.string({ unit: fc.constantFrom("{", "}", '"', "\\", "[", "]", ",", ":", "message", "1", " ") }),
      fc.constant("[".repeat(20_000)),
      fc.constant('[{"__proto__":{"id":"x"},"message":"{\\"status\\":{}}","date":"2026-99-99T99:99:99Z"}]'),
    );
    const pack = fc.constantFrom(
      ["identity", plain],
      ["gzip", gzipSync],
      ["deflate", deflateSync],
      ["gzip", plain],
      ["deflate", plain],
    ) as fc.Arbitrary<readonly [encoding: string, packed: (body: string | Uint8Array) => Buffer]>;
    await fc.assert(
      fc.asyncProperty(body, pack, async (bytes, [encoding, packed]) => {
        const headers = { "dd-api-key": "key", "content-type": "application/json", "content-encoding": encoding };
        const reply = await ask(`${server.url}/api/v2/logs`, { headers, body: packed(bytes) });
        expect([202, 400]).toContain(reply.status);
        expect(JSON.parse(reply.text)).toBeTypeOf("object");
      }),
      { numRuns: 100 },
    );
  });
});
