import { PutObjectCommand } from "@aws-sdk/client-s3";
import type { S3Client } from "@aws-sdk/client-s3";
import type { VerificationStep } from "@headgate/core";
import { createHash } from "node:crypto";
import { readAwsError } from "../aws-error.ts";
import { sinkFailure } from "../failure.ts";
import { s3Rule, wrongRegion } from "../s3-faults.ts";
import type { S3Settings } from "../settings.ts";
import { markerRequest } from "./marker.ts";
import type { VerificationRun } from "./run.ts";
import { failed, nothingWritten, ok, skipped } from "./steps.ts";
import type { OwnerDiagnosis, Written } from "./written.ts";

const name = "owner and region";

/** Whether the bucket is where, and whose, the stream says. */
export async function ownerStep(run: VerificationRun, client: S3Client, written: Written): Promise<VerificationStep> {
  const { destination, expectedBucketOwner: owner } = run.settings;
  if (written.is === "refused") return refusedOwner(run.settings, written);
  const region = `${destination.aws ? "The bucket is in" : "The server takes the region"} ${destination.region}`;
  if (owner === undefined) {
    return destination.aws
      ? ok(name, `${region}. Whose it is was not checked: the stream names no owner.`, recommendation(run.settings))
      : skipped(name, `${region}. The stream names no owner; many S3-compatible servers do not compare it.`);
  }
  if (destination.aws) return ok(name, `${region} and belongs to account ${owner}.`);
  switch (await comparesOwner(run, client, owner, written.key)) {
    case true:
      return ok(name, `${region}, and refuses another owner than ${owner}.`);
    case false:
      return skipped(name, `${region}. It takes any owner, so expected_bucket_owner protects nothing there.`);
    case undefined:
      return skipped(name, `${region}. Whether it compares owners is not known.`);
  }
}

function refusedOwner(settings: S3Settings, { error, rule, owner }: Written & { is: "refused" }): VerificationStep {
  const { destination } = settings;
  if (rule === wrongRegion) {
    const { hint } = sinkFailure("S3", rule, error, destination);
    const message = `The bucket is in another region than "${destination.region}", which the stream names.`;
    return failed(name, { message, ...(hint === undefined ? {} : { hint }) });
  }
  if (owner === "wrong") return failed(name, ownerMismatch(settings));
  if (owner === "not_it") {
    return skipped(
      name,
      "Nothing could be written, not without expected_bucket_owner either: the owner is not what is wrong.",
    );
  }
  return skipped(name, nothingWritten);
}

/** What is said where only `expected_bucket_owner` keeps the stream from writing. */
export function ownerMismatch({ destination, expectedBucketOwner }: S3Settings): {
  readonly message: string;
  readonly hint: string;
} {
  return {
    message: `Bucket ${destination.bucket} belongs to another account than ${expectedBucketOwner}: it may be written to, but not while expected_bucket_owner says so.`,
    hint: "Set expected_bucket_owner to the account that owns the bucket. If it was right before, the bucket has passed to somebody else: do not write to it, and choose another.",
  };
}

/** How a server says that the bytes are not those of the digest: https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html */
const digestRefused: ReadonlySet<string> = new Set(["BadDigest", "XAmzContentSHA256Mismatch"]);

/**
 * After a refusal, which names no reason: is it the owner? Asks for the same write without naming one, but with the
 * digest of other bytes, so that it ends in an error even where it is allowed: nothing goes to a bucket that may be
 * somebody else's.
 */
export async function diagnoseOwner(run: VerificationRun, client: S3Client): Promise<OwnerDiagnosis | undefined> {
  if (run.settings.expectedBucketOwner === undefined) return undefined;
  const { ExpectedBucketOwner: _, ...request } = markerRequest(run);
  const ChecksumSHA256 = createHash("sha256").update("other bytes").digest("base64");
  const answer = await send(run, client, { ...request, ChecksumSHA256 });
  if (answer === "denied") return "not_it";
  return answer === "stored" || digestRefused.has(answer) ? "wrong" : "unclear";
}

/** Whether a server minds the wrong owner. The marker is there by now, so a server that does not answers 412 and stores nothing. */
async function comparesOwner(
  run: VerificationRun,
  client: S3Client,
  owner: string,
  key: string,
): Promise<boolean | undefined> {
  const ExpectedBucketOwner = owner === "000000000000" ? "999999999999" : "000000000000";
  const answer = await send(run, client, { ...markerRequest(run), Key: key, ExpectedBucketOwner });
  if (answer === "denied") return true;
  return answer === "stored" || answer === "PreconditionFailed" ? false : undefined;
}

/** What came back: `stored`, `denied`, or the server's code. */
async function send(
  { signal }: VerificationRun,
  client: S3Client,
  request: PutObjectCommand["input"],
): Promise<string> {
  try {
    await client.send(new PutObjectCommand(request), { abortSignal: signal });
    return "stored";
  } catch (thrown) {
    signal.throwIfAborted();
    const error = readAwsError(thrown);
    const rule = s3Rule(error);
    if (rule === undefined) throw thrown;
    return rule.code === "access_denied" ? "denied" : error.name;
  }
}

function recommendation({ credentials }: S3Settings): string {
  const account = "role" in credentials ? /^arn:[^:]*:iam::(\d{12}):/.exec(credentials.role.roleArn)?.[1] : undefined;
  const which = account === undefined ? "" : ` ("${account}" if the bucket is in the role's account)`;
  return `Set expected_bucket_owner to the id of the account that owns the bucket${which}. Then AWS refuses to write should the bucket's name pass to somebody else.`;
}
