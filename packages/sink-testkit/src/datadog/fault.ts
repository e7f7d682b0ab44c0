import type { Fault } from "../fault.ts";
import type { HttpFaultKind } from "../http-fault.ts";
import { httpFault } from "../http-fault.ts";
import type { DatadogEndpoint } from "./model.ts";

/** A fault to come, as data: one of HTTP, or one that only the intake can have. */
export type DatadogFault = (HttpFaultKind | DatadogOwnFault) & {
  /** Only requests to this endpoint. @default "logs" */
  readonly on?: DatadogEndpoint;
  /** For how many requests; `null` until the next `script` call. @default 1 */
  readonly times?: number | null;
};

/** A fault that shows in the intake's own answer. */
export type DatadogOwnFault =
  /** Answers with an error document. Nothing is accepted, unless `afterEffect` is set. */
  | {
      readonly kind: "error";
      readonly status: number;
      readonly afterEffect?: boolean;
      /** Sent as Retry-After, in seconds. */
      readonly retryAfter?: number;
      /** Sent as X-RateLimit-Reset, in seconds. */
      readonly rateLimitReset?: number;
    }
  /**
   * Takes the logs at these places (0-based) for malformed ones, from now until the next `script` call, wherever they
   * stand in later requests. As every malformed log they make the whole request one: the answer is 400, and names none.
   */
  | { readonly kind: "refuse"; readonly indexes: readonly number[] };

/**
 * A fault of the kit as the intake has it. Kinds that it cannot have give undefined: there is nothing that could be
 * missing or full, its keys do not run out, and it takes a request whole or not at all.
 */
export function datadogFault(fault: Fault): DatadogFault | undefined {
  const times = "times" in fault && fault.times !== undefined ? { times: fault.times } : {};
  switch (fault.kind) {
    case "busy":
      return {
        kind: "error",
        status: 429,
        ...(fault.afterMs === undefined ? {} : { retryAfter: Math.ceil(fault.afterMs / 1000) }),
        ...times,
      };
    case "unavailable":
      return { kind: "error", status: 503, ...times };
    case "denied":
      return { kind: "error", status: 403, times: null };
    case "refuses":
      return { kind: "refuse", indexes: fault.indexes, ...times };
    case "reset":
    case "hang":
    case "slow":
    case "lost_reply": {
      const { method: _method, path: _path, ...plain } = httpFault(fault) ?? { kind: "hang" };
      return plain;
    }
    case "expired":
    case "missing":
    case "partial":
    case "full":
      return undefined;
  }
}
