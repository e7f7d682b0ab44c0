import { secret, silentLogger } from "@headgate/core";
import type { HecFault } from "@headgate/sink-testkit/hec";
import { describe, expect, it } from "vitest";
import { httpTransport } from "./http-transport.ts";
import { splunkLoggingTransport } from "./splunk-logging/transport.ts";
import { testToken } from "./testing/hec-backend.ts";
import { chunkFor, deliver, rigSink, startRig } from "./testing/rig.ts";

/** What can come in place of the collector's answer, and what it is to the stream. None of it is success, none permanent. */
const troubles: readonly (readonly [fault: HecFault, code: string, says?: string])[] = [
  [{ kind: "html", status: 200 }, "destination_unexpected"],
  [{ kind: "html", status: 200, afterEffect: true }, "destination_unexpected"],
  [{ kind: "html", status: 400 }, "destination_unexpected"],
  [{ kind: "html", status: 401 }, "destination_unexpected"],
  [{ kind: "html", status: 403 }, "destination_unexpected"],
  [{ kind: "html", status: 404 }, "destination_failed"],
  [{ kind: "html", status: 502 }, "destination_failed"],
  [{ kind: "html", status: 503 }, "destination_busy"],
  [{ kind: "html", status: 504 }, "destination_timeout"],
  [{ kind: "status", status: 302, headers: { location: "/elsewhere" } }, "destination_unexpected"],
  [{ kind: "status", status: 200, body: "" }, "destination_unexpected"],
  [{ kind: "status", status: 204 }, "destination_unexpected"],
  [{ kind: "status", status: 200, body: '{"text":"Success","code":' }, "destination_unexpected"],
  [{ kind: "status", status: 200, body: '{"text":"Success"}' }, "destination_unexpected"],
  [{ kind: "reset" }, "destination_unreachable"],
  [{ kind: "reset_in_body", afterBytes: 100 }, "destination_unreachable"],
  [{ kind: "cut_reply" }, "destination_unreachable"],
  [{ kind: "cut_reply", afterBytes: 40, close: "end" }, "destination_unreachable"],
  [{ kind: "cut_reply", afterBytes: 90, close: "end" }, "destination_unreachable"],
  [{ kind: "cut_reply", afterBytes: 90, close: "never" }, "destination_timeout"],
  [{ kind: "hang" }, "destination_timeout"],
  [{ kind: "slow", dripMs: 100 }, "destination_timeout"],
  [{ kind: "huge_reply", bytes: 50_000_000 }, "destination_unexpected", "with more than is read"],
  [{ kind: "huge_reply", bytes: 50_000_000, gzip: true }, "destination_unexpected", "compressed"],
];

describe.each([
  ["the sink's own transport", undefined],
  ["splunk-logging", splunkLoggingTransport()],
] as const)("by %s", (_name, transport) => {
  it.each(troubles.map((row) => [JSON.stringify(row[0]), ...row] as const))(
    "%s is tried again, and ends well",
    async (_title, fault, code, says = "") => {
      await using rig = await startRig();
      const operator = transport === undefined ? {} : { transport };
      await using sink = rig.sink({ timeouts: { requestMs: 250 }, compression: "none" }, operator);
      rig.server.script([fault]);
      const { chunk, ids } = chunkFor(sink);
      expect(await deliver(sink, chunk)).toMatchObject({
        status: "retry",
        error: { code, message: expect.stringContaining(says) },
      });
      expect((await deliver(sink, chunk)).status).toBe("delivered");
      // What was taken although no answer came is there twice; nothing else is.
      expect([ids, [...ids, ...ids]]).toContainEqual(rig.ids());
    },
  );

  it("a reply that drips, but comes in time, is read", async () => {
    await using rig = await startRig();
    await using sink = rig.sink({}, transport === undefined ? {} : { transport });
    rig.server.script([{ kind: "slow", ms: 20, dripMs: 2 }]);
    expect((await deliver(sink, chunkFor(sink).chunk)).status).toBe("delivered");
  });

  it.each([
    ["that nobody vouches for", true],
    ["of another host", "wrong_host"],
  ] as const)("a certificate %s holds the stream, and nothing is sent", async (_title, tls) => {
    await using rig = await startRig({ tls });
    const trusted = tls === "wrong_host" ? { ca: rig.server.ca ?? "" } : {};
    await using sink = rigSink([rig.server.url], rig.clock, trusted, transport === undefined ? {} : { transport });
    const result = await deliver(sink, chunkFor(sink).chunk);
    expect(result).toMatchObject({
      status: "blocked",
      error: { code: "certificate_invalid", hint: expect.any(String) },
    });
    expect(rig.server.requests).toHaveLength(0);
  });

  it("an address that the operator does not allow is not connected to", async () => {
    await using rig = await startRig();
    await using guarded = (transport ?? httpTransport)({
      token: secret(testToken),
      compression: "none",
      timeouts: { connectMs: 1000, requestMs: 1000, replyMs: 1000 },
      ca: undefined,
      allow: [],
      insecure: false,
      logger: silentLogger,
    });
    const { signal } = new AbortController();
    const request = {
      endpoint: new URL(rig.server.url),
      path: "event",
      body: Buffer.from("{}"),
      channel: "c",
      signal,
    } as const;
    await expect(guarded.send(request)).rejects.toMatchObject({ kind: "address_refused" });
    expect(rig.server.requests).toHaveLength(0);
  });

  it("connections are kept", async () => {
    await using rig = await startRig({ tls: true });
    await using sink = rig.sink({}, transport === undefined ? {} : { transport });
    for (let i = 0; i < 4; i++) await deliver(sink, chunkFor(sink, 1, 1 + i).chunk);
    expect(new Set(rig.server.requests.map(({ connection }) => connection)).size).toBe(1);
  });
});
