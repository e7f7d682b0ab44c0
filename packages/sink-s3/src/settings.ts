import type { ObjectLayout } from "@headgate/core";
import { HeadgateError, readerSafePrefix } from "@headgate/core";
import { permitsHost } from "@headgate/egress";
import type {
  S3AssumeRole,
  S3Encryption,
  S3ObjectLock,
  S3SinkOptions,
  S3StaticCredentials,
  S3WebIdentity,
} from "./options.ts";

/** Time limits with their defaults filled in. */
export interface ResolvedTimeouts {
  readonly connectMs: number;
  readonly idleMs: number;
  readonly requestMs: number;
}

/** Where the objects go. */
export interface S3Destination {
  readonly bucket: string;
  readonly region: string;
  /** Undefined for AWS itself. */
  readonly endpoint: string | undefined;
  /** Base URL of STS: AWS's own, in the region, when undefined. Other servers answer for both. */
  readonly stsEndpoint: string | undefined;
  /** Whether the server is Amazon's: its replies are trusted further than others'. */
  readonly aws: boolean;
  readonly forcePathStyle: boolean;
  /** Whether the addresses that the host resolves to are checked when connecting: not for AWS's own public names. */
  readonly guarded: boolean;
  /** Where the bucket is reached. Requests are bounded by it: a customer's slow bucket takes no other bucket's places. */
  readonly host: string;
}

/** Credentials, one kind of them. */
export type ResolvedCredentials =
  | { readonly kind: "assumeRole"; readonly role: S3AssumeRole }
  | { readonly kind: "webIdentity"; readonly role: S3WebIdentity }
  | { readonly kind: "defaultChain" }
  | { readonly kind: "static"; readonly keys: S3StaticCredentials };

/** Options after all checks, with defaults filled in. */
export interface S3Settings {
  readonly destination: S3Destination;
  readonly prefix: string;
  readonly credentials: ResolvedCredentials;
  readonly expectedBucketOwner: string | undefined;
  /** Undefined where nothing is asked for. */
  readonly encryption: S3Encryption | undefined;
  readonly objectLayout: ObjectLayout;
  readonly storageClass: string | undefined;
  readonly tags: Readonly<Record<string, string>>;
  readonly objectLock: S3ObjectLock | undefined;
  readonly timeouts: ResolvedTimeouts;
}

/** Collects what is wrong, so that all of it can be said at once. */
export type Complain = (problem: string) => void;

/** Time limits that a stream has unless it says otherwise. */
export const defaultTimeouts: ResolvedTimeouts = { connectMs: 5000, idleMs: 30_000, requestMs: 120_000 };

/** Hosts of S3 itself, VPC endpoints included. Not all of amazonaws.com: anybody may run a load balancer there. */
const awsHost =
  /^([a-z0-9.-]+\.)?(s3|s3-fips|s3-accelerate)\.(dualstack\.)?([a-z0-9-]+\.(vpce\.)?)?(amazonaws\.com|amazonaws\.com\.cn|amazonaws\.eu|api\.aws)$/;
/** Public names that lead to private addresses, in a network of whoever owns the endpoint: never unless the operator says so. */
const vpcEndpoint = /\.vpce\.amazonaws\.(com|com\.cn|eu)$/;
/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html; directory buckets work otherwise. */
const bucketName = /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/;
/** Characters that need no escaping in keys, IAM policies and readers: https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html, and `= @ : ,` */
const prefixText = /^[A-Za-z0-9!_.'()=/@:,-]*$/;
/** Keys are 1,024 bytes at most; what follows the prefix takes 100 at most. */
const maxPrefix = 900;

/** Checks where the objects go. The endpoint rule is that of all sinks: public https unless the operator allows more, `allow` among it. */
export function resolveDestination(
  options: Pick<S3SinkOptions, "bucket" | "region" | "endpoint" | "forcePathStyle" | "allowInsecureEndpoint">,
  complain: Complain,
  allow: readonly string[] = [],
): S3Destination {
  const { bucket, endpoint } = options;
  const region = options.region ?? "us-east-1";
  if (!bucketName.test(bucket) || bucket.includes("..")) {
    complain(`bucket "${bucket}" is no bucket name (3 to 63 of a-z, 0-9, "." and "-")`);
  } else if (bucket.endsWith("--x-s3"))
    complain(`bucket "${bucket}" is a directory bucket; use a general purpose bucket`);
  // The region becomes part of a host name.
  if (!/^[a-z0-9-]{1,40}$/.test(region)) complain(`region "${region}" is no region name, such as "eu-west-1"`);
  const base = { bucket, region, forcePathStyle: options.forcePathStyle ?? false };
  if (endpoint === undefined) {
    if (options.region === undefined) complain('region is missing, such as "eu-west-1"');
    const host = `${bucket}.s3.${region}.amazonaws.com`;
    return { ...base, endpoint, stsEndpoint: undefined, aws: true, guarded: false, host };
  }
  const url = URL.canParse(endpoint) ? new URL(endpoint) : undefined;
  const insecure = options.allowInsecureEndpoint ?? false;
  if (url === undefined || (url.protocol !== "https:" && url.protocol !== "http:")) {
    complain(`endpoint "${endpoint}" is no URL, such as "https://s3.example.com"`);
  } else if (url.username !== "" || url.password !== "" || url.search !== "" || url.hash !== "") {
    complain("endpoint must be a bare URL, without user, query or fragment");
  } else if (!insecure && (url.protocol === "http:" || !permitsHost(url.hostname, { allow }))) {
    complain(
      `endpoint "${url.origin}" is plain http or a private address; the operator must set allow_insecure_endpoint to use it, or name the address in allowed_addresses`,
    );
  }
  const aws = url !== undefined && awsHost.test(url.hostname);
  const guarded = !insecure && (!aws || vpcEndpoint.test(url.hostname));
  const server = url?.host ?? endpoint;
  const host = base.forcePathStyle ? `${server}/${bucket}` : `${bucket}.${server}`;
  return { ...base, endpoint, stsEndpoint: aws ? undefined : endpoint, aws, guarded, host };
}

/**
 * Checks the options of a stream and fills in their defaults. Without a stream's name they are those of a file.
 * @throws `sink_options_invalid` with everything that is wrong, in one message
 */
export function resolveSettings(
  options: S3SinkOptions,
  stream: string | undefined,
  allow: readonly string[] = [],
): S3Settings {
  const problems: string[] = [];
  const complain: Complain = (problem) => void problems.push(problem);
  const destination = resolveDestination(options, complain, allow);
  const prefix = options.prefix ?? "";
  checkPrefix(prefix, complain);
  const settings: S3Settings = {
    destination,
    prefix,
    credentials: resolveCredentials(options, destination.aws, complain),
    expectedBucketOwner: options.expectedBucketOwner,
    encryption: resolveEncryption(options.encryption, destination.aws, complain),
    objectLayout: {
      prefix,
      layout: options.layout ?? "iso",
      compression: options.compression ?? "none",
      ...(options.level === undefined ? {} : { level: options.level }),
    },
    storageClass: options.storageClass,
    tags: options.tags ?? {},
    objectLock: options.objectLock,
    timeouts: { ...defaultTimeouts, ...options.timeouts },
  };
  if (options.compression === "gzip" && (options.level ?? 6) > 9) complain("level is 1 to 9 for gzip");
  if (destination.aws && !/^(\d{12})?$/.test(options.expectedBucketOwner ?? "")) {
    complain(`expected_bucket_owner "${options.expectedBucketOwner}" is no account id of 12 digits`);
  }
  checkTags(settings.tags, complain);
  if (problems.length > 0) {
    const whose = stream === undefined ? "" : ` of stream "${stream}"`;
    throw new HeadgateError("sink_options_invalid", `The S3 options${whose} are wrong: ${problems.join("; ")}.`, {
      hint: "Correct the stream's options.",
      details: { problems: problems.length, ...(stream === undefined ? {} : { stream }) },
    });
  }
  return settings;
}

function checkPrefix(prefix: string, complain: Complain): void {
  if (!prefixText.test(prefix)) complain(`prefix "${prefix}" may hold A-Z a-z 0-9 ! _ . ' ( ) = / @ : , - only`);
  if (prefix.length > maxPrefix) complain(`prefix is longer than ${maxPrefix} bytes`);
  const segments = prefix.split("/");
  const empty = segments.slice(0, -1).includes("");
  if (empty || segments.includes(".") || segments.includes("..")) {
    complain(`prefix "${prefix}" must not begin with a slash or hold empty, "." or ".." parts`);
  } else if (!readerSafePrefix(prefix)) {
    complain(`prefix "${prefix}" has a part that begins with "." or "_", which readers skip`);
  }
}

function checkTags(tags: Readonly<Record<string, string>>, complain: Complain): void {
  // https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-tagging.html
  const entries = Object.entries(tags);
  if (entries.length > 10) complain("tags are 10 at most");
  for (const [name, value] of entries) {
    if (name.length === 0 || name.length > 128 || value.length > 256) {
      complain(`tag "${name.slice(0, 40)}" has an empty or too long name (128) or value (256)`);
    }
  }
}

function resolveEncryption(
  encryption: S3Encryption | undefined,
  aws: boolean,
  complain: Complain,
): S3Encryption | undefined {
  if (encryption === undefined || encryption.mode === "none") {
    if (encryption?.kmsKeyArn !== undefined) complain("encryption.kms_key_arn needs mode sse-kms or dsse-kms");
    return undefined;
  }
  const { mode, kmsKeyArn, bucketKey } = encryption;
  if (mode === "sse-s3" && kmsKeyArn !== undefined) complain("encryption.kms_key_arn needs mode sse-kms or dsse-kms");
  if (mode !== "sse-kms" && bucketKey !== undefined) complain("encryption.bucket_key needs mode sse-kms");
  // An alias or a bare id means another key in another account, and the reply names the key by its ARN.
  if (aws && kmsKeyArn !== undefined && !/^arn:aws[a-z-]*:kms:[a-z0-9-]+:\d{12}:key\/[\w-]+$/.test(kmsKeyArn)) {
    complain("encryption.kms_key_arn must be the full ARN of a key, such as arn:aws:kms:eu-west-1:111122223333:key/…");
  }
  return encryption;
}

function resolveCredentials(options: S3SinkOptions, aws: boolean, complain: Complain): ResolvedCredentials {
  const { credentials, roleArn, externalId } = options;
  if (credentials !== undefined && (roleArn !== undefined || externalId !== undefined)) {
    complain("roleArn and externalId go without credentials, or inside credentials.assumeRole");
  }
  if (credentials === undefined) {
    if (roleArn !== undefined)
      return checkRole({ roleArn, ...(externalId === undefined ? {} : { externalId }) }, aws, complain);
    complain("credentials are missing: assume_role, web_identity, default_chain or static");
    return { kind: "defaultChain" };
  }
  if (credentials === "defaultChain") return { kind: "defaultChain" };
  if ("assumeRole" in credentials) return checkRole(credentials.assumeRole, aws, complain);
  if ("webIdentity" in credentials) {
    const { role } = checkRole(credentials.webIdentity, aws, complain);
    return { kind: "webIdentity", role };
  }
  if (aws)
    complain(
      "static credentials are for S3-compatible servers; for AWS use assume_role, web_identity or default_chain",
    );
  return { kind: "static", keys: credentials.static };
}

function checkRole(
  role: S3AssumeRole,
  aws: boolean,
  complain: Complain,
): { readonly kind: "assumeRole"; readonly role: S3AssumeRole } {
  if (!/^arn:aws[a-z-]*:iam::\d*:role\/[\w+=,.@/-]+$/.test(role.roleArn)) {
    complain(`role_arn "${role.roleArn}" is no ARN of a role, such as arn:aws:iam::111122223333:role/headgate`);
  }
  // Limits of AssumeRole: https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
  if (role.externalId !== undefined && !/^[\w+=,.@:/-]{2,1224}$/.test(role.externalId)) {
    complain("external_id is 2 to 1224 of A-Z a-z 0-9 _ + = , . @ : / -");
  }
  if (role.sessionName !== undefined && !/^[\w=,.@-]{2,64}$/.test(role.sessionName)) {
    complain("session_name is 2 to 64 of A-Z a-z 0-9 _ = , . @ -");
  }
  const { durationSeconds = 3600 } = role;
  if (!(durationSeconds >= (aws ? 900 : 1) && durationSeconds <= 43_200)) complain("duration_seconds is 900 to 43200");
  return { kind: "assumeRole", role };
}
