import { randomUUID } from "node:crypto";
import type { Clock } from "@headgate/core";
import type { HttpReply } from "@headgate/egress";
import { cookieJar } from "./cookies.ts";
import type { HecPath, HecTransport } from "./transport.ts";

/** One endpoint of the collector and what is known of it. */
export interface Endpoint {
  readonly url: URL;
  /** GUID that acknowledgements are kept by: one of this sink and this endpoint alone. */
  readonly channel: string;
  /** Whether the token was seen to have acknowledgements here. */
  acknowledges: boolean;
  /** Sends a request, with the cookies of those before. `moved`: it was sent to another indexer than the last one. */
  send(request: {
    readonly path: HecPath;
    readonly body?: Uint8Array;
    /** @default the endpoint's present one */
    readonly channel?: string;
    readonly signal: AbortSignal;
  }): Promise<{ readonly reply: HttpReply; readonly moved: boolean }>;
  /** Begins a new channel: what the old one knew is lost, or not to be waited for. */
  renewChannel(): void;
}

/** The endpoints of a stream: the first that works, and the others while it does not. */
export interface Endpoints {
  readonly all: readonly Endpoint[];
  /** The endpoints in the order in which to try them, those last that failed lately. */
  inOrder(): readonly Endpoint[];
  /** Avoids an endpoint for a minute. */
  failed(endpoint: Endpoint): void;
  works(endpoint: Endpoint): void;
}

const avoidMs = 60_000;

export function endpoints(urls: readonly URL[], transport: HecTransport, clock: Clock): Endpoints {
  const all = urls.map((url) => endpoint(url, transport));
  const failedAt = new Map<Endpoint, number>();
  return {
    all,
    inOrder() {
      const now = clock.now();
      const avoided = (each: Endpoint): boolean => now - (failedAt.get(each) ?? Number.NEGATIVE_INFINITY) < avoidMs;
      const down = all.filter(avoided).sort((a, b) => (failedAt.get(a) ?? 0) - (failedAt.get(b) ?? 0));
      return [...all.filter((each) => !avoided(each)), ...down];
    },
    failed: (each) => void failedAt.set(each, clock.now()),
    works: (each) => void failedAt.delete(each),
  };
}

function endpoint(url: URL, transport: HecTransport): Endpoint {
  const jar = cookieJar();
  let channel = randomUUID();
  return {
    url,
    get channel() {
      return channel;
    },
    acknowledges: false,
    async send(request) {
      const cookies = jar.header;
      const reply = await transport.send({
        endpoint: url,
        channel,
        ...request,
        ...(cookies === undefined ? {} : { cookies }),
      });
      return { reply, moved: jar.take(reply.setCookies) };
    },
    renewChannel: () => void (channel = randomUUID()),
  };
}
