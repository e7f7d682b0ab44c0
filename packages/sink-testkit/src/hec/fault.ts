import type { Fault } from "../fault.ts";
import type { HttpFaultKind } from "../http-fault.ts";
import { httpFault } from "../http-fault.ts";
import type { HecCode, HecObjectCode } from "./codes.ts";
import type { HecEndpoint } from "./model.ts";

/** A fault to come, as data: one of HTTP, or one that only the collector can have. */
export type HecFault = (HttpFaultKind | HecOwnFault) & {
  /** Only requests to this endpoint. @default "event" */
  readonly on?: HecEndpoint;
  /** For how many requests; `null` until the next `script` call. @default 1 */
  readonly times?: number | null;
};

/** A fault that shows in the collector's own answer. */
export type HecOwnFault =
  /**
   * Answers with a code. Nothing of the request is indexed, unless it is code 24 or 25, which mean that it was; or
   * unless `afterEffect` is set (all of it is), or `afterObjects` (so many objects are, and the reply names the next).
   */
  | {
      readonly kind: "code";
      readonly code: HecCode;
      readonly afterEffect?: boolean;
      readonly afterObjects?: number;
      /** Sent as Retry-After, in seconds. */
      readonly retryAfter?: number;
    }
  /** Takes the objects at these places (0-based) for bad ones. */
  | { readonly kind: "refuse"; readonly indexes: readonly number[]; readonly code: HecObjectCode };

/**
 * A fault of the kit as a collector has it. `denied` is an invalid token, `missing` an index that is not the token's,
 * and `partial` a server that became busy within the body and says where:
 * https://github.com/open-telemetry/opentelemetry-collector-contrib/issues/36113. Kinds that no collector has give
 * undefined: its tokens do not run out, and a full disk is a busy server.
 */
export function hecFault(fault: Fault): HecFault | undefined {
  const times = "times" in fault && fault.times !== undefined ? { times: fault.times } : {};
  switch (fault.kind) {
    case "busy":
      return {
        kind: "code",
        code: 9,
        ...(fault.afterMs === undefined ? {} : { retryAfter: Math.ceil(fault.afterMs / 1000) }),
        ...times,
      };
    case "unavailable":
      return { kind: "html", status: 503, ...times };
    case "denied":
      return { kind: "code", code: 4, times: null };
    case "missing":
      return { kind: "code", code: 7, times: null };
    case "refuses":
      return { kind: "refuse", indexes: fault.indexes, code: 6, ...times };
    case "reset":
    case "hang":
    case "slow":
    case "lost_reply": {
      const { method: _method, path: _path, ...plain } = httpFault(fault) ?? { kind: "hang" };
      return plain;
    }
    case "partial":
      return { kind: "code", code: 9, afterObjects: fault.events, ...times };
    case "expired":
    case "full":
      return undefined;
  }
}
