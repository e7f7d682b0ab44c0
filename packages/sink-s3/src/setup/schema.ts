import type { S3SinkOptions } from "../options.ts";
import type { S3Access } from "./answers.ts";

/** Classes that objects may be put into directly: https://docs.aws.amazon.com/AmazonS3/latest/userguide/storage-class-intro.html */
const storageClasses = [
  "STANDARD",
  "STANDARD_IA",
  "ONEZONE_IA",
  "INTELLIGENT_TIERING",
  "GLACIER_IR",
  "GLACIER",
  "DEEP_ARCHIVE",
] as const;

/** What customers may choose for encryption; `aws-default` asks for nothing and leaves it to the bucket. */
export const encryptionModes = ["aws-default", "sse-s3", "sse-kms", "dsse-kms"] as const;

/** What a customer gives for an S3 stream, as the schema describes it. */
export interface S3Given {
  readonly bucket: string;
  readonly region: string;
  readonly role_arn: string;
  readonly access?: S3Access;
  readonly prefix?: string;
  readonly encryption?: {
    readonly mode: (typeof encryptionModes)[number];
    readonly kms_key_arn?: string;
    readonly bucket_key?: boolean;
  };
  readonly compression?: NonNullable<S3SinkOptions["compression"]>;
  readonly layout?: NonNullable<S3SinkOptions["layout"]>;
  readonly storage_class?: string;
  readonly expected_bucket_owner?: string;
  readonly endpoint?: string;
  readonly force_path_style?: boolean;
}

const properties = {
  bucket: {
    type: "string",
    title: "Bucket",
    description: "Name of a bucket that you own. It stays yours: Headgate can write to it, and nothing else.",
    minLength: 3,
    maxLength: 63,
    pattern: String.raw`^[a-z0-9][a-z0-9.\-]+[a-z0-9]$`,
    examples: ["acme-audit-logs"],
  },
  region: {
    type: "string",
    title: "Region",
    description: "AWS region of the bucket.",
    pattern: String.raw`^[a-z0-9\-]{1,40}$`,
    examples: ["eu-west-1"],
  },
  prefix: {
    type: "string",
    title: "Prefix",
    description: "Folder in the bucket, with a slash at its end. The role needs no right beyond it. Default: none.",
    maxLength: 900,
    pattern: String.raw`^[A-Za-z0-9!_.'\(\)=\/@:,\-]*$`,
    examples: ["headgate/"],
  },
  role_arn: {
    type: "string",
    title: "Role ARN",
    description: "The role in your account that Headgate assumes: the set-up on your side makes it and prints this.",
    maxLength: 2048,
    pattern: String.raw`^arn:aws[a-z\-]*:iam::\d*:role\/[\w+=,.@\/\-]+$`,
    examples: ["arn:aws:iam::444455556666:role/headgate"],
  },
  encryption: {
    type: "object",
    title: "Encryption",
    description: "How objects are to be encrypted. S3 has to confirm it with every object, or the stream stops.",
    additionalProperties: false,
    required: ["mode"],
    properties: {
      mode: {
        title: "Mode",
        enum: encryptionModes,
        default: "aws-default",
        description:
          "aws-default: as the bucket is set up. sse-s3: keys of S3. sse-kms: a key of AWS KMS. dsse-kms: two layers with a key of AWS KMS.",
      },
      kms_key_arn: {
        type: "string",
        title: "KMS key ARN",
        description: "Full ARN of the key, for the KMS modes. Default: your account's own key for S3 (aws/s3).",
        maxLength: 2048,
        examples: ["arn:aws:kms:eu-west-1:444455556666:key/1234abcd-12ab-34cd-56ef-1234567890ab"],
      },
      bucket_key: {
        type: "boolean",
        title: "S3 Bucket Key",
        description: "One call to KMS for many objects, which costs less. For sse-kms.",
      },
    },
  },
  compression: {
    title: "Compression",
    enum: ["none", "gzip", "zstd"],
    default: "none",
    description: "Of each object. gzip is what Athena, Splunk and Datadog all read.",
  },
  layout: {
    title: "Layout",
    enum: ["iso", "basic"],
    default: "iso",
    description: "How the time is written in object names. basic has no colons, for readers of the Hadoop family.",
  },
  storage_class: {
    title: "Storage class",
    enum: storageClasses,
    description: "Default: the bucket's own. From GLACIER and DEEP_ARCHIVE objects must be restored before reading.",
  },
  expected_bucket_owner: {
    type: "string",
    title: "Owner of the bucket",
    description: "Account id that the bucket belongs to. With it, S3 refuses the write if somebody else owns the name.",
    pattern: String.raw`^[A-Za-z0-9_\-]{1,64}$`,
    examples: ["444455556666"],
  },
};

/**
 * JSON Schema (draft 2020-12) of what a customer gives for an S3 stream. Forms hand patterns to browsers, which read them
 * with the flag `v`: there hyphens, slashes and brackets inside a class are escaped.
 */
export const s3CustomerSchema: Readonly<Record<string, unknown>> = {
  title: "Amazon S3",
  type: "object",
  additionalProperties: false,
  required: ["bucket", "region", "role_arn"],
  properties,
};

/**
 * The same, with what the operator makes a choice of: the endpoints that customers may name, none of which leaves AWS
 * alone; and, where the platform is an OIDC issuer, how the role is had. `access` is what those get who do not choose.
 */
export function s3CustomerSchemaWith(
  endpoints: "any" | readonly string[],
  access: S3Access | undefined,
): Readonly<Record<string, unknown>> {
  const endpoint = {
    title: "Endpoint",
    description: "Base URL of an S3-compatible server, for S3 and STS alike. Leave it empty for AWS.",
    ...(endpoints === "any" ? anyEndpoint : { enum: endpoints }),
  };
  const { bucket, region, prefix, role_arn, ...rest } = properties;
  return {
    ...s3CustomerSchema,
    properties: {
      bucket,
      region,
      prefix,
      ...(access === undefined ? {} : { access: { ...accessChoice, default: access } }),
      role_arn,
      ...rest,
      ...(endpoints.length === 0 ? {} : { endpoint, force_path_style: pathStyle }),
    },
  };
}

const accessChoice = {
  title: "Access",
  enum: ["assume_role", "web_identity"],
  description:
    "How Headgate gets the role. assume_role: with its own AWS identity and your external id. web_identity: with a token that names this stream, without any AWS key.",
};

const anyEndpoint = { type: "string", pattern: "^https?://.+$", maxLength: 2048, examples: ["https://s3.example.com"] };

const pathStyle = {
  type: "boolean",
  title: "Path-style addresses",
  description: "For most S3-compatible servers: the bucket goes into the path instead of the host name.",
};
