import type { CustomerContext } from "@headgate/core";
import { HeadgateError, isHeadgateError } from "@headgate/core";
import type { S3AssumeRole, S3Encryption, S3OperatorOptions, S3SinkOptions } from "../options.ts";
import { resolveSettings } from "../settings.ts";
import type { S3Access, S3Platform } from "./answers.ts";
import { usualAccess } from "./answers.ts";
import { arnPartition, partitionOf } from "./partition.ts";
import type { S3Given } from "./schema.ts";

/**
 * What a customer has given as options of a stream that assumes the customer's role, with the external id of its
 * organization. What only an operator sets (tags, retention, time limits) stays on an edit.
 * @throws `sink_options_invalid` with everything that is wrong, in one message
 */
export function s3OptionsOfCustomer(
  answers: Readonly<Record<string, unknown>>,
  context: CustomerContext,
  operator: Pick<S3OperatorOptions, "allowedAddresses"> & S3Platform,
  previous?: S3SinkOptions,
): S3SinkOptions {
  const { externalId, allowInsecureEndpoint } = context;
  const { allowedAddresses = [], platformPrincipal } = operator;
  const given = answers as unknown as S3Given;
  const { bucket, region, prefix, compression, layout, endpoint } = given;
  const encryption = encryptionOf(given);
  const options: S3SinkOptions = {
    ...operatorOnly(given, previous),
    bucket,
    region,
    ...(prefix === undefined ? {} : { prefix }),
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(given.force_path_style === undefined ? {} : { forcePathStyle: given.force_path_style }),
    ...(given.expected_bucket_owner === undefined ? {} : { expectedBucketOwner: given.expected_bucket_owner }),
    credentials: byToken(given, context, operator)
      ? { webIdentity: { roleArn: given.role_arn } }
      : { assumeRole: { roleArn: given.role_arn, externalId } },
    ...(encryption === undefined ? {} : { encryption }),
    ...(compression === undefined ? {} : { compression }),
    ...(layout === undefined ? {} : { layout }),
    ...(given.storage_class === undefined ? {} : { storageClass: given.storage_class }),
    ...(endpoint !== undefined && allowInsecureEndpoint ? { allowInsecureEndpoint: true } : {}),
  };
  const { destination } = resolveSettings(options, undefined, allowedAddresses);
  if (destination.aws) checkAwsRole(given, platformPrincipal);
  return options;
}

/** The inverse of {@link s3OptionsOfCustomer}. The external id is the organization's, not the customer's to give. */
export function s3GivenOf(options: S3SinkOptions, choice: boolean): Readonly<Record<string, unknown>> {
  const { bucket, region, prefix, compression, layout, endpoint, encryption, forcePathStyle } = options;
  const role = roleOf(options)?.roleArn;
  return {
    bucket,
    ...(region === undefined ? {} : { region }),
    ...(prefix === undefined ? {} : { prefix }),
    ...(role === undefined ? {} : { role_arn: role }),
    ...(role === undefined || !choice ? {} : { access: accessOf(options) }),
    ...(encryption === undefined ? {} : { encryption: encryptionGiven(encryption) }),
    ...(compression === undefined ? {} : { compression }),
    ...(layout === undefined ? {} : { layout }),
    ...(options.storageClass === undefined ? {} : { storage_class: options.storageClass }),
    ...(options.expectedBucketOwner === undefined ? {} : { expected_bucket_owner: options.expectedBucketOwner }),
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(forcePathStyle === undefined ? {} : { force_path_style: forcePathStyle }),
  };
}

function accessOf({ credentials }: S3SinkOptions): S3Access {
  return typeof credentials === "object" && "webIdentity" in credentials ? "web_identity" : "assume_role";
}

/** Whether the role is had with a token. @throws `sink_options_invalid` where no token could name the stream */
function byToken({ access }: S3Given, { organization, stream }: CustomerContext, platform: S3Platform): boolean {
  if ((access ?? usualAccess(platform)) !== "web_identity" || platform.webIdentity === undefined) return false;
  try {
    if (stream !== undefined) platform.webIdentity.subject({ organization, stream });
    return true;
  } catch (cause) {
    if (!isHeadgateError(cause)) throw cause;
    throw new HeadgateError("sink_options_invalid", `The S3 options are wrong: ${cause.message}`, {
      hint: "Choose assume_role as access.",
      cause,
    });
  }
}

function roleOf({ credentials, roleArn }: S3SinkOptions): Pick<S3AssumeRole, "roleArn"> | undefined {
  if (roleArn !== undefined) return { roleArn };
  if (typeof credentials !== "object") return undefined;
  if ("assumeRole" in credentials) return credentials.assumeRole;
  return "webIdentity" in credentials ? credentials.webIdentity : undefined;
}

function encryptionOf({ encryption }: S3Given): S3Encryption | undefined {
  if (encryption === undefined) return undefined;
  const { mode, kms_key_arn, bucket_key } = encryption;
  const kms = kms_key_arn === undefined ? {} : { kmsKeyArn: kms_key_arn };
  const key = bucket_key === undefined ? {} : { bucketKey: bucket_key };
  return { mode: mode === "aws-default" ? "none" : mode, ...kms, ...key };
}

function encryptionGiven({ mode, kmsKeyArn, bucketKey }: S3Encryption): Readonly<Record<string, unknown>> {
  return {
    mode: mode === "none" ? "aws-default" : mode,
    ...(kmsKeyArn === undefined ? {} : { kms_key_arn: kmsKeyArn }),
    ...(bucketKey === undefined ? {} : { bucket_key: bucketKey }),
  };
}

/** A level belongs to its compression; credentials and allowances are never carried over. */
function operatorOnly({ compression }: S3Given, previous: S3SinkOptions | undefined): Partial<S3SinkOptions> {
  if (previous === undefined) return {};
  const { tags, objectLock, timeouts, level } = previous;
  return {
    ...(tags === undefined ? {} : { tags }),
    ...(objectLock === undefined ? {} : { objectLock }),
    ...(timeouts === undefined ? {} : { timeouts }),
    ...(level === undefined || compression !== previous.compression ? {} : { level }),
  };
}

function accountOf(arn: string): string | undefined {
  return /::(\d{12}):/.exec(arn)?.[1];
}

/** A customer who could name the platform's own roles would write with its rights. Roles cannot be assumed across partitions, and on AWS every role is of an account: other servers know neither. */
function checkAwsRole({ role_arn, region }: S3Given, platformPrincipal: string | undefined): void {
  const partition = partitionOf(region).name;
  const account = accountOf(role_arn);
  const problem =
    account === undefined
      ? `role_arn "${role_arn}" lacks the account id of 12 digits`
      : account === accountOf(platformPrincipal ?? "")
        ? `role_arn "${role_arn}" is of the platform's own account`
        : arnPartition(role_arn) === partition
          ? undefined
          : `role_arn "${role_arn}" is of another part of AWS than region "${region}", whose ARNs begin with arn:${partition}:`;
  if (problem === undefined) return;
  throw new HeadgateError("sink_options_invalid", `The S3 options are wrong: ${problem}.`, {
    hint: "Copy the ARN from the role's page in the IAM console, in the account and region of the bucket.",
    details: { problems: 1 },
  });
}
