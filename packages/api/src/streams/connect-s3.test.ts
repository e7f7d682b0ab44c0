import { secret } from "@headgate/core";
import { s3Sink } from "@headgate/sink-s3";
import type { S3Role } from "@headgate/sink-testkit/s3";
import { startS3Server } from "@headgate/sink-testkit/s3";
import { expect, it } from "vitest";
import { createStreamWorld } from "../testing/stream-world.ts";
import { event } from "../testing/world.ts";

const platform = {
  accessKeyId: "AKIAPLATFORMPLATFORM",
  secretAccessKey: "platform-secret-platform-secret-platform",
  arn: "arn:aws:iam::111122223333:user/platform",
} as const;
const bucket = "acme-audit-logs";
const role = {
  arn: "arn:aws:iam::444455556666:role/headgate",
  trust: [platform.arn],
  externalId: "nobody's",
  permissions: [{ actions: ["s3:PutObject" as const], resources: [`arn:aws:s3:::${bucket}/*`] }],
};

it("a bucket is connected in three steps: set up, verify, create; and only with the organization's own external id", async () => {
  await using server = await startS3Server({
    users: [platform],
    roles: [role],
    buckets: [{ name: bucket, owner: "444455556666" }],
  });
  const sink = s3Sink({
    baseCredentials: () => Promise.resolve(platform),
    platformPrincipal: platform.arn,
    customerEndpoints: "any",
  });
  await using world = createStreamWorld([sink as never], { allowInsecureEndpoints: true });
  const { admin } = world;
  const options = {
    bucket,
    region: "us-east-1",
    prefix: "headgate/",
    role_arn: role.arn,
    endpoint: server.endpoint,
    force_path_style: true,
  };
  const verify = async (organization: string): Promise<object> =>
    (await admin(organization, "POST", "/setup/s3/verify", { body: { options } })).body;

  const { body: guide } = await admin("acme", "POST", "/setup/s3", { body: { options } });
  const externalId = guide["external_id"] as string;
  expect(JSON.stringify(guide["artifacts"])).toContain(externalId);
  expect(await verify("acme")).toMatchObject({ ok: false });

  (server.roles[0] as { externalId?: string }).externalId = externalId;
  expect(await verify("acme")).toMatchObject({ ok: true });
  // Somebody else who names the same role comes with an external id of its own.
  expect(await verify("globex")).toMatchObject({ ok: false });

  const { status, body } = await admin("acme", "POST", "/streams", { body: { sink: "s3", options } });
  expect([status, body["options"]]).toEqual([201, options]);
  const path = `/streams/${String(body["id"])}`;
  await world.headgate.append("acme", [event("one") as never]);
  await world.headgate.drain();
  const { body: after } = await admin("acme", "GET", path);
  expect(after).toMatchObject({ health: { state: "active" }, delivered: 2, pending: 0 });
  const { body: history } = await admin("acme", "GET", `${path}/deliveries`);
  const [delivery] = history["deliveries"] as { readonly receipt: string }[];
  expect(server.objects(bucket).map(({ key }) => key)).toContain(delivery?.receipt);

  const moved = await admin("acme", "PATCH", path, { body: { options: { ...options, prefix: "elsewhere/" } } });
  expect(moved.body["options"]).toEqual({ ...options, prefix: "elsewhere/" });
  const wrong = await admin("acme", "PATCH", path, { body: { options: { ...options, ca_file: "/etc/passwd" } } });
  expect(wrong.body).toMatchObject({ status: 400, code: "sink_options_invalid", problems: [{ path: "$.options" }] });
});

it("a role is refused to whoever names another organization's, at every step of the set-up, without a word on whose it is", async () => {
  await using world = createStreamWorld([s3Sink() as never]);
  const { admin } = world;
  const options = { bucket, region: "us-east-1", role_arn: role.arn };
  const create = (organization: string, changes: object = {}) =>
    admin(organization, "POST", "/streams", { body: { sink: "s3", options: { ...options, ...changes } } });
  const { status, body } = await create("acme");
  expect(status).toBe(201);
  const own = await create("globex", { role_arn: `${role.arn}-globex` });
  expect(own.status).toBe(201);

  const prefix = "globex/";
  const refusals = [
    await create("globex", { prefix }),
    await create("initech", { role_arn: role.arn.replace("headgate", "HeadGate"), bucket: "another-bucket" }),
    await admin("globex", "PATCH", `/streams/${String(own.body["id"])}`, { body: { options: { ...options, prefix } } }),
    await admin("globex", "POST", "/setup/s3/verify", { body: { options } }),
    await admin("globex", "POST", "/setup/s3/verify", { body: { options }, headers: { accept: "text/event-stream" } }),
  ];
  for (const refusal of refusals) {
    expect(refusal).toMatchObject({ status: 409, body: { code: "role_taken" } });
    expect(JSON.stringify(refusal.body)).not.toMatch(new RegExp(`acme|${String(body["id"])}`));
  }
  const told = refusals.map((refusal) => JSON.stringify({ ...refusal.body, request_id: "" }));
  expect(new Set(told).size).toBe(1);
  expect((await create("globex", { prefix, shared_role: true })).status).toBe(400);
  const shared = { sink: "s3", options: { ...options, prefix }, shared_role: true };
  expect((await admin("globex", "POST", "/streams", { body: shared })).status).toBe(400);

  // The organization itself may use it again, and what it gives up can be had.
  expect((await create("acme", { prefix: "more/" })).status).toBe(201);
  const { body: list } = await admin("acme", "GET", "/streams");
  for (const { id } of list["streams"] as { readonly id: string }[])
    expect((await admin("acme", "DELETE", `/streams/${id}?abandon_pending=true`)).status).toBe(200);
  expect((await create("globex", { prefix })).status).toBe(201);
});

it("a bucket is connected without a key of AWS: the role trusts the stream before there is one", async () => {
  let shown = "";
  const subject = (owner: { organization: string; stream: string }): string => `${owner.organization}/${owner.stream}`;
  const webIdentity = {
    issuer: "https://id.example.com",
    audience: "sts.amazonaws.com",
    subject,
    token: (owner: { organization: string; stream: string }) =>
      Promise.resolve(secret(subject(owner) === shown ? "right" : "wrong")),
  };
  const trusting: S3Role = { ...role, trust: ["web"], webToken: "nobody's" };
  await using server = await startS3Server({
    users: [],
    webIdentityTokens: ["right", "wrong"],
    roles: [trusting],
    buckets: [{ name: bucket, owner: "444455556666" }],
  });
  const sink = s3Sink({ webIdentity, customerEndpoints: "any" });
  await using world = createStreamWorld([sink as never], { allowInsecureEndpoints: true });
  const { admin } = world;
  const options = {
    bucket,
    region: "us-east-1",
    prefix: "headgate/",
    role_arn: role.arn,
    access: "web_identity",
    endpoint: server.endpoint,
    force_path_style: true,
  };
  const subjectShown = async (stream?: string): Promise<string> => {
    const { body } = await admin("acme", "POST", "/setup/s3", { body: { options, ...(stream && { stream }) } });
    const trust = (body["artifacts"] as { id: string; content: string }[]).find(({ id }) => id === "trust-policy");
    return /"id\.example\.com:sub": "([^"]+)"/.exec(trust?.content ?? "")?.[1] ?? "";
  };
  const verified = async (): Promise<unknown> =>
    (await admin("acme", "POST", "/setup/s3/verify", { body: { options } })).body["ok"];

  shown = await subjectShown();
  expect(await subjectShown()).toBe(shown);
  expect(await verified()).toBe(false);
  trusting.webToken = "right";
  expect(await verified()).toBe(true);

  const create = { body: { sink: "s3", options } };
  const { status, body } = await admin("acme", "POST", "/streams", create);
  expect([status, `acme/${String(body["id"])}`]).toEqual([201, shown]);
  // Asked for again, after a reply that was lost, it is the same stream.
  expect(await admin("acme", "POST", "/streams", create)).toMatchObject({ status: 200, body: { id: body["id"] } });
  expect(await subjectShown(String(body["id"]))).toBe(shown);
  expect(await subjectShown()).not.toBe(shown);
  const foreign = await admin("globex", "POST", "/setup/s3", { body: { options, stream: String(body["id"]) } });
  expect(foreign.status).toBe(404);

  await world.headgate.append("acme", [event("one") as never]);
  await world.headgate.drain();
  const { body: after } = await admin("acme", "GET", `/streams/${String(body["id"])}`);
  expect(after).toMatchObject({ health: { state: "active" }, pending: 0 });
});
