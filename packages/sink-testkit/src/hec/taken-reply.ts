import type { HecCode, HecReply } from "./codes.ts";
import { hecCode, hecReply, invalidEventNumber, isObjectCode } from "./codes.ts";
import type { HecOwnFault } from "./fault.ts";
import type { HecEndpoint } from "./model.ts";
import type { Taken } from "./take-objects.ts";

type CodeFault = Extract<HecOwnFault, { readonly kind: "code" }>;

/** Whether a request is carried out although its answer is given. */
export function takesEffect(fault: CodeFault, endpoint: HecEndpoint): boolean {
  if (endpoint !== "event" && endpoint !== "raw") return false;
  return fault.afterEffect === true || fault.afterObjects !== undefined || fault.code === 24 || fault.code === 25;
}

/** The answer that a fault gives. `at` is the object that it names, 0-based. */
export function faultReply(
  fault: CodeFault,
  more: { readonly at?: number; readonly ackId?: number | undefined },
): HecReply {
  const at = more.at ?? (isObjectCode(fault.code) ? 0 : undefined);
  const reply = hecReply(fault.code, {
    ...(at === undefined ? {} : { invalidEventNumber: invalidEventNumber(fault.code, at) }),
    ...(more.ackId === undefined ? {} : { ackId: more.ackId }),
  });
  if (fault.retryAfter === undefined) return reply;
  return { ...reply, headers: { ...reply.headers, "retry-after": String(fault.retryAfter) } };
}

/** The answer to a body that was read. A fault changes the answer to one that was taken. */
export function takenReply(taken: Taken, fault: HecOwnFault | undefined, ackId: number | undefined): HecReply {
  const { code, objects } = taken;
  if (fault?.kind === "code" && (code === "stopped" || code === 0)) {
    const { code: faultCode } = fault;
    const accepted = hecCode(faultCode).status === 200;
    const at = fault.afterObjects === undefined ? undefined : objects;
    return {
      ...faultReply(fault, { ...(at === undefined ? {} : { at }), ackId: accepted ? ackId : undefined }),
      objects,
    };
  }
  const told: HecCode = code === "stopped" ? 0 : code;
  return hecReply(told, {
    ...(isObjectCode(told) ? { invalidEventNumber: invalidEventNumber(told, objects - 1) } : {}),
    ...(ackId === undefined ? {} : { ackId }),
    objects,
  });
}
