import { syncBuiltinESMExports } from "node:module";
import { gunzipSync } from "node:zlib";
import { secret } from "@headgate/core";
import { auditEvents, chunkOf, deliveryContext, sinkContext } from "@headgate/sink-testkit";
import { http, HttpResponse } from "msw";
import { setupServer } from "msw/node";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { datadogApiClientTransport } from "./api-client/index.ts";
import { datadogSink } from "./datadog-sink.ts";
import { datadogSites } from "./sites.ts";
import { logsUrl } from "./transport.ts";

const key = "0123456789abcdef0123456789abcdef";
const server = setupServer();
// msw replaces members of `node:https`; what was imported from it by name before follows only when it is told to.
beforeAll(() => {
  server.listen({ onUnhandledFrame: "error" });
  syncBuiltinESMExports();
});
afterEach(() => server.resetHandlers());
afterAll(() => {
  server.close();
  syncBuiltinESMExports();
});

const transports = [
  ["over http", undefined],
  ["with Datadog's client", datadogApiClientTransport()],
] as const;

/** Sends two events to a site, and gives the request as it arrived. */
async function sent(site: string, transport: (typeof transports)[number][1], compression: "gzip" | "none") {
  const seen: { url: string; method: string; headers: Headers; body: Buffer }[] = [];
  server.use(
    http.post(`https://http-intake.logs.${site}/api/v2/logs`, async ({ request }) => {
      const { url, method, headers } = request;
      seen.push({ url, method, headers, body: Buffer.from(await request.arrayBuffer()) });
      return HttpResponse.json({}, { status: 202 });
    }),
  );
  const clock = { now: () => Date.parse("2025-07-16T10:00:00Z"), after: () => () => {} };
  const definition = datadogSink(transport === undefined ? {} : { transport });
  const options = {
    site,
    apiKey: secret(key),
    service: "acme-audit",
    hostname: "audit-1",
    tags: { env: "production" },
    compression,
  };
  await using sink = definition.create(options, sinkContext({ clock, stream: "acme-datadog" }));
  const chunk = chunkOf(sink, auditEvents(2));
  expect(await sink.deliver(chunk, deliveryContext())).toEqual({ status: "delivered", receipt: chunk.key });
  expect(seen).toHaveLength(1);
  return seen[0] as (typeof seen)[number];
}

const entry = (sequence: number): string =>
  `{"ddsource":"headgate","ddtags":"organization:org_1,stream:acme-datadog,env:production","hostname":"audit-1",` +
  `"message":"pipeline.run.started by user Ada on pipeline deploy: success","service":"acme-audit","timestamp":1752659550123,` +
  `"status":"info","audit":{"schema_version":1,"id":"01981f2e-7c1a-7f3e-9a51-00000000000${sequence}",` +
  `"occurred_at":"2025-07-16T09:52:30.123Z","organization":{"id":"org_1","name":"Acme"},"action":"pipeline.run.started",` +
  `"category":"pipeline","outcome":"success","actor":{"type":"user","id":"u_1","name":"Ada"},` +
  `"targets":[{"type":"pipeline","id":"p_1","name":"deploy"}],` +
  `"context":{"ip":"203.0.113.7","user_agent":"curl/8.5.0","request_id":"r-${sequence}"},"sequence":${sequence}}}`;
const body = `[${entry(1)},${entry(2)}]`;

it.each(transports)(
  "a request of gzip is what Datadog's page on sending logs describes, %s",
  async (_title, transport) => {
    const { url, method, headers, body: bytes } = await sent("datadoghq.eu", transport, "gzip");
    expect([method, url]).toEqual(["POST", "https://http-intake.logs.datadoghq.eu/api/v2/logs"]);
    expect(Object.fromEntries(headers)).toMatchObject({
      "dd-api-key": key,
      "content-type": "application/json",
      "content-encoding": "gzip",
      "content-length": String(bytes.length),
      "accept-encoding": "identity",
      accept: "application/json",
    });
    expect(gunzipSync(bytes).toString()).toBe(body);
  },
);

it.each(transports)("without compression the bytes are the chunk's, %s", async (_title, transport) => {
  const { headers, body: bytes } = await sent("datadoghq.eu", transport, "none");
  expect(headers.has("content-encoding")).toBe(false);
  expect(bytes.toString()).toBe(body);
});

it.each(datadogSites)("a log of %s goes to its own intake", async (site) => {
  expect(new URL((await sent(site, undefined, "none")).url).host).toBe(`http-intake.logs.${site}`);
});

it.each([
  ["https://proxy.example.com", "https://proxy.example.com/api/v2/logs"],
  ["https://proxy.example.com/", "https://proxy.example.com/api/v2/logs"],
  ["https://proxy.example.com/dd/", "https://proxy.example.com/dd/api/v2/logs"],
  ["https://proxy.example.com:8443/api/v2/logs", "https://proxy.example.com:8443/api/v2/logs"],
  ["https://proxy.example.com/api/v2/logs/", "https://proxy.example.com/api/v2/logs"],
])("%s leads to %s", (url, leads) => {
  expect(logsUrl(new URL(url)).href).toBe(leads);
});
