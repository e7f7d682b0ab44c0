export { s3Sink } from "./s3-sink.ts";
export { s3Objects, s3Reader } from "./objects.ts";
export type { S3Object, S3ObjectsOptions, S3Reader } from "./objects.ts";
export { s3OptionsSchema } from "./schema.ts";
export type {
  AwsIdentity,
  AwsIdentityProvider,
  S3AssumeRole,
  S3Credentials,
  S3Encryption,
  S3ObjectLock,
  S3OperatorOptions,
  S3SinkOptions,
  S3StaticCredentials,
  S3Timeouts,
  S3WebIdentity,
  S3WebIdentityIssuer,
} from "./options.ts";
