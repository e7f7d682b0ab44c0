import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import type { AskOptions } from "../testing/ask.ts";
import { ask } from "../testing/ask.ts";
import type { HecServer } from "./server.ts";
import { startHecServer } from "./server.ts";

const token = "11111111-2222-4333-8444-555555555555";
const acking = "99999999-2222-4333-8444-555555555555";
const channel = "0b3d9d3e-6f0c-4b8e-9b1c-1d2e3f4a5b6c";
const options = {
  tokens: [
    { token },
    { token: acking, acknowledge: true },
    { token: "off", disabled: true },
    { token: "narrow", indexes: ["audit"], defaultIndex: "audit" },
  ],
};

function auth(value = token): Record<string, string> {
  return { authorization: `Splunk ${value}` };
}

async function post(server: HecServer, body: string | Uint8Array, more: AskOptions = {}): Promise<[number, unknown]> {
  const reply = await ask(`${server.url}/services/collector/event`, { headers: auth(), body, ...more });
  return [reply.status, JSON.parse(reply.text)];
}

const event = (id: string): string => JSON.stringify({ time: 1_700_000_000.123, event: { id, action: "a.b" } });
const success = { text: "Success", code: 0 };

describe("paths and methods", () => {
  it("takes events at the three paths of the event endpoint", async () => {
    await using server = await startHecServer(options);
    for (const path of ["", "/event", "/event/1.0"]) {
      const reply = await ask(`${server.url}/services/collector${path}`, { headers: auth(), body: event(path) });
      expect([reply.status, reply.text, reply.headers["content-type"]]).toEqual([
        200,
        '{"text":"Success","code":0}',
        "application/json; charset=UTF-8",
      ]);
    }
    expect(server.events.map((each) => each.time)).toEqual([1_700_000_000.123, 1_700_000_000.123, 1_700_000_000.123]);
  });

  it("answers unknown paths 404, wrong methods 405, both with code 404, and OPTIONS with nothing", async () => {
    await using server = await startHecServer(options);
    const unknown = await ask(`${server.url}/services/nothing`, { headers: auth(), body: event("1") });
    expect([unknown.status, JSON.parse(unknown.text)]).toEqual([
      404,
      { text: "The requested URL was not found on this server.", code: 404 },
    ]);
    for (const [method, path] of [
      ["GET", "/services/collector/event"],
      ["GET", "/services/collector/ack"],
      ["POST", "/services/collector/health"],
    ] as const) {
      const wrong = await ask(server.url + path, { method, headers: auth() });
      expect([wrong.status, JSON.parse(wrong.text)]).toEqual([405, { text: "Method Not Allowed", code: 404 }]);
    }
    const question = await ask(`${server.url}/services/collector`, { method: "OPTIONS" });
    expect([question.status, question.text]).toEqual([200, ""]);
  });

  it("says that it is well without a token", async () => {
    await using server = await startHecServer(options);
    for (const path of ["health", "health/1.0"]) {
      const reply = await ask(`${server.url}/services/collector/${path}`, { method: "GET" });
      expect([reply.status, JSON.parse(reply.text)]).toEqual([200, { text: "HEC is healthy", code: 17 }]);
    }
  });

  it("takes the lines of the raw endpoint with what the query says of them", async () => {
    await using server = await startHecServer(options);
    const path = "/services/collector/raw?sourcetype=lines&host=h&time=1700000000";
    const reply = await ask(server.url + path, { headers: auth(), body: "one\n\ntwo\r\n" });
    expect(reply.status).toBe(200);
    expect(server.events.map((each) => [each.event, each.sourcetype, each.host, each.time])).toEqual([
      ["one", "lines", "h", 1_700_000_000],
      ["two", "lines", "h", 1_700_000_000],
    ]);
  });
});

describe("tokens and channels", () => {
  it.each([
    [{}, 401, 2, "Token is required"],
    [{ authorization: token }, 401, 3, "Invalid authorization"],
    [{ authorization: `Bearer ${token}` }, 401, 3, "Invalid authorization"],
    [{ authorization: `splunk ${token}` }, 401, 3, "Invalid authorization"],
    [auth("unknown"), 403, 4, "Invalid token"],
    [auth("off"), 403, 1, "Token disabled"],
    [auth(acking), 400, 10, "Data channel is missing"],
    [{ ...auth(acking), "x-splunk-request-channel": "7" }, 400, 11, "Invalid data channel"],
  ])("refuses %j with %i and code %i", async (headers, status, code, text) => {
    await using server = await startHecServer(options);
    expect(await post(server, event("1"), { headers })).toEqual([status, { text, code }]);
    expect(server.events).toEqual([]);
  });

  it("refuses a token in the query", async () => {
    await using server = await startHecServer(options);
    const reply = await ask(`${server.url}/services/collector?token=${token}`, { headers: auth(), body: event("1") });
    expect([reply.status, JSON.parse(reply.text)]).toEqual([
      400,
      { text: "Query string authorization is not enabled", code: 16 },
    ]);
  });

  it("takes the channel from the query too, and tells a missing one as Splunk Cloud does", async () => {
    await using server = await startHecServer({ ...options, cloud: true });
    const url = `${server.url}/services/collector?channel=${channel}`;
    expect((await ask(url, { headers: auth(acking), body: event("1") })).status).toBe(200);
    expect(await post(server, event("1"), { headers: auth(acking) })).toEqual([
      400,
      { text: "Data channel is missing", code: 28 },
    ]);
  });

  it("feels a change of its tokens at once", async () => {
    await using server = await startHecServer(options);
    server.tokens.splice(0, server.tokens.length, { token, disabled: true });
    expect(await post(server, event("1"))).toEqual([403, { text: "Token disabled", code: 1 }]);
  });
});

describe("a body", () => {
  it("may have any whitespace between its objects, and none", async () => {
    await using server = await startHecServer(options);
    const body = ` ${event("1")}${event("2")}\r\n\t${event("3")} \n`;
    expect(await post(server, body)).toEqual([200, success]);
    expect(server.events.map(({ raw }) => Buffer.from(raw).toString())).toEqual([event("1"), event("2"), event("3")]);
    expect(server.requests).toMatchObject([{ objects: 3, status: 200, code: 0, wireBytes: Buffer.byteLength(body) }]);
    expect(Buffer.from(server.requests[0]?.body ?? "").toString()).toBe(body);
  });

  it.each(["", " \n"])("that holds nothing (%j) is answered with code 5", async (body) => {
    await using server = await startHecServer(options);
    expect(await post(server, body)).toEqual([400, { text: "No data", code: 5 }]);
  });

  it.each([
    ["[1]", 6, "Invalid data format"],
    ["{", 6, "Invalid data format"],
    [`,${event("x")}`, 6, "Invalid data format"],
    ['{"event":"x",}', 6, "Invalid data format"],
    ['{"event":"x","host":1}', 6, "Invalid data format"],
    ['{"event":"x","time":"soon"}', 6, "Invalid data format"],
    ['{"time":1}', 12, "Event field is required"],
    ['{"event":null}', 12, "Event field is required"],
    ['{"event":""}', 13, "Event field cannot be blank"],
    ['{"event":"x","fields":{"a":{"b":"c"}}}', 15, "Error in handling indexed fields"],
    ['{"event":"x","fields":[]}', 15, "Error in handling indexed fields"],
  ])("is taken up to the bad object %s, which code %i names", async (bad, code, text) => {
    await using server = await startHecServer(options);
    const body = event("0") + event("1") + bad + event("3");
    expect(await post(server, body)).toEqual([400, { text, code, "invalid-event-number": 2 }]);
    expect([...server.counts()]).toEqual([
      ["0", 1],
      ["1", 1],
    ]);
  });

  it("with a wrong index is taken up to it, but the number names the object after it", async () => {
    await using server = await startHecServer(options);
    const wrong = JSON.stringify({ event: { id: "1" }, index: "secret" });
    const body = event("0") + wrong + event("2");
    expect(await post(server, body, { headers: auth("narrow") })).toEqual([
      400,
      { text: "Incorrect index", code: 7, "invalid-event-number": 2 },
    ]);
    expect(server.events.map(({ index, event: each }) => [index, each])).toEqual([
      ["audit", { id: "0", action: "a.b" }],
    ]);
  });

  it("is read no further than an unknown key, without a word", async () => {
    await using server = await startHecServer(options);
    const odd = '{"event":"x","severity":"high"}';
    expect(await post(server, event("0") + odd + event("2"))).toEqual([200, success]);
    expect([...server.counts().keys()]).toEqual(["0"]);
    expect(await post(server, odd)).toEqual([400, { text: "No data", code: 5 }]);
  });

  it("loses an object with fields but without event, without a word", async () => {
    await using server = await startHecServer(options);
    expect(await post(server, `{"fields":{"a":"b"}}${event("1")}`)).toEqual([200, success]);
    expect(server.indexed).toBe(1);
  });

  it("may hold fields of strings and arrays of strings", async () => {
    await using server = await startHecServer(options);
    const fields = { id: "1", groups: ["a", "b"] };
    expect(await post(server, JSON.stringify({ event: "x", fields }))).toEqual([200, success]);
    expect(server.events[0]?.fields).toEqual(fields);
    expect([...server.counts()]).toEqual([["1", 1]]);
  });

  it("with an object over maxEventSize, or one that is not UTF-8, is bad at that object", async () => {
    await using server = await startHecServer({ ...options, maxEventBytes: 200 });
    const long = JSON.stringify({ event: "x".repeat(200) });
    expect(await post(server, event("0") + long)).toMatchObject([400, { code: 6, "invalid-event-number": 1 }]);
    const broken = Buffer.concat([Buffer.from(`${event("1")}{"event":"`), Buffer.from([0xff]), Buffer.from('"}')]);
    expect(await post(server, broken)).toMatchObject([400, { code: 6, "invalid-event-number": 1 }]);
    expect([...server.counts().keys()]).toEqual(["0", "1"]);
  });

  it("over the length limit is refused: 413, or by Splunk Cloud 400 with code 6 and number 0", async () => {
    const body = event("1").repeat(40);
    await using server = await startHecServer({ ...options, maxContentLength: 1000 });
    const reply = await ask(`${server.url}/services/collector`, { headers: auth(), body });
    expect([reply.status, reply.headers["content-type"]]).toEqual([413, "text/html; charset=UTF-8"]);
    await using cloud = await startHecServer({ ...options, cloud: true });
    const large = event("1").padEnd(5_242_882);
    expect(await post(cloud, large)).toEqual([
      400,
      { text: "Invalid data format", code: 6, "invalid-event-number": 0 },
    ]);
    expect(await post(cloud, large.slice(0, -1))).toEqual([200, success]);
    expect([server.indexed, cloud.indexed]).toEqual([0, 1]);
  });

  it("that is far over the length limit is not held", async () => {
    await using server = await startHecServer({ ...options, maxContentLength: 1000 });
    const reply = await ask(`${server.url}/services/collector`, {
      headers: auth(),
      body: Buffer.alloc(5_000_000, " "),
    });
    expect(reply.status).toBe(413);
    expect(server.requests[0]?.wireBytes).toBeLessThan(1_000_000);
  });

  it("may be compressed with gzip and with nothing else", async () => {
    await using server = await startHecServer(options);
    const body = gzipSync(event("1"));
    expect(await post(server, body, { headers: { ...auth(), "content-encoding": "gzip" } })).toEqual([200, success]);
    expect(Buffer.from(server.requests[0]?.body ?? "").toString()).toBe(event("1"));
    const deflate = { headers: { ...auth(), "content-encoding": "deflate" }, body };
    const reply = await ask(`${server.url}/services/collector`, deflate);
    expect([reply.status, reply.text.startsWith("<!doctype html>")]).toEqual([415, true]);
    const broken = body.subarray(0, -9);
    expect(await post(server, broken, { headers: { ...auth(), "content-encoding": "gzip" } })).toMatchObject([
      400,
      { code: 6 },
    ]);
  });

  it("that is a gzip bomb is refused while it is inflated", async () => {
    await using server = await startHecServer({ ...options, maxInflatedBytes: 1_000_000 });
    const body = gzipSync(Buffer.alloc(50_000_000, " "));
    const headers = { ...auth(), "content-encoding": "gzip" };
    const reply = await ask(`${server.url}/services/collector`, { headers, body });
    expect([reply.status, server.requests[0]?.body.length]).toEqual([413, 0]);
  });

  it("with poison is refused at it, however well formed it is", async () => {
    await using server = await startHecServer(options);
    server.poison([
      { id: "1", code: 15 },
      { action: "bad.action", code: 7 },
      { id: "0", action: "other", code: 6 },
    ]);
    const body = event("0") + event("1") + event("2");
    expect(await post(server, body)).toMatchObject([400, { code: 15, "invalid-event-number": 1 }]);
    const action = JSON.stringify({ event: { id: "9", action: "bad.action" } });
    expect(await post(server, action)).toMatchObject([400, { code: 7, "invalid-event-number": 1 }]);
    server.poison([]);
    expect(await post(server, event("1"))).toEqual([200, success]);
    expect([...server.counts().keys()]).toEqual(["0", "1"]);
  });
});

describe("what it keeps", () => {
  it("is less where less is asked for", async () => {
    await using ids = await startHecServer({ ...options, keep: "ids" });
    await using counts = await startHecServer({ ...options, keep: "counts" });
    for (const server of [ids, counts]) await post(server, event("1") + event("1"));
    expect([ids.events.length, ids.indexed, [...ids.counts()]]).toEqual([0, 2, [["1", 2]]]);
    expect([counts.events.length, counts.indexed, counts.counts().size]).toEqual([0, 2, 0]);
    expect([ids, counts].map((server) => server.requests[0]?.body.length)).toEqual([0, 0]);
  });
});
