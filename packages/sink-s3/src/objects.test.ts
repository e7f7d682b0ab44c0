import { secret } from "@headgate/core";
import { describe, expect, it } from "vitest";
import { s3Objects } from "./objects.ts";
import type { S3ObjectsOptions } from "./objects.ts";
import { bucket, everything, platform, someChunk, startFake } from "./testing/fake.ts";
import type { Fake } from "./testing/fake.ts";

const reading = (fake: Fake, options: Partial<S3ObjectsOptions> = {}): S3ObjectsOptions => ({
  bucket,
  endpoint: fake.server.endpoint,
  forcePathStyle: true,
  allowInsecureEndpoint: true,
  credentials: { accessKeyId: platform.accessKeyId, secretAccessKey: secret(platform.secretAccessKey) },
  ...options,
});

describe("s3Objects", () => {
  it("gives every delivered object under the prefix, in key order, and nothing of Headgate's own", async () => {
    await using fake = await startFake();
    const sink = fake.sink({ ...everything, prefix: "tenant/logs/" });
    const chunks = [1, 4, 7].map((first) => someChunk(sink, first));
    for (const chunk of chunks) await fake.deliver(sink, chunk);
    for await (const step of sink.verify?.({ signal: new AbortController().signal }) ?? []) {
      expect(step.status).not.toBe("failed");
      // Later steps would delete the marker.
      if (step.name === "write") break;
    }
    expect(fake.server.objects(bucket)).toHaveLength(4);
    const found = await Array.fromAsync(s3Objects(reading(fake, { prefix: "tenant/logs/" })));
    expect(found.map(({ key }) => key)).toEqual(found.map(({ key }) => key).toSorted());
    const bodies = await Promise.all(found.map((object) => object.read()));
    expect(new Set(bodies.map(String))).toEqual(new Set(chunks.map(({ body }) => String(body))));
    expect(found.map(({ size }) => size)).toEqual(bodies.map(({ length }) => length));
  });

  it("reads page after page, and only as far as it is asked to", async () => {
    await using fake = await startFake();
    const sink = fake.sink({ ...everything, prefix: "" });
    for (let index = 0; index < 1001; index++) await fake.deliver(sink, someChunk(sink, 1 + 3 * index));
    const lists = (): number => fake.server.requests.filter(({ operation }) => operation === "ListObjectsV2").length;
    for await (const _ of s3Objects(reading(fake))) break;
    expect(lists()).toBe(1);
    expect(await Array.fromAsync(s3Objects(reading(fake)))).toHaveLength(1001);
    expect(lists()).toBe(3);
  });

  it("says what to do when it may not read, or there is nothing", async () => {
    await using fake = await startFake();
    const wrong = { accessKeyId: platform.accessKeyId, secretAccessKey: secret("wrong") };
    const read = (options: Partial<S3ObjectsOptions>): Promise<unknown> =>
      Array.fromAsync(s3Objects(reading(fake, options)));
    await expect(read({ credentials: wrong })).rejects.toMatchObject({ code: "credentials_invalid" });
    await expect(read({ bucket: "no-such-bucket" })).rejects.toMatchObject({ code: "destination_missing" });
    await expect(read({ allowInsecureEndpoint: false })).rejects.toMatchObject({ code: "sink_options_invalid" });
    fake.server.faults.add({ on: "ListObjectsV2", kind: "error", status: 403, code: "AccessDenied" });
    await expect(read({})).rejects.toMatchObject({
      code: "access_denied",
      hint: expect.stringContaining("s3:ListBucket") as unknown,
    });
  });
});
