import type { HttpFailure } from "@headgate/egress";
import type { Verdict } from "./verdict.ts";

const neverConnected = new Set(["ECONNREFUSED", "EHOSTUNREACH", "ENETUNREACH", "ENOTFOUND", "EAI_AGAIN"]);

/** Whether a failure came before a byte of the request was sent. */
export function nothingSent({ kind, code }: HttpFailure): boolean {
  if (kind === "unreachable") return code !== undefined && neverConnected.has(code);
  return kind === "timeout" && code === "connect";
}

/** Whether another endpoint may take a request that this one has surely taken nothing of. */
export function mayGoElsewhere(verdict: Verdict): boolean {
  if (verdict.kind === "retry") return verdict.elsewhere;
  if (verdict.kind !== "blocked") return false;
  // These come up while connecting.
  return verdict.error.code === "certificate_invalid" || verdict.error.code === "address_refused";
}
