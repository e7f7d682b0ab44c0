import type { AwsError } from "./aws-error.ts";
import type { FaultRule } from "./fault-rule.ts";
import { clockRule, networkRule } from "./fault-rule.ts";

const byItself = "Nothing, unless it lasts: delivery goes on by itself.";
const busy: FaultRule = { action: "retry", code: "destination_busy", says: "asks to slow down", hint: byItself };
const failed: FaultRule = {
  action: "retry",
  code: "destination_failed",
  says: "reports a fault of its own",
  hint: byItself,
};
const conflict: FaultRule = {
  action: "retry",
  code: "destination_conflict",
  says: "reports a concurrent write to the same key",
  hint: byItself,
};
const expired: FaultRule = {
  action: "renew",
  code: "credentials_expired",
  says: "does not accept the session any more",
  hint: "The session is renewed by itself. If it stays so, check the role and the clock of this machine.",
};
const invalidKeys: FaultRule = {
  action: "blocked",
  code: "credentials_invalid",
  says: "does not accept the access key",
  hint: "Check the access key and its secret.",
};
const denied: FaultRule = {
  action: "blocked",
  code: "access_denied",
  says: "does not allow the write",
  hint: "Check the role's permission policy (s3:PutObject on the bucket and prefix; with tags, object lock or KMS also s3:PutObjectTagging, s3:PutObjectRetention, kms:GenerateDataKey), the bucket policy, the key policy, and expected_bucket_owner.",
};
const refusedSettings: FaultRule = {
  action: "blocked",
  code: "destination_misconfigured",
  says: "refuses the settings of the stream",
  hint: "Check the stream's options against what the bucket and the server support: object_lock, storage_class, tags or encryption may be meant, where they are set.",
};
/** The bucket is not where the stream says. */
export const wrongRegion: FaultRule = {
  action: "blocked",
  code: "destination_misconfigured",
  says: "has the bucket in another region",
  hint: "Set the stream's region to the bucket's.",
};
const damaged: FaultRule = {
  action: "retry_once",
  code: "destination_unexpected",
  says: "received other bytes than were sent",
  hint: "Something between here and the server changes requests, such as a proxy.",
};
const kms = (says: string, hint: string): FaultRule => ({
  action: "blocked",
  code: "destination_misconfigured",
  says,
  hint,
});
const kmsBusy: FaultRule = { ...busy, says: "reports that KMS asks to slow down" };
const kmsFailed: FaultRule = { ...failed, says: "reports a fault of KMS" };

/**
 * Every answer of PutObject that is known, by AWS's error code:
 * https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
 */
export const s3Faults: Readonly<Record<string, FaultRule>> = {
  SlowDown: busy,
  ServiceUnavailable: busy,
  Throttling: busy,
  ThrottlingException: busy,
  TooManyRequests: busy,
  TooManyRequestsException: busy,
  RequestLimitExceeded: busy,
  BandwidthLimitExceeded: busy,
  InternalError: failed,
  RequestTimeout: {
    action: "retry",
    code: "destination_timeout",
    says: "waited too long for the request's bytes",
    hint: byItself,
  },
  RequestTimeTooSkewed: clockRule,
  TemporaryRedirect: { ...busy, says: "is still moving the bucket" },
  IncompleteBody: { ...failed, says: "received less than was sent" },

  // If-None-Match: https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html
  PreconditionFailed: {
    action: "stored",
    code: "destination_conflict",
    says: "has the object already",
    hint: byItself,
  },
  ConditionalRequestConflict: conflict,
  OperationAborted: conflict,

  ExpiredToken: expired,
  ExpiredTokenException: expired,
  InvalidToken: expired,
  TokenRefreshRequired: expired,
  InvalidAccessKeyId: invalidKeys,
  SignatureDoesNotMatch: {
    ...invalidKeys,
    says: "does not accept the signature",
    hint: "Check the secret access key, and that no proxy changes requests.",
  },
  AccessDenied: denied,
  AllAccessDisabled: denied,
  AccountProblem: { ...denied, hint: "AWS has closed the bucket's account for writing. Its owner must contact AWS." },
  NotSignedUp: { ...denied, hint: "The account is not signed up for S3." },

  NoSuchBucket: {
    action: "blocked",
    code: "destination_missing",
    says: "does not have the bucket",
    hint: "Create the bucket, or correct its name, region or endpoint in the stream's options.",
  },
  PermanentRedirect: wrongRegion,
  AuthorizationHeaderMalformed: wrongRegion,
  IllegalLocationConstraintException: wrongRegion,

  BadDigest: damaged,
  XAmzContentSHA256Mismatch: damaged,
  InvalidDigest: damaged,

  EntityTooLarge: {
    action: "too_large",
    code: "event_too_large",
    says: "refuses the object as too large",
    hint: "Raise the limit on request bodies of the server, or of a proxy before it.",
  },
  InvalidRequest: refusedSettings,
  InvalidArgument: refusedSettings,
  InvalidStorageClass: { ...refusedSettings, hint: "The server does not know the stream's storage_class." },
  InvalidTag: { ...refusedSettings, hint: "Correct the stream's tags." },
  InvalidEncryptionAlgorithmError: {
    ...refusedSettings,
    hint: "The server does not know the stream's encryption mode.",
  },
  InvalidBucketState: { ...refusedSettings, hint: "The bucket has no Object Lock; enable it, or remove object_lock." },
  ObjectLockConfigurationNotFoundError: {
    ...refusedSettings,
    hint: "The bucket has no Object Lock; enable it, or remove object_lock.",
  },
  AccessControlListNotSupported: refusedSettings,
  KeyTooLongError: { ...refusedSettings, hint: "Shorten the stream's prefix." },
  InvalidBucketName: refusedSettings,
  InvalidURI: refusedSettings,
  NotImplemented: {
    ...refusedSettings,
    says: "does not know something that the request needs",
    hint: "The server lacks conditional writes, or an option of the stream such as encryption, tags or object_lock.",
  },
  MethodNotAllowed: { ...refusedSettings, hint: "The endpoint is no S3 server, or does not take writes." },
  QuotaExceeded: { ...refusedSettings, says: "has no quota left", hint: "Raise the quota of the bucket or its owner." },

  "KMS.ThrottlingException": kmsBusy,
  "KMS.KMSInternalException": kmsFailed,
  "KMS.InternalException": kmsFailed,
  "KMS.DependencyTimeoutException": kmsFailed,
  "KMS.KeyUnavailableException": kmsFailed,
  "KMS.DisabledException": kms("reports that the KMS key is disabled", "Enable the key."),
  "KMS.KMSInvalidStateException": kms(
    "reports that the KMS key cannot be used in its state",
    "Cancel the key's deletion or finish its import.",
  ),
  "KMS.NotFoundException": kms(
    "reports that the KMS key does not exist",
    "Check encryption.kms_key_arn: the key must be in the bucket's region.",
  ),
};

/** Errors without a known code, by HTTP status. */
function statusRule(status: number): FaultRule {
  if (status === 412) return s3Faults["PreconditionFailed"] as FaultRule;
  if (status === 409) return conflict;
  if (status === 429 || status === 503) return busy;
  if (status === 408 || status === 504) return s3Faults["RequestTimeout"] as FaultRule;
  if (status === 501) return s3Faults["NotImplemented"] as FaultRule;
  if (status >= 500) return failed;
  if (status === 401 || status === 403) return denied;
  if (status === 413) return s3Faults["EntityTooLarge"] as FaultRule;
  return {
    action: "blocked",
    code: "destination_unexpected",
    says: `answered HTTP ${status}, which is not provided for`,
    hint: "Check that the endpoint is an S3 server and that no proxy answers in its place.",
  };
}

/** The rule for an error of PutObject. Undefined where the error is not the server's or the network's: then it is a defect. */
export function s3Rule(error: AwsError): FaultRule | undefined {
  const known = Object.hasOwn(s3Faults, error.name) ? s3Faults[error.name] : undefined;
  if (error.status === undefined) return networkRule(error);
  if (known !== undefined) return known;
  if (error.name.startsWith("KMS.")) {
    return error.status >= 500
      ? kmsFailed
      : kms("reports that KMS refuses the key", "Check the key, its policy and the role's KMS permissions.");
  }
  return statusRule(error.status);
}
