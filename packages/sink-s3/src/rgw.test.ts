import { createHash } from "node:crypto";
import { PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { AssumeRoleCommand, STSClient } from "@aws-sdk/client-sts";
import type { Sink, VerificationStep } from "@headgate/core";
import { deliveryContext, sinkConformance } from "@headgate/sink-testkit";
import type { Fault, SinkHarness } from "@headgate/sink-testkit";
import { startStrictSts } from "@headgate/sink-testkit/s3";
import { afterAll, beforeAll, describe, expect, it, test } from "vitest";
import type { S3SinkOptions } from "./options.ts";
import { sessionPolicy } from "./session-policy.ts";
import { resolveSettings } from "./settings.ts";
import { someChunk } from "./testing/fake.ts";
import { receivedObjects } from "./testing/received.ts";
import { ownPrefix, rgw, rgwMissing } from "./testing/rgw.ts";
import type { Rgw, RgwRole } from "./testing/rgw.ts";

const missing = rgwMissing("RGW_ENDPOINT");
const unable = (context: { skip(condition: boolean, note?: string): void }): void =>
  context.skip(missing !== undefined, missing);

const verify = (sink: Sink): Promise<VerificationStep[]> =>
  Array.fromAsync(sink.verify?.({ signal: new AbortController().signal }) ?? []);

const assumes = (roleArn = "", durationSeconds = 3600): Partial<S3SinkOptions> => ({
  credentials: { assumeRole: { roleArn, durationSeconds } },
});

describe("s3Sink on a real S3 server", () => {
  let server: Rgw;
  let role: RgwRole;
  beforeAll(async () => {
    if (missing !== undefined) return;
    server = rgw();
    role = await server.role();
  });
  afterAll(async () => {
    await role?.[Symbol.asyncDispose]();
  });

  it("writes with a role that may only write, under a key that names the bytes", async (context) => {
    unable(context);
    const prefix = ownPrefix();
    await using sink = server.sink(role.arn, { prefix, compression: "gzip" });
    const chunk = someChunk(sink);
    const result = await sink.deliver(chunk, deliveryContext());
    const [object] = await server.objects(prefix);
    const bytes = (await object?.read()) ?? new Uint8Array();
    const sha1 = createHash("sha1").update(bytes).digest("hex");
    const key = `${prefix}year=2025/month=07/day=16/hour=09/2025-07-16T09:52:30_${sha1}.json.gz`;
    expect(result).toMatchObject({ status: "delivered", receipt: key, object: { key } });
    expect(object?.key).toBe(key);
  });

  it("takes 412 for its own earlier write", async (context) => {
    unable(context);
    const prefix = ownPrefix();
    await using first = server.sink(role.arn, { prefix });
    await using second = server.sink(role.arn, { prefix });
    for (const sink of [first, second, first]) {
      expect(await sink.deliver(someChunk(sink), deliveryContext())).toMatchObject({ status: "delivered" });
    }
    expect(await server.objects(prefix)).toHaveLength(1);
  });

  it("is held while the role's permission is away, and goes on when it is back", async (context) => {
    unable(context);
    await using own = await server.role();
    const prefix = ownPrefix();
    await using sink = server.sink(own.arn, { prefix });
    const [before, after] = [someChunk(sink, 1), someChunk(sink, 4)];
    expect(await sink.deliver(before, deliveryContext())).toMatchObject({ status: "delivered" });
    await own.deny();
    const blocked = { status: "blocked", error: { code: "access_denied", vendorCode: "AccessDenied" } };
    expect(await sink.deliver(after, deliveryContext())).toMatchObject(blocked);
    await own.allow();
    expect(await sink.deliver(after, deliveryContext())).toMatchObject({ status: "delivered" });
    expect(await server.objects(prefix)).toHaveLength(2);
  });

  it("finishes a window that was sealed under the stream's old prefix", async (context) => {
    unable(context);
    const old = ownPrefix();
    await using before = server.sink(role.arn, { prefix: old });
    await using sink = server.sink(role.arn, { prefix: ownPrefix() });
    expect(await sink.deliver(someChunk(before), deliveryContext())).toMatchObject({ status: "delivered" });
    expect(await server.objects(old)).toHaveLength(1);
  });

  it("narrows its sessions to the prefix, whatever the role allows", async (context) => {
    unable(context);
    const prefix = ownPrefix();
    const settings = resolveSettings(
      { bucket: server.bucket, prefix, roleArn: role.arn, endpoint: "https://s3.example.com" },
      undefined,
    );
    const client = { endpoint: server.env["RGW_ENDPOINT"] ?? "", region: "us-east-1", forcePathStyle: true };
    const sts = new STSClient({ ...client, credentials: server.platform });
    const request = {
      RoleArn: role.arn,
      RoleSessionName: "narrowed",
      Policy: sessionPolicy(settings, prefix, role.arn),
    };
    const { Credentials: given } = await sts.send(new AssumeRoleCommand(request));
    const credentials = {
      accessKeyId: given?.AccessKeyId ?? "",
      secretAccessKey: given?.SecretAccessKey ?? "",
      sessionToken: given?.SessionToken ?? "",
    };
    const s3 = new S3Client({ ...client, credentials });
    const put = (Key: string): Promise<unknown> =>
      s3.send(new PutObjectCommand({ Bucket: server.bucket, Key, Body: "x" }));
    await put(`${prefix}_inside`);
    await expect(put(`${ownPrefix()}_outside`)).rejects.toMatchObject({ name: "AccessDenied" });
  });

  it("asks for KMS encryption and sees it in the reply", async (context) => {
    unable(context);
    const kmsKeyArn = server.env["RGW_KMS_KEY_ID"] ?? "";
    await using sink = server.sink(role.arn, { prefix: ownPrefix(), encryption: { mode: "sse-kms", kmsKeyArn } });
    expect(await sink.deliver(someChunk(sink), deliveryContext())).toMatchObject({ status: "delivered" });
  });

  it("is held when the server does not confirm the encryption", async (context) => {
    unable(context);
    await using sink = server.sink(role.arn, { prefix: ownPrefix(), encryption: { mode: "sse-s3" } });
    const blocked = { status: "blocked", error: { code: "encryption_mismatch" } };
    const chunk = someChunk(sink);
    expect(await sink.deliver(chunk, deliveryContext())).toMatchObject(blocked);
    expect(await sink.deliver(chunk, deliveryContext())).toMatchObject(blocked);
  });

  it("verifies with s3:PutObject alone, and claims nothing that the server does not check", async (context) => {
    unable(context);
    const kmsKeyArn = server.env["RGW_KMS_KEY_ID"] ?? "";
    const prefix = ownPrefix();
    const options = {
      prefix,
      expectedBucketOwner: "444455556666",
      encryption: { mode: "sse-kms", kmsKeyArn },
    } as const;
    await using sink = server.sink(role.arn, options);
    const statuses = (await verify(sink)).map(({ name, status }) => `${name}: ${status}`);
    expect(statuses).toEqual([
      "credentials: ok",
      "assume role: ok",
      "external id: skipped",
      "write: ok",
      "encryption: ok",
      "owner and region: skipped",
      "least privilege: ok",
    ]);
  });

  it("finds what a role may do beyond writing, and tidies up with it", async (context) => {
    unable(context);
    await using own = await server.role();
    await own.allow(["s3:ListBucket", "s3:DeleteObject"]);
    const prefix = ownPrefix();
    await using sink = server.sink(own.arn, { prefix });
    const step = (await verify(sink)).find(({ name }) => name === "least privilege");
    expect(step).toMatchObject({
      status: "ok",
      detail: expect.stringMatching(/^The role may also list the bucket and delete objects\./) as string,
      fix: expect.stringContaining(`s3:PutObject on arn:aws:s3:::${server.bucket}/${prefix}*`) as string,
    });
    const markers = (): Promise<unknown[]> => server.objects(`${prefix}_headgate/`);
    expect(await markers()).toEqual([]);
    await own.allow();
    expect((await verify(sink)).at(-1)).toMatchObject({ name: "least privilege", status: "ok" });
    expect(await markers()).toHaveLength(1);
  });

  it("verifies whole where a strict STS stands in front of it, and explains a wrong external id and a wrong role", async (context) => {
    unable(context);
    const caller = { ...server.platform, arn: "arn:aws:iam:::user/aud-platform" };
    const upstream = server.env["RGW_ENDPOINT"] ?? "";
    await using sts = await startStrictSts({ callers: [caller], roles: { [role.arn]: {} }, upstream });
    const steps = async (roleArn = role.arn): Promise<Readonly<Record<string, VerificationStep>>> => {
      await using sink = server.sink(roleArn, { endpoint: sts.endpoint, prefix: ownPrefix() });
      return Object.fromEntries((await verify(sink)).map((step) => [step.name, step]));
    };
    sts.roles.set(role.arn, { externalId: "copied-from-elsewhere" });
    expect((await steps())["external id"]?.fix).toMatch(/Compare "sts:ExternalId"/);
    sts.roles.set(role.arn, { externalId: "sink-s3-test" });
    expect(await steps()).toMatchObject({
      "assume role": { status: "ok" },
      "external id": { status: "ok" },
      write: { status: "ok" },
    });
    const nobody = "arn:aws:iam:::role/nobody";
    expect((await steps(nobody))["assume role"]?.fix).toContain(`the role ${nobody} exists, spelled exactly so`);
    await using direct = server.sink(nobody);
    expect((await verify(direct))[1]?.fix).toMatch(/the server does not know it\.$/);
  });

  it("explains what a verification meets", async (context) => {
    unable(context);
    const found = async (options: Partial<S3SinkOptions>): Promise<string | undefined> => {
      await using sink = server.sink(role.arn, { prefix: ownPrefix(), ...options });
      return (await verify(sink)).find(({ status }) => status === "failed")?.name;
    };
    expect(await found(assumes("arn:aws:iam:::role/nobody"))).toBe("assume role");
    expect(await found(assumes(process.env["RGW_ROLE_EXTID_ARN"]))).toBe("assume role");
    expect(await found({ bucket: "no-such-bucket-4711" })).toBe("write");
    expect(await found({ bucket: process.env["RGW_OTHER_BUCKET"] ?? "", expectedBucketOwner: "1" })).toBe("write");
    expect(await found({ encryption: { mode: "sse-s3" } })).toBe("encryption");
  });

  it.for([
    ["another bucket", { bucket: process.env["RGW_OTHER_BUCKET"] ?? "" }, "access_denied"],
    ["a bucket that is not there", { bucket: "no-such-bucket-4711" }, "destination_missing"],
    ["a role that is not there", assumes("arn:aws:iam:::role/nobody"), "access_denied"],
    ["a role that trusts others", assumes(process.env["RGW_ROLE_WEB_ARN"]), "access_denied"],
    ["a session longer than the role's", assumes(process.env["RGW_ROLE_ARN"], 43_200), "destination_misconfigured"],
  ] as const)("is held by %s", async ([, options, code], context) => {
    unable(context);
    await using sink = server.sink(role.arn, options);
    expect(await sink.deliver(someChunk(sink), deliveryContext())).toMatchObject({
      status: "blocked",
      error: { code },
    });
  });

  const harness: SinkHarness = {
    faults: ["denied"],
    secrets: [process.env["RGW_AUD_SECRET_ACCESS_KEY"] ?? "no server"],
    open() {
      const prefix = ownPrefix();
      let denied = false;
      async function script(faults: readonly Fault[]): Promise<void> {
        const deny = faults.some(({ kind }) => kind === "denied");
        if (deny !== denied) await (deny ? role.deny() : role.allow());
        denied = deny;
      }
      return {
        script,
        create: (overrides) => server.sink(role.arn, { prefix }, overrides),
        async received() {
          const objects = await server.objects(prefix);
          // Without the prefix, which every destination of this harness has its own of.
          const read = objects.map(async (object) => ({
            key: object.key.slice(prefix.length),
            bytes: await object.read(),
          }));
          return receivedObjects(await Promise.all(read));
        },
        [Symbol.asyncDispose]: () => script([]),
      };
    },
  };
  sinkConformance({
    test: (name, body) =>
      // oxlint-disable-next-line vitest/valid-title vitest/expect-expect -- the kit names its checks and asserts in them
      test(name, async (context) => {
        unable(context);
        await body();
      }),
    harness,
  });
});
