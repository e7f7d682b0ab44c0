import { createHeadgate, secret } from "@headgate/core";
import { splunkSink } from "@headgate/sink-splunk";
import { sqliteStore } from "@headgate/store-sqlite";
import { readFileSync } from "node:fs";

const env = (name: string): string => {
  const value = process.env[name];
  if (value === undefined || value === "") throw new Error(`Set ${name}; see docs/guides/splunk-setup.md.`);
  return value;
};
const caFile = process.env["HEC_CA_FILE"]; // for a collector with a certificate of its own authority
const network = process.env["HEC_NETWORK"]; // for a collector in your own network, such as 10.20.0.0/16

await using headgate = createHeadgate({
  store: sqliteStore({ path: "headgate.db" }),
  sinks: [splunkSink({ ...(network !== undefined && { allowedAddresses: [network] }) })],
});

// Declared, not created: the store never sees the token, so it is given at every start.
const options = {
  url: env("HEC_URL"),
  token: secret(env("HEC_TOKEN")),
  index: env("HEC_INDEX"),
  ...(caFile !== undefined && { ca: readFileSync(caFile, "utf8") }),
};
await headgate.streams.declare([{ id: "org_1-splunk", organization: "org_1", sink: "splunk", options }]);
for await (const { status, name, detail, fix } of headgate.streams.verify("org_1-splunk"))
  console.log(`${status} ${name}: ${detail}${fix === undefined ? "" : ` ${fix}`}`);

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
