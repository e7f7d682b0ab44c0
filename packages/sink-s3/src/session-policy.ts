import type { S3Destination, S3Settings } from "./settings.ts";

interface Statement {
  readonly Effect: "Allow";
  readonly Action: readonly string[];
  readonly Resource: string;
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

/** The actions on objects that a stream's own options need. */
export function objectActions({ tags, objectLock }: Pick<S3Settings, "tags" | "objectLock">): readonly string[] {
  return [
    "s3:PutObject",
    ...(Object.keys(tags).length > 0 ? ["s3:PutObjectTagging"] : []),
    ...(objectLock === undefined ? [] : ["s3:PutObjectRetention"]),
  ];
}

/** Objects under a prefix, in the partition of a role (arn:aws, arn:aws-cn, arn:aws-us-gov): a bucket is in its role's. */
export function objectsArn({ bucket }: Pick<S3Destination, "bucket">, prefix: string, roleArn = "arn:aws"): string {
  return `${roleArn.split(":", 2).join(":")}:s3:::${bucket}/${prefix}*`;
}

/**
 * The session policy of a stream: whatever else the customer's role may do, the session may only write objects under
 * the prefix, with what its own options need. STS takes 2,048 characters, which a bucket name and a prefix cannot reach.
 */
export function sessionPolicy(
  settings: Pick<S3Settings, "destination" | "encryption" | "tags" | "objectLock">,
  prefix: string,
  roleArn: string,
): string {
  const { destination, encryption } = settings;
  const statements: Statement[] = [
    { Effect: "Allow", Action: objectActions(settings), Resource: objectsArn(destination, prefix, roleArn) },
  ];
  // Other servers refuse policies with actions that they do not know. A bucket that encrypts with KMS by default needs
  // the permission too, with a key that we cannot know: hence the key by way of S3 alone.
  if (destination.aws && encryption?.mode !== "sse-s3") {
    statements.push({
      Effect: "Allow",
      Action: ["kms:GenerateDataKey", "kms:Decrypt"],
      Resource: encryption?.kmsKeyArn ?? "*",
      Condition: { StringLike: { "kms:ViaService": `s3.${destination.region}.*` } },
    });
  }
  return JSON.stringify({ Version: "2012-10-17", Statement: statements });
}
