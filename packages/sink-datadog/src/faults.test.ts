import { auditEvents, chunkOf, deliveryContext } from "@headgate/sink-testkit";
import type { DatadogFault } from "@headgate/sink-testkit/datadog";
import { describe, expect, it } from "vitest";
import { datadogApiClientTransport } from "./api-client/index.ts";
import { startRig } from "./testing/harness.ts";

const retry = (code: string): object => ({ status: "retry", error: { code } });
const html = (status: number): DatadogFault => ({ kind: "html", status });

/** What happens on the way, and what it comes to. Nothing of it is success, and nothing is permanent. */
const table: readonly (readonly [string, DatadogFault, object])[] = [
  ...[200, 202, 400, 401, 403, 404].map(
    (status) => [`a page with ${status}`, html(status), retry("destination_unexpected")] as const,
  ),
  ...[500, 502, 503].map((status) => [`a page with ${status}`, html(status), retry("destination_failed")] as const),
  ["a redirect", { kind: "status", status: 302, headers: { location: "/login" } }, retry("destination_unexpected")],
  [
    "a 307 to itself",
    { kind: "status", status: 307, headers: { location: "/api/v2/logs" } },
    retry("destination_unexpected"),
  ],
  ["200 in place of 202", { kind: "status", status: 200, body: "{}" }, retry("destination_unexpected")],
  ["a reset", { kind: "reset" }, retry("destination_unreachable")],
  ["a reset in the body", { kind: "reset_in_body", afterBytes: 10 }, retry("destination_unreachable")],
  ["a reply that is cut in its head", { kind: "cut_reply", afterBytes: 9 }, retry("destination_unreachable")],
  ["a reply that ends early", { kind: "cut_reply", afterBytes: 9, close: "end" }, retry("destination_unreachable")],
  ["silence", { kind: "hang" }, retry("destination_timeout")],
  ["a reply that stops", { kind: "cut_reply", afterBytes: 9, close: "never" }, retry("destination_timeout")],
  ["a huge reply", { kind: "huge_reply", bytes: 50_000_000 }, retry("destination_unexpected")],
  ["a gzip bomb", { kind: "huge_reply", bytes: 50_000_000, gzip: true }, retry("destination_unexpected")],
  ["a 500 after it was taken", { kind: "error", status: 500, afterEffect: true }, retry("destination_failed")],
  ["401", { kind: "error", status: 401 }, { status: "blocked", error: { code: "credentials_invalid" } }],
  ["403", { kind: "error", status: 403 }, { status: "blocked", error: { code: "access_denied" } }],
  ["408", { kind: "error", status: 408 }, retry("destination_timeout")],
  ["429 with a date to come", { kind: "error", status: 429, rateLimitReset: 9 }, { status: "retry", afterMs: 9000 }],
  ["429 with Retry-After", { kind: "error", status: 429, retryAfter: 7 }, { status: "retry", afterMs: 7000 }],
];

describe.each([
  ["over http", {}],
  ["with Datadog's client", { transport: datadogApiClientTransport() }],
])("%s", (_title, parts) => {
  it.each(table)("%s is no success, and the next attempt is one", async (_name, fault, expected) => {
    await using rig = await startRig(parts);
    await using sink = rig.sink({ timeouts: { requestMs: 300 } });
    const chunk = chunkOf(sink, auditEvents(5));
    rig.server.script([fault]);
    expect(await sink.deliver(chunk, deliveryContext())).toMatchObject(expected);
    expect(await sink.deliver(chunk, deliveryContext({ attempt: 2 }))).toMatchObject({ status: "delivered" });
    // One request each: nothing was followed, and nothing was sent again behind the sink's back.
    expect(rig.server.requests.filter(({ path }) => path !== "/api/v2/logs")).toEqual([]);
    expect(rig.server.requests.length).toBeLessThanOrEqual(2);
  });

  it("a slow reply is waited for", async () => {
    await using rig = await startRig(parts);
    await using sink = rig.sink();
    rig.server.script([{ kind: "slow", ms: 50, dripMs: 5 }]);
    expect((await sink.deliver(chunkOf(sink, auditEvents(5)), deliveryContext())).status).toBe("delivered");
  });

  it.each([
    ["that an unknown authority issued", { tls: true, trusting: false }],
    ["of another host", { tls: "wrong_host" }],
  ] as const)("a certificate %s holds the stream, and no log is sent", async (_name, tls) => {
    await using rig = await startRig({ ...parts, ...tls });
    await using sink = rig.sink();
    const result = await sink.deliver(chunkOf(sink, auditEvents(1)), deliveryContext());
    expect(result).toMatchObject({ status: "blocked", error: { code: "certificate_invalid" } });
    expect(rig.server.requests).toEqual([]);
  });
});
