import { readFileSync } from "node:fs";
import { createServer, type Server, type ServerOptions } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo } from "node:net";
import { getRequestListener } from "@hono/node-server";
import { HeadgateError, type Logger } from "@headgate/core";
import type { HttpConfig } from "../config/service-config.ts";
import { hostNameOf, hostNames } from "./host-names.ts";

/** A server that listens. */
export interface HttpServer extends AsyncDisposable {
  /** Where it is reached, without a slash at the end. */
  readonly url: string;
  /** Takes no more requests; those under way may end for `deadlineMs`, then their connections are cut. */
  close(deadlineMs: number): Promise<void>;
}

// Whoever sends a byte now and then must not hold a connection for ever.
const limits: ServerOptions = {
  headersTimeout: 10_000,
  // For a whole body: 64 MiB in that time are less than 5 Mbit/s.
  requestTimeout: 120_000,
  keepAliveTimeout: 5000,
  connectionsCheckingInterval: 5000,
  maxHeaderSize: 16 * 1024,
};
const mostConnections = 5000;
/** Requests of one connection whose answers are not through: browsers have one, and nobody needs more than a few. */
const mostPipelined = 8;

/**
 * Serves a fetch handler.
 * @throws `config_invalid` where the address is taken or cannot be used, or the certificate is none; `file_unreadable`
 */
export async function startServer(
  handle: (request: Request) => Promise<Response>,
  config: HttpConfig,
  logger: Logger,
  /** Whoever takes no byte of its answer for so long gets no more of it. Live status sends something every 15 s. */
  { idleMs = 60_000 }: { readonly idleMs?: number } = {},
): Promise<HttpServer> {
  const { host, port } = config;
  const names = hostNames(config);
  const listener = getRequestListener(
    async (request) => {
      if (names !== undefined && !names.has(hostNameOf(request.headers.get("host") ?? ""))) return misdirected();
      return await handle(request);
    },
    {
      overrideGlobalObjects: false,
      errorHandler(error) {
        const broken = error instanceof Error && error.name === "RequestError";
        if (!broken) logger.error("a request failed", { error: error instanceof Error ? error.name : typeof error });
        return plain(broken ? 400 : 500, broken ? "This is no valid request." : "Something went wrong.");
      },
    },
  );
  const tls = config.tls === undefined ? undefined : readTls(config.tls);
  const server = tls === undefined ? createServer(limits) : secureServer(tls);
  let closing = false;
  const underWay = new WeakMap<object, number>();
  server.on("request", (incoming, outgoing) => {
    // Node begins every request that has come, and keeps the answers that nobody reads.
    const { socket } = incoming;
    const count = (underWay.get(socket) ?? 0) + 1;
    underWay.set(socket, count);
    outgoing.once("close", () => underWay.set(socket, (underWay.get(socket) ?? 1) - 1));
    if (count > mostPipelined) return void socket.destroy();
    // A connection that falls idle while the server closes would hold it open until it is asked for no more.
    outgoing.once("close", () => setImmediate(() => closing && server.closeIdleConnections()));
    void listener(incoming, outgoing);
  });
  server.maxConnections = mostConnections;
  // Not one that waits for its answer: a verification may take minutes before it has something to say.
  server.setTimeout(idleMs, (socket) => {
    if (socket.writableLength > 0 || (underWay.get(socket) ?? 0) === 0) socket.destroy();
  });
  await listening(server, host, port);
  const { port: taken } = server.address() as AddressInfo;
  const shown = host.includes(":") ? `[${host}]` : host;
  const close = async (deadlineMs: number): Promise<void> => {
    closing = true;
    if (!server.listening) return;
    const closed = new Promise<void>((resolve) => void server.close(() => resolve()));
    server.closeIdleConnections();
    const cut = setTimeout(() => server.closeAllConnections(), deadlineMs);
    await closed;
    clearTimeout(cut);
  };
  return {
    url: config.baseUrl ?? `${tls === undefined ? "http" : "https"}://${shown}:${taken}`,
    close,
    [Symbol.asyncDispose]: () => close(0),
  };
}

function listening(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", (cause: NodeJS.ErrnoException) => reject(unavailable(host, port, cause)));
    server.listen(port, host, resolve);
  });
}

function unavailable(host: string, port: number, cause: NodeJS.ErrnoException): HeadgateError {
  const place = `${host.includes(":") ? `[${host}]` : host}:${port}`;
  const [why, hint] =
    cause.code === "EADDRINUSE"
      ? ["another process listens already", "Stop that one, or choose another port."]
      : cause.code === "EACCES"
        ? ["this user may not listen", "Choose a port from 1024 on."]
        : [`nothing can listen (${cause.code ?? "unknown error"})`, "Choose an address of this machine."];
  return new HeadgateError("config_invalid", `http.listen is ${place}, where ${why}.`, { hint, cause });
}

function secureServer(tls: { readonly cert: Buffer; readonly key: Buffer }): Server {
  try {
    return createTlsServer({ ...limits, ...tls });
  } catch (cause) {
    const hint = "Both must be PEM files, and the key must be the one of the certificate.";
    throw new HeadgateError("config_invalid", "http.tls names files that are no certificate and its key.", {
      hint,
      cause,
    });
  }
}

function readTls({ certFile, keyFile }: NonNullable<HttpConfig["tls"]>): {
  readonly cert: Buffer;
  readonly key: Buffer;
} {
  const read = (file: string, key: string): Buffer => {
    try {
      return readFileSync(file);
    } catch (cause) {
      const code = (cause as NodeJS.ErrnoException).code ?? "unknown error";
      throw new HeadgateError("file_unreadable", `The file ${file} cannot be read (${code}).`, {
        hint: `Mend http.tls.${key}.`,
        cause,
      });
    }
  };
  return { cert: read(certFile, "cert_file"), key: read(keyFile, "key_file") };
}

function misdirected(): Response {
  return plain(
    421,
    "This server does not go by that name. Ask for localhost, or set http.base_url to the name that people use.",
  );
}

function plain(status: number, text: string): Response {
  return new Response(`${text}\n`, { status, headers: { "content-type": "text/plain; charset=utf-8" } });
}
