import { faultScript } from "./fault-script.ts";
import type { HttpFault } from "./http-fault.ts";
import type { HttpRequest, ServerTls } from "./http-listener.ts";
import { listen } from "./http-listener.ts";
import type { HttpReply } from "./http-reply.ts";

/** An HTTP server on loopback that answers by script. Disposing of it cuts every connection. */
export interface FaultServer extends AsyncDisposable {
  /** `http://127.0.0.1:<port>`, or `https://…`, without a slash at the end. */
  readonly url: string;
  /** What a client must trust, PEM; undefined without TLS. */
  readonly ca: string | undefined;
  /** Requests whose body was read to its end, whatever the answer was. */
  readonly requests: readonly HttpRequest[];
  /** Replaces the faults to come. A fault takes the first requests that fit it. `script([])` makes the server well. */
  script(faults: readonly HttpFault[]): void;
}

/**
 * Starts a server over real sockets for the test of an HTTP sink. `handle` is the destination when it is well: it
 * checks the wire format and keeps what it takes.
 *
 * @example
 * ```ts
 * await using server = await faultServer((request) => ({ status: request.method === "POST" ? 202 : 405 }));
 * server.script([{ kind: "status", status: 503 }, { kind: "cut_reply" }]);
 * ```
 */
export async function faultServer(
  handle: (request: HttpRequest) => HttpReply | Promise<HttpReply>,
  options: { readonly tls?: ServerTls } = {},
): Promise<FaultServer> {
  const requests: HttpRequest[] = [];
  const script = faultScript<HttpFault>();
  const listener = await listen(
    {
      plan: (method, path) => ({
        http: script.take(
          (fault) => (fault.method ?? method) === method && (fault.path === undefined || path.startsWith(fault.path)),
        ),
      }),
      handle,
      answered: (request) => void requests.push(request),
    },
    options.tls,
  );
  return {
    url: listener.url,
    ca: listener.ca,
    requests,
    script: (faults) => script.set(faults),
    [Symbol.asyncDispose]: () => listener[Symbol.asyncDispose](),
  };
}
