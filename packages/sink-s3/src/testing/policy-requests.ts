import type { PolicyRequest } from "./policy-evaluation.ts";

const account = "444455556666";
const bucket = "arn:aws:s3:::acme-audit-logs";
const role = `arn:aws:iam::${account}:role/security/headgate-writer`;
const key = `arn:aws:kms:eu-west-1:${account}:key/1234abcd-12ab-34cd-56ef-1234567890ab`;
const otherKey = `arn:aws:kms:eu-west-1:${account}:key/99999999-12ab-34cd-56ef-1234567890ab`;
const platform = "arn:aws:iam::111122223333:role/headgate-platform";
const provider = `arn:aws:iam::${account}:oidc-provider/id.example.com/headgate`;
const subject = "organization:org_1:stream:stream-1";

/** What the requests are about: answers that the guide is made for, and what the platform is. */
export const policySubject = {
  account,
  bucket,
  role,
  key,
  platform,
  provider,
  subject,
  externalId: "hg-7f3e9a51c0de",
  issuer: "https://id.example.com/headgate",
  audience: "sts.amazonaws.com",
} as const;

/** A request, by what is special of it, and whether it must be let through. */
export type Expected = readonly [what: string, request: PolicyRequest, allowed: boolean];

const object = `${bucket}/headgate/year=2025/x.json`;
const s3 = (action: string, resource: string, keys: Readonly<Record<string, string>> = {}): PolicyRequest => ({
  action: `s3:${action}`,
  resource,
  principal: role,
  keys: { "aws:SecureTransport": "true", ...keys },
});
const kms = (action: string, keys: Readonly<Record<string, string>> = {}, resource: string = key): PolicyRequest => ({
  action: `kms:${action}`,
  resource,
  principal: role,
  keys: {
    "kms:ViaService": "s3.eu-west-1.amazonaws.com",
    "kms:EncryptionContext:aws:s3:arn": bucket,
    ...keys,
  },
});

/** What the role asks for, by the permission policy alone. */
export const permissionRequests: readonly Expected[] = [
  ["writes under the prefix", s3("PutObject", object), true],
  ["writes beside the prefix", s3("PutObject", `${bucket}/other/x`), false],
  ["writes a prefix that begins alike", s3("PutObject", `${bucket}/headgate-2/x`), false],
  ["writes to another bucket", s3("PutObject", "arn:aws:s3:::acme-audit-logs-2/headgate/x"), false],
  ["reads", s3("GetObject", object), false],
  ["deletes", s3("DeleteObject", object), false],
  ["lists", s3("ListBucket", bucket), false],
  ["changes who may read", s3("PutObjectAcl", object), false],
  ["lifts a retention", s3("BypassGovernanceRetention", object), false],
  ["changes the bucket's policy", s3("PutBucketPolicy", bucket), false],
];

/** What the role asks of KMS, by the permission policy and by the statement for the key's own policy. */
export const keyRequests: readonly Expected[] = [
  ["a data key for a bucket key", kms("GenerateDataKey"), true],
  ["a data key for an object", kms("GenerateDataKey", { "kms:EncryptionContext:aws:s3:arn": object }), true],
  ["a bucket key's check", kms("Decrypt"), true],
  ["not through S3", kms("GenerateDataKey", { "kms:ViaService": "ec2.eu-west-1.amazonaws.com" }), false],
  ["through S3 elsewhere", kms("GenerateDataKey", { "kms:ViaService": "s3.us-east-1.amazonaws.com" }), false],
  ["for another bucket", kms("Decrypt", { "kms:EncryptionContext:aws:s3:arn": `${bucket}-2` }), false],
  ["for another prefix", kms("Decrypt", { "kms:EncryptionContext:aws:s3:arn": `${bucket}/other/x` }), false],
  ["encrypts by itself", kms("Encrypt"), false],
  ["grants", kms("CreateGrant"), false],
  ["encrypts anew", kms("ReEncryptFrom"), false],
  ["deletes the key", kms("ScheduleKeyDeletion"), false],
];

/** With the permission policy; the statement stands in one key's policy and speaks of no other. */
export const otherKeyRequests: readonly Expected[] = [
  ["a data key of another key", kms("GenerateDataKey", {}, otherKey), false],
  ["a check with another key", kms("Decrypt", {}, otherKey), false],
];

const header = "s3:x-amz-server-side-encryption";
const asWeDo = {
  [header]: "aws:kms",
  [`${header}-aws-kms-key-id`]: key,
  "s3:if-none-match": "*",
  "s3:ObjectCreationOperation": "true",
};
const without = (name: string): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(asWeDo).filter(([one]) => one !== name));
const put = (keys: Readonly<Record<string, string>>): PolicyRequest => s3("PutObject", object, keys);

/** By the permission policy and the bucket's own. */
export const bucketRequests: readonly Expected[] = [
  ["writes as the sink does", put(asWeDo), true],
  ["over plain http", put({ ...asWeDo, "aws:SecureTransport": "false" }), false],
  ["encrypted with S3's key", put({ ...asWeDo, [header]: "AES256" }), false],
  ["without saying how to encrypt", put(without(header)), false],
  ["with another key", put({ ...asWeDo, [`${header}-aws-kms-key-id`]: otherKey }), false],
  ["without naming the key", put(without(`${header}-aws-kms-key-id`)), false],
  ["over what is there", put(without("s3:if-none-match")), false],
  // Parts make no object yet: the request that does must say it.
  ["a part of an upload", put({ ...without("s3:if-none-match"), "s3:ObjectCreationOperation": "false" }), true],
];

const assume = (principal: string, keys: Readonly<Record<string, string>>, action = "AssumeRole"): PolicyRequest => ({
  action: `sts:${action}`,
  resource: role,
  principal,
  keys,
});
const named = { "sts:ExternalId": policySubject.externalId };

/** By the trust policy with an external id. */
export const trustRequests: readonly Expected[] = [
  ["the platform, with the external id", assume(platform, named), true],
  ["without an external id", assume(platform, {}), false],
  ["with another's external id", assume(platform, { "sts:ExternalId": "hg-000000000000" }), false],
  ["another role of the platform", assume("arn:aws:iam::111122223333:role/other", named), false],
  ["the platform's account", assume("arn:aws:iam::111122223333:root", named), false],
  ["with a token", assume(platform, named, "AssumeRoleWithWebIdentity"), false],
];

const web = (keys: Readonly<Record<string, string>>, from: string = provider): PolicyRequest =>
  assume(from, keys, "AssumeRoleWithWebIdentity");
const [aud, sub] = ["id.example.com/headgate:aud", "id.example.com/headgate:sub"];
const claims = { [aud]: policySubject.audience, [sub]: subject };

/** By the trust policy with web identity. */
export const webIdentityRequests: readonly Expected[] = [
  ["this stream's token", web(claims), true],
  ["another stream's", web({ ...claims, [sub]: "organization:org_1:stream:stream-2" }), false],
  ["another organization's", web({ ...claims, [sub]: "organization:org_2:stream:stream-1" }), false],
  ["a subject that begins alike", web({ ...claims, [sub]: `${subject}0` }), false],
  ["for another audience", web({ ...claims, [aud]: "elsewhere" }), false],
  ["without a subject", web({ [aud]: policySubject.audience }), false],
  ["without an audience", web({ [sub]: subject }), false],
  ["of another provider", web(claims, `arn:aws:iam::${account}:oidc-provider/id.example.com/other`), false],
  ["with an external id instead", assume(platform, named), false],
];
