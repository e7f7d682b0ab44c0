import { createHeadgate } from "@headgate/core";
import { s3Sink } from "@headgate/sink-s3";
import { sqliteStore } from "@headgate/store-sqlite";

const env = (name: string): string => {
  const value = process.env[name];
  if (value === undefined || value === "") throw new Error(`Set ${name}; see docs/guides/s3-setup.md.`);
  return value;
};
const endpoint = process.env["S3_ENDPOINT"]; // for S3-compatible servers; AWS needs none

await using headgate = createHeadgate({
  store: sqliteStore({ path: "headgate.db" }),
  sinks: [s3Sink({ allowInsecureEndpoint: endpoint !== undefined })],
});

await headgate.streams.create("org_1", {
  sink: "s3",
  options: {
    bucket: env("S3_BUCKET"),
    prefix: "headgate/",
    region: env("S3_REGION"),
    credentials: { assumeRole: { roleArn: env("S3_ROLE_ARN"), externalId: env("S3_EXTERNAL_ID") } },
    ...(endpoint !== undefined && { endpoint, forcePathStyle: true }),
  },
});
await headgate.append("org_1", [
  { action: "user.login", category: "authentication", outcome: "success", actor: { type: "user", id: "u_1" } },
  {
    action: "pipeline.started",
    category: "pipeline",
    actor: { type: "user", id: "u_1" },
    metadata: { branch: "main" },
  },
]);

const { complete, streams } = await headgate.drain();
for (const { id, delivered, health } of streams) console.log(`${id}: ${delivered} delivered, ${health.state}`);
process.exitCode = complete ? 0 : 1;
