import type { ErrorCode } from "@headgate/core";
import { addressRefusedCode } from "@headgate/egress";
import type { AwsError } from "./aws-error.ts";

/**
 * What to do about an error.
 * - `stored`: the object is there already.
 * - `retry`: later, with backoff.
 * - `retry_once`: an accident on the way or a defect; blocked when the same chunk meets it again.
 * - `renew`: with other credentials, at once; blocked when those are refused too.
 * - `too_large`: the request is larger than the server takes.
 * - `blocked`: somebody must mend something.
 */
export type FaultAction = "stored" | "retry" | "retry_once" | "renew" | "too_large" | "blocked";

/** One row of an error table. */
export interface FaultRule {
  readonly action: FaultAction;
  readonly code: ErrorCode;
  /** What happened, as the middle of a sentence: "S3 … (bucket …)". */
  readonly says: string;
  readonly hint: string;
}

const unreachable: FaultRule = {
  action: "retry",
  code: "destination_unreachable",
  says: "cannot be reached",
  hint: "Check the endpoint or region, DNS, and the network between here and there. Delivery goes on by itself.",
};
const timeout: FaultRule = {
  action: "retry",
  code: "destination_timeout",
  says: "did not answer in time",
  hint: "Check the network and the server's load, or raise the stream's timeouts. Delivery goes on by itself.",
};
const certificate: FaultRule = {
  action: "blocked",
  code: "certificate_invalid",
  says: "shows a TLS certificate that is not valid",
  hint: "Mend the endpoint's certificate, or start the process with NODE_EXTRA_CA_CERTS naming the authority that signed it.",
};

/** Errors without an answer, by the code of the network error. */
const networkRules: Readonly<Record<string, FaultRule>> = {
  ETIMEDOUT: timeout,
  ESOCKETTIMEDOUT: timeout,
  ECONNRESET: { ...unreachable, says: "closed the connection without an answer" },
  EPIPE: { ...unreachable, says: "closed the connection without an answer" },
  [addressRefusedCode]: {
    action: "blocked",
    code: "address_refused",
    says: "has an endpoint that leads to a loopback or private address",
    hint: "Use a public endpoint, or have the operator allow its address with allowed_addresses.",
  },
  CERT_HAS_EXPIRED: certificate,
  CERT_NOT_YET_VALID: certificate,
  DEPTH_ZERO_SELF_SIGNED_CERT: certificate,
  SELF_SIGNED_CERT_IN_CHAIN: certificate,
  UNABLE_TO_GET_ISSUER_CERT: certificate,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: certificate,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: certificate,
  ERR_TLS_CERT_ALTNAME_INVALID: certificate,
};

/** The rule for an error without an HTTP status. Undefined where it is no network error at all. */
export function networkRule(error: AwsError): FaultRule | undefined {
  if (error.status !== undefined) return undefined;
  if (error.network !== undefined) return networkRules[error.network] ?? unreachable;
  return error.name === "TimeoutError" ? timeout : undefined;
}

/** Clocks further apart than 15 minutes. The SDK reads the right time from the refusal and signs the next request with it. */
export const clockRule: FaultRule = {
  action: "retry",
  code: "clock_skewed",
  says: "refuses the request's time: this machine's clock is wrong",
  hint: "Set the clock of this machine (NTP). Requests are signed with the server's time meanwhile.",
};
