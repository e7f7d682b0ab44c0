import { once } from "node:events";
import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";

/** A record of a service's audit log. */
export interface LoggedRecord {
  readonly id: string;
  /** When it was made, in Unix ms. */
  readonly at: number;
  /** When it can be read: later than it was made, and not always in that order. */
  readonly visibleAt: number;
  readonly text: string;
}

/** What a service answers. */
export interface LogReply {
  /** 0: the connection is cut. */
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: string;
}

/** A request as it came in. */
export interface LogRequest {
  readonly url: URL;
  readonly headers: IncomingHttpHeaders;
}

/** What the stand-ins of all services have in common. */
export interface LogServerOptions {
  /** @default Date.now */
  readonly now?: () => number;
  /** Records of a page, at most. @default what the request asks for */
  readonly pageSize?: number;
  /** Of a page, so many of its last records come once more at the head of the next one. @default 0 */
  readonly repeats?: number;
}

/** A service's audit log on loopback. */
export interface LogServer extends AsyncDisposable {
  readonly url: URL;
  readonly requests: readonly LogRequest[];
  /** What the requests did that the service's documentation forbids. */
  readonly faults: readonly string[];
  log(record: LoggedRecord): void;
  /** Answers the next requests so, in this order. `undefined`: as ever. */
  script(...replies: readonly (LogReply | undefined)[]): void;
  /** Allows so many requests, then none until `until` (Unix ms). A request in between is a fault. */
  limit(requests: number, until: number): void;
  /** Called before each answer. */
  onRequest: (request: LogRequest) => void | Promise<void>;
}

/** The headers that tell a rate limit, by the names of the service. */
export interface LimitHeaders {
  readonly limit: string;
  readonly remaining: string;
  readonly reset: string;
  /** Status of a refusal. */
  readonly status: number;
}

/** Starts a server whose ordinary answers `answer` makes, out of the records that can be read by then. */
export async function startLogServer(
  { now = Date.now }: LogServerOptions,
  limits: LimitHeaders,
  answer: (request: LogRequest, visible: readonly LoggedRecord[], fault: (what: string) => LogReply) => LogReply,
): Promise<LogServer> {
  const records: LoggedRecord[] = [];
  const requests: LogRequest[] = [];
  const faults: string[] = [];
  const scripted: (LogReply | undefined)[] = [];
  let budget: { remaining: number; until: number } | undefined;

  function limited(): Readonly<Record<string, string>> {
    if (budget === undefined) return {};
    return {
      [limits.limit]: "1750",
      [limits.remaining]: String(budget.remaining),
      [limits.reset]: String(Math.ceil(budget.until / 1000)),
    };
  }

  function reply(request: LogRequest): LogReply {
    if (budget !== undefined && now() >= budget.until) budget = undefined;
    if (budget?.remaining === 0) {
      faults.push("a request while the rate limit was used up");
      return { status: limits.status, headers: limited(), body: '{"message":"API rate limit exceeded"}' };
    }
    if (budget !== undefined) budget.remaining--;
    const next = scripted.length === 0 ? undefined : scripted.shift();
    if (next !== undefined) return next;
    const visible = records.filter(({ visibleAt }) => visibleAt <= now());
    const fault = (what: string): LogReply => {
      faults.push(what);
      return { status: 400, body: JSON.stringify({ message: what }) };
    };
    const ordinary = answer(request, visible, fault);
    return { ...ordinary, headers: { ...limited(), ...ordinary.headers } };
  }

  const server = createServer((incoming, outgoing) => {
    const request: LogRequest = { url: new URL(incoming.url ?? "", url), headers: incoming.headers };
    void (async () => {
      requests.push(request);
      await self.onRequest(request);
      const { status, headers, body } = reply(request);
      if (status === 0) {
        outgoing.destroy();
        return;
      }
      const date = new Date(now()).toUTCString();
      outgoing.writeHead(status, { date, "content-type": "application/json; charset=utf-8", ...headers });
      outgoing.end(body);
    })();
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const url = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  const self: LogServer = {
    url,
    requests,
    faults,
    log: (record) => void records.push(record),
    script: (...replies) => void scripted.push(...replies),
    limit: (remaining, until) => void (budget = { remaining, until }),
    onRequest: () => {},
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
  return self;
}
