import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo, Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import type { HttpFaultKind } from "./http-fault.ts";
import type { HttpReply } from "./http-reply.ts";
import { drip, proxyPage, send, sendFirst, sendHuge } from "./http-reply.ts";
import { loopbackTls } from "./loopback-tls.ts";

/** A request as the server saw it. */
export interface HttpRequest {
  readonly method: string;
  /** Path and query, as they were sent. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  /** As it was sent: still compressed where the client compressed it. */
  readonly body: Buffer;
  /** Number of the connection that brought it, from 0. Requests with one number came over one kept connection. */
  readonly connection: number;
}

/** `true` for a certificate that holds on loopback; `wrong_host` for one that was issued to another name. */
export type ServerTls = boolean | "wrong_host";

/** What is to happen to a request: a fault on the way, or one of the service's own making, or none. */
export interface FaultPlan<Own> {
  readonly http?: HttpFaultKind | undefined;
  readonly own?: Own | undefined;
}

/** What answers the requests of a listener. */
export interface HttpService<Own, Handled extends HttpReply> {
  /** Called once the headers are in. */
  plan(method: string, path: string): FaultPlan<Own>;
  /** The server when it is well. */
  handle(request: HttpRequest, fault: Own | undefined): Handled | Promise<Handled>;
  /**
   * Called before anything is sent: what is about to be answered (undefined where nothing is) and what `handle` gave
   * (undefined where it was not called).
   */
  answered(request: HttpRequest, reply: HttpReply | undefined, handled: Handled | undefined): void;
  /** Bytes of a body beyond this many are read and thrown away. @default none are */
  readonly maxBodyBytes?: number;
}

/** A server on loopback. Disposing of it cuts every connection. */
export interface HttpListener extends AsyncDisposable {
  /** `http://127.0.0.1:<port>`, or `https://…`, without a slash at the end. */
  readonly url: string;
  /** What to trust, PEM; undefined without TLS. */
  readonly ca: string | undefined;
}

/** Starts a server over real sockets that plays the transport faults of its service's plan. */
export async function listen<Own, Handled extends HttpReply>(
  service: HttpService<Own, Handled>,
  tls: ServerTls = false,
): Promise<HttpListener> {
  // By the client's port: a TLS socket does not give away the one beneath it, and only that one can be reset.
  const connections = new Map<number, { readonly socket: Socket; readonly number: number }>();
  let opened = 0;

  async function answer(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = "", url: path = "", socket } = incoming;
    const connection = connections.get(socket.remotePort ?? -1);
    const reset = (): void => void connection?.socket.resetAndDestroy();
    const { http: fault, own } = service.plan(method, path);
    if (fault?.kind === "reset") return reset();
    const body = await readBody(
      incoming,
      service.maxBodyBytes ?? Number.POSITIVE_INFINITY,
      fault?.kind === "reset_in_body" ? fault.afterBytes : undefined,
    );
    if (body === undefined) return reset();
    const headers = Object.fromEntries(
      Object.entries(incoming.headersDistinct).map(([name, values]) => [name, values?.join(", ") ?? ""]),
    );
    const request = { method, path, headers, body, connection: connection?.number ?? -1 };
    const handled = async (): Promise<Handled> => {
      const reply = await service.handle(request, own);
      service.answered(request, reply, reply);
      return reply;
    };
    const instead = async (reply: HttpReply, afterEffect = false): Promise<void> => {
      service.answered(request, reply, afterEffect ? await service.handle(request, own) : undefined);
      send(response, reply);
    };
    switch (fault?.kind) {
      case undefined:
        return send(response, await handled());
      case "status":
        return await instead(fault, fault.afterEffect);
      case "html":
        return await instead(proxyPage(fault.status), fault.afterEffect);
      case "huge_reply":
        service.answered(request, { status: 200 }, undefined);
        return await sendHuge(response, fault.bytes, fault.gzip ?? false);
      case "hang":
      case "reset_in_body":
        return service.answered(request, undefined, undefined);
      case "cut_reply": {
        const { afterBytes = 0, close = "reset" } = fault;
        const reply = await service.handle(request, own);
        service.answered(request, undefined, reply);
        return sendFirst(socket, reply, afterBytes, () => {
          if (close === "reset") reset();
          if (close === "end") socket.end();
        });
      }
      case "slow":
        await sleep(fault.ms ?? 0);
        return await drip(response, await handled(), fault.dripMs ?? 0);
    }
  }

  const serve = (incoming: IncomingMessage, response: ServerResponse): void => {
    // Whatever fails here is a broken connection, which the client sees, or a mistake of the service.
    const { socket } = incoming;
    answer(incoming, response).catch((error: unknown) => {
      if (socket.destroyed || response.headersSent) socket.destroy();
      else send(response, { status: 500, body: String(error) });
    });
  };
  const identity = tls === "wrong_host" ? loopbackTls.wrongHost : loopbackTls;
  const server =
    tls === false ? createServer(serve) : createTlsServer({ key: identity.key, cert: identity.cert }, serve);
  // No test is to depend on how long an idle connection is kept.
  server.keepAliveTimeout = 0;
  server.on("connection", (socket: Socket) => {
    const port = socket.remotePort ?? -1;
    connections.set(port, { socket, number: opened++ });
    socket.on("close", () => {
      if (connections.get(port)?.socket === socket) connections.delete(port);
    });
    socket.on("error", () => {});
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", resolve);
  });

  const { port } = server.address() as AddressInfo;
  return {
    url: `${tls === false ? "http" : "https"}://127.0.0.1:${port}`,
    ca: tls === false ? undefined : loopbackTls.ca,
    async [Symbol.asyncDispose]() {
      const closed = new Promise((resolve) => server.close(resolve));
      for (const { socket } of connections.values()) socket.destroy();
      await closed;
    },
  };
}

/** The body, or undefined once `resetAfter` bytes of it are in. */
async function readBody(
  incoming: IncomingMessage,
  maxBytes: number,
  resetAfter: number | undefined,
): Promise<Buffer | undefined> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of incoming as AsyncIterable<Buffer>) {
    // One byte more than allowed tells the service that the body was too long.
    if (size <= maxBytes) parts.push(part);
    size += part.length;
    if (resetAfter !== undefined && size >= resetAfter) return undefined;
  }
  return resetAfter === undefined ? Buffer.concat(parts) : undefined;
}
