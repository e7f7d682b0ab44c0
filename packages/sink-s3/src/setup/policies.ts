import { objectsArn } from "../session-policy.ts";
import type { S3Answers, WebIdentityAnswers } from "./answers.ts";
import type { Tree } from "./documents.ts";

const version = "2012-10-17";

/**
 * Who may assume the role: the platform alone, and on behalf of this organization alone:
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_common-scenarios_third-party.html
 */
export function trustPolicy({ principal, externalId, webIdentity }: S3Answers): Tree {
  if (webIdentity !== undefined) return webIdentityTrust(webIdentity);
  return {
    Version: version,
    Statement: [
      {
        Effect: "Allow",
        Principal: { AWS: principal },
        Action: "sts:AssumeRole",
        Condition: { StringEquals: { "sts:ExternalId": externalId } },
      },
    ],
  };
}

/** The same for tokens: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_create_for-idp_oidc.html */
function webIdentityTrust({ provider, providerArn, audience, subject }: WebIdentityAnswers): Tree {
  return {
    Version: version,
    Statement: [
      {
        Effect: "Allow",
        Principal: { Federated: providerArn },
        Action: "sts:AssumeRoleWithWebIdentity",
        Condition: { StringEquals: { [`${provider}:aud`]: audience, [`${provider}:sub`]: subject } },
      },
    ],
  };
}

/** How a bucket's own policy names the encryption of an object. */
const encryptionHeaders: Readonly<Record<string, string>> = {
  "sse-s3": "AES256",
  "sse-kms": "aws:kms",
  "dsse-kms": "aws:kms:dsse",
};

/**
 * A policy for the bucket, which nobody needs: no plain http, and below the prefix no object that is encrypted otherwise
 * than was chosen, nor any that takes another's place:
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes-enforce.html
 */
export function bucketPolicy(answers: S3Answers): Tree {
  const bucket = `arn:${answers.partition.name}:s3:::${answers.bucket}`;
  const deny = (Sid: string, Action: string, Resource: Tree, Condition: Tree): Tree => ({
    Sid,
    Effect: "Deny",
    Principal: "*",
    Action,
    Resource,
    Condition,
  });
  const writing = (sid: string, condition: Tree): Tree => deny(sid, "s3:PutObject", objectsOf(answers), condition);
  const mode = encryptionHeaders[answers.encryption];
  const header = "s3:x-amz-server-side-encryption";
  return {
    Version: version,
    Statement: [
      deny("DenyPlainHttp", "s3:*", [bucket, `${bucket}/*`], { Bool: { "aws:SecureTransport": "false" } }),
      ...(mode === undefined ? [] : [writing("DenyOtherEncryption", { StringNotEquals: { [header]: mode } })]),
      ...(answers.kmsKeyArn === undefined
        ? []
        : [writing("DenyOtherKey", { StringNotEquals: { [`${header}-aws-kms-key-id`]: answers.kmsKeyArn } })]),
      writing("DenyOverwriting", {
        Null: { "s3:if-none-match": "true" },
        Bool: { "s3:ObjectCreationOperation": "true" },
      }),
    ],
  };
}

/** What the role may do: write under the prefix, and have S3 encrypt with the key where there is one. */
export function permissionPolicy(answers: S3Answers): Tree {
  return {
    Version: version,
    Statement: [
      { Sid: "WriteAuditLog", Effect: "Allow", Action: "s3:PutObject", Resource: objectsOf(answers) },
      ...(answers.kmsKeyArn === undefined
        ? []
        : [{ Sid: "EncryptAuditLog", Effect: "Allow", ...keyUse(answers), Resource: answers.kmsKeyArn }]),
    ],
  };
}

/** A statement for the key's own policy, which is needed where that does not leave access to IAM. In it, `*` is the key. */
export function keyStatement(answers: S3Answers): Tree {
  return {
    Sid: "HeadgateEncryptsThroughS3",
    Effect: "Allow",
    Principal: { AWS: answers.role.arn },
    ...keyUse(answers),
    Resource: "*",
  };
}

/**
 * S3 asks KMS for a data key with each object, or with a bucket key for many, and checks a bucket key by decrypting it:
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-key.html and UsingKMSEncryption.html. Decrypt opens nothing
 * to a role that may not read objects. With a bucket key the encryption context is the bucket's ARN, without one the
 * object's, so both stand in the condition.
 */
function keyUse(answers: S3Answers): { readonly [name: string]: Tree } {
  const { region, partition } = answers;
  return {
    Action: ["kms:GenerateDataKey", "kms:Decrypt"],
    Condition: {
      StringEquals: { "kms:ViaService": `s3.${region}.${partition.domain}` },
      StringLike: {
        "kms:EncryptionContext:aws:s3:arn": [`arn:${partition.name}:s3:::${answers.bucket}`, objectsOf(answers)],
      },
    },
  };
}

function objectsOf({ bucket, prefix, partition }: S3Answers): string {
  return objectsArn({ bucket }, prefix, `arn:${partition.name}`);
}
