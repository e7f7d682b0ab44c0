import type { Fault } from "./fault.ts";

/** What a {@link FaultServer} does to a request in place of answering it well. */
export type HttpFault = HttpFaultKind & {
  /** For how many requests; `null` until the next `script` call. @default 1 */
  readonly times?: number | null;
  /** Only requests with this method. */
  readonly method?: string;
  /** Only requests whose path begins so. */
  readonly path?: string;
};

/** What can go wrong on the way, whatever protocol is spoken over HTTP. */
export type HttpFaultKind =
  /** Resets the connection (RST) once the headers are in. Nothing is handled. */
  | { readonly kind: "reset" }
  /** Resets the connection after so many bytes of the request's body. Nothing is handled. */
  | { readonly kind: "reset_in_body"; readonly afterBytes: number }
  /**
   * Handles the request and sends so many bytes of the raw reply. Then the connection is reset, or ended in good form,
   * or stays open in silence. `close` is `reset` where it is not given.
   */
  | { readonly kind: "cut_reply"; readonly afterBytes?: number; readonly close?: "reset" | "end" | "never" }
  /** Reads the request and never answers. Nothing is handled. */
  | { readonly kind: "hang" }
  /** Handles the request after `ms`, then sends the body of the reply byte by byte, `dripMs` apart. */
  | { readonly kind: "slow"; readonly ms?: number; readonly dripMs?: number }
  /** Answers so. Nothing is handled, unless `afterEffect` is set. */
  | {
      readonly kind: "status";
      readonly status: number;
      readonly headers?: Readonly<Record<string, string>>;
      readonly body?: string;
      readonly afterEffect?: boolean;
    }
  /** Answers with the page of a proxy on the way. Nothing is handled, unless `afterEffect` is set. */
  | { readonly kind: "html"; readonly status: number; readonly afterEffect?: boolean }
  /**
   * Answers 200 with a body of so many bytes. With `gzip` it is a bomb: a thousandth of that on the wire. Nothing is
   * handled.
   */
  | { readonly kind: "huge_reply"; readonly bytes: number; readonly gzip?: boolean };

/** A fault of the kit in plain HTTP. Kinds that depend on the destination's own protocol give undefined. */
export function httpFault(fault: Fault): HttpFault | undefined {
  const times = "times" in fault && fault.times !== undefined ? { times: fault.times } : {};
  switch (fault.kind) {
    case "busy": {
      const seconds = Math.ceil((fault.afterMs ?? 0) / 1000);
      return { kind: "status", status: 429, headers: { "retry-after": String(seconds) }, ...times };
    }
    case "unavailable":
      return { kind: "status", status: 503, ...times };
    case "reset":
      return { kind: "reset", ...times };
    case "hang":
      return { kind: "hang", ...times };
    case "slow":
      return { kind: "slow", ms: fault.ms, ...times };
    case "lost_reply":
      return { kind: "cut_reply", ...times };
    case "denied":
      return { kind: "status", status: 403, times: null };
    case "missing":
      return { kind: "status", status: 404, times: null };
    case "expired":
    case "partial":
    case "refuses":
    case "full":
      return undefined;
  }
}
