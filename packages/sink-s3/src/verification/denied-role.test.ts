import type { VerificationStep } from "@headgate/core";
import { sinkContext } from "@headgate/sink-testkit";
import { startStrictSts } from "@headgate/sink-testkit/s3";
import type { StrictSts } from "@headgate/sink-testkit/s3";
import { describe, expect, it } from "vitest";
import { s3Sink } from "../s3-sink.ts";
import { bucket, externalId, partsOnAws, platform, roleArn, startFake } from "../testing/fake.ts";
import type { Fake } from "../testing/fake.ts";
import { deniedRoleFix } from "./denied-role.ts";

/** A server whose own STS takes any external id, and a strict one in front of it. */
async function strictFront(): Promise<{ readonly fake: Fake; readonly sts: StrictSts } & AsyncDisposable> {
  const fake = await startFake({
    roles: [
      {
        arn: roleArn,
        trust: [platform.arn],
        permissions: [{ actions: ["s3:PutObject"], resources: [`arn:aws:s3:::${bucket}/*`] }],
      },
    ],
  });
  const sts = await startStrictSts({
    callers: [platform],
    roles: { [roleArn]: { externalId } },
    upstream: fake.server.endpoint,
  });
  return {
    fake,
    sts,
    async [Symbol.asyncDispose]() {
      await sts[Symbol.asyncDispose]();
      await fake[Symbol.asyncDispose]();
    },
  };
}

/** Verifies as a customer who gave these, by way of the set-up. */
async function verify(
  { endpoint }: StrictSts,
  role_arn: string,
  id = externalId,
): Promise<Record<string, VerificationStep>> {
  const definition = s3Sink({
    baseCredentials: () => Promise.resolve(platform),
    platformPrincipal: platform.arn,
    customerEndpoints: "any",
  });
  const given = { bucket, region: "us-east-1", prefix: "acme/", role_arn, endpoint, force_path_style: true };
  const context = { organization: "org_1", externalId: id, allowInsecureEndpoint: true };
  const options = definition.customer?.options(given, context);
  if (options === undefined) throw new Error("no set-up");
  await using sink = definition.create(options, sinkContext());
  const steps = await Array.fromAsync(sink.verify?.({ signal: new AbortController().signal }) ?? []);
  expect(JSON.stringify(steps)).not.toMatch(/platform-secret|hg-7f3e9a51/);
  return Object.fromEntries(steps.map((step) => [step.name, step]));
}

describe("a role that is denied", () => {
  it("is explained where it does not exist", async () => {
    await using front = await strictFront();
    const missing = "arn:aws:iam::444455556666:role/typing-mistake";
    const steps = await verify(front.sts, missing);
    expect(steps["assume role"]).toMatchObject({
      status: "failed",
      fix: expect.stringMatching(
        /role arn:aws:iam::444455556666:role\/typing-mistake exists.*trust policy allows sts:AssumeRole for arn:aws:iam::111122223333:user\/platform/,
      ) as string,
    });
    expect(front.sts.requests).toEqual([{ roleArn: missing, externalId, given: false }]);
  });

  it("is explained where its trust policy asks for another external id, and where to look", async () => {
    await using front = await strictFront();
    front.sts.roles.set(roleArn, { externalId: "copied-from-elsewhere" });
    const steps = await verify(front.sts, roleArn);
    expect(steps["assume role"]?.fix).toMatch(/asks for this stream's external id/);
    expect(steps["external id"]).toMatchObject({
      status: "skipped",
      detail: expect.stringMatching(/asks for another external id is answered like a wrong role/) as string,
      fix: expect.stringMatching(/Compare "sts:ExternalId".*character by character.*StringEquals/) as string,
    });
    expect(steps["assume role"]?.fix).not.toBe(steps["external id"]?.fix);
  });

  it("is explained where it trusts somebody else", async () => {
    await using front = await strictFront();
    front.sts.roles.set(roleArn, { externalId, trust: ["arn:aws:iam::999988887777:root"] });
    expect((await verify(front.sts, roleArn))["assume role"]?.status).toBe("failed");
  });

  it("passes once the trust policy is mended, and every step with it", async () => {
    await using front = await strictFront();
    front.sts.roles.set(roleArn, { externalId: "copied-from-elsewhere" });
    await verify(front.sts, roleArn);
    front.sts.roles.set(roleArn, { externalId });
    const steps = Object.values(await verify(front.sts, roleArn));
    expect(steps.filter(({ status }) => status === "failed")).toEqual([]);
    expect(steps.find(({ name }) => name === "external id")).toMatchObject({ status: "ok" });
    expect(front.fake.server.objects(bucket)).toHaveLength(1);
    // With the right one; without one and with one made up; and once more for what the role itself may do.
    expect(front.sts.requests.slice(1).map(({ given }) => given)).toEqual([true, false, false, true]);
  });

  it("is given with sessions that somebody else issues", async () => {
    await using front = await strictFront();
    front.sts.roles.set(roleArn, { externalId, issue: () => ({ ...platform, sessionToken: "of-somebody-else" }) });
    expect(await verify(front.sts, roleArn)).toMatchObject({
      "assume role": { status: "ok" },
      write: { status: "ok" },
    });
  });

  it("is the platform's own fault where AWS says so", async () => {
    await using fake = await startFake();
    const run = { ...partsOnAws(fake), signal: new AbortController().signal };
    const error = {
      name: "AccessDenied",
      status: 403,
      network: undefined,
      headers: {},
      region: undefined,
      requestId: undefined,
      clockCorrected: false,
      message: `User: arn:aws:sts::111122223333:assumed-role/headgate/i-1 is not authorized to perform: sts:AssumeRole on resource: ${roleArn} because no identity-based policy allows the sts:AssumeRole action`,
    };
    expect(deniedRoleFix(run, roleArn, error)).toMatch(
      /platform's own side.*in the policies of arn:aws:iam::111122223333:role\/headgate\.$/,
    );
  });

  it("is plainly missing where another server says so", async () => {
    await using fake = await startFake();
    fake.server.faults.add({ on: "AssumeRole", kind: "reply", status: 404, body: "<Error/>" });
    await using sink = fake.sink();
    const steps = await Array.fromAsync(sink.verify?.({ signal: new AbortController().signal }) ?? []);
    const [, session, id] = steps;
    expect(session?.fix).toMatch(/spelled exactly so: the server does not know it\.$/);
    expect(id).not.toHaveProperty("fix");
  });
});
