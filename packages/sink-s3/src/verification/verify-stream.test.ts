import type { Secret, VerificationStep } from "@headgate/core";
import { secret } from "@headgate/core";
import type { S3Permission, S3Role } from "@headgate/sink-testkit/s3";
import { describe, expect, it } from "vitest";
import type { S3SinkOptions } from "../options.ts";
import { bucket, everything, externalId, owner, partsOnAws, platform, roleArn, startFake } from "../testing/fake.ts";
import type { Fake, SinkParts } from "../testing/fake.ts";
import { verifyStream } from "./verify-stream.ts";

const all = `arn:aws:s3:::${bucket}/*`;
const key = "arn:aws:kms:us-east-1:444455556666:key/1";
const writing: S3Permission = { actions: ["s3:PutObject"], resources: [all] };
const encrypting: S3Permission = { actions: ["kms:GenerateDataKey"], resources: [key] };
const good: Partial<S3SinkOptions> = {
  expectedBucketOwner: owner,
  encryption: { mode: "sse-kms", kmsKeyArn: key, bucketKey: true },
};
const names = [
  "credentials",
  "assume role",
  "external id",
  "write",
  "encryption",
  "owner and region",
  "least privilege",
];

/** A bucket and a role as a customer sets them up, and what the role is like otherwise. */
const customer = (role: Partial<S3Role> = {}): Promise<Fake> =>
  startFake({
    roles: [{ arn: roleArn, trust: [platform.arn, "web"], externalId, permissions: [writing, encrypting], ...role }],
    webIdentityTokens: ["token"],
  });

const run = (parts: SinkParts, signal = new AbortController().signal): Promise<VerificationStep[]> =>
  Array.fromAsync(verifyStream({ ...parts, signal }));

/** Steps by their names. */
async function verify(parts: SinkParts): Promise<Record<string, VerificationStep>> {
  const steps = await run(parts);
  expect(JSON.stringify(steps)).not.toMatch(/platform-secret|hg-7f3e9a51|token"/);
  for (const { status, fix } of steps) expect(status === "failed" ? (fix ?? "") : "-").not.toBe("");
  return Object.fromEntries(steps.map((step) => [step.name, step]));
}

const onAws = (fake: Fake, options?: Partial<S3SinkOptions>): Promise<Record<string, VerificationStep>> =>
  verify(partsOnAws(fake, { ...good, ...options }));

/** By another server than Amazon's. */
async function elsewhere(fake: Fake, options?: Partial<S3SinkOptions>): Promise<Record<string, VerificationStep>> {
  const parts = partsOnAws(fake, { ...good, ...options });
  const settings = { ...parts.settings, destination: { ...parts.settings.destination, aws: false } };
  return verify({ ...parts, settings });
}

const ok = { status: "ok" };
const failed = (detail: RegExp, fix: RegExp): object => ({
  status: "failed",
  detail: expect.stringMatching(detail) as string,
  fix: expect.stringMatching(fix) as string,
});
const skipped = (detail: RegExp): object => ({ status: "skipped", detail: expect.stringMatching(detail) as string });

describe("verifyStream", () => {
  it("is content with s3:PutObject and kms:GenerateDataKey", async () => {
    await using fake = await customer();
    const steps = await run(partsOnAws(fake, good));
    expect(steps.map(({ name }) => name)).toEqual(names);
    expect(steps.filter(({ status, fix }) => status !== "ok" || fix !== undefined)).toEqual([]);
    const objects = fake.server.objects(bucket);
    expect(objects).toMatchObject([{ encryption: { algorithm: "aws:kms", keyId: key }, versions: 1 }]);
    expect(objects[0]?.key).toMatch(/^headgate\/_headgate\/verify-[\w-]+-\d{8}T\d{9}Z-[0-9a-f]{8}$/);
  });

  it("asks the role anew, whatever delivery holds", async () => {
    await using fake = await customer();
    const parts = partsOnAws(fake, good);
    await parts.access.under("headgate/").sessions.current();
    fake.server.roles[0]!.trust = [];
    expect(await verify(parts)).toMatchObject({
      "assume role": failed(/does not let the platform assume the role.*not authorized/, /trust policy/),
      "external id": skipped(/no session/),
      "least privilege": skipped(/no session/),
    });
  });

  it.each(names.slice(0, -1))("goes no further than it is told to after the step %s", async (last) => {
    await using fake = await customer();
    const [controller, reason] = [new AbortController(), new Error("shutdown")];
    const steps = (async (): Promise<void> => {
      for await (const { name } of verifyStream({ ...partsOnAws(fake, good), signal: controller.signal })) {
        if (name === last) controller.abort(reason);
      }
    })();
    await expect(steps).rejects.toBe(reason);
  });

  it("does not begin to wait once it has been told to stop", async () => {
    await using fake = await customer();
    fake.server.faults.add({ on: "AssumeRole", kind: "hang" });
    const [controller, reason] = [new AbortController(), new Error("shutdown")];
    const steps = verifyStream({ ...partsOnAws(fake, good), signal: controller.signal })[Symbol.asyncIterator]();
    expect(await steps.next()).toMatchObject({ value: { name: "credentials" } });
    controller.abort(reason);
    await expect(steps.next()).rejects.toBe(reason);
  });

  it.each([
    ["AssumeRole", 0],
    ["AssumeRole", 1],
    ["AssumeRole", 2],
    ["PutObject", 0],
    ["AssumeRole", 3],
    ["ListObjectsV2", 0],
    ["GetObject", 0],
    ["DeleteObject", 0],
  ] as const)("waits for no answer once it is told to stop (%s, after %i)", async (on, before) => {
    await using fake = await customer();
    if (before > 0) fake.server.faults.add({ on, kind: "slow", ms: 0, times: before });
    fake.server.faults.add({ on, kind: "hang" });
    const [controller, reason] = [new AbortController(), new Error("shutdown")];
    const steps = run(partsOnAws(fake, good), controller.signal).catch((error: unknown) => error);
    await expect.poll(() => fake.server.requests.at(-1)).toMatchObject({ operation: on, status: 0 });
    controller.abort(reason);
    expect(await steps).toBe(reason);
  });
});

describe("the external id", () => {
  it("fails where the trust policy has no condition on it", async () => {
    await using fake = await customer();
    delete fake.server.roles[0]!.externalId;
    const steps = await onAws(fake);
    const fix = /StringEquals.*sts:ExternalId/;
    expect(steps["external id"]).toMatchObject(failed(/without an external id.*no condition/, fix));
    // The bucket may be another customer's: nothing is written there with such a role.
    const untried = skipped(/must insist on the external id first/);
    expect(steps).toMatchObject({ write: untried, "least privilege": untried });
    expect(fake.server.objects(bucket)).toEqual([]);
  });

  it("fails where the trust policy takes any", async () => {
    await using fake = await customer();
    delete fake.server.roles[0]!.externalId;
    fake.server.faults.add({ on: "AssumeRole", kind: "slow", ms: 0 });
    fake.server.faults.add({ on: "AssumeRole", kind: "error", status: 403, code: "AccessDenied" });
    const steps = await onAws(fake);
    expect(steps["external id"]).toMatchObject(failed(/with a wrong external id.*takes any/, /StringEquals/));
  });

  it("sends none, and then a fresh wrong one", async () => {
    await using fake = await customer();
    const parts = partsOnAws(fake, good);
    await run(parts);
    await run(parts);
    const sent = fake.server.requests
      .filter(({ operation }) => operation === "AssumeRole")
      .map(({ form }) => form["ExternalId"]);
    const [, without, wrong, right, , , another] = sent;
    expect({ without, right, count: sent.length }).toEqual({ without: undefined, right: externalId, count: 8 });
    expect(wrong).toMatch(/^headgate-verify-/);
    expect(another).toMatch(/^headgate-verify-/);
    expect(another).not.toBe(wrong);
  });

  it("fails where none is set, on AWS", async () => {
    await using fake = await customer({ externalId: undefined as never });
    const credentials = { assumeRole: { roleArn } };
    expect(await onAws(fake, { credentials })).toMatchObject({
      "external id": failed(/None is set/, /external_id.*StringEquals/),
      write: ok,
    });
    expect(await elsewhere(fake, { credentials })).toMatchObject({ "external id": skipped(/None is set/) });
  });

  it("says that the role cannot be assumed when the stream's own is wrong", async () => {
    await using fake = await customer();
    const credentials = { assumeRole: { roleArn, externalId: "hg-of-somebody-else" } };
    expect(await onAws(fake, { credentials })).toMatchObject({
      "assume role": failed(/does not let the platform/, /asks for this stream's external id/),
      "external id": skipped(/no session/),
    });
  });

  it.each([
    ["throttling", { kind: "error", status: 400, code: "Throttling" }],
    ["a closed connection", { kind: "cut", afterEffect: false }],
    ["a proxy's page", { kind: "reply", status: 403, body: "<html>no</html>" }],
    ["a key that is refused", { kind: "error", status: 403, code: "InvalidClientTokenId" }],
    ["a clock that is off", { kind: "error", status: 403, code: "SignatureDoesNotMatch" }],
    ["a server's fault", { kind: "error", status: 500, code: "InternalFailure" }],
  ] as const)("takes %s for no refusal", async (_, fault) => {
    for (const refusals of [0, 1]) {
      await using fake = await customer();
      fake.server.faults.add({ on: "AssumeRole", kind: "slow", ms: 0, times: 1 + refusals });
      fake.server.faults.add({ ...fault, on: "AssumeRole" });
      expect(await onAws(fake)).toMatchObject({
        "external id": failed(/^Whether the role is refused with.* is not known\. STS /, /Verify the stream again/),
        write: ok,
      });
    }
  });

  it("takes a bare 403 for a refusal where the server is not Amazon's", async () => {
    await using fake = await customer();
    fake.server.faults.add({ on: "AssumeRole", kind: "slow", ms: 0 });
    fake.server.faults.add({ on: "AssumeRole", kind: "reply", status: 403, body: "<Error/>" });
    expect(await elsewhere(fake)).toMatchObject({ "external id": ok });
    fake.server.faults.add({ on: "AssumeRole", kind: "slow", ms: 0 });
    fake.server.faults.add({ on: "AssumeRole", kind: "reply", status: 404, body: "<Error/>" });
    expect(await elsewhere(fake)).toMatchObject({ "external id": { status: "failed" } });
  });

  it.each([externalId, undefined])("is not claimed to hold on Ceph, which compares none", async (required) => {
    const role = { arn: roleArn, trust: [platform.arn], permissions: [writing, encrypting] };
    await using fake = await startFake({
      roles: [{ ...role, ...(required === undefined ? {} : { externalId: required }) }],
      requestId: "tx000000000000000000001-0068a5f7-1008-default",
    });
    expect(await elsewhere(fake)).toMatchObject({ "external id": skipped(/Ceph.*compares none/), write: ok });
    const aws = await onAws(fake);
    expect(aws["external id"]?.status).toBe(required === undefined ? "failed" : "ok");
  });

  it.each([
    ["token", ok, ok],
    [undefined, failed(/with a token of another organization/, /token's sub/), skipped(/must insist/)],
  ])("is the token's subject with web identity: a role that trusts %s", async (webToken, step, write) => {
    const webIdentityTokens = ["token", "foreign"];
    const role = { arn: roleArn, trust: ["web"], permissions: [writing, encrypting] };
    await using fake = await startFake({ webIdentityTokens, roles: [{ ...role, ...(webToken && { webToken }) }] });
    const webIdentityToken = ({ organization }: { organization: string }): Promise<Secret> =>
      Promise.resolve(secret(organization === "org_1" ? "token" : "foreign"));
    const credentials = { webIdentity: { roleArn } };
    const parts = partsOnAws(fake, { ...good, credentials }, { webIdentityToken });
    expect(await verify(parts)).toMatchObject({ credentials: ok, "assume role": ok, "external id": step, write });
    // Delivery asks for itself, whether anybody verifies or not.
    const session = parts.access.under("headgate/").sessions.current();
    if (webToken === undefined) await expect(session).rejects.toMatchObject({ name: "RoleWithoutSubject" });
    else expect((await session).identity.sessionToken).toBeTypeOf("string");
  });
});

describe("the platform's credentials", () => {
  it("are what everything rests on", async () => {
    await using fake = await customer();
    const baseCredentials = (): Promise<never> =>
      Promise.reject(Object.assign(new Error("none"), { name: "CredentialsProviderError" }));
    const steps = await verify(partsOnAws(fake, good, { baseCredentials }));
    expect(Object.keys(steps)).toEqual(names);
    expect(steps["credentials"]).toMatchObject(failed(/has no AWS credentials/, /environment/));
    for (const name of names.slice(1)) expect(steps[name]).toMatchObject(skipped(/no credentials/));
    expect(fake.server.requests).toEqual([]);
  });

  it("are asked for again when they are over", async () => {
    await using fake = await customer();
    const asked: boolean[] = [];
    const baseCredentials = (options?: { readonly forceRefresh?: boolean }): Promise<typeof platform> => {
      asked.push(options?.forceRefresh === true);
      return Promise.resolve(platform);
    };
    fake.server.faults.add({ on: "AssumeRole", kind: "error", status: 403, code: "ExpiredToken" });
    expect(await verify(partsOnAws(fake, good, { baseCredentials }))).toMatchObject({ "assume role": ok, write: ok });
    expect(asked).toContain(true);
  });

  it("write by themselves to the operator's own bucket", async () => {
    await using fake = await customer();
    expect(await onAws(fake, { credentials: "defaultChain" })).toMatchObject({
      credentials: ok,
      "assume role": skipped(/No role/),
      "external id": skipped(/No role/),
      write: ok,
      encryption: ok,
      "owner and region": ok,
      "least privilege": { status: "ok", detail: expect.stringMatching(/^These credentials may also/) as string },
    });
    expect(fake.server.requests.some(({ operation }) => operation === "AssumeRole")).toBe(false);
  });

  it("are not needed where the stream has keys of its own", async () => {
    await using fake = await customer();
    expect(await elsewhere(fake, everything)).toMatchObject({
      credentials: skipped(/keys of its own/),
      "assume role": skipped(/No role/),
      "external id": skipped(/No role/),
      write: ok,
      "least privilege": {
        status: "ok",
        detail: expect.stringMatching(/^These credentials may also list the bucket and read objects and/) as string,
        fix: expect.stringContaining(`s3:PutObject on arn:aws:s3:::${bucket}/headgate/*`) as string,
      },
    });
  });
});

describe("the write", () => {
  it.each([
    ["the permission", [encrypting], /s3:PutObject/],
    ["the right to use the key", [writing], /Allow kms:GenerateDataKey on arn:aws:kms.*key's own policy/],
  ])("fails without %s", async (_, permissions, fix) => {
    await using fake = await customer({ permissions });
    expect(await onAws(fake)).toMatchObject({
      write: failed(/does not allow the write/, fix),
      encryption: skipped(/nothing could be written/),
      "owner and region": skipped(/the owner is not what is wrong/),
      "least privilege": skipped(/nothing could be written/),
    });
    expect(fake.server.objects(bucket)).toEqual([]);
  });

  it("fails when the key is disabled", async () => {
    await using fake = await customer();
    fake.server.faults.add({ kind: "error", status: 400, code: "KMS.DisabledException" });
    expect(await onAws(fake)).toMatchObject({
      write: failed(/key is disabled/, /Enable the key/),
      encryption: skipped(/nothing/),
      "owner and region": skipped(/nothing/),
    });
  });
});

describe("the encryption", () => {
  it("fails when the reply shows another", async () => {
    await using fake = await customer();
    fake.server.encryption = "ignore";
    const steps = await onAws(fake);
    expect(steps["encryption"]).toMatchObject(failed(/no encryption where aws:kms was asked for/, /./));
    expect(steps).toMatchObject({ write: ok, "owner and region": ok, "least privilege": ok });
  });

  it("is the bucket's where the stream asks for none", async () => {
    await using fake = await customer();
    expect(await onAws(fake, { encryption: { mode: "none" } })).toMatchObject({ encryption: skipped(/AES256/) });
  });
});

describe("owner and region", () => {
  it("fails for a bucket that is somebody else's, and leaves nothing there", async () => {
    await using fake = await customer();
    fake.server.buckets[0]!.owner = "777788889999";
    const step = failed(
      /belongs to another account than 444455556666/,
      /expected_bucket_owner.*passed to somebody else/,
    );
    expect(await onAws(fake)).toMatchObject({
      write: failed(/does not allow the write/, /expected_bucket_owner.*passed to somebody else/),
      "owner and region": step,
    });
    expect(fake.server.objects(bucket)).toEqual([]);
  });

  it("fails for a bucket in another region, and names it", async () => {
    await using fake = await customer();
    fake.server.buckets[0]!.region = "eu-west-1";
    expect(await onAws(fake)).toMatchObject({
      write: failed(/in another region/, /region to "eu-west-1"/),
      "owner and region": failed(/than "us-east-1"/, /region to "eu-west-1"/),
    });
  });

  it("recommends an owner where none is named", async () => {
    await using fake = await customer();
    const parts = partsOnAws(fake, { encryption: { mode: "sse-s3" } });
    expect((await verify(parts))["owner and region"]).toMatchObject({
      status: "ok",
      detail: expect.stringContaining("names no owner") as string,
      fix: expect.stringContaining('("444455556666" if the bucket is in the role\'s account)') as string,
    });
  });

  it("claims nothing for a server that does not compare owners", async () => {
    await using fake = await customer();
    expect(await elsewhere(fake)).toMatchObject({ "owner and region": ok });
    expect(fake.server.objects(bucket)).toHaveLength(1);
    fake.server.faults.add({ kind: "slow", ms: 0 });
    fake.server.faults.add({ kind: "error", status: 412, code: "PreconditionFailed" });
    expect(await elsewhere(fake)).toMatchObject({ "owner and region": skipped(/takes any owner/) });
  });
});

describe("least privilege", () => {
  it("reports what the role may do beyond writing, though delivery's sessions may not", async () => {
    const more = { actions: ["s3:*"], resources: [`arn:aws:s3:::${bucket}`, all] };
    await using fake = await customer({ permissions: [more, encrypting] });
    const { "least privilege": step } = await onAws(fake);
    expect(step).toMatchObject({
      status: "ok",
      detail: expect.stringMatching(
        /^The role may also list the bucket and read objects and delete objects\./,
      ) as string,
      fix: `Narrow the role's permission to s3:PutObject on ${all.replace("/*", "/headgate/*")}, and to kms:GenerateDataKey on ${key}.`,
    });
    expect(fake.server.objects(bucket)).toEqual([]);
  });

  it("says which of the probes came to nothing", async () => {
    await using fake = await customer({ permissions: [writing, encrypting] });
    fake.server.faults.add({ on: "GetObject", kind: "error", status: 503, code: "SlowDown" });
    expect((await onAws(fake))["least privilege"]).toMatchObject(
      skipped(/Whether it may read objects is not known: S3 asks to slow down/),
    );
    fake.server.faults.add({ on: "AssumeRole", kind: "slow", ms: 0, times: 3 });
    fake.server.faults.add({ on: "AssumeRole", kind: "error", status: 400, code: "Throttling" });
    expect((await onAws(fake))["least privilege"]).toMatchObject(skipped(/no session could be had.*slow down/));
  });

  it("deletes nothing in a bucket with Object Lock", async () => {
    const more = { actions: ["s3:*"], resources: [`arn:aws:s3:::${bucket}`, all] };
    await using fake = await customer({ permissions: [more, encrypting] });
    fake.server.buckets[0]!.objectLock = true;
    const steps = await onAws(fake, { objectLock: { mode: "governance", retainDays: 1 } });
    expect(steps).toMatchObject({
      "least privilege": { status: "ok", detail: expect.stringMatching(/Deleting was not tried/) as string },
      "object lock": skipped(/Not tried/),
    });
    expect(fake.server.requests.map(({ operation }) => operation)).not.toContain("DeleteObject");
    expect(fake.server.objects(bucket)).toHaveLength(1);
  });
});
