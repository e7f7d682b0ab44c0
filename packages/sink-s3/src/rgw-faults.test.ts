import { setTimeout as sleep } from "node:timers/promises";
import { deliveryContext } from "@headgate/sink-testkit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { someChunk } from "./testing/fake.ts";
import { ownPrefix, ownRgw, rgwMissing } from "./testing/rgw.ts";
import type { OwnRgw } from "./testing/rgw.ts";

const missing = rgwMissing("HEADGATE_RGW_UP");

describe("s3Sink on a real S3 server with faults", () => {
  let server: OwnRgw;
  beforeAll(async () => {
    if (missing === undefined) server = await ownRgw();
  });
  afterAll(async () => {
    await server?.[Symbol.asyncDispose]();
  });

  it("renews a session that the server has let run out", async (context) => {
    context.skip(missing !== undefined, missing);
    await server.configure("rgw_sts_min_session_duration", "1");
    const roleArn = server.env["RGW_ROLE_ARN"] ?? "";
    // A clock that stands still keeps the sink from renewing ahead of time.
    const clock = { now: () => 0, after: () => () => {} };
    const credentials = { assumeRole: { roleArn, durationSeconds: 2 } };
    const prefix = ownPrefix();
    await using sink = server.sink(roleArn, { prefix, credentials }, { clock });
    expect(await sink.deliver(someChunk(sink, 1), deliveryContext())).toMatchObject({ status: "delivered" });
    const chunk = someChunk(sink, 4);
    await sleep(3500);
    const expired = { status: "retry", afterMs: 0, error: { code: "credentials_expired" } };
    expect(await sink.deliver(chunk, deliveryContext())).toMatchObject(expired);
    expect(await sink.deliver(chunk, deliveryContext())).toMatchObject({ status: "delivered" });
    expect(await server.objects(prefix)).toHaveLength(2);
  });

  it("gives up on a hanging server after its time limit, and goes on when it wakes", async (context) => {
    context.skip(missing !== undefined, missing);
    const prefix = ownPrefix();
    await using sink = server.sink(server.env["RGW_ROLE_ARN"] ?? "", { prefix, timeouts: { requestMs: 500 } });
    expect(await sink.deliver(someChunk(sink, 1), deliveryContext())).toMatchObject({ status: "delivered" });
    const chunk = someChunk(sink, 4);
    await server.suspend();
    try {
      const timeout = { status: "retry", error: { code: "destination_timeout" } };
      expect(await sink.deliver(chunk, deliveryContext())).toMatchObject(timeout);
    } finally {
      await server.resume();
    }
    expect(await sink.deliver(chunk, deliveryContext())).toMatchObject({ status: "delivered" });
    expect(await server.objects(prefix)).toHaveLength(2);
  });

  it("slows down when the server says so, and loses nothing", async (context) => {
    context.skip(missing !== undefined, missing);
    const prefix = ownPrefix();
    await using sink = server.sink(server.env["RGW_ROLE_ARN"] ?? "", { prefix });
    expect(await sink.deliver(someChunk(sink, 1), deliveryContext())).toMatchObject({ status: "delivered" });
    const chunks = Array.from({ length: 16 }, (_, index) => someChunk(sink, 4 + 3 * index));
    await server.configure("rgw_max_concurrent_requests", "1");
    const results = await Promise.all(chunks.map((chunk) => sink.deliver(chunk, deliveryContext())));
    await server.configure("rgw_max_concurrent_requests", "1024");
    const statuses = results.map((result) => (result.status === "delivered" ? "delivered" : result.error.code));
    expect(new Set(statuses)).toEqual(new Set(["delivered", "destination_busy"]));
    for (const chunk of chunks) {
      expect(await sink.deliver(chunk, deliveryContext())).toMatchObject({ status: "delivered" });
    }
    expect(await server.objects(prefix)).toHaveLength(17);
  });

  it("waits for a server that is down", async (context) => {
    context.skip(missing !== undefined, missing);
    const prefix = ownPrefix();
    await using sink = server.sink(server.env["RGW_ROLE_ARN"] ?? "", { prefix });
    const chunk = someChunk(sink);
    await server.down();
    const unreachable = { status: "retry", error: { code: "destination_unreachable", vendorCode: "ECONNREFUSED" } };
    expect(await sink.deliver(chunk, deliveryContext())).toMatchObject(unreachable);
    await server.up();
    expect(await sink.deliver(chunk, deliveryContext())).toMatchObject({ status: "delivered" });
  });
});
