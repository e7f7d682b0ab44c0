import type { Compression, KeyLayout, Secret } from "@headgate/core";

/** Options of an S3 stream in code. In files and over the API the same in snake_case: see `s3OptionsSchema`. */
export interface S3SinkOptions {
  readonly bucket: string;
  /** Put before `year=…` as it is, so end it with a slash. No part begins with `.` or `_`: readers skip those. @default "" */
  readonly prefix?: string;
  /** Region of the bucket. Required for AWS. @default "us-east-1" with an `endpoint` */
  readonly region?: string;
  /** Base URL of an S3-compatible server, for S3 and STS alike. @default AWS in `region` */
  readonly endpoint?: string;
  /** Bucket in the path instead of the host name, as most S3-compatible servers want it. @default false */
  readonly forcePathStyle?: boolean;
  /** Account id of the bucket's owner. AWS refuses the write when the bucket is somebody else's. */
  readonly expectedBucketOwner?: string;
  readonly credentials?: S3Credentials;
  /** Short for `credentials: { assumeRole: { roleArn, externalId } }`. */
  readonly roleArn?: string;
  /** Goes with `roleArn`. */
  readonly externalId?: string;
  /** Asked for with every object and checked in every reply. @default what the bucket is set to, unchecked */
  readonly encryption?: S3Encryption;
  /** How the object's time is written in its key. @default "iso" */
  readonly layout?: KeyLayout;
  /** @default "none" */
  readonly compression?: Compression;
  /** Compression level. @default 6 for gzip, 3 for zstd */
  readonly level?: number;
  /** E.g. `STANDARD_IA`. @default the bucket's */
  readonly storageClass?: string;
  /** Object tags, at most 10. The role needs `s3:PutObjectTagging`. */
  readonly tags?: Readonly<Record<string, string>>;
  readonly objectLock?: S3ObjectLock;
  readonly timeouts?: S3Timeouts;
  /**
   * Allows plain http and loopback or private addresses for `endpoint`. The operator's decision, never a customer's:
   * the schema does not know it, and `fromConfig` alone sets it. @default false
   */
  readonly allowInsecureEndpoint?: boolean;
}

/**
 * How the sink comes by its credentials.
 * - `assumeRole`: the customer's role, from the platform's own credentials. Keys live an hour and do nothing but write under the prefix.
 * - `webIdentity`: the customer's role, from a token of the platform's OIDC issuer.
 * - `defaultChain`: the process's own AWS credentials (environment, shared files, container or instance role). For the operator's own buckets.
 * - `static`: long-lived keys of an S3-compatible server. Refused for AWS.
 */
export type S3Credentials =
  | "defaultChain"
  | { readonly assumeRole: S3AssumeRole }
  | { readonly webIdentity: S3WebIdentity }
  | { readonly static: S3StaticCredentials };

/** A role in the customer's account that trusts the platform. */
export interface S3AssumeRole {
  readonly roleArn: string;
  /** Proves to the customer's trust policy on whose behalf the platform acts. Minted by the platform, never chosen by the customer. */
  readonly externalId?: string;
  /** Life of a session. AWS: 900 up to the role's maximum, 3600 at most when the platform's own credentials are a role's. @default 3600 */
  readonly durationSeconds?: number;
  /** Shown in the customer's CloudTrail. @default made of organization and stream */
  readonly sessionName?: string;
}

/** A role in the customer's account that trusts the platform's OIDC issuer. */
export interface S3WebIdentity {
  readonly roleArn: string;
  /** As with {@link S3AssumeRole}. @default 3600 */
  readonly durationSeconds?: number;
  /** Shown in the customer's CloudTrail. @default made of organization and stream */
  readonly sessionName?: string;
}

/** Keys of an S3-compatible server. */
export interface S3StaticCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: Secret;
  readonly sessionToken?: Secret;
}

/** Server-side encryption to ask for. `none` sends no header and checks nothing. */
export interface S3Encryption {
  readonly mode: "sse-s3" | "sse-kms" | "dsse-kms" | "none";
  /** Full ARN of the key, for the KMS modes. @default the account's own `aws/s3` key */
  readonly kmsKeyArn?: string;
  /** One KMS call for many objects instead of one each; for `sse-kms`. @default the bucket's setting */
  readonly bucketKey?: boolean;
}

/**
 * Object Lock retention of each object. It ends `retainDays` after the end of the hour that the object's events are of,
 * so a retry asks for the same date. An object whose retention would be over already is stored without one.
 */
export interface S3ObjectLock {
  readonly mode: "governance" | "compliance";
  readonly retainDays: number;
}

/** Time limits, in milliseconds. */
export interface S3Timeouts {
  /** To connect, TLS included. @default 5000 */
  readonly connectMs?: number;
  /** Without a byte in either direction. @default 30000 */
  readonly idleMs?: number;
  /** For the whole request, waiting for a free connection included. @default 120000 */
  readonly requestMs?: number;
}

/** AWS credentials as they go over the wire. Structurally what the AWS SDK's providers give. */
export interface AwsIdentity {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
  readonly expiration?: Date;
}

/**
 * Gives the platform's own AWS credentials. Asked at every request that needs them, so it must keep a cache. With
 * `forceRefresh` those it has given were refused and must not be given again.
 */
export type AwsIdentityProvider = (options?: { readonly forceRefresh?: boolean }) => Promise<AwsIdentity>;

/** An OIDC issuer whose tokens name one stream each. */
export interface S3WebIdentityIssuer {
  /** URL, as `iss` of the tokens has it. */
  readonly issuer: string;
  /** `aud` of the tokens. */
  readonly audience: string;
  /** `sub` of a stream's tokens, no other stream's. @throws `config_invalid` where the ids do not fit into one */
  subject(request: { readonly organization: string; readonly stream: string }): string;
  /** A token that is good for a few minutes. Asked for before each session. */
  token(request: { readonly organization: string; readonly stream: string }): Promise<Secret>;
}

/** What the operator of the process decides for all S3 streams, in code. */
export interface S3OperatorOptions {
  /** Allows plain http and loopback or private addresses as endpoints, for every stream. @default false */
  readonly allowInsecureEndpoint?: boolean;
  /** Private addresses and ranges, e.g. `10.20.0.0/16`, that endpoints may lead to, by https. @default none */
  readonly allowedAddresses?: readonly string[];
  /** The platform's own credentials: they assume the customers' roles, and `defaultChain` streams use them. @default the AWS SDK's default chain */
  readonly baseCredentials?: AwsIdentityProvider;
  /**
   * The platform as OIDC issuer, e.g. `oidcIssuer` of `@headgate/oidc`, for `webIdentity` streams: it gives their tokens, and
   * the guide shows customers how to trust it. @default none: customers' roles are assumed with the platform's own credentials
   */
  readonly webIdentity?: S3WebIdentityIssuer;
  /** Gives a fresh token of another OIDC issuer, for `webIdentity` streams. Its subject must name the organization. @default that of `webIdentity` */
  readonly webIdentityToken?: (request: { readonly organization: string; readonly stream: string }) => Promise<Secret>;
  /**
   * ARN of the role or user that the platform acts as in AWS, e.g. `arn:aws:iam::111122223333:role/headgate`: the trust
   * policies that customers are given name it. Of an assumed role's session, the role's. @default none: the guide says what to ask for
   */
  readonly platformPrincipal?: string;
  /**
   * S3-compatible servers, as base URLs, that customers may name as the endpoint of their streams; `any` lets them name
   * whatever `allowedAddresses` lets through. The platform signs requests to them with its own credentials, and sends its
   * session token along. @default none: customers stream to AWS alone; any where `allowInsecureEndpoint` is set
   */
  readonly customerEndpoints?: "any" | readonly string[];
}
