import { createServer, request, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** What happens to one request on its way to the server. */
export type ProxyFault =
  /** Nothing. */
  | "pass"
  /** The server handles it; the client never hears of it. */
  | "lose-reply"
  /** The connection is reset before the server sees it. */
  | "reset"
  /** 503 SlowDown, as S3 says it. */
  | "slow-down"
  /** Nobody answers until the client gives up. */
  | "hang"
  /** 400 ExpiredToken, as AWS says it, for the session in use. */
  | "expired";

/** A loopback proxy before a real S3 server. Requests keep their Host header, so signatures stay valid. */
export interface FaultProxy extends AsyncDisposable {
  readonly endpoint: string;
  /** Asked for each PUT of an object; other requests pass. */
  decide: (path: string) => ProxyFault;
  /** How often each fault was played. */
  readonly played: Record<ProxyFault, number>;
}

export async function faultProxy(target: string): Promise<FaultProxy> {
  const upstream = new URL(target);
  const played: Record<ProxyFault, number> = {
    pass: 0,
    "lose-reply": 0,
    reset: 0,
    "slow-down": 0,
    hang: 0,
    expired: 0,
  };
  const expiredTokens = new Set<string>();

  const server = createServer((incoming, reply) => {
    incoming.on("error", () => {});
    reply.on("error", () => {});
    const put = incoming.method === "PUT";
    const token = incoming.headers["x-amz-security-token"];
    let fault = put ? proxy.decide(incoming.url ?? "") : "pass";
    if (put && typeof token === "string") {
      if (fault === "expired") expiredTokens.add(token);
      else if (expiredTokens.has(token)) fault = "expired";
    } else if (fault === "expired") fault = "pass";
    if (put) played[fault] += 1;
    switch (fault) {
      case "reset":
        incoming.socket.resetAndDestroy();
        return;
      case "hang":
        incoming.resume();
        return;
      case "slow-down":
        return refuse(incoming, reply, 503, "SlowDown", "Please reduce your request rate.");
      case "expired":
        return refuse(incoming, reply, 400, "ExpiredToken", "The provided token has expired.");
      default:
        forward(incoming, reply, fault === "lose-reply");
    }
  });

  function refuse(
    incoming: IncomingMessage,
    reply: ServerResponse,
    status: number,
    code: string,
    message: string,
  ): void {
    incoming.resume();
    incoming.on("end", () => {
      reply.writeHead(status, { "content-type": "application/xml", "x-amz-request-id": "proxy" });
      reply.end(
        `<?xml version="1.0" encoding="UTF-8"?><Error><Code>${code}</Code><Message>${message}</Message><RequestId>proxy</RequestId></Error>`,
      );
    });
  }

  function forward(incoming: IncomingMessage, reply: ServerResponse, lose: boolean): void {
    const { expect: _continue, ...headers } = incoming.headers;
    const outgoing = request({
      host: upstream.hostname,
      port: upstream.port,
      method: incoming.method,
      path: incoming.url,
      headers,
    });
    outgoing.on("response", (response) => {
      if (lose) {
        response.resume();
        response.on("end", () => incoming.socket.resetAndDestroy());
        return;
      }
      reply.writeHead(response.statusCode ?? 502, response.headers);
      response.pipe(reply);
    });
    outgoing.on("error", () => incoming.socket.destroy());
    incoming.pipe(outgoing);
  }

  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const proxy: FaultProxy = {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    decide: () => "pass",
    played,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return proxy;
}
