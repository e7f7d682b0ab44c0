import { errorCodes } from "@headgate/core";
import { describe, expect, it } from "vitest";
import type { AwsError } from "./aws-error.ts";
import { readAwsError, retryAfterMs, vendorCode } from "./aws-error.ts";
import { sinkFailure } from "./failure.ts";
import { s3Faults, s3Rule } from "./s3-faults.ts";
import { resolveDestination } from "./settings.ts";
import { stsFaults, stsRule } from "./sts-faults.ts";

function awsError(parts: Partial<AwsError>): AwsError {
  const nothing = { network: undefined, region: undefined, message: "", headers: {}, requestId: undefined };
  return { name: "Error", status: undefined, clockCorrected: false, ...nothing, ...parts };
}

const answered = (name: string, status: number): AwsError => awsError({ name, status });
const network = (code: string): AwsError => awsError({ name: "Error", network: code });

describe("s3Rule", () => {
  it.each([
    ["SlowDown", 503, "retry", "destination_busy"],
    ["ServiceUnavailable", 503, "retry", "destination_busy"],
    ["Unknown", 429, "retry", "destination_busy"],
    ["Unknown", 500, "retry", "destination_failed"],
    ["Unknown", 502, "retry", "destination_failed"],
    ["Unknown", 503, "retry", "destination_busy"],
    ["Unknown", 504, "retry", "destination_timeout"],
    ["XMinioStorageFull", 507, "retry", "destination_failed"],
    ["InternalError", 500, "retry", "destination_failed"],
    ["RequestTimeout", 400, "retry", "destination_timeout"],
    ["RequestTimeTooSkewed", 403, "retry", "clock_skewed"],
    ["OperationAborted", 409, "retry", "destination_conflict"],
    ["ConditionalRequestConflict", 409, "retry", "destination_conflict"],
    ["PreconditionFailed", 412, "stored", "destination_conflict"],
    ["Unknown", 412, "stored", "destination_conflict"],
    ["ExpiredToken", 400, "renew", "credentials_expired"],
    ["ExpiredTokenException", 400, "renew", "credentials_expired"],
    ["InvalidToken", 400, "renew", "credentials_expired"],
    ["InvalidAccessKeyId", 403, "blocked", "credentials_invalid"],
    ["SignatureDoesNotMatch", 403, "blocked", "credentials_invalid"],
    ["AccessDenied", 403, "blocked", "access_denied"],
    ["Unknown", 403, "blocked", "access_denied"],
    ["NoSuchBucket", 404, "blocked", "destination_missing"],
    ["PermanentRedirect", 301, "blocked", "destination_misconfigured"],
    ["AuthorizationHeaderMalformed", 400, "blocked", "destination_misconfigured"],
    ["BadDigest", 400, "retry_once", "destination_unexpected"],
    ["InvalidRequest", 400, "blocked", "destination_misconfigured"],
    ["EntityTooLarge", 400, "too_large", "event_too_large"],
    ["NotImplemented", 501, "blocked", "destination_misconfigured"],
    ["KMS.DisabledException", 400, "blocked", "destination_misconfigured"],
    ["KMS.KMSInvalidStateException", 400, "blocked", "destination_misconfigured"],
    ["KMS.NotFoundException", 400, "blocked", "destination_misconfigured"],
    ["KMS.AnythingElse", 400, "blocked", "destination_misconfigured"],
    ["KMS.AnythingElse", 500, "retry", "destination_failed"],
    ["KMS.ThrottlingException", 400, "retry", "destination_busy"],
    ["KMS.ThrottlingException", 503, "retry", "destination_busy"],
    ["Teapot", 418, "blocked", "destination_unexpected"],
    ["Unknown", 302, "blocked", "destination_unexpected"],
    ["toString", 400, "blocked", "destination_unexpected"],
  ])("answers %s %i with %s and %s", (name, status, action, code) => {
    expect(s3Rule(answered(name, status))).toMatchObject({ action, code });
  });

  it.each([
    ["ECONNRESET", "retry", "destination_unreachable"],
    ["ECONNREFUSED", "retry", "destination_unreachable"],
    ["EPIPE", "retry", "destination_unreachable"],
    ["ENOTFOUND", "retry", "destination_unreachable"],
    ["EAI_AGAIN", "retry", "destination_unreachable"],
    ["EHOSTUNREACH", "retry", "destination_unreachable"],
    ["ENETUNREACH", "retry", "destination_unreachable"],
    ["ETIMEDOUT", "retry", "destination_timeout"],
    ["CERT_HAS_EXPIRED", "blocked", "certificate_invalid"],
    ["HEADGATE_ADDRESS_REFUSED", "blocked", "address_refused"],
  ])("answers the network's %s with %s and %s", (code, action, errorCode) => {
    expect(s3Rule(network(code))).toMatchObject({ action, code: errorCode });
    expect(stsRule(network(code))).toMatchObject({ action, code: errorCode });
  });

  it("takes the SDK's TimeoutError without a code for a timeout", () => {
    expect(s3Rule(awsError({ name: "TimeoutError" }))).toMatchObject({ code: "destination_timeout" });
  });

  it("calls an error that is neither the server's nor the network's a defect", () => {
    expect(s3Rule(awsError({ name: "TypeError" }))).toBeUndefined();
  });
});

describe("stsRule", () => {
  it.each([
    ["AccessDenied", 403, "blocked", "access_denied"],
    ["Unknown", 403, "blocked", "access_denied"],
    ["Unknown", 404, "blocked", "access_denied"],
    ["Unknown", 400, "blocked", "destination_misconfigured"],
    ["ValidationError", 400, "blocked", "destination_misconfigured"],
    ["MalformedPolicyDocumentException", 400, "blocked", "destination_misconfigured"],
    ["PackedPolicyTooLargeException", 400, "blocked", "destination_misconfigured"],
    ["RegionDisabledException", 403, "blocked", "destination_misconfigured"],
    ["ExpiredToken", 403, "renew", "credentials_expired"],
    ["ExpiredTokenException", 400, "renew", "credentials_expired"],
    ["InvalidClientTokenId", 403, "blocked", "credentials_invalid"],
    ["SignatureDoesNotMatch", 403, "blocked", "credentials_invalid"],
    ["InvalidIdentityToken", 400, "renew", "credentials_invalid"],
    ["IDPRejectedClaimException", 403, "renew", "credentials_invalid"],
    ["IDPCommunicationErrorException", 400, "retry", "destination_failed"],
    ["Throttling", 400, "retry", "destination_busy"],
    ["Unknown", 503, "retry", "destination_busy"],
    ["Unknown", 500, "retry", "destination_failed"],
  ])("answers %s %i with %s and %s", (name, status, action, code) => {
    expect(stsRule(answered(name, status))).toMatchObject({ action, code });
  });

  it("retries a refused signature once the SDK has corrected its clock", () => {
    const error = { ...answered("SignatureDoesNotMatch", 403), clockCorrected: true };
    expect(stsRule(error)).toMatchObject({ action: "retry", code: "clock_skewed" });
  });

  it("holds a process without credentials, and retries a provider that fails", () => {
    const none = awsError({ name: "CredentialsProviderError" });
    expect(stsRule(none)).toMatchObject({ action: "blocked", code: "credentials_invalid" });
    expect(stsRule(awsError({ name: "VaultSealed" }))).toMatchObject({ action: "retry", code: "credentials_invalid" });
  });
});

describe("the error tables", () => {
  it("say what to do, under a code that people can look up", () => {
    for (const rule of [...Object.values(s3Faults), ...Object.values(stsFaults)]) {
      expect(errorCodes).toHaveProperty(rule.code);
      expect(rule.hint).not.toBe("");
    }
  });
});

describe("readAwsError", () => {
  it("reads the SDK's error, and any other value without failing", () => {
    const error = Object.assign(new Error("no"), {
      name: "PermanentRedirect",
      $metadata: { httpStatusCode: 301 },
      $response: { statusCode: 301, headers: { "x-amz-bucket-region": "eu-central-1", "retry-after": "3" } },
    });
    const read = readAwsError(error);
    expect(read).toMatchObject({ name: "PermanentRedirect", status: 301, region: "eu-central-1" });
    expect(retryAfterMs(read)).toBe(3000);
    for (const value of [undefined, null, "text", 4, {}]) expect(readAwsError(value).status).toBeUndefined();
  });

  it("ignores waits that are no number of seconds", () => {
    for (const wait of ["soon", "-1", "99999999", ""]) {
      expect(retryAfterMs(awsError({ headers: wait === "" ? {} : { "retry-after": wait } }))).toBeUndefined();
    }
  });
});

describe("sinkFailure", () => {
  const aws = resolveDestination({ bucket: "acme-logs", region: "eu-west-1" }, () => {});
  const other = resolveDestination({ bucket: "acme-logs", endpoint: "https://s3.example.com" }, () => {});
  const error = (parts: Partial<AwsError>): AwsError => ({ ...answered("PermanentRedirect", 301), ...parts });
  const rule = s3Faults["PermanentRedirect"];

  it("names the right region where the answer did", () => {
    if (rule === undefined) throw new Error("no rule");
    const failure = sinkFailure("S3", rule, error({ region: "eu-central-1" }), aws);
    expect(failure).toMatchObject({
      hint: 'Set the stream\'s region to "eu-central-1".',
      vendorCode: "PermanentRedirect",
    });
    const hostile = sinkFailure("S3", rule, error({ region: "<script>" }), other);
    expect(hostile.hint).toBe("Set the stream's region to the bucket's.");
  });

  it("repeats the words of AWS alone", () => {
    if (rule === undefined) throw new Error("no rule");
    const words = error({ message: "please use another endpoint" });
    expect(sinkFailure("S3", rule, words, aws).message).toContain("please use another endpoint");
    expect(sinkFailure("S3", rule, words, other).message).not.toContain("please");
  });

  it("shows a vendor's code only where it looks like one", () => {
    expect(vendorCode(answered("SlowDown", 503))).toBe("SlowDown");
    expect(vendorCode(answered("Unknown", 403))).toBe("HTTP 403");
    expect(vendorCode(answered("a token: s3cr3t!", 400))).toBe("HTTP 400");
    expect(vendorCode(network("ECONNREFUSED"))).toBe("ECONNREFUSED");
  });
});
