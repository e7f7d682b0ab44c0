import { Agent, request as httpRequest } from "node:http";
import { setImmediate as tick } from "node:timers/promises";
import { gunzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import type { FaultServer } from "./fault-server.ts";
import { faultServer } from "./fault-server.ts";
import { ask } from "./testing/ask.ts";

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: string;
}

/** One request on a connection of its own; rejects with what the socket says. */
function post(server: FaultServer, body: string | Buffer = "hello", signal?: AbortSignal, path = "/"): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const options = { method: "POST", agent: false, ...(signal === undefined ? {} : { signal }) };
    const request = httpRequest(`${server.url}${path}`, options, (response) => {
      const parts: Buffer[] = [];
      response.on("data", (part: Buffer) => parts.push(part));
      response.on("error", reject);
      response.on("end", () =>
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          body: Buffer.concat(parts).toString(),
        }),
      );
    });
    request.on("error", reject);
    request.end(body);
  });
}

function echoServer(handled: string[] = []): Promise<FaultServer> {
  return faultServer(({ method, path, body }) => {
    handled.push(body.toString());
    return { status: 200, headers: { "x-path": path }, body: `${method} ${body.toString()}` };
  });
}

describe("faultServer", () => {
  it("answers well and keeps what it saw while nothing is scripted", async () => {
    await using server = await echoServer();
    const answer = await post(server, "hello", undefined, "/a?b=c");
    expect(answer).toMatchObject({ status: 200, body: "POST hello", headers: { "x-path": "/a?b=c" } });
    expect(server.requests).toMatchObject([{ method: "POST", path: "/a?b=c", body: Buffer.from("hello") }]);
  });

  it("resets a connection before and within the request's body, and handles nothing", async () => {
    const handled: string[] = [];
    await using server = await echoServer(handled);
    server.script([{ kind: "reset" }, { kind: "reset_in_body", afterBytes: 10 }]);
    await expect(post(server)).rejects.toMatchObject({ code: "ECONNRESET" });
    await expect(post(server, Buffer.alloc(4_000_000))).rejects.toThrow(/ECONNRESET|EPIPE|socket hang up/);
    expect(handled).toEqual([]);
    await expect(post(server)).resolves.toMatchObject({ status: 200 });
  });

  it("handles a request and then cuts the reply, before it begins or in its middle", async () => {
    const handled: string[] = [];
    await using server = await echoServer(handled);
    server.script([{ kind: "cut_reply" }, { kind: "cut_reply", afterBytes: 60 }]);
    await expect(post(server, "first")).rejects.toMatchObject({ code: "ECONNRESET" });
    await expect(post(server, "second")).rejects.toMatchObject({ code: "ECONNRESET" });
    expect(handled).toEqual(["first", "second"]);
  });

  it("never answers a request that hangs, and closes with it open", async () => {
    const handled: string[] = [];
    const server = await echoServer(handled);
    server.script([{ kind: "hang" }]);
    const stuck = post(server).catch((error: unknown) => error);
    await expect(post(server, "next")).resolves.toMatchObject({ status: 200 });
    await server[Symbol.asyncDispose]();
    expect(await stuck).toMatchObject({ code: "ECONNRESET" });
    expect(handled).toEqual(["next"]);
  });

  it("drips a reply that arrives whole", async () => {
    await using server = await echoServer();
    server.script([{ kind: "slow", ms: 5, dripMs: 1 }]);
    await expect(post(server)).resolves.toMatchObject({ status: 200, body: "POST hello" });
  });

  it("answers a status with its headers, as often as the script says and only where it fits", async () => {
    await using server = await echoServer();
    server.script([
      { kind: "status", status: 429, headers: { "retry-after": "3" }, body: "slow down", times: 2, path: "/in" },
      { kind: "status", status: 403, times: null, method: "POST", path: "/out" },
    ]);
    const status = async (path: string): Promise<number> => (await post(server, "x", undefined, path)).status;
    expect([await status("/in"), await status("/other"), await status("/in"), await status("/in")]).toEqual([
      429, 200, 429, 200,
    ]);
    expect([await status("/out"), await status("/out"), await status("/out")]).toEqual([403, 403, 403]);
    server.script([]);
    expect(await status("/out")).toBe(200);
  });

  it("ends a cut reply in good form, or leaves it open in silence", async () => {
    const handled: string[] = [];
    await using server = await echoServer(handled);
    server.script([
      { kind: "cut_reply", afterBytes: 55, close: "end" },
      { kind: "cut_reply", afterBytes: 55, close: "never" },
    ]);
    await expect(post(server, "first")).rejects.toMatchObject({ code: "ECONNRESET" });
    const stopped = new Error("stopped");
    const controller = new AbortController();
    const silent = post(server, "second", controller.signal);
    while (handled.length < 2) await tick();
    controller.abort(stopped);
    await expect(silent).rejects.toMatchObject({ name: "AbortError" });
    expect(handled).toEqual(["first", "second"]);
  });

  it("answers with a status or a proxy's page after the request took effect", async () => {
    const handled: string[] = [];
    await using server = await echoServer(handled);
    server.script([
      { kind: "status", status: 500, afterEffect: true },
      { kind: "html", status: 504 },
      { kind: "html", status: 504, afterEffect: true },
    ]);
    const answers = [await post(server, "a"), await post(server, "b"), await post(server, "c")];
    expect(answers.map(({ status }) => status)).toEqual([500, 504, 504]);
    expect(answers[1]?.body).toContain("<title>504 Gateway Timeout</title>");
    expect(handled).toEqual(["a", "c"]);
  });

  it("sends a reply that is too long, or that is long once it is decompressed", async () => {
    await using server = await echoServer();
    server.script([
      { kind: "huge_reply", bytes: 2_000_000 },
      { kind: "huge_reply", bytes: 2_000_000, gzip: true },
    ]);
    expect((await post(server)).body.length).toBeGreaterThanOrEqual(2_000_000);
    const { url } = server;
    const wire = await new Promise<Buffer>((resolve, reject) => {
      const request = httpRequest(url, { method: "POST", agent: false }, (response) => {
        const parts: Buffer[] = [];
        response.on("data", (part: Buffer) => parts.push(part));
        response.on("end", () => resolve(Buffer.concat(parts)));
      });
      request.on("error", reject);
      request.end("x");
    });
    expect(wire.length).toBeLessThan(10_000);
    expect(gunzipSync(wire).length).toBeGreaterThanOrEqual(2_000_000);
  });

  it("speaks TLS, with the same faults", async () => {
    await using server = await faultServer(({ body }) => ({ status: 200, body }), { tls: true });
    const { ca = "" } = server;
    server.script([{ kind: "reset_in_body", afterBytes: 1 }]);
    await expect(ask(server.url, { body: "hello", ca })).rejects.toThrow(/ECONNRESET|EPIPE|socket hang up/);
    expect(await ask(server.url, { body: "hello", ca })).toMatchObject({ status: 200, text: "hello" });
    await expect(ask(server.url, { body: "hello" })).rejects.toMatchObject({ code: "UNABLE_TO_VERIFY_LEAF_SIGNATURE" });
  });

  it("numbers the connections, so that kept ones can be told", async () => {
    await using server = await echoServer();
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    for (let each = 0; each < 3; each++) await ask(server.url, { agent });
    await ask(server.url);
    agent.destroy();
    expect(server.requests.map(({ connection }) => connection)).toEqual([0, 0, 0, 1]);
  });
});
