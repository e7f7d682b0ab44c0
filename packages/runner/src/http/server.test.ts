import { connect } from "node:net";
import { once } from "node:events";
import { type IncomingMessage, request } from "node:http";
import { text } from "node:stream/consumers";
import { silentLogger } from "@headgate/core";
import { describe, expect, it } from "vitest";
import type { HttpConfig } from "../config/service-config.ts";
import { type HttpServer, startServer } from "./server.ts";

const usual: HttpConfig = {
  host: "127.0.0.1",
  port: 0,
  behindProxy: false,
  console: true,
  metricsPublic: false,
};

interface Serving extends AsyncDisposable {
  readonly server: HttpServer;
  readonly port: number;
}

async function serving(
  handle: (request: Request) => Promise<Response>,
  config: Partial<HttpConfig> = {},
  limits: { readonly idleMs?: number } = {},
): Promise<Serving> {
  const server = await startServer(handle, { ...usual, ...config }, silentLogger, limits);
  return {
    server,
    port: Number(new URL(server.url).port),
    [Symbol.asyncDispose]: () => server.close(0),
  };
}

const hello = (): Promise<Response> => Promise.resolve(new Response("hello"));

async function ask(port: number, host: string): Promise<readonly [number | undefined, string]> {
  const sent = request({ port, host: "127.0.0.1", path: "/", headers: { host } });
  sent.end();
  const [answer] = (await once(sent, "response")) as [IncomingMessage];
  return [answer.statusCode, await text(answer)];
}

describe("startServer", () => {
  it("answers under names of this machine alone, so that no foreign page reaches it by a name of its own", async () => {
    await using held = await serving(hello);
    for (const name of ["127.0.0.1", "localhost", "LOCALHOST", "[::1]"])
      expect(await ask(held.port, `${name}:${held.port}`)).toEqual([200, "hello"]);
    const [status, said] = await ask(held.port, `rebound.evil.example:${held.port}`);
    expect(status).toBe(421);
    expect(said).toMatch(/^This server does not go by that name\. .* http\.base_url/);
  });

  it("cuts off who does not take its answer, and not who waits for one", async () => {
    const slow = async ({ url }: Request): Promise<Response> => {
      if (url.endsWith("/large")) return new Response("x".repeat(20_000_000));
      await new Promise((resolve) => setTimeout(resolve, 2000));
      return new Response("late");
    };
    await using held = await serving(slow, {}, { idleMs: 1000 });
    const idler = connect(held.port, "127.0.0.1");
    idler.pause();
    idler.on("error", () => {});
    idler.write("GET /large HTTP/1.1\r\nhost: localhost\r\n\r\n");
    expect(await ask(held.port, "localhost")).toEqual([200, "late"]);
    let taken = 0;
    idler.on("data", (bytes) => (taken += bytes.length));
    // Being cut off may show as a reset, which is no failure here.
    const closed = new Promise((resolve) => idler.once("close", resolve));
    idler.resume();
    await closed;
    expect(taken).toBeLessThan(20_000_000);
  });

  it("cuts off who asks on and on and reads nothing", async () => {
    let asked = 0;
    await using held = await serving(() => {
      asked++;
      return Promise.resolve(new Response("x".repeat(1_000_000)));
    });
    const socket = connect(held.port, "127.0.0.1");
    socket.pause();
    socket.on("error", () => {});
    socket.write("GET / HTTP/1.1\r\nhost: localhost\r\n\r\n".repeat(1000));
    await expect.poll(() => asked).toBeGreaterThan(0);
    await new Promise((resolve) => setTimeout(resolve, 200));
    const closed = once(socket, "close");
    socket.resume();
    await closed;
    expect(asked).toBeLessThan(20);
    expect(await ask(held.port, "localhost")).toMatchObject([200, expect.stringMatching(/^x+$/)]);
  });

  it("goes by the name that the configuration gives it, and by any name behind a proxy", async () => {
    await using named = await serving(hello, { baseUrl: "https://audit.example.com" });
    expect(named.server.url).toBe("https://audit.example.com");
    await using proxied = await serving(hello, { behindProxy: true });
    expect(await ask(proxied.port, "anything.example")).toEqual([200, "hello"]);
  });

  it("says in one sentence that its port is taken", async () => {
    await using held = await serving(hello);
    await expect(startServer(hello, { ...usual, port: held.port }, silentLogger)).rejects.toMatchObject({
      code: "config_invalid",
      message: `http.listen is 127.0.0.1:${held.port}, where another process listens already.`,
    });
  });

  it("answers a defect with 500 and no word about it", async () => {
    await using held = await serving(() => Promise.reject(new Error("secret detail")));
    const [status, said] = await ask(held.port, "localhost");
    expect([status, said]).toEqual([500, "Something went wrong.\n"]);
  });

  it("answers what is no request with 400 and goes on", async () => {
    await using held = await serving(hello);
    const socket = connect(held.port, "127.0.0.1");
    socket.end("NONSENSE\r\n\r\n");
    expect(await text(socket)).toMatch(/^HTTP\/1\.1 400 /);
    expect(await ask(held.port, "localhost")).toEqual([200, "hello"]);
  });

  it("lets a request under way end when it closes, and cuts one that does not within the deadline", async () => {
    const begun = Promise.withResolvers<void>();
    const finish = Promise.withResolvers<void>();
    const slow = await serving(async () => {
      begun.resolve();
      await finish.promise;
      return new Response("done");
    });
    const answer = ask(slow.port, "localhost");
    await begun.promise;
    const closing = slow.server.close(60_000);
    finish.resolve();
    expect(await answer).toEqual([200, "done"]);
    await closing;

    const stuckBegun = Promise.withResolvers<void>();
    const stuck = await serving(() => {
      stuckBegun.resolve();
      return new Promise(() => {});
    });
    const cut = ask(stuck.port, "localhost").catch((error: NodeJS.ErrnoException) => error.code);
    await stuckBegun.promise;
    await stuck.server.close(1);
    expect(await cut).toBe("ECONNRESET");
  });
});
