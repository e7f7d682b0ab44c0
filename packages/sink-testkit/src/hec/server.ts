import { faultScript } from "../fault-script.ts";
import type { HttpRequest } from "../http-listener.ts";
import { listen } from "../http-listener.ts";
import type { HttpReply } from "../http-reply.ts";
import type { HecReply } from "./codes.ts";
import { collector } from "./collector.ts";
import { knownPath, pathname } from "./endpoints.ts";
import type { HecFault, HecOwnFault } from "./fault.ts";
import type { HecEvent, HecPoison, HecRequest, HecToken } from "./model.ts";
import type { HecServerOptions } from "./options.ts";
import { hecSettings } from "./options.ts";

/** A running collector. Disposing of it cuts every connection. */
export interface HecServer extends AsyncDisposable {
  /** `http://127.0.0.1:<port>`, or `https://…`, without a slash at the end. */
  readonly url: string;
  /** What a client must trust, PEM; undefined without TLS. */
  readonly ca: string | undefined;
  /** Indexed events in the order in which they came; empty unless the server keeps them. */
  readonly events: readonly HecEvent[];
  /** How many events were indexed, repeats counted. */
  readonly indexed: number;
  /** Every request so far, in the order in which they came. */
  readonly requests: readonly HecRequest[];
  /** Mutable: the tokens that are taken from now on. */
  readonly tokens: HecToken[];
  /** How long after its arrival a batch is acknowledged, in ms. May be set while it runs. */
  ackMs: number | "never";
  /** How often each event id was indexed; empty where the server keeps only counts. */
  counts(): ReadonlyMap<string, number>;
  /** Replaces the faults to come. A fault takes the first requests that fit it. `script([])` makes the server well. */
  script(faults: readonly HecFault[]): void;
  /** Replaces the events to refuse. */
  poison(poison: readonly HecPoison[]): void;
  /** Forgets all acknowledgements and numbers of one indexer, or of all, as a restart does. */
  forgetAcks(indexer?: number): void;
  /** Makes the load balancer forget its cookies: clients get new ones, and may be sent elsewhere. */
  rebalance(): void;
}

/**
 * Starts a strict HTTP Event Collector on loopback: it takes what Splunk takes and keeps the part of a bad body that
 * Splunk keeps. It answers hostile input, and never throws on it.
 *
 * @example
 * ```ts
 * await using server = await startHecServer({ tokens: [{ token: "11111111-…", acknowledge: true }] });
 * server.script([{ kind: "code", code: 9, times: 2 }, { kind: "cut_reply", on: "ack" }]);
 * ```
 */
export async function startHecServer(options: HecServerOptions): Promise<HecServer> {
  const settings = hecSettings(options);
  const { keep, tokens } = settings;
  const events: HecEvent[] = [];
  const requests: HecRequest[] = [];
  const counts = new Map<string, number>();
  let indexed = 0;
  const script = faultScript<HecFault>();
  const numbers = new WeakMap<HttpRequest, number>();

  const hec = collector(settings, ({ envelope, index, raw, name, token, channel, indexer, request }) => {
    indexed++;
    if (keep === "counts") return;
    if (name.id !== undefined) counts.set(name.id, (counts.get(name.id) ?? 0) + 1);
    if (keep === "ids") return;
    const { time, host, source, sourcetype, fields, event } = envelope;
    events.push({
      time: time === undefined ? undefined : Number(time),
      host,
      source,
      sourcetype,
      index,
      fields,
      event,
      token,
      channel,
      indexer,
      request: numbers.get(request) ?? -1,
      raw,
    });
  });

  /** Puts a request on the list, or what became of it in its place. */
  function record(request: HttpRequest, reply: HttpReply | undefined, objects = 0): void {
    const number = numbers.get(request) ?? requests.length;
    numbers.set(request, number);
    const body = keep === "events" ? hec.bodyOf(request) : undefined;
    requests[number] = {
      endpoint: knownPath(request.path)?.endpoint ?? "unknown",
      method: request.method,
      path: pathname(request.path),
      headers: request.headers,
      status: reply?.status ?? 0,
      code: reply === undefined ? undefined : replyCode(reply),
      objects,
      body: body instanceof Uint8Array ? body : new Uint8Array(),
      wireBytes: request.body.length,
      connection: request.connection,
    };
  }

  const listener = await listen<HecOwnFault, HecReply>(
    {
      maxBodyBytes: settings.maxContentLength,
      plan(_method, path) {
        const endpoint = knownPath(path)?.endpoint ?? "unknown";
        const fault = script.take(({ on = "event" }) => on === endpoint);
        return fault?.kind === "code" || fault?.kind === "refuse" ? { own: fault } : { http: fault };
      },
      handle(request, fault) {
        record(request, undefined);
        return hec.answer(request, fault);
      },
      answered: (request, reply, handled) => record(request, reply, handled?.objects),
    },
    settings.tls,
  );

  return {
    url: listener.url,
    ca: listener.ca,
    events,
    get indexed() {
      return indexed;
    },
    requests,
    tokens,
    get ackMs() {
      return hec.ackMs;
    },
    set ackMs(value) {
      hec.ackMs = value;
    },
    counts: () => counts,
    script: (faults) => script.set(faults),
    poison: (list) => hec.poison(list),
    forgetAcks(indexer) {
      for (const [number, acks] of hec.indexers.entries())
        if (indexer === undefined || indexer === number) acks.forget();
    },
    rebalance: () => hec.balancer.rebalance(),
    [Symbol.asyncDispose]: () => listener[Symbol.asyncDispose](),
  };
}

function replyCode(reply: HttpReply): HecRequest["code"] {
  return "code" in reply ? (reply as HecReply).code : undefined;
}
