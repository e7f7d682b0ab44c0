import type { HecEndpoint } from "./model.ts";

/** A path that the collector serves. */
export interface KnownPath {
  readonly endpoint: HecEndpoint;
  readonly method: "GET" | "POST";
}

const paths: ReadonlyMap<string, KnownPath> = new Map([
  ["/services/collector", { endpoint: "event", method: "POST" }],
  ["/services/collector/event", { endpoint: "event", method: "POST" }],
  ["/services/collector/event/1.0", { endpoint: "event", method: "POST" }],
  ["/services/collector/raw", { endpoint: "raw", method: "POST" }],
  ["/services/collector/raw/1.0", { endpoint: "raw", method: "POST" }],
  ["/services/collector/ack", { endpoint: "ack", method: "POST" }],
  ["/services/collector/health", { endpoint: "health", method: "GET" }],
  ["/services/collector/health/1.0", { endpoint: "health", method: "GET" }],
]);

/** What the collector serves at a path; undefined where that is nothing. */
export function knownPath(path: string): KnownPath | undefined {
  return paths.get(pathname(path));
}

/** A path without its query. */
export function pathname(path: string): string {
  const at = path.indexOf("?");
  return at < 0 ? path : path.slice(0, at);
}
