import { createHash } from "node:crypto";
import { s3Faults } from "@headgate/sink-testkit/s3";
import { describe, expect, it } from "vitest";
import { bucket, roleArn, someChunk, startFake } from "./testing/fake.ts";

describe("s3Sink's deliver", () => {
  it("writes one object under its content's key with an assumed role", async () => {
    await using fake = await startFake();
    const sink = fake.sink();
    const chunk = someChunk(sink);
    const result = await fake.deliver(sink, chunk);
    const [object] = fake.server.objects(bucket);
    expect(object?.bytes).toEqual(Buffer.from(chunk.body));
    const sha1 = createHash("sha1").update(chunk.body).digest("hex");
    const key = `headgate/year=2025/month=07/day=16/hour=09/2025-07-16T09:52:30_${sha1}`;
    expect(object?.key).toBe(key);
    expect(result).toEqual({ status: "delivered", receipt: key });
    expect(object?.writer).toBe(
      `${roleArn.replace(":iam:", ":sts:").replace(":role/", ":assumed-role/")}/headgate-org_1-stream-1`,
    );
  });

  it("takes a key that exists for its own earlier write", async () => {
    await using fake = await startFake();
    const sink = fake.sink();
    const chunk = someChunk(sink);
    fake.server.faults.add(s3Faults.cutAfterStoring);
    expect(await fake.deliver(sink, chunk)).toMatchObject({
      status: "retry",
      error: { code: "destination_unreachable" },
    });
    expect(await fake.deliver(sink, chunk)).toMatchObject({ status: "delivered" });
    expect(fake.server.objects(bucket)).toHaveLength(1);
    expect(fake.server.objects(bucket)[0]?.versions).toBe(1);
    expect(fake.server.requests.at(-1)).toMatchObject({ status: 412 });
  });
});
