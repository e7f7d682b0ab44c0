import { once } from "node:events";
import { createServer, type IncomingMessage, type RequestListener } from "node:http";
import { type AddressInfo } from "node:net";
import { gzipSync } from "node:zlib";
import { addressGuard, guardedAgents } from "@headgate/egress";
import { describe, expect, it } from "vitest";
import { type Answer, answerOf } from "./answer-of.ts";

interface Server extends AsyncDisposable {
  readonly url: URL;
}

async function serverThat(answers: RequestListener): Promise<Server> {
  const server = createServer(answers).listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

const insecure = guardedAgents({ guard: addressGuard({ insecure: true }), maxSockets: 1, maxFreeSockets: 1 });

function ask(url: URL, choice: { timeoutMs?: number; signal?: AbortSignal } = {}): Promise<Answer> {
  const { timeoutMs = 20_000, signal = new AbortController().signal } = choice;
  return answerOf({ url, headers: {}, body: Buffer.from("{}"), timeoutMs, signal }, insecure);
}

describe("an answer", () => {
  it.each<[string, RequestListener]>([
    ["never ends", (_request, response) => void response.writeHead(202).write("so ")],
    [
      "is compressed unasked",
      (_request, response) => void response.writeHead(202, { "content-encoding": "gzip" }).end(gzipSync("ok")),
    ],
    ["is a book", (_request, response) => void response.writeHead(202).end(Buffer.alloc(8 * 1024 * 1024))],
    [
      "breaks off",
      (_request, response) =>
        void response.writeHead(202, { "content-length": "9" }).write("so", () => response.destroy()),
    ],
  ])("is known by its headers, although its body %s", async (_what, answers) => {
    await using server = await serverThat(answers);
    expect(await ask(server.url)).toMatchObject({ status: 202 });
  });

  it("that does not end costs its socket, and the next request gets another", async () => {
    const sockets = new Set<IncomingMessage["socket"]>();
    await using server = await serverThat((request, response) => {
      sockets.add(request.socket);
      response.writeHead(202).write("so ");
    });
    await ask(server.url, { timeoutMs: 100 });
    await ask(server.url);
    expect(sockets.size).toBe(2);
  });

  it("that ends leaves its socket to the next request", async () => {
    const sockets = new Set<IncomingMessage["socket"]>();
    await using server = await serverThat((request, response) => {
      sockets.add(request.socket);
      request.resume().on("end", () => response.end("ok"));
    });
    for (let asked = 0; asked < 3; asked++) await ask(server.url);
    expect(sockets.size).toBe(1);
  });

  it("that does not come is waited for only so long", async () => {
    await using server = await serverThat(() => {});
    await expect(ask(server.url, { timeoutMs: 50 })).rejects.toMatchObject({ kind: "timeout" });
  });

  it("is waited for no longer than the signal lets it be, and the receiver sees the end of it", async () => {
    const [stopping, gone] = [new AbortController(), Promise.withResolvers<undefined>()];
    await using server = await serverThat((request, response) => {
      request.socket.on("close", () => gone.resolve(undefined));
      stopping.abort(new Error("stopping"));
      response.end("too late");
    });
    await expect(ask(server.url, { signal: stopping.signal })).rejects.toThrow("stopping");
    expect(await gone.promise).toBe(undefined);
  });
});
