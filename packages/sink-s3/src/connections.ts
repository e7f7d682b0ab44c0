import { addressGuard, guardedAgents, type GuardedAgents } from "@headgate/egress";
import { NodeHttpHandler } from "@smithy/node-http-handler";
import type { ResolvedTimeouts } from "./settings.ts";

/** Sockets shared by all streams: each is kept alive, so thousands of streams to one region need a few. */
export interface Connections {
  /** A handler for one client. `guarded` refuses to connect to private addresses. The `release` of all lets the sockets go. */
  open(options: { readonly timeouts: ResolvedTimeouts; readonly guarded: boolean }): ConnectionLease;
}

/** The right to use the shared sockets. */
export interface ConnectionLease {
  readonly handler: NodeHttpHandler;
  /** May be called twice. */
  release(): void;
}

/** For one host at a time; requests beyond it wait. Core bounds the `deliver` calls to a host well below this. */
const maxSockets = 50;

/** Shared sockets, opened on use and closed when nobody holds a lease any more. `allow` is the operator's list of addresses. */
export function sharedConnections(allow: readonly string[] = []): Connections {
  const shared = new Map<boolean, { readonly agents: GuardedAgents; users: number }>();
  const makeAgents = (guarded: boolean): GuardedAgents =>
    guardedAgents({ guard: addressGuard({ allow, insecure: !guarded }), maxSockets, maxFreeSockets: 4 });
  return {
    open({ timeouts, guarded }) {
      const entry = shared.get(guarded) ?? { agents: makeAgents(guarded), users: 0 };
      shared.set(guarded, entry);
      entry.users += 1;
      let held = true;
      return {
        handler: new NodeHttpHandler({
          httpAgent: entry.agents.http,
          httpsAgent: entry.agents.https,
          connectionTimeout: timeouts.connectMs,
          socketTimeout: timeouts.idleMs,
          requestTimeout: timeouts.requestMs,
          // Without it the handler only logs a warning when the time is over, and waits on.
          throwOnRequestTimeout: true,
          logger: { debug() {}, info() {}, warn() {}, error() {} },
        }),
        release() {
          if (!held) return;
          held = false;
          entry.users -= 1;
          if (entry.users > 0) return;
          shared.delete(guarded);
          entry.agents.destroy();
        },
      };
    },
  };
}
