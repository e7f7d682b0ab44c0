/** Serves the API on a store in a file, for a test that kills it: prints its port and a token, one a line. */
import { createHeadgate } from "@headgate/core";
import { sqliteStore } from "@headgate/store-sqlite";
import { serve } from "@hono/node-server";
import { createApi } from "../create-api.ts";

const headgate = createHeadgate({ store: sqliteStore({ path: process.argv[2] ?? "" }), sinks: [] });
const api = createApi({ headgate, limits: { requestsPerMinute: 1_000_000 } });
const { token } = await api.tokens.create({ name: "test", role: "admin", organization: "o" });
serve({ fetch: (request) => api.fetch(request), port: 0, hostname: "127.0.0.1" }, ({ port }) => {
  process.stdout.write(`${port}\n${token}\n`);
});
