/** Who may sign requests with a long-lived key. */
export interface S3User {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** E.g. `arn:aws:iam::111122223333:user/platform`. Role trust names it. */
  readonly arn: string;
  /** @default everything */
  readonly permissions?: readonly S3Permission[];
}

/** Actions allowed on resources; `*` and `?` are wildcards. What no permission allows is denied. */
export interface S3Permission {
  /** E.g. `s3:PutObject`, `kms:GenerateDataKey`. */
  readonly actions: readonly string[];
  /** E.g. `arn:aws:s3:::bucket/prefix/*`. */
  readonly resources: readonly string[];
}

/** A role that users may assume. Its fields may be changed while the server runs; sessions feel it at once. */
export interface S3Role {
  readonly arn: string;
  /** ARNs of the users that may assume it, or `web` for holders of a web identity token. */
  trust: readonly string[];
  /** Of `web`: the one token that it trusts, as a condition on its subject does. @default any that is valid */
  webToken?: string;
  /** When set, AssumeRole must send this very value. */
  externalId?: string;
  permissions: readonly S3Permission[];
  /** @default 3600 */
  maxSessionSeconds?: number;
}

/** A bucket. Its fields may be changed while the server runs. */
export interface S3Bucket {
  readonly name: string;
  /** Account id, compared with `x-amz-expected-bucket-owner`. */
  owner: string;
  /** @default the server's region */
  region?: string;
  /** Whether Object Lock is enabled. @default false */
  objectLock?: boolean;
  /** Whether a bucket policy denies PutObject without If-None-Match (condition key `s3:if-none-match`). @default false */
  requireIfNoneMatch?: boolean;
}

/** One stored object. */
export interface S3StoredObject {
  readonly key: string;
  readonly bytes: Uint8Array;
  /** Request headers in lower case, as they came. */
  readonly headers: Readonly<Record<string, string>>;
  readonly metadata: Readonly<Record<string, string>>;
  /** What was really applied: `undefined` where the server ignores encryption headers. */
  readonly encryption: { readonly algorithm: string; readonly keyId?: string } | undefined;
  /** Who wrote it: the ARN of the user, or of the role's session. */
  readonly writer: string;
  /** How many times this key has been stored. */
  readonly versions: number;
}

/** One request as it was answered. */
export interface S3Request {
  readonly operation: S3Operation;
  readonly method: string;
  /** As it came, percent-encoded, without the query. */
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  /** In lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** The form of an STS call; empty for S3 requests. */
  readonly form: Readonly<Record<string, string>>;
  readonly bodyBytes: number;
  /** 0 where no answer was given. */
  readonly status: number;
  /** AWS error code, where the answer was one. */
  readonly code?: string;
}

/** What the server can be asked for. */
export type S3Operation =
  | "PutObject"
  | "GetObject"
  | "HeadObject"
  | "ListObjectsV2"
  | "DeleteObject"
  | "AssumeRole"
  | "AssumeRoleWithWebIdentity"
  | "unknown";

/** A session that AssumeRole gave out. */
export interface S3Session {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly token: string;
  readonly role: S3Role;
  readonly arn: string;
  readonly policy: readonly S3Permission[] | undefined;
  /** Unix ms by the server's clock. */
  expiresAt: number;
}

/** What a handler sees of a request. */
export interface Received {
  readonly operation: S3Operation;
  readonly method: string;
  readonly path: string;
  readonly rawQuery: string;
  readonly query: Readonly<Record<string, string>>;
  readonly headers: Readonly<Record<string, string>>;
  readonly bucket: string;
  /** Decoded. */
  readonly key: string;
  readonly body: Buffer;
}

/** What a handler answers. */
export interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  readonly code?: string;
}

/** The state that all handlers share. */
export interface S3State {
  readonly region: string;
  readonly now: () => number;
  readonly users: readonly S3User[];
  readonly roles: readonly S3Role[];
  readonly buckets: readonly S3Bucket[];
  readonly objects: Map<string, Map<string, S3StoredObject>>;
  readonly sessions: Map<string, S3Session>;
  readonly webIdentityTokens: ReadonlySet<string>;
  readonly minSessionSeconds: number;
  readonly requestId: string;
  encryption: "echo" | "ignore";
}
