import { syncBuiltinESMExports } from "node:module";
import { gunzipSync } from "node:zlib";
import { secret } from "@headgate/core";
import { auditEvents, chunkOf, deliveryContext, sinkContext } from "@headgate/sink-testkit";
import { http, HttpResponse } from "msw";
import { setupServer } from "msw/node";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import type { SplunkSinkOptions } from "./options.ts";
import { splunkLoggingTransport } from "./splunk-logging/transport.ts";
import { splunkSink } from "./splunk-sink.ts";

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
  ["by splunk-logging", splunkLoggingTransport()],
] as const;

/** Sends two events twice, and gives the requests as they arrived. */
async function sent(transport: (typeof transports)[number][1], options: Partial<SplunkSinkOptions> = {}) {
  const seen: { url: string; method: string; headers: Headers; body: Buffer }[] = [];
  server.use(
    http.post("https://hec.acme.example:8088/services/collector/event", async ({ request }) => {
      const { url, method, headers } = request;
      seen.push({ url, method, headers, body: Buffer.from(await request.arrayBuffer()) });
      return HttpResponse.json(
        { text: "Success", code: 0 },
        { headers: { "set-cookie": "AWSELB=i-1; Path=/; HttpOnly" } },
      );
    }),
  );
  const definition = splunkSink(transport === undefined ? {} : { transport });
  const given = { url: "https://hec.acme.example:8088/", token: secret("abc-123"), index: "audit", ...options };
  await using sink = definition.create(given, sinkContext({ stream: "acme" }));
  const chunk = chunkOf(sink, auditEvents(2));
  for (let i = 0; i < 2; i++) {
    expect(await sink.deliver(chunk, deliveryContext())).toEqual({ status: "delivered", receipt: chunk.key });
  }
  return seen;
}

const envelope = (sequence: number): string =>
  `{"time":1752659550.123,"host":"headgate","source":"headgate:acme","sourcetype":"headgate:audit","index":"audit",` +
  `"fields":{"id":"01981f2e-7c1a-7f3e-9a51-00000000000${sequence}","sequence":"${sequence}","organization":"org_1",` +
  `"action":"pipeline.run.started"},"event":{"schema_version":1,"id":"01981f2e-7c1a-7f3e-9a51-00000000000${sequence}",` +
  `"occurred_at":"2025-07-16T09:52:30.123Z","organization":{"id":"org_1","name":"Acme"},"action":"pipeline.run.started",` +
  `"category":"pipeline","outcome":"success","actor":{"type":"user","id":"u_1","name":"Ada"},` +
  `"targets":[{"type":"pipeline","id":"p_1","name":"deploy"}],` +
  `"context":{"ip":"203.0.113.7","user_agent":"curl/8.5.0","request_id":"r-${sequence}"},"sequence":${sequence}}}`;
const body = `${envelope(1)}\n${envelope(2)}`;
const guid = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

it("a request is what HEC's page describes, compressed by default", async () => {
  const [first, second] = await sent(undefined);
  expect([first?.method, first?.url]).toEqual(["POST", "https://hec.acme.example:8088/services/collector/event"]);
  expect(Object.fromEntries(first?.headers ?? [])).toMatchObject({
    authorization: "Splunk abc-123",
    "x-splunk-request-channel": expect.stringMatching(guid),
    "content-encoding": "gzip",
    "content-length": String(first?.body.length),
    "accept-encoding": "identity",
  });
  expect(gunzipSync(first?.body ?? "").toString()).toBe(body);
  expect(first?.headers.get("cookie")).toBeNull();
  expect(second?.headers.get("cookie")).toBe("AWSELB=i-1");
  expect(second?.headers.get("x-splunk-request-channel")).toBe(first?.headers.get("x-splunk-request-channel"));
});

it.each(transports)("without compression the bytes are the chunk's, %s", async (_title, transport) => {
  const [first, second] = await sent(transport, { compression: "none" });
  expect(first?.headers.get("authorization")).toBe("Splunk abc-123");
  expect(first?.headers.get("x-splunk-request-channel")).toMatch(guid);
  expect(first?.headers.has("content-encoding")).toBe(false);
  expect(first?.body.toString()).toBe(body);
  expect(second?.headers.get("cookie")).toBe("AWSELB=i-1");
});
