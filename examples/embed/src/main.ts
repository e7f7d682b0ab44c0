import { createHeadgate, defineCatalog } from "@headgate/core";
import { fileSink } from "@headgate/sink-file";
import { sqliteStore } from "@headgate/store-sqlite";

const catalog = defineCatalog({
  "context.secrets.accessed": { category: "configuration", description: "A job read the secrets of a context." },
});
await using headgate = createHeadgate({ store: sqliteStore({ path: "headgate.db" }), sinks: [fileSink()], catalog });

await headgate.streams.create("org_1", { sink: "file", options: { directory: "./audit" } });
await headgate.start();

// Anywhere in the platform: when this resolves, the event is on disk and has its place in the organization's log.
await headgate.append("org_1", [
  { action: "context.secrets.accessed", actor: { type: "user", id: "u_1", name: "Ada" } },
]);

await headgate.drain(); // A service goes on running; this example delivers what is pending and ends.
