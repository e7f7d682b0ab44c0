import { createHeadgate } from "@headgate/core";
import { fileSink } from "@headgate/sink-file";
import { s3Sink } from "@headgate/sink-s3";
import { sqliteStore } from "@headgate/store-sqlite";
import { createApp } from "./app.ts";
import type { Member } from "./sessions.ts";

const members: readonly Member[] = [
  { id: "u_ada", name: "Ada", organization: "acme", role: "owner" },
  { id: "u_ben", name: "Ben", organization: "acme", role: "member" },
  { id: "u_cleo", name: "Cleo", organization: "globex", role: "owner" },
];

await using headgate = createHeadgate({
  store: sqliteStore({ path: "forge.db" }),
  // Customers connect buckets by themselves; folders are the platform's own, and not theirs to choose.
  sinks: [s3Sink({ platformPrincipal: "arn:aws:iam::111122223333:role/forge" }), fileSink()],
});
for (const organization of ["acme", "globex"]) {
  const options = { directory: `./audit/${organization}` };
  await headgate.streams.create(organization, {
    name: `${organization} archive`,
    sink: "file",
    options,
    flush: { maxAgeMs: 1000 },
  });
}
await headgate.start();
await headgate.append("acme", [{ action: "platform.started", actor: { type: "system", id: "forge" } }]);

const stopped = Promise.withResolvers<void>();
const server = createApp(headgate, members).listen(Number(process.env["PORT"] ?? 3000), "127.0.0.1", () => {
  const address = server.address();
  console.log(`http://127.0.0.1:${typeof address === "object" ? address?.port : address}`);
});
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => stopped.resolve());
await stopped.promise;
server.closeAllConnections();
server.close();
