import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ask } from "../testing/ask.ts";
import type { HecServer } from "./server.ts";
import { startHecServer } from "./server.ts";

const token = "11111111-2222-4333-8444-555555555555";

const good = fc
  .record({ event: fc.record({ id: fc.uuid() }, { requiredKeys: [] }) })
  .map((value) => JSON.stringify(value));
const bad = fc.constantFrom(
  ['{"event":""}', 13],
  ['{"time":1}', 12],
  ['{"event":1,}', 6],
  ["[]", 6],
  ['{"event":1,"fields":{"a":{}}}', 15],
) as fc.Arbitrary<readonly [text: string, code: number]>;

describe("a collector", () => {
  let server: HecServer;
  beforeAll(async () => {
    server = await startHecServer({ tokens: [{ token }] });
  });
  afterAll(() => server[Symbol.asyncDispose]());

  async function post(
    body: string | Uint8Array,
    headers: Record<string, string> = {},
  ): Promise<readonly [number, string]> {
    const url = `${server.url}/services/collector`;
    const { status, text } = await ask(url, { headers: { authorization: `Splunk ${token}`, ...headers }, body });
    return [status, text];
  }

  it("takes exactly what stands before the first bad object, and names its place", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(good, { maxLength: 6 }),
        bad,
        fc.array(good, { maxLength: 3 }),
        async (before, [text, code], after) => {
          const had = server.indexed;
          const [status, reply] = await post([...before, text, ...after].join("\n"));
          expect([status, JSON.parse(reply)]).toMatchObject([400, { code, "invalid-event-number": before.length }]);
          expect(server.events.slice(had).map(({ raw }) => Buffer.from(raw).toString())).toEqual(before);
        },
      ),
      { numRuns: 50 },
    );
  });

  it("answers whatever bytes it is sent", async () => {
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 100 }),
      fc.string({ unit: fc.constantFrom("{", "}", '"', "\\", "[", ",", ":", "event", "fields", "1", " ") }),
      fc.constant('{"event":'.repeat(10_000)),
      fc.constant(`{"event":${"[".repeat(10_000)}${"]".repeat(10_000)}}`),
      fc.constant('{"__proto__":{"event":"x"},"event":"x"}'),
    );
    await fc.assert(
      fc.asyncProperty(bytes, fc.boolean(), fc.boolean(), async (body, gzip, honest) => {
        const encoding: Record<string, string> = gzip ? { "content-encoding": "gzip" } : {};
        const [status, text] = await post(gzip && honest ? gzipSync(body) : body, encoding);
        expect([200, 400]).toContain(status);
        expect(JSON.parse(text)).toHaveProperty("code");
      }),
      { numRuns: 100 },
    );
  });
});
