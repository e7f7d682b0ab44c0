const text = { type: "string", minLength: 1 } as const;
const duration = {
  type: "integer",
  minimum: 1,
  maximum: 43_200,
  description: "Life of a session in seconds. AWS takes 900 up to the role's maximum. Default 3600.",
} as const;
const sessionName = {
  type: "string",
  pattern: "^[A-Za-z0-9_=,.@-]{2,64}$",
  description: "Shown in the customer's CloudTrail. Default: made of organization and stream.",
} as const;
const roleArn = { ...text, description: "ARN of the role in the customer's account." } as const;
const milliseconds = { type: "integer", minimum: 1, maximum: 3_600_000 } as const;

/** JSON Schema (draft 2020-12) of an S3 stream's `options` in files and over the API. */
export const s3OptionsSchema: Readonly<Record<string, unknown>> = {
  title: "S3 stream options",
  type: "object",
  additionalProperties: false,
  required: ["bucket", "credentials"],
  properties: {
    bucket: { ...text, description: "Name of the bucket." },
    prefix: { type: "string", description: 'Put before "year=…" as it is, so end it with a slash. Default: none.' },
    region: { ...text, description: "Region of the bucket. Required for AWS." },
    endpoint: { ...text, description: "Base URL of an S3-compatible server. Default: AWS in the region." },
    force_path_style: {
      type: "boolean",
      description: "Bucket in the path, not in the host name: for most S3-compatible servers.",
    },
    expected_bucket_owner: { ...text, description: "Account id of the bucket's owner; a mismatch blocks the stream." },
    credentials: {
      description: "How the stream comes by its credentials: exactly one of these.",
      anyOf: [
        { const: "default_chain" },
        {
          type: "object",
          additionalProperties: false,
          minProperties: 1,
          maxProperties: 1,
          properties: {
            assume_role: {
              description: "The customer's role, assumed with the platform's own credentials.",
              type: "object",
              additionalProperties: false,
              required: ["role_arn"],
              properties: {
                role_arn: roleArn,
                external_id: { ...text, description: "The external id that the role's trust policy asks for." },
                duration_seconds: duration,
                session_name: sessionName,
              },
            },
            web_identity: {
              description: "The customer's role, assumed with a token of the platform's OIDC issuer.",
              type: "object",
              additionalProperties: false,
              required: ["role_arn"],
              properties: { role_arn: roleArn, duration_seconds: duration, session_name: sessionName },
            },
            default_chain: {
              description: "The process's own AWS credentials. For the operator's own buckets.",
              type: "object",
              additionalProperties: false,
            },
            static: {
              description: "Keys of an S3-compatible server. Refused for AWS.",
              type: "object",
              additionalProperties: false,
              required: ["access_key_id", "secret_access_key"],
              properties: {
                access_key_id: { ...text, description: "Id of the key." },
                secret_access_key: {
                  ...text,
                  writeOnly: true,
                  description: "The key: name it as ${env:NAME} or ${file:PATH}.",
                },
                session_token: { ...text, writeOnly: true, description: "Goes with keys that are temporary." },
              },
            },
          },
        },
      ],
    },
    encryption: {
      description: "Asked for with every object and checked in every reply. Default: what the bucket is set to.",
      type: "object",
      additionalProperties: false,
      required: ["mode"],
      properties: {
        mode: {
          enum: ["sse-s3", "sse-kms", "dsse-kms", "none"],
          description: "S3's own keys, a KMS key, two layers with a KMS key, or nothing asked for.",
        },
        kms_key_arn: { ...text, description: "Full ARN of the key. Default: the account's own aws/s3 key." },
        bucket_key: { type: "boolean", description: "One KMS call for many objects; for sse-kms." },
      },
    },
    layout: { enum: ["iso", "basic"], description: "How the time is written in keys; basic has no colons." },
    compression: { enum: ["none", "gzip", "zstd"], description: "Default: none." },
    level: { type: "integer", minimum: 1, maximum: 22, description: "Default: 6 for gzip, 3 for zstd." },
    storage_class: { ...text, description: "E.g. STANDARD_IA. Default: the bucket's." },
    tags: {
      description: "Object tags. The role needs s3:PutObjectTagging.",
      type: "object",
      maxProperties: 10,
      additionalProperties: { type: "string", maxLength: 256 },
    },
    object_lock: {
      description: "Retention of each object, counted from the end of the hour that its events are of.",
      type: "object",
      additionalProperties: false,
      required: ["mode", "retain_days"],
      properties: {
        mode: { enum: ["governance", "compliance"], description: "Whether some may shorten it, or nobody." },
        retain_days: { type: "integer", minimum: 1, maximum: 36_500, description: "Days that it lasts." },
      },
    },
    timeouts: {
      description: "Time limits in milliseconds.",
      type: "object",
      additionalProperties: false,
      properties: {
        connect_ms: { ...milliseconds, description: "To connect, TLS included. Default 5000." },
        idle_ms: { ...milliseconds, description: "Without a byte in either direction. Default 30000." },
        request_ms: { ...milliseconds, description: "For the whole request. Default 120000." },
      },
    },
  },
};
