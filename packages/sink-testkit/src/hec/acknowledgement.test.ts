import { describe, expect, it } from "vitest";
import { ask } from "../testing/ask.ts";
import type { HecServerOptions } from "./options.ts";
import type { HecServer } from "./server.ts";
import { startHecServer } from "./server.ts";

const token = "99999999-2222-4333-8444-555555555555";
const plain = "11111111-2222-4333-8444-555555555555";
const one = "0b3d9d3e-6f0c-4b8e-9b1c-1d2e3f4a5b6c";
const two = "1b3d9d3e-6f0c-4b8e-9b1c-1d2e3f4a5b6c";
const good = '{"event":{"id":"e"}}';

/** A server whose clock stands still until it is moved. */
async function start(more: Partial<HecServerOptions> = {}): Promise<{ server: HecServer; pass: (ms: number) => void }> {
  let time = 1_700_000_000_000;
  const server = await startHecServer({
    tokens: [{ token, acknowledge: true }, { token: plain }],
    now: () => time,
    ...more,
  });
  return { server, pass: (ms) => void (time += ms) };
}

interface Told {
  readonly code?: number;
  readonly ackId?: number;
  readonly acks?: Readonly<Record<string, boolean>>;
  readonly cookie?: string | undefined;
}

async function send(server: HecServer, channel: string, body = good, cookie = ""): Promise<Told> {
  return tell(server, "", channel, body, cookie);
}

async function asks(server: HecServer, channel: string, acks: readonly number[], cookie = ""): Promise<unknown> {
  return (await tell(server, "/ack", channel, JSON.stringify({ acks }), cookie)).acks;
}

async function tell(server: HecServer, path: string, channel: string, body: string, cookie: string): Promise<Told> {
  const reply = await ask(`${server.url}/services/collector${path}`, {
    headers: { authorization: `Splunk ${token}`, "x-splunk-request-channel": channel, cookie },
    body,
  });
  const told = JSON.parse(reply.text) as Told;
  const [set] = reply.headers["set-cookie"] ?? [];
  return set === undefined ? told : { ...told, cookie: set.split(";", 1)[0] };
}

describe("acknowledgements", () => {
  it("are numbered from 0 in each channel, and true exactly once", async () => {
    const { server } = await start();
    await using _ = server;
    expect(await send(server, one)).toEqual({ text: "Success", code: 0, ackId: 0 });
    expect(await send(server, one)).toMatchObject({ ackId: 1 });
    expect(await send(server, two)).toMatchObject({ ackId: 0 });
    expect(await asks(server, one, [0, 1, 2])).toEqual({ "0": true, "1": true, "2": false });
    expect(await asks(server, one, [0])).toEqual({ "0": false });
    expect(await asks(server, two, [1, 0])).toEqual({ "0": true, "1": false });
  });

  it("come after the time that is set, or never", async () => {
    const { server, pass } = await start({ ackMs: 1000 });
    await using _ = server;
    await send(server, one);
    pass(999);
    expect(await asks(server, one, [0])).toEqual({ "0": false });
    server.ackMs = "never";
    pass(100_000);
    expect(await asks(server, one, [0])).toEqual({ "0": false });
    server.ackMs = 1000;
    expect(await asks(server, one, [0])).toEqual({ "0": true });
  });

  it("of a channel that was idle for too long are forgotten, and its numbers begin again", async () => {
    const { server, pass } = await start({ ackIdleMs: 600_000 });
    await using _ = server;
    await send(server, one);
    await send(server, one);
    pass(600_000);
    expect(await asks(server, one, [0])).toEqual({ "0": true });
    pass(600_001);
    expect(await asks(server, one, [1])).toEqual({ "1": false });
    expect(await send(server, one)).toMatchObject({ ackId: 0 });
  });

  it("of a channel that is in use are kept, however long ago it was opened", async () => {
    const { server, pass } = await start({ ackIdleMs: 600_000 });
    await using _ = server;
    await send(server, one);
    for (let each = 0; each < 3; each++) {
      pass(400_000);
      expect(await asks(server, one, [7])).toEqual({ "7": false });
    }
    expect(await asks(server, one, [0])).toEqual({ "0": true });
  });

  it("are forgotten in a restart", async () => {
    const { server } = await start();
    await using _ = server;
    await send(server, one);
    server.forgetAcks();
    expect(await asks(server, one, [0])).toEqual({ "0": false });
    expect(await send(server, one)).toMatchObject({ ackId: 0 });
  });

  it("come with an error for the objects before a bad one, unless that is switched off", async () => {
    const { server } = await start();
    await using _ = server;
    expect(await send(server, one, `${good}{`)).toMatchObject({ code: 6, "invalid-event-number": 1, ackId: 0 });
    expect(await send(server, one, "{")).toEqual({
      text: "Invalid data format",
      code: 6,
      "invalid-event-number": 0,
    });
    const { server: silent } = await start({ ackOnError: false });
    await using __ = silent;
    expect(await send(silent, one, `${good}{`)).not.toHaveProperty("ackId");
  });

  it.each(["", "[]", '{"acks":"0"}', '{"acks":[0.5]}', '{"acks":["0"]}'])(
    "cannot be asked for with %j",
    async (body) => {
      const { server } = await start();
      await using _ = server;
      expect(await tell(server, "/ack", one, body, "")).toEqual({ text: "Invalid data format", code: 6 });
    },
  );

  it("need a token that has them, and a channel", async () => {
    const { server } = await start();
    await using _ = server;
    const url = `${server.url}/services/collector/ack`;
    const disabled = await ask(url, { headers: { authorization: `Splunk ${plain}` }, body: '{"acks":[0]}' });
    expect([disabled.status, JSON.parse(disabled.text)]).toEqual([400, { text: "ACK is disabled", code: 14 }]);
    const missing = await ask(url, { headers: { authorization: `Splunk ${token}` }, body: '{"acks":[0]}' });
    expect([missing.status, JSON.parse(missing.text)]).toEqual([400, { text: "Data channel is missing", code: 10 }]);
  });
});

describe("a load balancer", () => {
  it("sends a client that gives the cookie back to the indexer that knows its acknowledgements", async () => {
    const { server } = await start({ indexers: 2, cookie: "AWSELB" });
    await using _ = server;
    const { cookie = "" } = await send(server, one);
    expect(cookie).toMatch(/^AWSELB=/);
    expect(await send(server, one, good, `other=1; ${cookie}`)).toEqual({ text: "Success", code: 0, ackId: 1 });
    expect(server.events.map(({ indexer }) => indexer)).toEqual([0, 0]);
    expect(await asks(server, one, [0, 1])).toEqual({ "0": false, "1": false });
    expect(await asks(server, one, [0, 1], cookie)).toEqual({ "0": true, "1": true });
  });

  it("sends requests by turns where there is no cookie", async () => {
    const { server } = await start({ indexers: 2 });
    await using _ = server;
    for (let each = 0; each < 3; each++) expect(await send(server, one)).not.toHaveProperty("cookie");
    expect(server.events.map(({ indexer }) => indexer)).toEqual([0, 1, 0]);
  });

  it("gives a new cookie where the old one is void", async () => {
    const { server } = await start({ indexers: 2, cookie: "AWSELB" });
    await using _ = server;
    const { cookie: first = "" } = await send(server, one);
    server.rebalance();
    const { cookie: second } = await send(server, one, good, first);
    expect(second).toMatch(/^AWSELB=/);
    expect(second).not.toBe(first);
    expect(await send(server, one, good, "AWSELB=forged")).toHaveProperty("cookie");
  });

  it("can lose one indexer's acknowledgements", async () => {
    const { server } = await start({ indexers: 2, cookie: "C" });
    await using _ = server;
    const { cookie: first } = await send(server, one);
    const { cookie: second } = await send(server, one);
    server.forgetAcks(0);
    expect(await asks(server, one, [0], first)).toEqual({ "0": false });
    expect(await asks(server, one, [0], second)).toEqual({ "0": true });
  });
});
