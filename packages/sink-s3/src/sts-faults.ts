import type { AwsError } from "./aws-error.ts";
import type { FaultRule } from "./fault-rule.ts";
import { clockRule, networkRule } from "./fault-rule.ts";
import type { S3Destination } from "./settings.ts";

const byItself = "Nothing, unless it lasts: delivery goes on by itself.";
const busy: FaultRule = { action: "retry", code: "destination_busy", says: "asks to slow down", hint: byItself };
const failed: FaultRule = {
  action: "retry",
  code: "destination_failed",
  says: "reports a fault of its own",
  hint: byItself,
};
const denied: FaultRule = {
  action: "blocked",
  code: "access_denied",
  says: "does not let the platform assume the role",
  hint: "Check that the role exists, that its trust policy names the platform's principal, and that its external id is the one of this stream.",
};
const expired: FaultRule = {
  action: "renew",
  code: "credentials_expired",
  says: "does not accept the platform's own credentials any more",
  hint: "Renew the AWS credentials that this process runs with, or the web identity token.",
};
const invalidKeys: FaultRule = {
  action: "blocked",
  code: "credentials_invalid",
  says: "does not accept the platform's own credentials",
  hint: "Check the AWS credentials that this process runs with.",
};
const refused: FaultRule = {
  action: "blocked",
  code: "destination_misconfigured",
  says: "refuses the request for a session",
  hint: "Check role_arn, and that duration_seconds is not more than the role's maximum session duration (3600 when roles are chained).",
};
/** Not the role's refusal but the token's: one with a newer key may pass. */
const identity: FaultRule = {
  action: "renew",
  code: "credentials_invalid",
  says: "does not accept the web identity token",
  hint: "Check the identity provider in the customer's account: its URL, audience, and that AWS can reach its keys.",
};

/**
 * Every answer of AssumeRole and AssumeRoleWithWebIdentity that is known, by AWS's error code:
 * https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html and CommonErrors.html
 */
export const stsFaults: Readonly<Record<string, FaultRule>> = {
  AccessDenied: denied,
  AccessDeniedException: denied,
  ExpiredToken: expired,
  ExpiredTokenException: expired,
  InvalidClientTokenId: invalidKeys,
  UnrecognizedClientException: invalidKeys,
  InvalidAccessKeyId: invalidKeys,
  SignatureDoesNotMatch: invalidKeys,
  IncompleteSignature: invalidKeys,
  MissingAuthenticationToken: invalidKeys,
  RequestTimeTooSkewed: clockRule,
  RequestExpired: clockRule,
  ValidationError: refused,
  MalformedPolicyDocument: refused,
  MalformedPolicyDocumentException: refused,
  PackedPolicyTooLarge: { ...refused, hint: "Shorten the stream's prefix." },
  PackedPolicyTooLargeException: { ...refused, hint: "Shorten the stream's prefix." },
  RegionDisabled: { ...refused, hint: "Activate STS for this region in the customer's account." },
  RegionDisabledException: { ...refused, hint: "Activate STS for this region in the customer's account." },
  InvalidIdentityToken: identity,
  InvalidIdentityTokenException: identity,
  IDPRejectedClaim: identity,
  IDPRejectedClaimException: identity,
  IDPCommunicationError: { ...failed, says: "cannot reach the platform's OIDC issuer" },
  IDPCommunicationErrorException: { ...failed, says: "cannot reach the platform's OIDC issuer" },
  Throttling: busy,
  ThrottlingException: busy,
  RequestLimitExceeded: busy,
  ServiceUnavailable: busy,
  SlowDown: busy,
  InternalFailure: failed,
  InternalError: failed,
};

/** The name of the error that {@link openRole} is about; no code of AWS's. */
export const openRoleName = "RoleWithoutExternalId";

/** The role has no condition on the external id: nobody but the customer could mend that. */
const openRole: FaultRule = {
  action: "blocked",
  code: "access_denied",
  says: "was not asked for the role: it can be assumed without this stream's external id, so another customer could have it used",
  hint: 'Add to the statement of the role\'s trust policy: "Condition": { "StringEquals": { "sts:ExternalId": "…" } }, with the external id of this stream.',
};

/** The name of the error that {@link openSubject} is about; no code of AWS's. */
export const openSubjectName = "RoleWithoutSubject";

/** The role trusts every token of the issuer. */
const openSubject: FaultRule = {
  action: "blocked",
  code: "access_denied",
  says: "was not asked for the role: it can be assumed with the token of another organization, so another customer could have it used",
  hint: "Have the role's trust policy compare the token's sub with StringEquals, as the set-up shows it.",
};

/** No credentials found in the process: the SDK's provider chain gave up. */
const noCredentials: FaultRule = {
  action: "blocked",
  code: "credentials_invalid",
  says: "was not asked: this process has no AWS credentials",
  hint: "Give the process AWS credentials: environment, shared files, or a container or instance role.",
};

/** A provider that the operator passed in failed, in words of its own. */
const providerFailed: FaultRule = {
  action: "retry",
  code: "credentials_invalid",
  says: "was not asked: the platform's own credentials or token could not be obtained",
  hint: "Check baseCredentials, webIdentity and webIdentityToken as they are passed to s3Sink.",
};

/** The rule for whatever kept a session from being obtained. */
export function stsRule(error: AwsError): FaultRule {
  if (error.name === "CredentialsProviderError") return noCredentials;
  if (error.name === openRoleName && error.status === undefined) return openRole;
  if (error.name === openSubjectName && error.status === undefined) return openSubject;
  if (error.status === undefined) return networkRule(error) ?? providerFailed;
  if (error.clockCorrected) return clockRule;
  const known = Object.hasOwn(stsFaults, error.name) ? stsFaults[error.name] : undefined;
  if (known !== undefined) return known;
  // Other servers answer in another form than STS, and the SDK cannot read the code: then the status tells.
  if (error.status === 429 || error.status === 503) return busy;
  if (error.status >= 500) return failed;
  if (error.status === 401 || error.status === 403 || error.status === 404) return denied;
  return refused;
}

/**
 * Whether an answer refuses the role itself. Only "access denied" does: a key or a clock that is refused, throttling, or a
 * proxy's page says nothing about the role, even with status 403. Other servers' codes cannot always be read: there the
 * status counts.
 */
export function refusesRole(error: AwsError, { aws }: Pick<S3Destination, "aws">): boolean {
  if (error.clockCorrected || stsRule(error).code !== "access_denied") return false;
  return Object.hasOwn(stsFaults, error.name) || (!aws && error.status === 403);
}
