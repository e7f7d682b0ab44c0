import { secret } from "@headgate/core";
import { sinkContext } from "@headgate/sink-testkit";
import { describe, expect, it } from "vitest";
import { s3OptionsFromConfig } from "./from-config.ts";
import type { S3SinkOptions } from "./options.ts";
import { s3OptionsSchema } from "./schema.ts";
import { resolveSettings } from "./settings.ts";
import { s3Sink } from "./s3-sink.ts";

const roleArn = "arn:aws:iam::444455556666:role/headgate";
const good: S3SinkOptions = { bucket: "acme-logs", region: "eu-west-1", roleArn };
const resolve = (options: Partial<S3SinkOptions>): ReturnType<typeof resolveSettings> =>
  resolveSettings({ ...good, ...options }, "acme-s3");
const withKeys: Partial<S3SinkOptions> = {
  roleArn: undefined as never,
  credentials: { static: { accessKeyId: "AKIA", secretAccessKey: secret("s3cr3t") } },
};

describe("resolveSettings", () => {
  it("takes a role's ARN alone, and shares the bound of requests by bucket on AWS", () => {
    const { credentials, destination } = resolve({});
    expect(credentials).toEqual({ kind: "assumeRole", role: { roleArn } });
    expect(destination).toMatchObject({ aws: true, host: "acme-logs.s3.eu-west-1.amazonaws.com", guarded: false });
  });

  it.each([
    ["https://minio.example.com:9000", {}, "acme-logs.minio.example.com:9000"],
    ["https://minio.example.com:9000", { forcePathStyle: true }, "minio.example.com:9000/acme-logs"],
    ["https://s3.eu-west-1.amazonaws.com", {}, "acme-logs.s3.eu-west-1.amazonaws.com"],
    ["https://s3.eu-west-1.amazonaws.com", { forcePathStyle: true }, "s3.eu-west-1.amazonaws.com/acme-logs"],
  ])("shares the bound of requests to %s by bucket with %j", (endpoint, style, host) => {
    expect(resolve({ endpoint, ...style }).destination.host).toBe(host);
    const sink = s3Sink().create({ ...good, endpoint, ...style }, sinkContext());
    expect(sink.host).toBe(host);
  });

  it.each([
    ["https://minio.example.com:9000", true],
    ["https://s3.eu-west-1.amazonaws.com", false],
    ["https://bucket.vpce-0a1b-2c3d.s3.eu-west-1.vpce.amazonaws.com", true],
    ["https://bucket.vpce-0a1b-2c3d.s3.cn-north-1.vpce.amazonaws.com.cn", true],
  ])("guards the addresses of %s: %s, and none where the operator allows it", (endpoint, guarded) => {
    expect(resolve({ endpoint }).destination.guarded).toBe(guarded);
    expect(resolve({ endpoint, allowInsecureEndpoint: true }).destination.guarded).toBe(false);
  });

  it.each([
    ["s3.eu-west-1.amazonaws.com", true],
    ["s3-fips.us-gov-west-1.amazonaws.com", true],
    ["s3.dualstack.eu-west-1.amazonaws.com", true],
    ["s3.cn-north-1.amazonaws.com.cn", true],
    ["bucket.vpce-0a1b-2c3d.s3.eu-west-1.vpce.amazonaws.com", true],
    ["my-balancer-123.eu-west-1.elb.amazonaws.com", false],
    ["s3-123.eu-west-1.elb.amazonaws.com", false],
    ["ec2-203-0-113-7.compute.amazonaws.com", false],
    ["s3.eu-west-1.amazonaws.com.example.com", false],
  ])("knows whether %s is S3 itself: %s", (host, aws) => {
    expect(resolve({ endpoint: `https://${host}` }).destination.aws).toBe(aws);
  });

  it.each([
    ["a bucket that is no name", { bucket: "Acme/Logs" }, /bucket/],
    ["a directory bucket", { bucket: "acme--euw1-az1--x-s3" }, /directory bucket/],
    ["a region that would change the host", { region: "evil.example/#" }, /region/],
    ["a prefix with a wildcard", { prefix: "logs*/" }, /prefix/],
    ["a prefix with a leading slash", { prefix: "/logs/" }, /slash/],
    ["a prefix that climbs", { prefix: "a/../b/" }, /\.\./],
    ["a prefix whose names readers skip", { prefix: "_logs/" }, /readers skip/],
    ["a prefix that hides its folder", { prefix: "a/.b/" }, /readers skip/],
    ["a prefix that hides its names", { prefix: "a/_" }, /readers skip/],
    ["a prefix that leaves no room for the key", { prefix: "a".repeat(901) }, /900/],
    ["plain http", { endpoint: "http://minio.example.com" }, /allow_insecure_endpoint/],
    ["a loopback address", { endpoint: "https://127.0.0.1:9000" }, /allow_insecure_endpoint/],
    ["a loopback address in disguise", { endpoint: "https://2130706433/" }, /allow_insecure_endpoint/],
    ["the metadata service", { endpoint: "https://[::ffff:169.254.169.254]/" }, /allow_insecure_endpoint/],
    ["a private name", { endpoint: "https://minio.localhost" }, /allow_insecure_endpoint/],
    ["an endpoint with a password", { endpoint: "https://a:b@minio.example.com" }, /bare URL/],
    ["an endpoint that is no URL", { endpoint: "minio" }, /no URL/],
    ["static keys for AWS", withKeys, /S3-compatible/],
    [
      "static keys for an AWS endpoint",
      { ...withKeys, endpoint: "https://s3.eu-west-1.amazonaws.com" },
      /S3-compatible/,
    ],
    ["two kinds of credentials", { credentials: "defaultChain" as const }, /roleArn/],
    ["a role that is none", { roleArn: "headgate" }, /role_arn/],
    ["an external id with a blank", { externalId: "a b" }, /external_id/],
    ["a KMS alias", { encryption: { mode: "sse-kms", kmsKeyArn: "alias/audit" } as const }, /kms_key_arn/],
    ["a KMS key without KMS", { encryption: { mode: "sse-s3", kmsKeyArn: "x" } as const }, /kms_key_arn/],
    ["a bucket key without KMS", { encryption: { mode: "dsse-kms", bucketKey: true } as const }, /bucket_key/],
    ["an owner that is no account", { expectedBucketOwner: "acme" }, /12 digits/],
    ["a level that gzip lacks", { compression: "gzip", level: 12 } as const, /level/],
    ["too many tags", { tags: Object.fromEntries(Array.from({ length: 11 }, (_, i) => [`t${i}`, ""])) }, /10/],
  ])("refuses %s", (_, options, message) => {
    expect(() => resolve(options)).toThrow(
      expect.objectContaining({ code: "sink_options_invalid", message: expect.stringMatching(message) }),
    );
  });

  it("says everything that is wrong at once", () => {
    expect(() => resolve({ bucket: "X", prefix: "/", region: "?" })).toThrow(/bucket.*region.*prefix/s);
  });

  it("wants a region for AWS, and credentials", () => {
    expect(() => resolveSettings({ bucket: "acme-logs" }, "s")).toThrow(/region is missing.*credentials are missing/s);
  });
});

describe("s3OptionsFromConfig", () => {
  const file = {
    bucket: "acme-logs",
    region: "eu-west-1",
    force_path_style: true,
    expected_bucket_owner: "444455556666",
    credentials: { assume_role: { role_arn: roleArn, external_id: "hg-1", duration_seconds: 900 } },
    encryption: { mode: "sse-kms", kms_key_arn: "arn:aws:kms:eu-west-1:444455556666:key/1", bucket_key: true },
    tags: { cost_center: "a_b" },
    object_lock: { mode: "governance", retain_days: 30 },
    timeouts: { connect_ms: 1 },
  };

  it("turns snake_case into camelCase, and leaves the names of tags alone", () => {
    expect(s3OptionsFromConfig(file, { allowInsecureEndpoint: false })).toEqual({
      bucket: "acme-logs",
      region: "eu-west-1",
      forcePathStyle: true,
      expectedBucketOwner: "444455556666",
      credentials: { assumeRole: { roleArn, externalId: "hg-1", durationSeconds: 900 } },
      encryption: { mode: "sse-kms", kmsKeyArn: "arn:aws:kms:eu-west-1:444455556666:key/1", bucketKey: true },
      tags: { cost_center: "a_b" },
      objectLock: { mode: "governance", retainDays: 30 },
      timeouts: { connectMs: 1 },
    });
  });

  it("wraps secrets, and takes both ways to write the default chain", () => {
    const credentials = { static: { access_key_id: "AKIA", secret_access_key: "s3cr3t" } };
    const options = s3OptionsFromConfig({ ...file, credentials }, { allowInsecureEndpoint: true });
    expect(JSON.stringify(options)).not.toContain("s3cr3t");
    expect(options.allowInsecureEndpoint).toBe(true);
    for (const chain of ["default_chain", { default_chain: {} }]) {
      const { credentials: found } = s3OptionsFromConfig(
        { ...file, credentials: chain },
        { allowInsecureEndpoint: false },
      );
      expect(found).toBe("defaultChain");
    }
  });

  it("has a schema entry for every option, and none for what only the operator may say", () => {
    const { properties } = s3OptionsSchema as { properties: Record<string, unknown> };
    for (const name of Object.keys(file)) expect(properties).toHaveProperty(name);
    expect(properties).not.toHaveProperty("allow_insecure_endpoint");
  });
});

describe("s3Sink", () => {
  it("names every option that holds a secret", () => {
    const { secretOptions } = s3Sink();
    expect(secretOptions).toEqual(["secretAccessKey", "sessionToken"]);
  });

  it("refuses an insecure endpoint of a file unless the operator allows it", () => {
    const file = { bucket: "acme-logs", endpoint: "http://127.0.0.1:7480", credentials: "default_chain" };
    expect(() => s3Sink().fromConfig(file, { allowInsecureEndpoint: false })).toThrow(/allow_insecure_endpoint/);
    expect(s3Sink().fromConfig(file, { allowInsecureEndpoint: true })).toMatchObject({ allowInsecureEndpoint: true });
  });
});
