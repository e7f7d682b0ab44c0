import type { Answer, Received, S3State } from "./model.ts";
import { authorize } from "./permissions.ts";
import { findBucket } from "./put-object.ts";
import type { Caller } from "./signature.ts";

/**
 * DeleteObject, in a bucket without versions: 204 whether the key was there or not.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObject.html
 */
export function deleteObject(state: S3State, request: Received, caller: Caller): Answer {
  authorize(caller, "s3:DeleteObject", `arn:aws:s3:::${request.bucket}/${request.key}`);
  const bucket = findBucket(state, request);
  state.objects.get(bucket.name)?.delete(request.key);
  return { status: 204 };
}
