import type { Answer, Received, S3State } from "./model.ts";
import { authorize, isAllowed } from "./permissions.ts";
import { findBucket } from "./put-object.ts";
import { S3Refusal, xmlText } from "./refusal.ts";
import type { Caller } from "./signature.ts";

/** GetObject and HeadObject. Without s3:ListBucket a missing key is AccessDenied: https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html */
export function readObject(state: S3State, request: Received, caller: Caller): Answer {
  const resource = `arn:aws:s3:::${request.bucket}/${request.key}`;
  authorize(caller, "s3:GetObject", resource);
  const bucket = findBucket(state, request);
  const object = state.objects.get(bucket.name)?.get(request.key);
  if (object === undefined) {
    if (!isAllowed(caller, "s3:ListBucket", `arn:aws:s3:::${bucket.name}`)) {
      throw new S3Refusal(403, "AccessDenied", "Access Denied");
    }
    throw new S3Refusal(404, "NoSuchKey", "The specified key does not exist.", { elements: { Key: request.key } });
  }
  const metadata = Object.entries(object.metadata).map(([name, value]) => [`x-amz-meta-${name}`, value] as const);
  return {
    status: 200,
    headers: {
      "content-type": object.headers["content-type"] ?? "binary/octet-stream",
      "content-length": String(object.bytes.length),
      ...Object.fromEntries(metadata),
      ...(object.encryption === undefined ? {} : { "x-amz-server-side-encryption": object.encryption.algorithm }),
    },
    ...(request.method === "HEAD" ? {} : { body: object.bytes }),
  };
}

/** ListObjectsV2, without delimiters: https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html */
export function listObjects(state: S3State, request: Received, caller: Caller): Answer {
  authorize(caller, "s3:ListBucket", `arn:aws:s3:::${request.bucket}`);
  const bucket = findBucket(state, request);
  const { query } = request;
  const prefix = query["prefix"] ?? "";
  const after = query["continuation-token"] ?? query["start-after"] ?? "";
  const limit = Math.min(1000, Number(query["max-keys"] ?? 1000));
  const encode = query["encoding-type"] === "url" ? encodeURIComponent : (key: string): string => key;
  const keys = [...(state.objects.get(bucket.name)?.keys() ?? [])]
    .filter((key) => key.startsWith(prefix) && Buffer.compare(Buffer.from(key), Buffer.from(after)) > 0)
    .toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  const page = keys.slice(0, limit);
  const truncated = keys.length > page.length;
  const contents = page.map((key) => {
    const size = state.objects.get(bucket.name)?.get(key)?.bytes.length ?? 0;
    return `<Contents><Key>${xmlText(encode(key))}</Key><Size>${size}</Size><StorageClass>STANDARD</StorageClass></Contents>`;
  });
  const next = truncated ? `<NextContinuationToken>${xmlText(page.at(-1) ?? "")}</NextContinuationToken>` : "";
  return {
    status: 200,
    headers: { "content-type": "application/xml" },
    body: `<?xml version="1.0" encoding="UTF-8"?>\n<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>${bucket.name}</Name><Prefix>${xmlText(prefix)}</Prefix><KeyCount>${page.length}</KeyCount><MaxKeys>${limit}</MaxKeys><IsTruncated>${truncated}</IsTruncated>${next}${contents.join("")}</ListBucketResult>`,
  };
}
