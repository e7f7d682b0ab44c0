import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { promisify } from "node:util";
import { CreateBucketCommand, GetBucketPolicyCommand, PutBucketPolicyCommand, S3Client } from "@aws-sdk/client-s3";
import type { DeliveryResult } from "@headgate/core";
import { deliveryContext, sinkContext } from "@headgate/sink-testkit";
import { beforeAll, describe, expect, it } from "vitest";
import type { S3Encryption } from "../options.ts";
import { s3Sink } from "../s3-sink.ts";
import { someChunk } from "../testing/fake.ts";
import { rgwMissing } from "../testing/rgw.ts";

const missing = rgwMissing("RGW_ENDPOINT");
const run = promisify(execFile);
const value = (name: string): string => process.env[name] ?? "";
const externalId = "hg-bucket-policy";
const prefix = "headgate/";

/**
 * The policy for the bucket and the permission policy as the guide writes them, on a bucket of its own. This server takes
 * every condition of the policy, and evaluates that on encryption where a request asks for some. It knows neither
 * `s3:if-none-match` nor plain connections nor the key's header, so what those refuse is shown by the evaluation in
 * policies.test.ts alone.
 */
describe("the guide's policies on a real S3 server", () => {
  const bucket = `bucket-policy-${randomBytes(6).toString("hex")}`;
  const name = `--role-name=${bucket}`;
  const admin = (...parameters: string[]): Promise<unknown> =>
    run("radosgw-admin", ["-c", value("RGW_CEPH_CONF"), ...parameters]);
  const owner = (): S3Client =>
    new S3Client({
      endpoint: value("RGW_ENDPOINT"),
      region: "us-east-1",
      forcePathStyle: true,
      credentials: {
        accessKeyId: value("RGW_OWNER_ACCESS_KEY_ID"),
        secretAccessKey: value("RGW_OWNER_SECRET_ACCESS_KEY"),
      },
    });
  const platform = { accessKeyId: value("RGW_AUD_ACCESS_KEY_ID"), secretAccessKey: value("RGW_AUD_SECRET_ACCESS_KEY") };
  const definition = s3Sink({
    allowInsecureEndpoint: true,
    customerEndpoints: "any",
    platformPrincipal: "arn:aws:iam:::user/aud-platform",
    baseCredentials: () => Promise.resolve(platform),
  });

  function policyFor(encryption: string, id: string, key?: string): string {
    const given = {
      bucket,
      prefix,
      region: "us-east-1",
      endpoint: value("RGW_ENDPOINT"),
      role_arn: `arn:aws:iam:::role/${bucket}`,
      encryption: { mode: encryption, kms_key_arn: key },
    };
    const context = { organization: "org_1", externalId, allowInsecureEndpoint: true };
    return definition.customer?.guide(given, context).artifacts.find((one) => one.id === id)?.content ?? "";
  }

  async function delivered(encryption: S3Encryption, under: string = prefix): Promise<DeliveryResult> {
    await using sink = definition.create(
      {
        bucket,
        prefix: under,
        endpoint: value("RGW_ENDPOINT"),
        forcePathStyle: true,
        encryption,
        credentials: { assumeRole: { roleArn: `arn:aws:iam:::role/${bucket}`, externalId } },
      },
      sinkContext(),
    );
    return await sink.deliver(someChunk(sink), deliveryContext());
  }

  beforeAll(async () => {
    if (missing !== undefined) return;
    await owner().send(new CreateBucketCommand({ Bucket: bucket }));
    // No request with an external id meets a condition on it here, so the trust stands without it.
    const trust = JSON.stringify(JSON.parse(policyFor("sse-kms", "trust-policy")), (member, one: unknown) =>
      member === "Condition" ? undefined : one,
    );
    await admin("role", "create", name, "--path=/", `--assume-role-policy-doc=${trust}`);
    const permissions = policyFor("sse-kms", "permission-policy");
    await admin("role-policy", "put", name, "--policy-name=write", `--policy-doc=${permissions}`);
    return async () => {
      await admin("role-policy", "delete", name, "--policy-name=write");
      await admin("role", "delete", name);
      await admin("bucket", "rm", `--bucket=${bucket}`, "--purge-objects");
    };
  });

  it("are taken as they are, let the sink write as it does, and refuse other encryption", async (context) => {
    context.skip(missing !== undefined, missing);
    const kms: S3Encryption = { mode: "sse-kms", kmsKeyArn: value("RGW_KMS_KEY_ID") };
    const refused = { status: "blocked", error: { code: "access_denied" } };
    // Without the policy the bucket refuses nothing that the role may do.
    expect(await delivered(kms)).toMatchObject({ status: "delivered" });
    const named = "arn:aws:kms:us-east-1:444455556666:key/1234abcd-12ab-34cd-56ef-1234567890ab";
    for (const key of [named, undefined]) {
      const policy = policyFor("sse-kms", "bucket-policy", key);
      expect(policy.includes("DenyOtherKey")).toBe(key !== undefined);
      await owner().send(new PutBucketPolicyCommand({ Bucket: bucket, Policy: policy }));
      const { Policy: kept } = await owner().send(new GetBucketPolicyCommand({ Bucket: bucket }));
      expect(JSON.parse(kept ?? "")).toEqual(JSON.parse(policy));
    }
    expect(await delivered(kms)).toMatchObject({ status: "delivered" });
    expect(await delivered({ mode: "sse-s3" })).toMatchObject(refused);
    // It allows nothing besides.
    expect(await delivered(kms, "other/")).toMatchObject(refused);
  });

  it("turn round with the encryption that is chosen", async (context) => {
    context.skip(missing !== undefined, missing);
    const policy = policyFor("sse-s3", "bucket-policy");
    await owner().send(new PutBucketPolicyCommand({ Bucket: bucket, Policy: policy }));
    expect(await delivered({ mode: "sse-kms", kmsKeyArn: value("RGW_KMS_KEY_ID") })).toMatchObject({
      status: "blocked",
      error: { code: "access_denied" },
    });
  });
});
