import type { DeliveryResult, SinkFailure } from "@headgate/core";
import { addressRefusedCode } from "./guard.ts";

/** Why no reply came, or why what came is none. */
export type HttpFailureKind =
  | "unreachable"
  | "timeout"
  | "address_refused"
  | "certificate"
  | "reply_too_large"
  | "reply_encoded";

/** A request without a usable reply. Whether the other side has acted on it is not known, except where nothing was sent. */
export class HttpFailure extends Error {
  readonly kind: HttpFailureKind;
  /** Node's or OpenSSL's code, e.g. `ECONNREFUSED`, `CERT_HAS_EXPIRED`; or what took too long: `connect`, `headers`, `body`. */
  readonly code: string | undefined;

  constructor(kind: HttpFailureKind, code?: string) {
    super(code === undefined ? kind : `${kind} (${code})`);
    this.name = "HttpFailure";
    this.kind = kind;
    this.code = code;
  }
}

// OpenSSL's verification results by the names that Node gives them: https://nodejs.org/api/tls.html#x509-certificate-error-codes
const certificateCode =
  /CERT|_SIGNATURE|^HOSTNAME_MISMATCH$|^INVALID_CA$|^INVALID_PURPOSE$|^PATH_LENGTH_EXCEEDED$|^CRL_/;

/** An error of a socket, also from a vendor's client on the same agents, as a failure. */
export function httpFailure(error: unknown): HttpFailure {
  if (error instanceof HttpFailure) return error;
  const code = error instanceof Error && "code" in error ? String(error.code) : undefined;
  if (code === addressRefusedCode) return new HttpFailure("address_refused");
  if (code !== undefined && certificateCode.test(code)) return new HttpFailure("certificate", code);
  return new HttpFailure("unreachable", code);
}

const waits =
  "Nothing to do yet: it is tried again. If it lasts, check that the host is up and that this machine reaches it.";

const hints: Readonly<Record<string, string>> = {
  ENOTFOUND: "Check the host's name in the stream's options; if it is right, its DNS record is missing.",
  ECONNREFUSED: "Check that the service listens on that port, and that no firewall is in between. It is tried again.",
  EPROTO:
    "The port does not speak TLS, or none that this machine accepts: check the port, and that TLS is on at the service.",
  CERT_HAS_EXPIRED: "The service's certificate has run out: its operator must renew it.",
  ERR_TLS_CERT_ALTNAME_INVALID: "The certificate is for another host: use the name that it is for.",
};

/**
 * What a failure means to a stream: trouble on the way is retried, what only a person can mend holds the stream.
 * Undefined for an error that is none of the transport's. `service` is what messages call the destination.
 */
export function transportResult(
  error: unknown,
  service: string,
): (DeliveryResult & { readonly status: "retry" | "blocked" }) | undefined {
  if (!(error instanceof HttpFailure)) return undefined;
  const failure = describe(error, service);
  const held = error.kind === "address_refused" || error.kind === "certificate";
  return { status: held ? "blocked" : "retry", error: failure };
}

function describe({ kind, code }: HttpFailure, service: string): SinkFailure {
  const vendor = code === undefined ? {} : { vendorCode: code };
  const hint = code === undefined ? undefined : hints[code];
  switch (kind) {
    case "unreachable":
      return {
        code: "destination_unreachable",
        message: `${service} cannot be reached, or the connection broke${code === undefined ? "" : ` (${code})`}.`,
        hint: hint ?? waits,
        ...vendor,
      };
    case "timeout":
      return {
        code: "destination_timeout",
        message: `${service} did not ${code === "connect" ? "take the connection" : "answer"} in time.`,
        hint: waits,
      };
    case "address_refused":
      return {
        code: "address_refused",
        message: `The host of ${service} leads to a private, loopback or otherwise special address.`,
        hint: "Use an endpoint on the public internet; the operator can allow an address of their own network with allowed_addresses.",
      };
    case "certificate":
      return {
        code: "certificate_invalid",
        message: `The TLS certificate of ${service} is not accepted (${code ?? "unknown"}).`,
        hint:
          hint ??
          "Name the certificate of the authority that signed it with ca_file. Verification cannot be turned off.",
        ...vendor,
      };
    case "reply_too_large":
    case "reply_encoded":
      return {
        code: "destination_unexpected",
        message: `${service} answered ${kind === "reply_encoded" ? "in a compressed form that was not asked for" : "with more than is read"}.`,
        hint: "Check that the endpoint is the service itself and that no proxy answers in its place. It is tried again.",
      };
  }
}
