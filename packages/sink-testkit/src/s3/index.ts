export { startS3Server } from "./server.ts";
export type { S3Server, S3ServerOptions } from "./server.ts";
export { s3Faults } from "./fault.ts";
export type { FaultQueue, S3Fault } from "./fault.ts";
export type { S3Bucket, S3Operation, S3Permission, S3Request, S3Role, S3StoredObject, S3User } from "./model.ts";
export { startStrictSts } from "./strict-sts.ts";
export type { StrictSts, StrictStsOptions, StrictStsRequest, StrictStsRole, StsCredentials } from "./strict-sts.ts";
