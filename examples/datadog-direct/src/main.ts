import { createHeadgate, secret } from "@headgate/core";
import { datadogSink } from "@headgate/sink-datadog";
import { sqliteStore } from "@headgate/store-sqlite";

const env = (name: string): string => {
  const value = process.env[name];
  if (value === undefined || value === "") throw new Error(`Set ${name}; see docs/guides/datadog-setup.md.`);
  return value;
};
const url = process.env["DATADOG_LOGS_URL"]; // for a private link or a proxy of your own; Datadog's sites need none

await using headgate = createHeadgate({
  store: sqliteStore({ path: "headgate.db" }),
  sinks: [datadogSink({ allowInsecureEndpoint: url !== undefined })],
});

// Declared, not created: the store never sees the key, so it is given at every start.
const options = {
  ...(url === undefined ? { site: env("DATADOG_SITE") } : { url }),
  apiKey: secret(env("DATADOG_API_KEY")),
  service: "acme-audit",
  tags: { env: "production" },
};
await headgate.streams.declare([{ id: "org_1-datadog", organization: "org_1", sink: "datadog", options }]);
for await (const { status, name, detail, fix } of headgate.streams.verify("org_1-datadog"))
  console.log(`${status} ${name}: ${detail}${fix === undefined ? "" : ` ${fix}`}`);

await headgate.append("org_1", [
  { action: "user.login", category: "authentication", outcome: "success", actor: { type: "user", id: "u_1" } },
  { action: "pipeline.started", category: "pipeline", actor: { type: "user", id: "u_1" }, metadata: { status: "hi" } },
]);

const { complete, streams } = await headgate.drain();
for (const { id, delivered, health } of streams) console.log(`${id}: ${delivered} delivered, ${health.state}`);
process.exitCode = complete ? 0 : 1;
