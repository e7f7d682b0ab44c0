import { s3Sink } from "@headgate/sink-s3";
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
