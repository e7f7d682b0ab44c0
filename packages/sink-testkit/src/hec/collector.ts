import type { HttpRequest } from "../http-listener.ts";
import type { AckState } from "./acks.ts";
import { ackState } from "./acks.ts";
import { askAcks } from "./ask-acks.ts";
import { authorize, channelOf } from "./authorize.ts";
import { bodyReader } from "./body.ts";
import type { HecReply } from "./codes.ts";
import { hecReply, notFound } from "./codes.ts";
import { knownPath, pathname } from "./endpoints.ts";
import type { Envelope } from "./envelope.ts";
import type { HecOwnFault } from "./fault.ts";
import type { Balancer, Routed } from "./indexers.ts";
import { balancer } from "./indexers.ts";
import type { HecEndpoint, HecPoison, HecToken } from "./model.ts";
import type { HecSettings } from "./options.ts";
import type { EventName } from "./poison.ts";
import { poisonOf } from "./poison.ts";
import { takeLines } from "./take-lines.ts";
import { takeObjects } from "./take-objects.ts";
import { faultReply, takenReply, takesEffect } from "./taken-reply.ts";

/** The collector behind the sockets. */
export interface Collector {
  readonly indexers: readonly AckState[];
  readonly balancer: Balancer;
  /** How long after its arrival a batch is acknowledged, in ms. */
  ackMs: number | "never";
  poison(poison: readonly HecPoison[]): void;
  /** The decompressed body of a request, or the answer to one that cannot be had. */
  bodyOf(request: HttpRequest): Buffer | HecReply;
  answer(request: HttpRequest, fault: HecOwnFault | undefined): HecReply;
}

/** An event on its way to what keeps it. */
export interface Arrival {
  readonly envelope: Envelope;
  readonly index: string;
  readonly raw: Uint8Array;
  readonly name: EventName;
  readonly token: string;
  readonly channel: string | undefined;
  readonly indexer: number;
  readonly request: HttpRequest;
}

/** Makes a collector. `keep` gets each event as it is indexed. */
export function collector(settings: HecSettings, keep: (arrival: Arrival) => void): Collector {
  const { now } = settings;
  let ackMs = settings.ackMs;
  let poisoned = poisonOf([]);
  const indexers = Array.from({ length: settings.indexers }, () =>
    ackState({ now, idleMs: settings.ackIdleMs, delayMs: () => ackMs }),
  );
  const bodyOf = bodyReader(settings);
  const balance = balancer(indexers, settings.cookie);

  function answer(request: HttpRequest, fault: HecOwnFault | undefined): HecReply {
    const known = knownPath(request.path);
    if (known === undefined) return notFound(404, "The requested URL was not found on this server.");
    if (request.method === "OPTIONS") return { status: 200, code: undefined };
    if (request.method !== known.method) return notFound(405, "Method Not Allowed");
    const routed = balance.route(request.headers);
    const reply = reach(request, known.endpoint, routed, fault);
    return routed.setCookie === undefined
      ? reply
      : { ...reply, headers: { ...reply.headers, "set-cookie": routed.setCookie } };
  }

  function reach(
    request: HttpRequest,
    endpoint: HecEndpoint,
    routed: Routed,
    fault: HecOwnFault | undefined,
  ): HecReply {
    if (fault?.kind === "code" && !takesEffect(fault, endpoint)) return faultReply(fault, endpoint);
    if (endpoint === "health") return hecReply(17);
    const query = new URLSearchParams(request.path.slice(pathname(request.path).length));
    const token = authorize(settings.tokens, request.headers, query);
    if (typeof token === "number") return hecReply(token);
    if (endpoint === "ack" && token.acknowledge !== true) return hecReply(14);
    const channel = channelOf(request.headers, query, token.acknowledge === true, settings.cloud);
    if (typeof channel === "number") return hecReply(channel);
    const body = bodyOf(request);
    if ("status" in body) return body;
    const ackChannel = `${token.token} ${channel.channel}`;
    if (endpoint === "ack") return askAcks(body, ackChannel, routed.acks);

    const refusal = fault?.kind === "refuse" ? { at: new Set(fault.indexes), code: fault.code } : undefined;
    const defaults = queryDefaults(query);
    const taken = (endpoint === "raw" ? takeLines : takeObjects)(body, {
      maxObjectBytes: settings.maxEventBytes,
      stopAfter: (fault?.kind === "code" ? fault.afterObjects : undefined) ?? Number.POSITIVE_INFINITY,
      indexFor: (index) => allowedIndex(token, index ?? defaults.index),
      refuse: (name, at) => poisoned(name) ?? (refusal?.at.has(at) === true ? refusal.code : undefined),
      index(envelope, index, raw, name) {
        keep({
          envelope: { ...defaults, ...envelope },
          index,
          raw,
          name,
          token: token.token,
          channel: channel.channel,
          indexer: routed.indexer,
          request,
        });
      },
    });
    const acknowledged = token.acknowledge === true && taken.indexed > 0;
    return takenReply(taken, fault, (accepted) =>
      acknowledged && (accepted || settings.ackOnError) ? routed.acks.issue(ackChannel) : undefined,
    );
  }

  return {
    indexers,
    balancer: balance,
    get ackMs() {
      return ackMs;
    },
    set ackMs(value) {
      ackMs = value;
    },
    poison(list) {
      poisoned = poisonOf(list);
    },
    bodyOf,
    answer,
  };
}

function allowedIndex(token: HecToken, named: string | undefined): string | undefined {
  const index = named ?? token.defaultIndex ?? "main";
  if (named === undefined || token.indexes === undefined) return index === "" ? undefined : index;
  return token.indexes.includes(index) ? index : undefined;
}

/** What the query says of events that do not say it themselves. */
function queryDefaults(query: URLSearchParams): Omit<Envelope, "event"> {
  const names = ["time", "host", "source", "sourcetype", "index"] as const;
  return Object.fromEntries(names.flatMap((name) => (query.has(name) ? [[name, query.get(name)]] : [])));
}
