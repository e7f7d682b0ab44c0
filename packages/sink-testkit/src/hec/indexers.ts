import type { AckState } from "./acks.ts";

/** A load balancer before one or more indexers. */
export interface Balancer {
  /** The indexer for a request, and the cookie to set where the client has none that holds. */
  route(headers: Readonly<Record<string, string>>): Routed;
  /** Makes the cookies given out so far void. */
  rebalance(): void;
}

/** Where a request goes. */
export interface Routed {
  readonly indexer: number;
  readonly acks: AckState;
  readonly setCookie: string | undefined;
}

/**
 * Sends requests to the indexers by turns. With a cookie name, a client that sends the cookie back stays where it was;
 * acknowledgements are known to the indexer that took the batch and to no other.
 */
export function balancer(indexers: readonly AckState[], cookie: string | undefined): Balancer {
  let turn = 0;
  let session = 0;
  return {
    route(headers) {
      if (cookie !== undefined) {
        const sent = cookieValue(headers["cookie"] ?? "", cookie);
        const match = /^s(\d+)-i(\d+)$/.exec(sent ?? "");
        const indexer = Number(match?.[2]);
        const acks = indexers[indexer];
        if (acks !== undefined && Number(match?.[1]) === session) return { indexer, acks, setCookie: undefined };
      }
      const indexer = turn++ % indexers.length;
      const acks = indexers[indexer];
      if (acks === undefined) throw new RangeError("At least one indexer is needed.");
      const setCookie = cookie === undefined ? undefined : `${cookie}=s${session}-i${indexer}; Path=/; HttpOnly`;
      return { indexer, acks, setCookie };
    },
    rebalance: () => void session++,
  };
}

function cookieValue(header: string, name: string): string | undefined {
  for (const pair of header.split(";")) {
    const at = pair.indexOf("=");
    if (at > 0 && pair.slice(0, at).trim() === name) return pair.slice(at + 1).trim();
  }
  return undefined;
}
