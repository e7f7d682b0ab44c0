import { createServer } from "node:net";
import { once } from "node:events";
import { startHecServer } from "@headgate/sink-testkit/hec";
import { describe, expect, it } from "vitest";
import { testToken } from "./testing/hec-backend.ts";
import { chunkFor, deliver, type HurryingClock, hurryingClock, rigSink } from "./testing/rig.ts";

async function pair() {
  const clock = hurryingClock();
  const [first, second] = await Promise.all(
    [0, 1].map(() => startHecServer({ tokens: [{ token: testToken }], now: () => clock.now() })),
  );
  if (first === undefined || second === undefined) throw new Error("two servers were asked for");
  return {
    clock,
    first,
    second,
    sink: rigSink([first.url, second.url], clock),
    async [Symbol.asyncDispose]() {
      for (const server of [first, second]) await server[Symbol.asyncDispose]();
    },
  };
}

/** A port that nobody listens on. */
async function closedPort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (address === null || typeof address === "string") throw new Error("no port");
  return address.port;
}

describe("where the first endpoint has surely taken nothing, the second is tried in the same call", () => {
  it.each([9, 18, 19, 20, 23, 26, 27] as const)("after code %i", async (code) => {
    await using at = await pair();
    await using sink = at.sink;
    at.first.script([{ kind: "code", code }]);
    expect((await deliver(sink, chunkFor(sink).chunk)).status).toBe("delivered");
    expect([at.first.indexed, at.second.indexed]).toEqual([0, 5]);
  });

  it("after a refused connection", async () => {
    await using at = await pair();
    await using sink = rigSink([`http://127.0.0.1:${await closedPort()}`, at.second.url], at.clock);
    expect((await deliver(sink, chunkFor(sink).chunk)).status).toBe("delivered");
    expect(at.second.indexed).toBe(5);
  });

  it("after a certificate that is not trusted", async () => {
    await using secure = await startHecServer({ tokens: [{ token: testToken }], tls: true });
    await using at = await pair();
    await using sink = rigSink([secure.url, at.second.url], at.clock);
    expect((await deliver(sink, chunkFor(sink).chunk)).status).toBe("delivered");
    expect([secure.indexed, at.second.indexed]).toEqual([0, 5]);
  });
});

describe("where the first endpoint may have taken something, the second is left to the next call", () => {
  it.each([
    { kind: "reset" },
    { kind: "cut_reply", afterBytes: 30 },
    { kind: "html", status: 502 },
    { kind: "html", status: 503 },
    { kind: "html", status: 504 },
    { kind: "status", status: 404, body: '{"text":"Not Found","code":404}' },
    { kind: "code", code: 8 },
  ] as const)("after %j", async (fault) => {
    await using at = await pair();
    await using sink = at.sink;
    at.first.script([fault]);
    const { chunk } = chunkFor(sink);
    expect((await deliver(sink, chunk)).status).toBe("retry");
    expect(at.second.requests).toHaveLength(0);
    expect((await deliver(sink, chunk)).status).toBe("delivered");
    expect(at.second.indexed).toBe(5);
  });
});

it("an endpoint that failed is avoided for a minute, then tried again", async () => {
  await using at = await pair();
  await using sink = at.sink;
  const send = async (clock: HurryingClock, ms: number, first: number): Promise<void> => {
    clock.pass(ms);
    expect((await deliver(sink, chunkFor(sink, 1, first).chunk)).status).toBe("delivered");
  };
  at.first.script([{ kind: "code", code: 9 }]);
  await send(at.clock, 0, 1);
  await send(at.clock, 59_000, 2);
  expect([at.first.indexed, at.second.indexed]).toEqual([0, 2]);
  await send(at.clock, 1000, 3);
  expect([at.first.indexed, at.second.indexed]).toEqual([1, 2]);
});

it("with all of them down, the one that may come up by itself decides, and each is tried once", async () => {
  await using secure = await startHecServer({ tokens: [{ token: testToken }], tls: true });
  await using at = await pair();
  await using sink = rigSink([secure.url, at.first.url, at.second.url], at.clock);
  at.first.script([{ kind: "code", code: 9, times: null, retryAfter: 3 }]);
  at.second.script([{ kind: "code", code: 26, times: null }]);
  const result = await deliver(sink, chunkFor(sink).chunk);
  expect(result).toMatchObject({ status: "retry", error: { vendorCode: "9" }, afterMs: 3000 });
  expect([at.first.requests.length, at.second.requests.length]).toEqual([1, 1]);
});

it("a token that one endpoint refuses holds the stream: another one is no way around that", async () => {
  await using at = await pair();
  await using sink = at.sink;
  at.first.script([{ kind: "code", code: 4 }]);
  expect((await deliver(sink, chunkFor(sink).chunk)).status).toBe("blocked");
  expect(at.second.requests).toHaveLength(0);
});

it("each endpoint has a channel of its own", async () => {
  await using at = await pair();
  await using sink = at.sink;
  await deliver(sink, chunkFor(sink, 1).chunk);
  at.first.script([{ kind: "code", code: 9 }]);
  await deliver(sink, chunkFor(sink, 1, 2).chunk);
  const [one, two] = [at.first, at.second].map(({ requests }) => requests[0]?.headers["x-splunk-request-channel"]);
  expect(one).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  expect(two).not.toBe(one);
});
