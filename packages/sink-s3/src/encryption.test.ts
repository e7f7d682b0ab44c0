import type { Chunk, DeliveryContext, DeliveryResult } from "@headgate/core";
import { deliveryContext } from "@headgate/sink-testkit";
import { s3Faults } from "@headgate/sink-testkit/s3";
import { describe, expect, it } from "vitest";
import { deliverer } from "./deliver.ts";
import type { S3SinkOptions } from "./options.ts";
import { bucket, everything, partsOnAws, someChunk, startFake } from "./testing/fake.ts";
import type { Fake } from "./testing/fake.ts";

const kms: Partial<S3SinkOptions> = {
  ...everything,
  encryption: { mode: "sse-kms", kmsKeyArn: "arn:aws:kms:us-east-1:444455556666:key/1", bucketKey: true },
};
const mismatch = { status: "blocked", error: { code: "encryption_mismatch" } };

type Deliver = (context?: Partial<DeliveryContext>) => Promise<DeliveryResult>;

/** One process's deliveries of the same events: another chunk object each time, as core makes them. */
function process(fake: Fake, options: Partial<S3SinkOptions> = kms): Deliver {
  const sink = fake.sink(options);
  return (context) => fake.deliver(sink, someChunk(sink), context);
}

/** The same, by a sink that takes the in-process server for Amazon's. */
function processOnAws(fake: Fake): Deliver {
  const parts = partsOnAws(fake, kms);
  const { deliver } = deliverer({ ...parts, base: parts.shared.base, clock: parts.context.clock });
  const cut = fake.sink(kms);
  const chunk = (): Chunk => someChunk(cut);
  return (given) => deliver(chunk(), deliveryContext(given));
}

describe("s3Sink's encryption", () => {
  it.each(["sse-kms", "dsse-kms"] as const)("asks for %s and checks the key in the reply", async (mode) => {
    await using fake = await startFake();
    const kmsKeyArn = "arn:aws:kms:us-east-1:444455556666:key/1";
    const deliver = process(fake, { ...everything, encryption: { mode, kmsKeyArn } });
    expect(await deliver()).toMatchObject({ status: "delivered" });
    const algorithm = mode === "sse-kms" ? "aws:kms" : "aws:kms:dsse";
    expect(fake.server.objects(bucket)[0]?.encryption).toEqual({ algorithm, keyId: kmsKeyArn });
  });

  describe.each([
    ["an S3-compatible server", process],
    ["AWS", processOnAws],
  ])("on %s", (_, start) => {
    it("holds the stream when another comes back, and writes the object again until it is right", async () => {
      await using fake = await startFake({ encryption: "ignore" });
      const deliver = start(fake);
      expect(await deliver()).toMatchObject(mismatch);
      expect(await deliver()).toMatchObject(mismatch);
      fake.server.encryption = "echo";
      expect(await deliver()).toMatchObject({ status: "delivered" });
      expect(fake.server.objects(bucket)).toMatchObject([{ encryption: { algorithm: "aws:kms" } }]);
    });

    it("writes a wrongly encrypted object again after a restart too", async () => {
      await using fake = await startFake({ encryption: "ignore" });
      await start(fake)();
      expect(await start(fake)()).toMatchObject(mismatch);
      fake.server.encryption = "echo";
      expect(await start(fake)()).toMatchObject({ status: "delivered" });
      expect(fake.server.objects(bucket)).toMatchObject([{ encryption: { algorithm: "aws:kms" } }]);
    });

    it("is confirmed by one more write after a reply was lost", async () => {
      await using fake = await startFake();
      const deliver = start(fake);
      fake.server.faults.add(s3Faults.cutAfterStoring);
      expect(await deliver()).toMatchObject({ status: "retry" });
      expect(await deliver()).toMatchObject({ status: "delivered" });
      expect(fake.server.requests.map(({ status }) => status)).toEqual([0, 412, 200]);
      expect(fake.server.objects(bucket)).toMatchObject([{ versions: 2 }]);
    });

    it("sends one request again, not two, when the reply to the confirming write was lost", async () => {
      await using fake = await startFake();
      const before = start(fake);
      expect(await before()).toMatchObject({ status: "delivered" });
      const deliver = start(fake);
      fake.server.faults.add({ kind: "error", status: 412, code: "PreconditionFailed" });
      fake.server.faults.add(s3Faults.cutAfterStoring);
      expect(await deliver()).toMatchObject({ status: "retry" });
      const sent = fake.server.requests.length;
      expect(await deliver()).toMatchObject({ status: "delivered" });
      expect(fake.server.requests.slice(sent)).toMatchObject([{ status: 200 }]);
    });

    it("is held where an object stored wrongly may not be written over, until it is deleted", async () => {
      await using fake = await startFake({ encryption: "ignore" });
      const deliver = start(fake);
      await deliver();
      fake.server.encryption = "echo";
      fake.server.buckets[0]!.requireIfNoneMatch = true;
      for (let turn = 0; turn < 2; turn += 1) {
        const hint = expect.stringContaining("If-None-Match") as unknown;
        expect(await deliver()).toMatchObject({ status: "blocked", error: { code: "encryption_mismatch", hint } });
      }
      fake.server.remove(bucket, fake.server.objects(bucket)[0]?.key ?? "");
      expect(await deliver()).toMatchObject({ status: "delivered" });
      expect(fake.server.objects(bucket)).toMatchObject([{ encryption: { algorithm: "aws:kms" }, versions: 1 }]);
    });

    it("says that writing is denied where both kinds of write are", async () => {
      await using fake = await startFake();
      const deliver = start(fake);
      fake.server.faults.add({ kind: "error", status: 412, code: "PreconditionFailed" });
      fake.server.faults.add(s3Faults.cutAfterStoring);
      await deliver();
      fake.server.faults.add({ kind: "error", status: 403, code: "AccessDenied", times: 2 });
      expect(await deliver()).toMatchObject({ status: "blocked", error: { code: "access_denied" } });
    });

    it("is held by a server that finds a condition where there is none", async () => {
      await using fake = await startFake();
      fake.server.faults.add({ kind: "error", status: 412, code: "PreconditionFailed", times: 2 });
      const error = { code: "destination_unexpected", vendorCode: "PreconditionFailed" };
      expect(await start(fake)()).toMatchObject({ status: "blocked", error });
    });
  });

  it("is taken for right on AWS where the bucket wants conditional writes and nothing wrong was seen", async () => {
    await using fake = await startFake();
    fake.server.buckets[0]!.requireIfNoneMatch = true;
    const warnings: string[] = [];
    const logger = { debug() {}, info() {}, warn: (message: string) => void warnings.push(message), error() {} };
    const deliver = processOnAws(fake);
    fake.server.faults.add(s3Faults.cutAfterStoring);
    await deliver();
    expect(await deliver({ logger })).toMatchObject({ status: "delivered" });
    expect(warnings).toEqual([expect.stringContaining("encryption")]);
    const compatible = process(fake);
    expect(await compatible()).toMatchObject(mismatch);
  });
});
