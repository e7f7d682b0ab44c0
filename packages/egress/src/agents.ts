import { X509Certificate } from "node:crypto";
import { Agent as HttpAgent } from "node:http";
import { Agent as HttpsAgent } from "node:https";
import { isIP } from "node:net";
import type { Duplex } from "node:stream";
import { createSecureContext, getCACertificates } from "node:tls";
import { HeadgateError } from "@headgate/core";
import type { AddressGuard } from "./guard.ts";
import { addressRefused, guardedLookup } from "./guard.ts";

/** What the sockets of one kind have in common. */
export interface AgentOptions {
  readonly guard: AddressGuard;
  /** PEM of certificates to trust beside the usual ones. */
  readonly ca?: string;
  /** For one host at a time; requests beyond it wait. */
  readonly maxSockets: number;
  /** Sockets that are kept open for one host while nothing is sent. */
  readonly maxFreeSockets: number;
  /** How long such a socket is kept, in ms. @default for ever */
  readonly idleMs?: number;
}

/** Sockets that connect only where the guard permits. Certificates are always verified, whatever the environment says. */
export interface GuardedAgents {
  readonly http: HttpAgent;
  readonly https: HttpsAgent;
  destroy(): void;
}

interface Target {
  readonly host?: string;
}

type Connect = (
  options: Target,
  callback?: (error: Error | null, stream?: Duplex) => void,
) => Duplex | null | undefined;

/**
 * Keep-alive agents for `node:http` and `node:https`, and for vendors' clients that take such agents.
 * @throws `sink_options_invalid` for a `ca` that is no certificate
 */
export function guardedAgents(options: AgentOptions): GuardedAgents {
  const { guard, ca, maxSockets, maxFreeSockets, idleMs } = options;
  const common = {
    keepAlive: true,
    scheduling: "lifo" as const,
    maxSockets,
    maxFreeSockets,
    lookup: guardedLookup(guard),
    ...(idleMs !== undefined && { timeout: idleMs }),
  };
  if (ca !== undefined) assertCertificate(ca);
  const minVersion = "TLSv1.2";
  // A context of one's own takes the place of the options that it is made from: the version as well.
  const trust =
    ca === undefined
      ? {}
      : { secureContext: createSecureContext({ ca: [...getCACertificates("default"), ca], minVersion }) };
  const http = guarded(new HttpAgent(common), guard);
  const https = guarded(new HttpsAgent({ ...common, ...trust, rejectUnauthorized: true, minVersion }), guard);
  return {
    http,
    https,
    destroy() {
      http.destroy();
      https.destroy();
    },
  };
}

/** OpenSSL passes over what it cannot read, and the connection would fail for another reason. */
function assertCertificate(pem: string): void {
  try {
    void new X509Certificate(pem).subject;
  } catch {
    throw new HeadgateError("sink_options_invalid", "ca holds no certificate in PEM form.", {
      hint: "Name the file of the authority's certificate, which begins with -----BEGIN CERTIFICATE-----.",
    });
  }
}

/** A host that is an address already is not looked up, so it is judged here. */
function guarded<A extends HttpAgent>(agent: A, guard: AddressGuard): A {
  const connect = agent.createConnection.bind(agent) as Connect;
  const checked: Connect = (options, callback) => {
    const host = (options.host ?? "").replace(/^\[(.*)\]$/, "$1");
    if (isIP(host) !== 0 && !guard.permits(host)) return refuse(addressRefused(host), callback);
    return connect(options, callback);
  };
  return Object.assign(agent, { createConnection: checked });
}

function refuse(error: Error, callback: Parameters<Connect>[1]): undefined {
  if (callback === undefined) throw error;
  process.nextTick(callback, error);
  return undefined;
}
