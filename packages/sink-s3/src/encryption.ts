import type { PutObjectCommandInput, PutObjectCommandOutput } from "@aws-sdk/client-s3";
import type { SinkFailure } from "@headgate/core";
import type { S3Encryption } from "./options.ts";
import type { S3Destination } from "./settings.ts";

const headerValue = { "sse-s3": "AES256", "sse-kms": "aws:kms", "dsse-kms": "aws:kms:dsse" } as const;

/** The encryption headers of a request. */
export function encryptionFields(encryption: S3Encryption | undefined): Partial<PutObjectCommandInput> {
  if (encryption === undefined || encryption.mode === "none") return {};
  return {
    ServerSideEncryption: headerValue[encryption.mode],
    ...(encryption.kmsKeyArn === undefined ? {} : { SSEKMSKeyId: encryption.kmsKeyArn }),
    ...(encryption.bucketKey === undefined ? {} : { BucketKeyEnabled: encryption.bucketKey }),
  };
}

/**
 * Compares what the server says it applied with what was asked for. The object is stored by then: in the bucket, under
 * its final key, encrypted otherwise than asked. See `deliver` for what becomes of it.
 */
export function encryptionFailure(
  encryption: S3Encryption | undefined,
  reply: Pick<PutObjectCommandOutput, "ServerSideEncryption" | "SSEKMSKeyId">,
  destination: S3Destination,
): SinkFailure | undefined {
  if (encryption === undefined || encryption.mode === "none") return undefined;
  const wanted = headerValue[encryption.mode];
  const applied: string | undefined = reply.ServerSideEncryption;
  const rightMode = applied === wanted;
  if (rightMode && (encryption.kmsKeyArn === undefined || reply.SSEKMSKeyId === encryption.kmsKeyArn)) return undefined;
  const said = rightMode
    ? "another KMS key"
    : applied === undefined
      ? "no encryption"
      : /^[\w:]{1,20}$/.test(applied)
        ? applied
        : "something unknown";
  return {
    code: "encryption_mismatch",
    message: `S3 reports ${said} where ${wanted} was asked for (bucket "${destination.bucket}").`,
    hint: destination.aws
      ? "Check that no proxy drops headers, then resume: the object that is stored already will be written again."
      : `This S3-compatible server does not confirm ${wanted}. Enable it there, or set encryption.mode to none if the server encrypts its disks itself. The object that is stored already is written again once the server confirms.`,
    ...(applied === undefined ? {} : { vendorCode: said }),
  };
}

/** For an object whose encryption is wrong, or unknown on a server that is not trusted so far, and that may not be written over. */
export function overwriteDenied(mismatched: boolean, key: string, destination: S3Destination): SinkFailure {
  const known = mismatched ? "another encryption than was asked for" : "an encryption that no reply has confirmed";
  return {
    code: "encryption_mismatch",
    message: `S3 has the object "${key}" with ${known}, and denies writing over it (bucket "${destination.bucket}").`,
    hint: "Let the stream's role write without If-None-Match until the stream is active again, or delete that object: it is written anew.",
  };
}
