import { createHash } from "node:crypto";
import { crc32 } from "node:zlib";
import type { Answer, Received, S3Bucket, S3State, S3StoredObject } from "./model.ts";
import { authorize, callerArn } from "./permissions.ts";
import { S3Refusal } from "./refusal.ts";
import type { Caller } from "./signature.ts";

/** The bucket of a request, once its owner and region have been checked. */
export function findBucket(state: S3State, request: Received): S3Bucket {
  const bucket = state.buckets.find(({ name }) => name === request.bucket);
  if (bucket === undefined) {
    throw new S3Refusal(404, "NoSuchBucket", "The specified bucket does not exist", {
      elements: { BucketName: request.bucket },
    });
  }
  if (bucket.region !== undefined && bucket.region !== state.region) {
    throw new S3Refusal(301, "PermanentRedirect", "The bucket must be addressed using the specified endpoint.", {
      headers: { "x-amz-bucket-region": bucket.region },
      elements: { Endpoint: `${bucket.name}.s3.${bucket.region}.amazonaws.com`, Bucket: bucket.name },
    });
  }
  // Mismatch is AccessDenied: https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-owner-condition.html
  const expected = request.headers["x-amz-expected-bucket-owner"];
  if (expected !== undefined && expected !== bucket.owner) throw new S3Refusal(403, "AccessDenied", "Access Denied");
  return bucket;
}

/** PutObject: https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObject.html */
export function putObject(state: S3State, request: Received, caller: Caller): Answer {
  const { headers, body } = request;
  if (headers["content-length"] === undefined) {
    throw new S3Refusal(411, "MissingContentLength", "You must provide the Content-Length HTTP header.");
  }
  if (headers["content-encoding"]?.includes("aws-chunked") === true || headers["x-amz-trailer"] !== undefined) {
    throw new S3Refusal(501, "NotImplemented", "This server takes whole bodies only.");
  }
  const resource = `arn:aws:s3:::${request.bucket}/${request.key}`;
  authorize(caller, "s3:PutObject", resource);
  if (headers["x-amz-tagging"] !== undefined) authorize(caller, "s3:PutObjectTagging", resource);
  const bucket = findBucket(state, request);
  // https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes-enforce.html
  if (bucket.requireIfNoneMatch === true && headers["if-none-match"] === undefined) {
    throw new S3Refusal(403, "AccessDenied", "Access Denied");
  }
  const encryption = checkEncryption(state, request, caller);
  checkDigests(request);
  checkLock(state, request, caller, bucket);
  // 1,024 bytes of UTF-8: https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html
  if (Buffer.byteLength(request.key) > 1024) throw new S3Refusal(400, "KeyTooLongError", "Your key is too long");

  const objects = state.objects.get(bucket.name) ?? new Map<string, S3StoredObject>();
  state.objects.set(bucket.name, objects);
  const before = objects.get(request.key);
  const condition = headers["if-none-match"];
  // Only `*` is taken, 412 when the key exists: https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html
  if (condition !== undefined && condition !== "*") {
    throw new S3Refusal(501, "NotImplemented", "A header you provided implies functionality that is not implemented");
  }
  if (condition === "*" && before !== undefined) {
    throw new S3Refusal(412, "PreconditionFailed", "At least one of the pre-conditions you specified did not hold", {
      elements: { Condition: "If-None-Match" },
    });
  }
  const applied = state.encryption === "echo" ? encryption : undefined;
  objects.set(request.key, {
    key: request.key,
    bytes: body,
    headers,
    metadata: Object.fromEntries(
      Object.entries(headers).flatMap(([name, value]) =>
        name.startsWith("x-amz-meta-") ? [[name.slice("x-amz-meta-".length), value]] : [],
      ),
    ),
    encryption: applied,
    writer: callerArn(caller),
    versions: (before?.versions ?? 0) + 1,
  });
  return {
    status: 200,
    headers: {
      etag: `"${createHash("md5").update(body).digest("hex")}"`,
      ...(applied === undefined ? {} : { "x-amz-server-side-encryption": applied.algorithm }),
      ...(applied?.keyId === undefined ? {} : { "x-amz-server-side-encryption-aws-kms-key-id": applied.keyId }),
    },
  };
}

/** What is applied and echoed; AES256 without a header: https://docs.aws.amazon.com/AmazonS3/latest/userguide/default-encryption-faq.html */
function checkEncryption(
  state: S3State,
  { headers }: Received,
  caller: Caller,
): { readonly algorithm: string; readonly keyId?: string } {
  const algorithm = headers["x-amz-server-side-encryption"];
  const keyId = headers["x-amz-server-side-encryption-aws-kms-key-id"];
  if (algorithm === undefined || algorithm === "AES256") {
    if (keyId === undefined) return { algorithm: "AES256" };
    throw new S3Refusal(400, "InvalidArgument", "A KMS key id is allowed with aws:kms and aws:kms:dsse only");
  }
  if (algorithm !== "aws:kms" && algorithm !== "aws:kms:dsse") {
    throw new S3Refusal(400, "InvalidEncryptionAlgorithmError", "The encryption request you specified is not valid.");
  }
  const key = keyId ?? `arn:aws:kms:${state.region}:111122223333:key/aws-s3`;
  if (keyId !== undefined) authorize(caller, "kms:GenerateDataKey", keyId);
  return { algorithm, keyId: key };
}

/** A wrong digest is BadDigest, a wrong payload hash XAmzContentSHA256Mismatch: https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html */
function checkDigests({ headers, body }: Received): void {
  const crc = Buffer.alloc(4);
  crc.writeUInt32BE(crc32(body));
  const actual: Readonly<Record<string, () => string>> = {
    "x-amz-checksum-sha256": () => createHash("sha256").update(body).digest("base64"),
    "x-amz-checksum-sha1": () => createHash("sha1").update(body).digest("base64"),
    "x-amz-checksum-crc32": () => crc.toString("base64"),
    "content-md5": () => createHash("md5").update(body).digest("base64"),
  };
  for (const [name, digest] of Object.entries(actual)) {
    if (headers[name] !== undefined && headers[name] !== digest()) {
      throw new S3Refusal(400, "BadDigest", `The ${name} you specified did not match what we received.`);
    }
  }
  if (Object.keys(headers).filter((name) => name.startsWith("x-amz-checksum-")).length > 1) {
    throw new S3Refusal(400, "InvalidRequest", "Expecting a single x-amz-checksum- header");
  }
  const payload = headers["x-amz-content-sha256"];
  if (payload === undefined)
    throw new S3Refusal(400, "InvalidRequest", "Missing required header: x-amz-content-sha256");
  if (payload !== "UNSIGNED-PAYLOAD" && payload !== createHash("sha256").update(body).digest("hex")) {
    throw new S3Refusal(
      400,
      "XAmzContentSHA256Mismatch",
      "The provided 'x-amz-content-sha256' header does not match what was computed.",
    );
  }
}

/** Lock headers need a bucket with Object Lock and a digest: https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock-managing.html */
function checkLock(state: S3State, request: Received, caller: Caller, bucket: S3Bucket): void {
  const { headers } = request;
  const until = headers["x-amz-object-lock-retain-until-date"];
  if (headers["x-amz-object-lock-mode"] === undefined && until === undefined) return;
  if (bucket.objectLock !== true) {
    throw new S3Refusal(400, "InvalidRequest", "Bucket is missing Object Lock Configuration");
  }
  if (!Object.keys(headers).some((name) => name === "content-md5" || name.startsWith("x-amz-checksum-"))) {
    throw new S3Refusal(
      400,
      "InvalidRequest",
      "Content-MD5 OR x-amz-checksum- HTTP header is required for Put Object requests with Object Lock parameters",
    );
  }
  authorize(caller, "s3:PutObjectRetention", `arn:aws:s3:::${request.bucket}/${request.key}`);
  if (until === undefined || !(Date.parse(until) > state.now())) {
    throw new S3Refusal(400, "InvalidArgument", "The retain until date must be in the future!");
  }
}
