import {
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import type { PutObjectCommandInput } from "@aws-sdk/client-s3";
import { AssumeRoleCommand, STSClient } from "@aws-sdk/client-sts";
import { describe, expect, it } from "vitest";
import { bucket, externalId, owner, platform, roleArn, startFake } from "./testing/fake.ts";
import type { Fake } from "./testing/fake.ts";

// The in-process server is the only witness of what no other server here checks, so its own strictness is shown here.

interface Keys {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

const s3 = (fake: Fake, credentials: Keys = platform): S3Client =>
  new S3Client({
    region: "us-east-1",
    endpoint: fake.server.endpoint,
    forcePathStyle: true,
    maxAttempts: 1,
    credentials,
  });

const put = (client: S3Client, input: Partial<PutObjectCommandInput> = {}): Promise<unknown> =>
  client.send(new PutObjectCommand({ Bucket: bucket, Key: "key", Body: Buffer.from("body"), ...input }));

/** Adds a header, after or before the request was signed. */
function tamper(client: S3Client, name: string, value: string, when: "signed" | "unsigned"): S3Client {
  const add = (request: unknown): void => {
    (request as { headers: Record<string, string> }).headers[name] = value;
  };
  if (when === "signed") {
    client.middlewareStack.add((next) => (args) => (add(args.request), next(args)), { step: "build", priority: "low" });
  } else {
    client.middlewareStack.add((next) => (args) => (add(args.request), next(args)), {
      step: "deserialize",
      priority: "low",
    });
  }
  return client;
}

async function assume(fake: Fake, input: object = {}): Promise<Keys> {
  const sts = new STSClient({
    region: "us-east-1",
    endpoint: fake.server.endpoint,
    maxAttempts: 1,
    credentials: platform,
  });
  const request = { RoleArn: roleArn, RoleSessionName: "test", ExternalId: externalId, ...input };
  const { Credentials: given } = await sts.send(new AssumeRoleCommand(request));
  return {
    accessKeyId: given?.AccessKeyId ?? "",
    secretAccessKey: given?.SecretAccessKey ?? "",
    sessionToken: given?.SessionToken ?? "",
  };
}

describe("startS3Server", () => {
  it("refuses wrong keys, signatures and tokens", async () => {
    await using fake = await startFake();
    const session = await assume(fake);
    await put(s3(fake, session));
    const refused = async (keys: Partial<Keys>, name: string): Promise<void> =>
      await expect(put(s3(fake, { ...session, ...keys }))).rejects.toMatchObject({ name });
    await refused({ secretAccessKey: "wrong" }, "SignatureDoesNotMatch");
    await refused({ accessKeyId: "AKIANOBODY" }, "InvalidAccessKeyId");
    await refused({ sessionToken: "wrong" }, "InvalidToken");
    fake.server.expireSessions();
    await refused({}, "ExpiredToken");
  });

  it("refuses a request that was changed after signing", async () => {
    await using fake = await startFake();
    const changed = (name: string, value: string): Promise<unknown> => put(tamper(s3(fake), name, value, "unsigned"));
    await expect(changed("x-amz-acl", "public-read")).rejects.toMatchObject({ name: "AccessDenied" });
    await expect(changed("x-amz-content-sha256", "UNSIGNED-PAYLOAD")).rejects.toMatchObject({
      name: "SignatureDoesNotMatch",
    });
    expect(fake.server.objects(bucket)).toEqual([]);
  });

  it("refuses bytes that do not match their digest", async () => {
    await using fake = await startFake();
    const wrong = "AAAAAA==";
    await expect(put(s3(fake), { ChecksumCRC32: wrong })).rejects.toMatchObject({ name: "BadDigest" });
    await expect(put(s3(fake), { ChecksumSHA256: wrong })).rejects.toMatchObject({ name: "BadDigest" });
    await expect(put(s3(fake), { ContentMD5: wrong })).rejects.toMatchObject({ name: "BadDigest" });
    const payload = tamper(s3(fake), "x-amz-content-sha256", "0".repeat(64), "signed");
    await expect(put(payload)).rejects.toMatchObject({ name: "XAmzContentSHA256Mismatch" });
  });

  it("writes once where it is asked to, and again where it is not", async () => {
    await using fake = await startFake();
    await put(s3(fake), { IfNoneMatch: "*" });
    await expect(put(s3(fake), { IfNoneMatch: "*" })).rejects.toMatchObject({ name: "PreconditionFailed" });
    await put(s3(fake));
    expect(fake.server.objects(bucket)).toMatchObject([{ versions: 2 }]);
  });

  it("gives sessions to those whom the role trusts, for as long as it allows", async () => {
    await using fake = await startFake();
    await expect(assume(fake, { ExternalId: undefined })).rejects.toMatchObject({ name: "AccessDenied" });
    await expect(assume(fake, { RoleArn: `${roleArn}2` })).rejects.toMatchObject({ name: "AccessDenied" });
    await expect(assume(fake, { DurationSeconds: 899 })).rejects.toMatchObject({ name: "ValidationError" });
    await expect(assume(fake, { DurationSeconds: 3601 })).rejects.toMatchObject({ name: "ValidationError" });
    await expect(assume(fake, { Policy: "{" })).rejects.toMatchObject({ $metadata: { httpStatusCode: 400 } });
    fake.server.roles[0]!.trust = [];
    await expect(assume(fake)).rejects.toMatchObject({ name: "AccessDenied" });
  });

  it("lets a session do what both the role and the session policy allow", async () => {
    await using fake = await startFake();
    const Statement = [{ Effect: "Allow", Action: ["s3:*"], Resource: [`arn:aws:s3:::${bucket}/in/*`] }];
    const narrow = s3(fake, await assume(fake, { Policy: JSON.stringify({ Version: "2012-10-17", Statement }) }));
    await put(narrow, { Key: "in/a" });
    const denied = { name: "AccessDenied" };
    await expect(put(narrow, { Key: "out/a" })).rejects.toMatchObject(denied);
    await expect(narrow.send(new GetObjectCommand({ Bucket: bucket, Key: "in/a" }))).rejects.toMatchObject(denied);
    await expect(put(narrow, { Key: "in/b", Tagging: "a=b" })).rejects.toMatchObject(denied);
    fake.server.roles[0]!.permissions = [];
    await expect(put(narrow, { Key: "in/c" })).rejects.toMatchObject(denied);
  });

  it("lets a session policy grant a key by way of S3 in the right region alone", async () => {
    await using fake = await startFake();
    const key = "arn:aws:kms:us-east-1:444455556666:key/1";
    const everywhere = { actions: ["*"], resources: ["*"] };
    fake.server.roles[0]!.permissions = [everywhere];
    const write = { Effect: "Allow", Action: "s3:PutObject", Resource: `arn:aws:s3:::${bucket}/*` };
    const via = async (Condition: object, Action = "kms:GenerateDataKey"): Promise<unknown> => {
      const Statement = [write, { Effect: "Allow", Action, Resource: key, Condition }];
      const keys = await assume(fake, { Policy: JSON.stringify({ Version: "2012-10-17", Statement }) });
      return put(s3(fake, keys), { ServerSideEncryption: "aws:kms", SSEKMSKeyId: key });
    };
    await via({ StringLike: { "kms:ViaService": "s3.us-east-1.*" } });
    const elsewhere = via({ StringLike: { "kms:ViaService": "s3.eu-west-1.*" } });
    await expect(elsewhere).rejects.toMatchObject({ name: "AccessDenied" });
    const malformed = { $metadata: { httpStatusCode: 400 } };
    await expect(via({ StringLike: { "aws:SourceArn": "*" } })).rejects.toMatchObject(malformed);
    await expect(via({ StringLike: { "kms:ViaService": "*" } }, "s3:GetObject")).rejects.toMatchObject(malformed);
  });

  it("deletes for those who may, whether the key is there or not", async () => {
    await using fake = await startFake();
    const remove = (client: S3Client, Key: string): Promise<unknown> =>
      client.send(new DeleteObjectCommand({ Bucket: bucket, Key }));
    await put(s3(fake));
    await expect(remove(s3(fake, await assume(fake)), "key")).rejects.toMatchObject({ name: "AccessDenied" });
    expect(fake.server.objects(bucket)).toHaveLength(1);
    for (const key of ["key", "other"]) {
      expect(await remove(s3(fake), key)).toMatchObject({ $metadata: { httpStatusCode: 204 } });
    }
    expect(fake.server.objects(bucket)).toEqual([]);
  });

  it("knows owners, regions and Object Lock", async () => {
    await using fake = await startFake();
    const lock = { ObjectLockMode: "COMPLIANCE", ObjectLockRetainUntilDate: new Date(Date.now() + 1e7) } as const;
    await expect(put(s3(fake), { ExpectedBucketOwner: "1" })).rejects.toMatchObject({ name: "AccessDenied" });
    await expect(put(s3(fake), { Bucket: "nobody" })).rejects.toMatchObject({ name: "NoSuchBucket" });
    await expect(put(s3(fake), lock)).rejects.toMatchObject({ name: "InvalidRequest" });
    fake.server.buckets[0]!.objectLock = true;
    await put(s3(fake), lock);
    const over = { ...lock, ObjectLockRetainUntilDate: new Date(0) };
    await expect(put(s3(fake), over)).rejects.toMatchObject({ name: "InvalidArgument" });
    fake.server.buckets[0]!.region = "eu-west-1";
    await expect(put(s3(fake))).rejects.toMatchObject({ name: "PermanentRedirect" });
  });

  it("gives back what was stored, under odd keys too", async () => {
    await using fake = await startFake();
    const keys = ["a b+c%é", "x//y", "q?#=:&", "plain"];
    for (const Key of keys) await put(s3(fake), { Key, Metadata: { n: "1" }, ExpectedBucketOwner: owner });
    const { Contents } = await s3(fake).send(new ListObjectsV2Command({ Bucket: bucket }));
    expect(Contents?.map(({ Key }) => Key)).toEqual(keys.toSorted());
    for (const Key of keys) {
      const object = await s3(fake).send(new GetObjectCommand({ Bucket: bucket, Key }));
      expect(await object.Body?.transformToString()).toBe("body");
      expect(object.Metadata).toEqual({ n: "1" });
      const head = await s3(fake).send(new HeadObjectCommand({ Bucket: bucket, Key }));
      expect(head).toMatchObject({ ContentLength: 4, ServerSideEncryption: "AES256" });
    }
  });
});
