import { Agent } from "node:http";
import { describe, expect, it } from "vitest";
import { ask } from "../testing/ask.ts";
import type { AskOptions, AskReply } from "../testing/ask.ts";
import { hecFault } from "./fault.ts";
import type { HecServer } from "./server.ts";
import { startHecServer } from "./server.ts";

const token = "99999999-2222-4333-8444-555555555555";
const options = { tokens: [{ token, acknowledge: true }] };
const headers = {
  authorization: `Splunk ${token}`,
  "x-splunk-request-channel": "0b3d9d3e-6f0c-4b8e-9b1c-1d2e3f4a5b6c",
};
const event = (id: number): string => JSON.stringify({ event: { id: String(id) } });
const three = event(0) + event(1) + event(2);

async function post(server: HecServer, body: string, more: AskOptions = {}): Promise<AskReply> {
  return ask(`${server.url}/services/collector/event`, { headers, body, ...more });
}

async function told(server: HecServer, body = three): Promise<unknown> {
  return JSON.parse((await post(server, body)).text);
}

const ids = (server: HecServer): readonly string[] => [...server.counts().keys()];

describe("codes by script", () => {
  it.each([
    [8, 500, "Internal server error"],
    [18, 503, "HEC is unhealthy, queues are full"],
    [23, 503, "Server is shutting down"],
    [26, 429, "Queue is at capacity"],
    [27, 429, "ACK channel is at capacity"],
    [4, 403, "Invalid token"],
  ] as const)("answer with code %i, and take nothing", async (code, status, text) => {
    await using server = await startHecServer(options);
    server.script([{ kind: "code", code, retryAfter: 3 }]);
    const reply = await post(server, three);
    expect([reply.status, reply.headers["retry-after"], JSON.parse(reply.text)]).toEqual([status, "3", { text, code }]);
    expect(server.indexed).toBe(0);
    expect(await told(server)).toMatchObject({ code: 0 });
  });

  it.each([24, 25] as const)("say with code %i that everything was taken", async (code) => {
    await using server = await startHecServer(options);
    server.script([{ kind: "code", code }]);
    const reply = await post(server, three);
    expect([reply.status, JSON.parse(reply.text)]).toMatchObject([200, { code, ackId: 0 }]);
    expect(server.indexed).toBe(3);
    expect(server.requests).toMatchObject([{ status: 200, code, objects: 3 }]);
  });

  it("can take everything and fail all the same", async () => {
    await using server = await startHecServer(options);
    server.script([{ kind: "code", code: 8, afterEffect: true }]);
    expect(await told(server)).toEqual({ text: "Internal server error", code: 8 });
    expect(server.indexed).toBe(3);
  });

  it("can take a part, and say where they stopped", async () => {
    await using server = await startHecServer(options);
    server.script([
      { kind: "code", code: 9, afterObjects: 2 },
      { kind: "code", code: 9 },
    ]);
    expect(await told(server)).toEqual({ text: "Server is busy", code: 9, "invalid-event-number": 2, ackId: 0 });
    expect(ids(server)).toEqual(["0", "1"]);
    expect(await told(server)).toEqual({ text: "Server is busy", code: 9, "invalid-event-number": 0 });
    expect(server.indexed).toBe(2);
  });

  it("refuse objects by their places, and take what stands before them", async () => {
    await using server = await startHecServer(options);
    server.script([{ kind: "refuse", indexes: [1, 2], code: 13 }]);
    expect(await told(server)).toMatchObject({ code: 13, "invalid-event-number": 1 });
    expect(ids(server)).toEqual(["0"]);
  });

  it("do not hide that a body is bad by itself", async () => {
    await using server = await startHecServer(options);
    server.script([{ kind: "code", code: 24 }]);
    expect(await told(server, `${event(0)}{`)).toMatchObject({ code: 6, "invalid-event-number": 1 });
  });

  it("hold for as many requests as they say, and for the endpoint that they name", async () => {
    await using server = await startHecServer(options);
    server.script([
      { kind: "code", code: 18, on: "health", times: null },
      { kind: "code", code: 9, on: "ack" },
    ]);
    expect(await told(server)).toMatchObject({ code: 0 });
    const ack = { headers, body: '{"acks":[0]}' };
    const busy = await ask(`${server.url}/services/collector/ack`, ack);
    expect([busy.status, JSON.parse(busy.text)]).toEqual([503, { text: "Server is busy", code: 9 }]);
    expect(JSON.parse((await ask(`${server.url}/services/collector/ack`, ack)).text)).toEqual({ acks: { "0": true } });
    for (let each = 0; each < 3; each++) {
      expect((await ask(`${server.url}/services/collector/health`, { method: "GET" })).status).toBe(503);
    }
    server.script([]);
    expect((await ask(`${server.url}/services/collector/health`, { method: "GET" })).status).toBe(200);
  });
});

describe("faults on the way", () => {
  it("cut the connection before or after the events are in", async () => {
    await using server = await startHecServer(options);
    server.script([
      { kind: "reset" },
      { kind: "reset_in_body", afterBytes: 3 },
      { kind: "cut_reply" },
      { kind: "cut_reply", afterBytes: 40, close: "end" },
    ]);
    const indexed: number[] = [];
    for (let each = 0; each < 4; each++) {
      await expect(post(server, event(each))).rejects.toThrow(/./);
      indexed.push(server.indexed);
    }
    expect(indexed).toEqual([0, 0, 1, 2]);
    expect(ids(server)).toEqual(["2", "3"]);
    expect(server.requests.map(({ status, objects }) => [status, objects])).toEqual([
      [0, 1],
      [0, 1],
    ]);
  });

  it("bring the page of a proxy, with and without effect", async () => {
    await using server = await startHecServer(options);
    server.script([
      { kind: "html", status: 502 },
      { kind: "html", status: 200, afterEffect: true },
    ]);
    const replies = [await post(server, event(0)), await post(server, event(1))];
    expect(replies.map(({ status, headers: { "content-type": type } }) => [status, type])).toEqual([
      [502, "text/html"],
      [200, "text/html"],
    ]);
    expect(replies[0]?.text).toContain("<h1>502 Bad Gateway</h1>");
    expect(ids(server)).toEqual(["1"]);
  });

  it("bring huge replies and gzip bombs", async () => {
    await using server = await startHecServer(options);
    server.script([
      { kind: "huge_reply", bytes: 3_000_000 },
      { kind: "huge_reply", bytes: 3_000_000, gzip: true },
    ]);
    expect((await post(server, three)).text.length).toBeGreaterThanOrEqual(3_000_000);
    const url = `${server.url}/services/collector`;
    const reply = await fetch(url, { method: "POST", headers, body: three });
    expect(reply.headers.get("content-encoding")).toBe("gzip");
    expect((await reply.arrayBuffer()).byteLength).toBeGreaterThanOrEqual(3_000_000);
    expect(server.indexed).toBe(0);
  });

  it("tell which connection brought a request", async () => {
    await using server = await startHecServer(options);
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    for (let each = 0; each < 2; each++) await post(server, event(each), { agent });
    await post(server, event(2));
    expect(server.requests.map(({ connection }) => connection)).toEqual([0, 0, 1]);
    agent.destroy();
  });
});

describe("the kit's faults", () => {
  it("are played as a collector has them", () => {
    expect(hecFault({ kind: "busy", afterMs: 1500, times: 2 })).toEqual({
      kind: "code",
      code: 9,
      retryAfter: 2,
      times: 2,
    });
    expect(hecFault({ kind: "denied" })).toEqual({ kind: "code", code: 4, times: null });
    expect(hecFault({ kind: "partial", events: 4 })).toEqual({ kind: "code", code: 9, afterObjects: 4 });
    expect(hecFault({ kind: "refuses", indexes: [1] })).toEqual({ kind: "refuse", indexes: [1], code: 6 });
    expect(hecFault({ kind: "hang", times: 3 })).toEqual({ kind: "hang", times: 3 });
    expect(hecFault({ kind: "full" })).toBeUndefined();
  });

  it("have a missing destination answer for the index, whose number is one too high", async () => {
    await using server = await startHecServer(options);
    const fault = hecFault({ kind: "missing" });
    server.script(fault === undefined ? [] : [fault]);
    for (let each = 0; each < 2; each++) {
      expect(await told(server)).toEqual({ text: "Incorrect index", code: 7, "invalid-event-number": 1 });
    }
    expect(server.indexed).toBe(0);
  });
});

describe("TLS", () => {
  it("holds for a client that trusts the kit's authority, by address and by name, and for no other", async () => {
    await using server = await startHecServer({ ...options, tls: true });
    const { ca = "", url } = server;
    expect(url).toMatch(/^https:/);
    expect((await post(server, event(0), { ca })).status).toBe(200);
    const byName = `${url.replace("127.0.0.1", "localhost")}/services/collector`;
    expect((await ask(byName, { headers, body: event(1), ca })).status).toBe(200);
    await expect(post(server, event(2))).rejects.toMatchObject({ code: "UNABLE_TO_VERIFY_LEAF_SIGNATURE" });
    expect(ids(server)).toEqual(["0", "1"]);
  });

  it("does not hold where the certificate is another host's", async () => {
    await using server = await startHecServer({ ...options, tls: "wrong_host" });
    const { ca = "" } = server;
    await expect(post(server, event(0), { ca })).rejects.toMatchObject({ code: "ERR_TLS_CERT_ALTNAME_INVALID" });
    expect(server.indexed).toBe(0);
  });

  it("has the same faults, and counts the same connections", async () => {
    await using server = await startHecServer({ ...options, tls: true });
    const { ca = "" } = server;
    server.script([{ kind: "reset" }, { kind: "cut_reply", afterBytes: 20 }]);
    await expect(post(server, event(0), { ca })).rejects.toMatchObject({ code: "ECONNRESET" });
    await expect(post(server, event(1), { ca })).rejects.toThrow(/./);
    expect((await post(server, event(2), { ca })).status).toBe(200);
    expect(ids(server)).toEqual(["1", "2"]);
    expect(server.requests.map(({ connection }) => connection)).toEqual([1, 2]);
  });
});
