import { createAdaptorServer } from "@hono/node-server";
import { Hono } from "hono";
import { once } from "node:events";
import { connect, type AddressInfo } from "node:net";
import { describe, expect, it } from "vitest";
import { createWorld, type World } from "./testing/world.ts";

/** A world on a real port. */
async function listening(world: World): Promise<AsyncDisposable & { readonly port: number }> {
  const app = new Hono();
  app.all("/audit-log/*", (context) => world.api.fetch(context.req.raw));
  const server = createAdaptorServer({ fetch: app.fetch, overrideGlobalObjects: false });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    async [Symbol.asyncDispose]() {
      if ("closeAllConnections" in server) server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

// More than sockets hold for a client that does not read.
const metadata = { text: "x".repeat(10_000) };
const events = Array.from({ length: 4000 }, () => ({ action: "a", actor: { type: "user", id: "u" }, metadata }));
const path = "/audit-log/v1/organizations/o/events";

describe("mounted in a server", () => {
  it("serves its routes, and nothing else", async () => {
    for (const basePath of ["audit-log", "/a b", "https://example.com/", "/a//b", "/a?b"])
      expect(() => createWorld({ basePath })).toThrow(expect.objectContaining({ code: "config_invalid" }));
    await using world = createWorld({ basePath: "/audit-log" });
    await using server = await listening(world);
    const base = `http://127.0.0.1:${server.port}`;
    expect((await fetch(`${base}/audit-log/healthz`)).status).toBe(200);
    expect((await fetch(`${base}/healthz`)).status).toBe(404);
    const authorization = `Bearer ${await world.token("admin", "o")}`;
    const response = await fetch(base + path, {
      method: "POST",
      headers: { authorization, "content-type": "application/json" },
      body: JSON.stringify([{ action: "a", actor: { type: "u", id: "u" } }]),
    });
    expect([response.status, await response.json()]).toMatchObject([202, { accepted: 1 }]);
  });

  it("ends an export when its client goes, and gives its place back", async () => {
    await using world = createWorld({ basePath: "/audit-log" });
    await using server = await listening(world);
    await world.headgate.append("o", events);
    const authorization = `Bearer ${await world.token("viewer", "o")}`;
    const headers = { authorization, accept: "application/x-ndjson" };
    const url = `http://127.0.0.1:${server.port}${path}`;
    const clients = [new AbortController(), new AbortController()];
    const responses = await Promise.all(clients.map(({ signal }) => fetch(url, { headers, signal })));
    expect(responses.map(({ status }) => status)).toEqual([200, 200]);
    expect((await fetch(url, { headers })).status).toBe(429);
    for (const client of clients) client.abort();
    await expect.poll(async () => (await fetch(url, { headers, method: "HEAD" })).status).toBe(200);
  });

  it("is none the worse for requests that break off, or are none", async () => {
    const logged: string[] = [];
    const log = (message: string): void => void logged.push(message);
    await using world = createWorld({
      basePath: "/audit-log",
      logger: { debug: log, info: log, warn: log, error: log },
    });
    await using server = await listening(world);
    const token = await world.token("ingest", "o");
    const head = `POST ${path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${token}\r\nContent-Type: application/json\r\n`;
    for (const text of [
      `${head}Content-Length: 1000\r\n\r\n[{"action"`,
      `${head}Transfer-Encoding: chunked\r\n\r\n5\r\n[{"ac\r\nzz\r\n`,
      "GET /audit-log/%zz HTTP/1.1\r\nHost: \r\n\r\n",
      "no http at all\r\n\r\n",
    ]) {
      const socket = connect(server.port, "127.0.0.1");
      socket.on("error", () => {});
      await once(socket, "connect");
      socket.write(text);
      await new Promise((resolve) => setImmediate(resolve));
      socket.destroy();
      await once(socket, "close");
    }
    expect((await fetch(`http://127.0.0.1:${server.port}/audit-log/readyz`)).status).toBe(200);
    expect(logged).toEqual([]);
    expect((await world.headgate.store.journal.head("o")).lastSequence).toBe(0);
  });
});
