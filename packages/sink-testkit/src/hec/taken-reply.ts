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

/** The answer that a fault gives to a request that was not carried out. */
export function faultReply(fault: CodeFault, endpoint: HecEndpoint): HecReply {
  // A busy server names the first object that it did not take: https://github.com/splunk/splunk-connect-for-kubernetes/issues/555
  const names = endpoint === "event" && (isObjectCode(fault.code) || fault.code === 9);
  return withRetryAfter(
    hecReply(fault.code, names ? { invalidEventNumber: invalidEventNumber(fault.code, 0) } : {}),
    fault,
  );
}

/**
 * The answer to a body that was read. A fault changes the answer to one that was taken. `issue` gives the number of the
 * acknowledgement of what is indexed, for a request that was accepted or for the part before a bad object.
 */
export function takenReply(
  taken: Taken,
  fault: HecOwnFault | undefined,
  issue: (accepted: boolean) => number | undefined,
): HecReply {
  const { code, objects } = taken;
  if (fault?.kind === "code" && (code === "stopped" || code === 0)) {
    const accepted = hecCode(fault.code).status === 200;
    const stopped = fault.afterObjects !== undefined;
    const ackId = accepted || stopped ? issue(accepted) : undefined;
    const reply = hecReply(fault.code, {
      ...(stopped ? { invalidEventNumber: invalidEventNumber(fault.code, objects) } : {}),
      ...(ackId === undefined ? {} : { ackId }),
      objects,
    });
    return withRetryAfter(reply, fault);
  }
  const told: HecCode = code === "stopped" ? 0 : code;
  const ackId = issue(told === 0);
  return hecReply(told, {
    ...(isObjectCode(told) ? { invalidEventNumber: invalidEventNumber(told, objects - 1) } : {}),
    ...(ackId === undefined ? {} : { ackId }),
    objects,
  });
}

function withRetryAfter(reply: HecReply, { retryAfter }: CodeFault): HecReply {
  if (retryAfter === undefined) return reply;
  return { ...reply, headers: { ...reply.headers, "retry-after": String(retryAfter) } };
}
