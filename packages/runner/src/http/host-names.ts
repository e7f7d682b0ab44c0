import { type HttpConfig, isLoopback } from "../config/service-config.ts";

/**
 * Names under which a server on loopback may be asked, or undefined where any will do. A page of somebody else's can let
 * its own name lead to 127.0.0.1 (DNS rebinding) and then read what a browser on this machine may read; but it cannot
 * change the Host header.
 */
export function hostNames({
  host,
  baseUrl,
  behindProxy,
  otherNames = [],
}: Pick<HttpConfig, "host" | "baseUrl" | "behindProxy" | "otherNames">): ReadonlySet<string> | undefined {
  if (!isLoopback(host) || behindProxy) return undefined;
  const base = baseUrl === undefined ? [] : [new URL(baseUrl).hostname];
  return new Set(["localhost", "127.0.0.1", "[::1]", host.includes(":") ? `[${host}]` : host, ...base, ...otherNames]);
}

/** The name in a Host header, in lower case and without the port. */
export function hostNameOf(header: string): string {
  return header.toLowerCase().replace(/:\d*$/, "").replace(/\.$/, "");
}
