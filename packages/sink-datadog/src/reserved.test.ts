import type { JsonObject } from "@headgate/core";
import { auditEvent, chunkOf, deliveryContext } from "@headgate/sink-testkit";
import { expect, it } from "vitest";
import { datadogApiClientTransport } from "./api-client/index.ts";
import { startRig } from "./testing/harness.ts";

/** Every name that Datadog takes a property from, with a value that would change it. */
const hijack: JsonObject = {
  "@timestamp": "2001-01-01T00:00:00Z",
  timestamp: 1,
  _timestamp: 1,
  Timestamp: 1,
  eventTime: "2001-01-01T00:00:00Z",
  date: "2001-01-01T00:00:00Z",
  published_date: "2001-01-01T00:00:00Z",
  host: "evil",
  hostname: "evil",
  service: "evil",
  source: "evil",
  ddsource: "evil",
  ddtags: "organization:other",
  status: "emerg",
  severity: "emerg",
  level: "emerg",
  message: "evil",
  msg: "evil",
  log: "evil",
  syslog: { timestamp: "2001-01-01T00:00:00Z", hostname: "evil", appname: "evil", severity: 0 },
  dd: { trace_id: "1", service: "evil" },
  "dd.trace_id": "1",
  trace_id: "1",
  audit: { id: "evil" },
};
const json = JSON.stringify(hijack);
const attempts = [
  auditEvent({ sequence: 1, metadata: hijack }),
  auditEvent({ sequence: 2, context: hijack }),
  auditEvent({ sequence: 3, action: json, actor: { type: json, id: json, name: json } }),
  auditEvent({ sequence: 4, action: '{"status":"emerg"', actor: { type: 'x"}', id: '"}],"status":"emerg",[{"' } }),
  auditEvent({ sequence: 5, targets: [{ type: json, id: '","status":"emerg","x":"', name: '\\","status":"emerg' }] }),
];

it.each([
  ["over http", {}],
  ["with Datadog's client", { transport: datadogApiClientTransport() }],
])("an event cannot speak for the log that it is in, %s", async (_title, parts) => {
  await using rig = await startRig({ ...parts, options: { hostname: "audit-1", service: "acme" } });
  await using sink = rig.sink();
  expect((await sink.deliver(chunkOf(sink, attempts), deliveryContext())).status).toBe("delivered");
  expect(rig.server.logs).toHaveLength(attempts.length);
  for (const [i, { log, reserved, dropped }] of rig.server.logs.entries()) {
    expect(reserved).toEqual({
      date: "timestamp",
      host: "hostname",
      message: "message",
      service: "service",
      source: "ddsource",
      status: "status",
    });
    expect(log).toMatchObject({
      ddsource: "headgate",
      ddtags: "organization:org_1,stream:stream-1",
      hostname: "audit-1",
      service: "acme",
      status: "info",
      audit: attempts[i],
    });
    expect(Object.keys(log)).toHaveLength(8);
    expect(dropped).toBeUndefined();
  }
});
