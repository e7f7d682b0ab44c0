import { faultScript } from "../fault-script.ts";
import type { HttpRequest } from "../http-listener.ts";
import { listen } from "../http-listener.ts";
import type { HttpReply } from "../http-reply.ts";
import type { DatadogFault, DatadogOwnFault } from "./fault.ts";
import { endpointOf, intake, pathname } from "./intake.ts";
import { judgeLog } from "./judge-log.ts";
import { maxBodyBytes } from "./limits.ts";
import type { DatadogLog, DatadogPoison, DatadogRequest, DatadogServerOptions } from "./model.ts";
import type { DatadogReply } from "./replies.ts";
import { valueAt } from "./value-at.ts";

/** A running intake. Disposing of it cuts every connection. */
export interface DatadogServer extends AsyncDisposable {
  /** `http://127.0.0.1:<port>`, or `https://…`, without a slash at the end: intake and API alike. */
  readonly url: string;
  /** What a client must trust, PEM; undefined without TLS. */
  readonly ca: string | undefined;
  /** Accepted logs in the order in which they came; empty unless the server keeps them. */
  readonly logs: readonly DatadogLog[];
  /** How many logs were accepted, repeats counted. */
  readonly accepted: number;
  /** Every request so far, in the order in which they came. */
  readonly requests: readonly DatadogRequest[];
  /** Mutable: the keys that are taken from now on. */
  readonly apiKeys: Set<string>;
  /** How often each event id was accepted; empty where the server keeps only counts. */
  counts(): ReadonlyMap<string, number>;
  /** Replaces the faults to come. A fault takes the first requests that fit it. `script([])` makes the server well. */
  script(faults: readonly DatadogFault[]): void;
  /** Replaces the logs to refuse. A request with one of them is refused whole, with 400. */
  poison(poison: readonly DatadogPoison[]): void;
}

/**
 * Starts a strict Logs intake (v2) on loopback: what Datadog cuts or drops in silence is accepted and marked. It
 * answers hostile input, and never throws on it.
 *
 * @example
 * ```ts
 * await using server = await startDatadogServer({ apiKeys: ["key"], idPath: "audit.id" });
 * server.script([{ kind: "error", status: 429, retryAfter: 3 }, { kind: "html", status: 502 }]);
 * ```
 */
export async function startDatadogServer(options: DatadogServerOptions): Promise<DatadogServer> {
  const { keep = "events", idPath = "id", now = Date.now } = options;
  const apiKeys = new Set(options.apiKeys);
  const logs: DatadogLog[] = [];
  const requests: DatadogRequest[] = [];
  const counts = new Map<string, number>();
  let accepted = 0;
  const script = faultScript<DatadogFault>();
  const numbers = new WeakMap<HttpRequest, number>();

  const datadog = intake(apiKeys, (sent, request) => {
    accepted++;
    if (keep === "counts") return;
    const id = valueAt(sent.log, idPath);
    if (typeof id === "string") counts.set(id, (counts.get(id) ?? 0) + 1);
    if (keep === "events") logs.push({ ...sent, ...judgeLog(sent, now()), request: numbers.get(request) ?? -1 });
  });

  /** Puts a request on the list, or what became of it in its place. */
  function record(request: HttpRequest, reply: HttpReply | undefined, taken = 0): void {
    const number = numbers.get(request) ?? requests.length;
    numbers.set(request, number);
    const path = pathname(request.path);
    const body = keep === "events" ? datadog.bodyOf(request) : undefined;
    requests[number] = {
      endpoint: endpointOf(path),
      method: request.method,
      path,
      query: Object.fromEntries(new URLSearchParams(request.path.slice(path.length))),
      headers: request.headers,
      status: reply?.status ?? 0,
      logs: taken,
      body: body instanceof Uint8Array ? body : new Uint8Array(),
      wireBytes: request.body.length,
      connection: request.connection,
    };
  }

  const listener = await listen<DatadogOwnFault, DatadogReply>(
    {
      maxBodyBytes,
      plan(_method, path) {
        const endpoint = endpointOf(path);
        const fault = script.take(({ on = "logs" }) => on === endpoint);
        return fault?.kind === "error" || fault?.kind === "refuse" ? { own: fault } : { http: fault };
      },
      handle(request, fault) {
        record(request, undefined);
        return datadog.answer(request, fault);
      },
      answered: (request, reply, handled) => record(request, reply, handled?.logs),
    },
    options.tls,
  );

  return {
    url: listener.url,
    ca: listener.ca,
    logs,
    get accepted() {
      return accepted;
    },
    requests,
    apiKeys,
    counts: () => counts,
    script(faults) {
      script.set(faults);
      datadog.forgive();
    },
    poison: (list) => datadog.poison(list),
    [Symbol.asyncDispose]: () => listener[Symbol.asyncDispose](),
  };
}
