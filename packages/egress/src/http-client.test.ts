import { createServer as createTcpServer } from "node:net";
import type { AddressInfo } from "node:net";
import { gzipSync } from "node:zlib";
import type { FaultServer, HttpReply } from "@headgate/sink-testkit";
import { faultServer } from "@headgate/sink-testkit";
import { describe, expect, it } from "vitest";
import { httpClient, type HttpClientOptions } from "./http-client.ts";
import { HttpFailure, transportResult } from "./http-failure.ts";

const insecure = { insecure: true } as const;

async function send(
  url: string,
  options: HttpClientOptions = insecure,
  signal: AbortSignal = new AbortController().signal,
  body = "hello",
): Promise<unknown> {
  await using client = httpClient(options);
  return await client
    .send({ url: new URL(url), method: "POST", headers: { "x-a": "1" }, body: Buffer.from(body), signal })
    .catch((error: unknown) => error);
}

const answering = (reply: HttpReply): Promise<FaultServer> => faultServer(() => reply);

describe("httpClient", () => {
  it("sends a request as it is and reads the reply to its end", async () => {
    await using server = await answering({ status: 202, headers: { "x-b": "2", "set-cookie": "a=b" }, body: "there" });
    const reply = await send(`${server.url}/path?q=1`);
    expect(reply).toMatchObject({
      status: 202,
      headers: { "x-b": "2" },
      setCookies: ["a=b"],
      body: Buffer.from("there"),
    });
    const [request] = server.requests;
    expect(request).toMatchObject({ method: "POST", path: "/path?q=1", body: Buffer.from("hello") });
    expect(request?.headers).toMatchObject({ "x-a": "1", "accept-encoding": "identity", "content-length": "5" });
  });

  it("follows no redirect", async () => {
    await using server = await answering({ status: 302, headers: { location: "/elsewhere" } });
    expect(await send(server.url)).toMatchObject({ status: 302 });
    expect(server.requests).toHaveLength(1);
  });

  it("connects to no address that is not allowed, by name or by number", async () => {
    await using server = await answering({ status: 200 });
    const { port } = new URL(server.url);
    for (const host of ["127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]"])
      expect(await send(`http://${host}:${port}`, {})).toMatchObject({ kind: "address_refused" });
    expect(server.requests).toHaveLength(0);
    expect(await send(server.url, { allow: ["127.0.0.0/8"] })).toMatchObject({ status: 200 });
  });

  it("reads no more than the limit, and nothing that is compressed", async () => {
    await using large = await answering({ status: 200, body: "x".repeat(5000) });
    expect(await send(large.url, { ...insecure, maxReplyBytes: 4999 })).toMatchObject({ kind: "reply_too_large" });
    expect(await send(large.url, { ...insecure, maxReplyBytes: 5000 })).toMatchObject({ status: 200 });
    const bomb = gzipSync(Buffer.alloc(10_000_000));
    await using packed = await answering({ status: 200, headers: { "content-encoding": "gzip" }, body: bomb });
    expect(await send(packed.url)).toMatchObject({ kind: "reply_encoded" });
  });

  it("gives up on a silent server, on a slow drip, and on a socket that nobody takes up", async () => {
    await using server = await answering({ status: 200, body: "slowly" });
    server.script([{ kind: "hang" }]);
    expect(await send(server.url, { ...insecure, timeouts: { headersMs: 50 } })).toMatchObject({
      kind: "timeout",
      code: "headers",
    });
    server.script([{ kind: "slow", dripMs: 40 }]);
    expect(await send(server.url, { ...insecure, timeouts: { bodyMs: 50 } })).toMatchObject({
      kind: "timeout",
      code: "body",
    });
    const silent = createTcpServer((socket) => socket.on("error", () => {}));
    await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
    const { port } = silent.address() as AddressInfo;
    // TCP is there, TLS never comes.
    const result = await send(`https://127.0.0.1:${port}`, { ...insecure, timeouts: { connectMs: 50 } });
    expect(result).toMatchObject({ kind: "timeout", code: "connect" });
    silent.close();
  });

  it("tells a connection that breaks from one that is refused", async () => {
    const server = await answering({ status: 200, body: "cut" });
    server.script([{ kind: "reset" }, { kind: "cut_reply", afterBytes: 30 }]);
    expect(await send(server.url)).toMatchObject({ kind: "unreachable", code: "ECONNRESET" });
    expect(await send(server.url)).toMatchObject({ kind: "unreachable" });
    await server[Symbol.asyncDispose]();
    expect(await send(server.url)).toMatchObject({ kind: "unreachable", code: "ECONNREFUSED" });
  });

  it("takes the reply of a server that answers before it has read everything", async () => {
    await using server = await answering({ status: 200 });
    server.script([{ kind: "status", status: 413, body: "too large" }]);
    expect(await send(server.url, insecure, undefined, "x".repeat(1_000_000))).toMatchObject({ status: 413 });
  });

  it("throws the signal's reason, before and while it waits", async () => {
    await using server = await answering({ status: 200 });
    const reason = new Error("shutdown");
    expect(await send(server.url, insecure, AbortSignal.abort(reason))).toBe(reason);
    server.script([{ kind: "hang" }]);
    const controller = new AbortController();
    const pending = send(server.url, insecure, controller.signal);
    setTimeout(() => controller.abort(reason), 20);
    expect(await pending).toBe(reason);
  });

  it("keeps a connection for the next request", async () => {
    await using server = await answering({ status: 200 });
    await using client = httpClient(insecure);
    const ports = new Set<number | undefined>();
    for (let i = 0; i < 3; i++) {
      await client.send({ url: new URL(server.url), method: "GET", headers: {}, signal: new AbortController().signal });
      const [socket] = Object.values(client.agents.http.freeSockets).flat();
      ports.add(socket?.localPort);
    }
    expect(ports.size).toBe(1);
  });
});

describe("transportResult", () => {
  it("retries trouble on the way, holds the stream where a person must act, and leaves defects alone", () => {
    const of = (failure: HttpFailure): unknown => transportResult(failure, "The service");
    expect(of(new HttpFailure("unreachable", "ECONNREFUSED"))).toMatchObject({
      status: "retry",
      error: { code: "destination_unreachable" },
    });
    expect(of(new HttpFailure("timeout", "connect"))).toMatchObject({
      status: "retry",
      error: { code: "destination_timeout" },
    });
    expect(of(new HttpFailure("reply_encoded"))).toMatchObject({
      status: "retry",
      error: { code: "destination_unexpected" },
    });
    expect(of(new HttpFailure("address_refused"))).toMatchObject({
      status: "blocked",
      error: { code: "address_refused" },
    });
    expect(of(new HttpFailure("certificate", "CERT_HAS_EXPIRED"))).toMatchObject({
      status: "blocked",
      error: { code: "certificate_invalid" },
    });
    expect(transportResult(new TypeError("x"), "The service")).toBeUndefined();
  });
});
