import { deflateSync, gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import type { AskOptions } from "../testing/ask.ts";
import { ask } from "../testing/ask.ts";
import { datadogFault } from "./fault.ts";
import type { DatadogServer } from "./server.ts";
import { startDatadogServer } from "./server.ts";

const apiKey = "0123456789abcdef0123456789abcdef";
const options = { apiKeys: [apiKey], idPath: "audit.id" };
const auth = { "dd-api-key": apiKey };
const json = { ...auth, "content-type": "application/json" };

async function post(server: DatadogServer, body: unknown, more: AskOptions = {}): Promise<[number, unknown]> {
  const bytes = typeof body === "string" || body instanceof Uint8Array ? body : JSON.stringify(body);
  const reply = await ask(`${server.url}/api/v2/logs`, { headers: json, body: bytes, ...more });
  return [reply.status, JSON.parse(reply.text)];
}

const log = (id: string): unknown => ({ message: "m", audit: { id, action: "a.b" } });
const refusal = (status: number, title: string): unknown => [
  status,
  { errors: [{ status: String(status), title, detail: expect.any(String) as unknown }] },
];

describe("keys and paths", () => {
  it("validates keys at the API", async () => {
    await using server = await startDatadogServer(options);
    const url = `${server.url}/api/v1/validate`;
    const good = await ask(url, { method: "GET", headers: auth });
    expect([good.status, good.text]).toEqual([200, '{"valid":true}']);
    expect((await ask(url, { method: "GET", headers: { "dd-api-key": "other" } })).status).toBe(403);
    expect((await ask(url, { method: "GET" })).status).toBe(403);
  });

  it("answers 401 without a key, 403 with a wrong one, 404 and 405 to what it does not know", async () => {
    await using server = await startDatadogServer(options);
    const type = { "content-type": "application/json" };
    expect(await post(server, [], { headers: type })).toEqual(refusal(401, "Unauthorized"));
    expect(await post(server, [], { headers: { ...type, "dd-api-key": "x" } })).toEqual(refusal(403, "Forbidden"));
    expect((await ask(`${server.url}/v1/input`, { headers: json })).status).toBe(404);
    expect((await ask(`${server.url}/api/v2/logs`, { method: "GET", headers: json })).status).toBe(405);
    server.apiKeys.clear();
    expect((await post(server, []))[0]).toBe(403);
  });
});

describe("a body", () => {
  it("is an array of logs or a single one, and the answer to it is 202 with an empty object", async () => {
    await using server = await startDatadogServer(options);
    expect(await post(server, [log("1"), log("2")])).toEqual([202, {}]);
    expect(await post(server, log("3"))).toEqual([202, {}]);
    expect([...server.counts()]).toEqual([
      ["1", 1],
      ["2", 1],
      ["3", 1],
    ]);
    expect(server.logs.map(({ raw }) => JSON.parse(Buffer.from(raw).toString()) as unknown)).toEqual(
      ["1", "2", "3"].map(log),
    );
    expect(server.requests).toMatchObject([
      { logs: 2, status: 202, endpoint: "logs" },
      { logs: 1, status: 202 },
    ]);
  });

  it.each(["", "1", "[1]", "[{}", "[{},]", "[{} {}]", "[{}x{}]", "{}{}", "[{}]x", '[{"a":}]', "[[{}]]"])(
    "of %j is malformed",
    async (body) => {
      await using server = await startDatadogServer(options);
      expect(await post(server, body)).toEqual(refusal(400, "Bad Request"));
      expect(server.accepted).toBe(0);
    },
  );

  it("that is not UTF-8 is malformed", async () => {
    await using server = await startDatadogServer(options);
    const body = Buffer.concat([Buffer.from('[{"message":"'), Buffer.from([0xff]), Buffer.from('"}]')]);
    expect(await post(server, body)).toEqual(refusal(400, "Bad Request"));
  });

  it("holds at most 1000 logs", async () => {
    await using server = await startDatadogServer(options);
    const logs = Array.from({ length: 1001 }, (_, index) => log(String(index)));
    expect(await post(server, logs)).toEqual(refusal(400, "Bad Request"));
    expect(await post(server, logs.slice(1))).toEqual([202, {}]);
    expect(server.accepted).toBe(1000);
  });

  it("has at most 5,000,000 bytes, decompressed", async () => {
    await using server = await startDatadogServer(options);
    const body = "[{}]".padEnd(5_000_001);
    const gzip = { ...json, "content-encoding": "gzip" };
    expect(await post(server, body)).toEqual(refusal(413, "Payload Too Large"));
    expect(await post(server, gzipSync(body), { headers: gzip })).toEqual(refusal(413, "Payload Too Large"));
    expect(await post(server, gzipSync(body.slice(1)), { headers: gzip })).toEqual(refusal(400, "Bad Request"));
    expect(await post(server, gzipSync(body.slice(0, -1)), { headers: gzip })).toEqual([202, {}]);
  });

  it("may be compressed with gzip or deflate, and must be JSON", async () => {
    await using server = await startDatadogServer(options);
    const body = JSON.stringify([log("1")]);
    for (const [encoding, bytes, status] of [
      ["gzip", gzipSync(body), 202],
      ["deflate", deflateSync(body), 202],
      ["identity", Buffer.from(body), 202],
      ["gzip", Buffer.from(body), 400],
      ["zstd", Buffer.from(body), 415],
    ] as const) {
      const headers = { ...json, "content-encoding": encoding };
      expect([encoding, (await post(server, bytes, { headers }))[0]]).toEqual([encoding, status]);
    }
    expect((await post(server, body, { headers: { ...auth, "content-type": "text/csv" } }))[0]).toBe(415);
    expect([...server.counts()]).toEqual([["1", 3]]);
  });
});

describe("what Datadog does in silence", () => {
  it("cuts a log over 1,000,000 bytes", async () => {
    await using server = await startDatadogServer(options);
    const fits = JSON.stringify({ message: "x".repeat(1_000_000 - 14) });
    expect(Buffer.byteLength(fits)).toBe(1_000_000);
    expect(await post(server, `[${fits},${fits.replace("x", "xx")}]`)).toEqual([202, {}]);
    expect(server.logs.map(({ truncated }) => truncated)).toEqual([false, true]);
  });

  it("drops a log that is older than 18 hours or more than 2 hours ahead", async () => {
    const now = Date.parse("2026-01-02T12:00:00Z");
    await using server = await startDatadogServer({ ...options, now: () => now });
    const hour = 3_600_000;
    const times = [now - 18 * hour, now - 18 * hour - 1, now + 2 * hour, now + 2 * hour + 1];
    await post(server, [
      ...times.map((timestamp) => ({ timestamp })),
      { date: new Date(now - 19 * hour).toISOString() },
      { date: "yesterday" },
      {},
    ]);
    expect(server.logs.map(({ dropped }) => dropped)).toEqual([
      undefined,
      "too_old",
      undefined,
      "too_new",
      "too_old",
      undefined,
      undefined,
    ]);
  });

  it("lets attributes of the event decide over reserved properties, even within a message that is JSON", async () => {
    await using server = await startDatadogServer(options);
    await post(server, [
      { status: "info", level: "x", hostname: "h", service: "s", ddsource: "d", timestamp: 1, dd: { trace_id: "t" } },
      { message: JSON.stringify({ severity: "x", host: "h", eventTime: "2026-01-02T12:00:00Z" }), service: "s" },
      { message: "plain", audit: { status: "x", host: "h", date: 1 } },
    ]);
    expect(server.logs.map(({ reserved }) => reserved)).toEqual([
      {
        status: "status",
        host: "hostname",
        service: "service",
        source: "ddsource",
        date: "timestamp",
        trace_id: "dd.trace_id",
      },
      {
        status: "message.severity",
        host: "message.host",
        date: "message.eventTime",
        service: "service",
        message: "message",
      },
      { message: "message" },
    ]);
  });
});

describe("faults", () => {
  it("refuses the whole request for one log with poison", async () => {
    await using server = await startDatadogServer(options);
    server.poison([{ path: "audit.id", equals: "2" }]);
    expect(await post(server, [log("1"), log("2")])).toEqual(refusal(400, "Bad Request"));
    expect(await post(server, [log("1")])).toEqual([202, {}]);
    server.poison([]);
    expect(await post(server, [log("2")])).toEqual([202, {}]);
  });

  it("knows the logs that it was told to refuse again, wherever they stand", async () => {
    await using server = await startDatadogServer(options);
    server.script([{ kind: "refuse", indexes: [1] }]);
    expect((await post(server, [log("1"), log("2"), log("3")]))[0]).toBe(400);
    expect((await post(server, [log("1")]))[0]).toBe(202);
    expect((await post(server, [log("2"), log("3")]))[0]).toBe(400);
    server.script([]);
    expect((await post(server, [log("2")]))[0]).toBe(202);
  });

  it("answers with errors before and after their effect, with the waits that it is to ask for", async () => {
    await using server = await startDatadogServer(options);
    server.script([
      { kind: "error", status: 429, retryAfter: 7 },
      { kind: "error", status: 429, rateLimitReset: 9 },
      { kind: "error", status: 500, afterEffect: true },
      { kind: "html", status: 502 },
      { kind: "error", status: 403, on: "validate" },
    ]);
    const replies = [];
    for (let each = 0; each < 5; each++) {
      replies.push(await ask(`${server.url}/api/v2/logs`, { headers: json, body: JSON.stringify(log(String(each))) }));
    }
    expect(
      replies.map(({ status, headers }) => [status, headers["retry-after"], headers["x-ratelimit-reset"]]),
    ).toEqual([
      [429, "7", undefined],
      [429, undefined, "9"],
      [500, undefined, undefined],
      [502, undefined, undefined],
      [202, undefined, undefined],
    ]);
    expect([...server.counts().keys()]).toEqual(["2", "4"]);
    expect(server.requests.map(({ status, logs }) => [status, logs])).toEqual([
      [429, 0],
      [429, 0],
      [500, 1],
      [502, 0],
      [202, 1],
    ]);
    expect((await ask(`${server.url}/api/v1/validate`, { method: "GET", headers: auth })).status).toBe(403);
  });

  it("are the kit's own, where an intake can have them", () => {
    expect(datadogFault({ kind: "busy", afterMs: 2500, times: 2 })).toEqual({
      kind: "error",
      status: 429,
      retryAfter: 3,
      times: 2,
    });
    expect(datadogFault({ kind: "denied" })).toEqual({ kind: "error", status: 403, times: null });
    expect(datadogFault({ kind: "slow", ms: 5 })).toEqual({ kind: "slow", ms: 5 });
    expect(datadogFault({ kind: "lost_reply" })).toEqual({ kind: "cut_reply" });
    expect(datadogFault({ kind: "missing" })).toBeUndefined();
  });
});

describe("what it keeps and how it is reached", () => {
  it("is less where less is asked for", async () => {
    await using ids = await startDatadogServer({ ...options, keep: "ids" });
    await using counts = await startDatadogServer({ ...options, keep: "counts" });
    for (const server of [ids, counts]) await post(server, [log("1"), log("1")]);
    expect([ids.logs.length, ids.accepted, [...ids.counts()]]).toEqual([0, 2, [["1", 2]]]);
    expect([counts.logs.length, counts.accepted, counts.counts().size]).toEqual([0, 2, 0]);
  });

  it("speaks TLS with a certificate that the kit's authority issued", async () => {
    await using server = await startDatadogServer({ ...options, tls: true });
    const { ca = "" } = server;
    expect(await post(server, [log("1")], { ca })).toEqual([202, {}]);
    await expect(post(server, [log("2")])).rejects.toMatchObject({ code: "UNABLE_TO_VERIFY_LEAF_SIGNATURE" });
    expect(server.accepted).toBe(1);
  });
});
