import { createHash } from "node:crypto";
import type { Secret } from "@headgate/core";
import { secret } from "@headgate/core";
import { auditEvents, chunkOf, deliveryContext } from "@headgate/sink-testkit";
import { s3Faults } from "@headgate/sink-testkit/s3";
import { describe, expect, it } from "vitest";
import { deliverer } from "./deliver.ts";
import type { S3SinkOptions } from "./options.ts";
import {
  bucket,
  everything,
  externalId,
  owner,
  partsOnAws,
  platform,
  roleArn,
  someChunk,
  startFake,
} from "./testing/fake.ts";

const key = (prefix: string, body: Uint8Array): string =>
  `${prefix}year=2025/month=07/day=16/hour=09/2025-07-16T09:52:30_${createHash("sha1").update(body).digest("hex")}`;

describe("s3Sink's request", () => {
  it("is one conditional PutObject with these headers and no others", async () => {
    await using fake = await startFake();
    const sink = fake.sink({ expectedBucketOwner: owner, storageClass: "STANDARD_IA", encryption: { mode: "sse-s3" } });
    const chunk = someChunk(sink);
    const receipt = key("headgate/", chunk.body);
    const hash = (algorithm: string): string => createHash(algorithm).update(chunk.body).digest("hex");
    expect(await fake.deliver(sink, chunk)).toEqual({
      status: "delivered",
      receipt,
      object: { key: receipt, sha1: hash("sha1"), sha256: hash("sha256"), bytes: chunk.body.length },
    });
    const puts = fake.server.requests.filter(({ operation }) => operation === "PutObject");
    expect(puts).toHaveLength(1);
    const [put] = puts;
    expect(put?.path).toBe(`/${bucket}/${key("headgate/", chunk.body).split("/").map(encodeURIComponent).join("/")}`);
    const { authorization, host, "user-agent": agent, "x-amz-user-agent": agent2, ...headers } = put?.headers ?? {};
    const { "amz-sdk-invocation-id": id, "amz-sdk-request": attempt, "x-amz-date": date, ...rest } = headers;
    const { "x-amz-security-token": token, connection, ...own } = rest;
    expect([authorization, host, agent, agent2, id, date, token, connection]).not.toContain(undefined);
    expect(attempt).toBe("attempt=1; max=1");
    const sha256 = createHash("sha256").update(chunk.body);
    expect(own).toEqual({
      "content-length": String(chunk.body.length),
      "content-type": "application/x-ndjson",
      "if-none-match": "*",
      "x-amz-checksum-sha256": sha256.copy().digest("base64"),
      "x-amz-content-sha256": sha256.digest("hex"),
      "x-amz-expected-bucket-owner": owner,
      "x-amz-meta-headgate-bytes": String(chunk.body.length),
      "x-amz-meta-headgate-count": "3",
      "x-amz-meta-headgate-first-sequence": "1",
      "x-amz-meta-headgate-last-sequence": "3",
      "x-amz-meta-headgate-layout": "1",
      "x-amz-meta-headgate-stream": "stream-1",
      "x-amz-server-side-encryption": "AES256",
      "x-amz-storage-class": "STANDARD_IA",
    });
  });

  it("waits for no 100-continue, however large the body is", async () => {
    await using fake = await startFake();
    const sink = fake.sink();
    const chunk = chunkOf(sink, auditEvents(12_000));
    expect(chunk.body.length).toBeGreaterThan(2_097_152);
    expect(await fake.deliver(sink, chunk)).toMatchObject({ status: "delivered" });
    expect(fake.server.requests.at(-1)?.headers).not.toHaveProperty("expect");
  });

  it("carries tags, and a retention that counts from the hour of the events", async () => {
    await using fake = await startFake({ buckets: [{ name: bucket, owner, objectLock: true }] });
    const clock = { now: () => Date.parse("2025-07-20T00:00:00Z"), after: () => () => {} };
    const lock = (retainDays: number): Partial<S3SinkOptions> => ({
      ...everything,
      prefix: `${retainDays}/`,
      objectLock: { mode: "compliance", retainDays },
      tags: { team: "a b+c" },
    });
    const sink = fake.sink(lock(36_500), { clock });
    expect(await fake.deliver(sink, someChunk(sink))).toMatchObject({ status: "delivered" });
    expect(fake.server.requests.at(-1)?.headers).toMatchObject({
      "x-amz-object-lock-mode": "COMPLIANCE",
      "x-amz-object-lock-retain-until-date": "2125-06-22T10:00:00Z",
      "x-amz-tagging": "team=a%20b%2Bc",
    });
    const over = fake.sink(lock(3), { clock });
    expect(await fake.deliver(over, someChunk(over))).toMatchObject({ status: "delivered" });
    expect(fake.server.requests.at(-1)?.headers).not.toHaveProperty("x-amz-object-lock-mode");
  });
});

describe("s3Sink's sessions", () => {
  it("assumes the role once, with external id, name, life and a policy for the prefix alone", async () => {
    await using fake = await startFake();
    const sink = fake.sink({ tags: { a: "b" } });
    fake.server.roles[0]!.permissions = [{ actions: ["s3:*"], resources: ["*"] }];
    await Promise.all([1, 4, 7, 10].map((first) => fake.deliver(sink, someChunk(sink, first))));
    const calls = fake.server.requests.filter(({ operation }) => operation === "AssumeRole");
    expect(calls).toHaveLength(1);
    const { Policy, ...form } = calls[0]?.form ?? {};
    expect(form).toEqual({
      Action: "AssumeRole",
      Version: "2011-06-15",
      RoleArn: roleArn,
      RoleSessionName: "headgate-org_1-stream-1",
      DurationSeconds: "3600",
      ExternalId: "hg-7f3e9a51",
    });
    expect(JSON.parse(Policy ?? "")).toEqual({
      Version: "2012-10-17",
      Statement: [
        {
          Effect: "Allow",
          Action: ["s3:PutObject", "s3:PutObjectTagging"],
          Resource: `arn:aws:s3:::${bucket}/headgate/*`,
        },
      ],
    });
    expect(fake.server.objects(bucket)).toHaveLength(4);
  });

  it("is held without the right external id, and goes on once the trust is mended", async () => {
    await using fake = await startFake();
    const sink = fake.sink({ credentials: { assumeRole: { roleArn, externalId: "another" } } });
    const chunk = someChunk(sink);
    const denied = { status: "blocked", error: { code: "access_denied", vendorCode: "AccessDenied" } };
    expect(await fake.deliver(sink, chunk)).toMatchObject(denied);
    fake.server.roles[0]!.externalId = "another";
    expect(await fake.deliver(sink, chunk)).toMatchObject({ status: "delivered" });
  });

  it("writes nothing with a role of AWS that anybody could name, and goes on once its trust insists", async () => {
    await using fake = await startFake();
    const { settings, access, shared, context } = partsOnAws(fake, {});
    const { deliver } = deliverer({ settings, access, base: shared.base, clock: context.clock });
    const chunk = someChunk(fake.sink());
    const asked = (): (string | undefined)[] =>
      fake.server.requests.filter(({ operation }) => operation === "AssumeRole").map(({ form }) => form["ExternalId"]);
    delete fake.server.roles[0]!.externalId;
    const open = { status: "blocked", error: { code: "access_denied", vendorCode: "RoleWithoutExternalId" } };
    expect(await deliver(chunk, deliveryContext())).toMatchObject(open);
    expect([asked(), fake.server.objects(bucket)]).toEqual([[undefined], []]);
    fake.server.roles[0]!.externalId = externalId;
    expect(await deliver(chunk, deliveryContext())).toMatchObject({ status: "delivered" });
    expect(asked().slice(1)).toEqual([undefined, expect.stringMatching(/^headgate-check-/), externalId]);
    access.close();
  });

  it.each(["ExpiredToken", "InvalidToken", "InvalidAccessKeyId"])(
    "renews after one %s, and is held after two in a row",
    async (code) => {
      await using fake = await startFake();
      const sink = fake.sink();
      const chunk = someChunk(sink);
      fake.server.faults.add({ kind: "error", status: 400, code, times: 3 });
      const error = { code: "credentials_expired", vendorCode: code };
      expect(await fake.deliver(sink, chunk)).toMatchObject({ status: "retry", afterMs: 0, error });
      expect(await fake.deliver(sink, chunk)).toMatchObject({ status: "blocked", error });
      expect(await fake.deliver(sink, chunk)).toMatchObject({ status: "blocked", error });
      expect(await fake.deliver(sink, chunk)).toMatchObject({ status: "delivered" });
      expect(fake.server.requests.filter(({ operation }) => operation === "AssumeRole")).toHaveLength(4);
    },
  );

  it("renews at once when the session ends on the server", async () => {
    await using fake = await startFake();
    const sink = fake.sink();
    await fake.deliver(sink, someChunk(sink, 1));
    for (const first of [4, 7]) {
      fake.server.expireSessions();
      expect(await fake.deliver(sink, someChunk(sink, first))).toMatchObject({ status: "retry", afterMs: 0 });
      expect(await fake.deliver(sink, someChunk(sink, first))).toMatchObject({ status: "delivered" });
    }
  });

  it("is not tried at once twice in a row for one object, whatever the others meet", async () => {
    await using fake = await startFake();
    const sink = fake.sink();
    const expired = { kind: "error", status: 400, code: "ExpiredToken" } as const;
    fake.server.faults.add(expired);
    expect(await fake.deliver(sink, someChunk(sink))).toMatchObject({ status: "retry", afterMs: 0 });
    await fake.deliver(sink, someChunk(sink, 4));
    fake.server.faults.add(expired);
    const again = await fake.deliver(sink, someChunk(sink));
    expect(again).toMatchObject({ status: "retry", error: { code: "credentials_expired" } });
    expect(again).not.toHaveProperty("afterMs");
    expect(await fake.deliver(sink, someChunk(sink))).toMatchObject({ status: "delivered" });
  });

  it("asks for fresh credentials of the platform's own when STS refuses them, once in a row", async () => {
    await using fake = await startFake();
    const asked: boolean[] = [];
    const baseCredentials = (options?: { forceRefresh?: boolean }): Promise<typeof platform> => {
      asked.push(options?.forceRefresh ?? false);
      return Promise.resolve(platform);
    };
    const sink = fake.sink({}, {}, { baseCredentials });
    const chunk = someChunk(sink);
    fake.server.faults.add({ on: "AssumeRole", kind: "error", status: 403, code: "ExpiredToken", times: 2 });
    expect(await fake.deliver(sink, chunk)).toMatchObject({ status: "retry", afterMs: 0 });
    expect(await fake.deliver(sink, chunk)).toMatchObject({
      status: "blocked",
      error: { code: "credentials_expired" },
    });
    expect(await fake.deliver(sink, chunk)).toMatchObject({ status: "delivered" });
    expect(asked[0]).toBe(false);
    expect(asked.filter(Boolean)).toHaveLength(2);
  });

  it("says no word of what a credentials provider fails with", async () => {
    await using fake = await startFake();
    const baseCredentials = (): Promise<never> => Promise.reject(new Error(`vault says ${platform.secretAccessKey}`));
    const sink = fake.sink({}, {}, { baseCredentials });
    const result = await fake.deliver(sink, someChunk(sink));
    expect(result).toMatchObject({ status: "retry", error: { code: "credentials_invalid" } });
    expect(JSON.stringify(result)).not.toContain(platform.secretAccessKey);
  });

  it("assumes a role with a web identity token, fresh each time", async () => {
    await using fake = await startFake({ webIdentityTokens: ["token-of-org_1"] });
    const webIdentityToken = ({ organization }: { organization: string }): Promise<Secret> =>
      Promise.resolve(secret(`token-of-${organization}`));
    const sink = fake.sink({ credentials: { webIdentity: { roleArn } } }, {}, { webIdentityToken });
    expect(await fake.deliver(sink, someChunk(sink))).toMatchObject({ status: "delivered" });
    const stranger = fake.sink(
      { credentials: { webIdentity: { roleArn } } },
      { organization: "org_2" },
      { webIdentityToken },
    );
    // Once more with a fresh one, which may have been signed with a newer key.
    const chunk = someChunk(stranger);
    const error = { code: "credentials_invalid" };
    expect(await fake.deliver(stranger, chunk)).toMatchObject({ status: "retry", afterMs: 0, error });
    expect(await fake.deliver(stranger, chunk)).toMatchObject({ status: "blocked", error });
    expect(() => fake.sink({ credentials: { webIdentity: { roleArn } } })).toThrow(/issues no tokens/);
  });
});

describe("s3Sink's failures", () => {
  it("takes a key that exists for its own earlier write", async () => {
    for (const lost of [s3Faults.cutAfterStoring, s3Faults.internalErrorAfterStoring]) {
      await using fake = await startFake();
      const sink = fake.sink();
      const chunk = someChunk(sink);
      fake.server.faults.add(lost);
      expect(await fake.deliver(sink, chunk)).toMatchObject({ status: "retry" });
      expect(await fake.deliver(sink, chunk)).toMatchObject({ status: "delivered" });
      expect(fake.server.requests.at(-1)).toMatchObject({ status: 412 });
      expect(fake.server.objects(bucket)).toMatchObject([{ versions: 1 }]);
    }
  });

  it("signs with the server's time once it knows it", async () => {
    await using fake = await startFake({ now: () => Date.now() + 3_600_000 });
    const sink = fake.sink();
    const chunk = someChunk(sink);
    const skewed = { status: "retry", error: { code: "clock_skewed" } };
    expect(await fake.deliver(sink, chunk)).toMatchObject(skewed); // STS
    expect(await fake.deliver(sink, chunk)).toMatchObject(skewed); // S3
    expect(await fake.deliver(sink, chunk)).toMatchObject({ status: "delivered" });
  });

  it("gives damaged bytes a second try, and is held by a third", async () => {
    await using fake = await startFake();
    const sink = fake.sink();
    fake.server.faults.add({ kind: "error", status: 400, code: "BadDigest", times: 2 });
    expect(await fake.deliver(sink, someChunk(sink))).toMatchObject({ status: "retry" });
    expect(await fake.deliver(sink, someChunk(sink))).toMatchObject({ status: "blocked" });
    expect(await fake.deliver(sink, someChunk(sink))).toMatchObject({ status: "delivered" });
  });

  it.each([
    ["S3's own refusal", { kind: "error", status: 400, code: "EntityTooLarge" }],
    ["a proxy's", { kind: "reply", status: 413, body: "<html>413 Request Entity Too Large</html>" }],
  ] as const)(
    "rejects one event that is too large by %s, and is held by many with the limit to raise",
    async (_, fault) => {
      await using fake = await startFake();
      const sink = fake.sink();
      fake.server.faults.add({ ...fault, times: 2 });
      expect(await fake.deliver(sink, chunkOf(sink, auditEvents(1)))).toMatchObject({
        status: "rejected",
        indexes: [0],
        error: { code: "event_too_large", hint: expect.stringContaining("retry the event") as unknown },
      });
      const chunk = someChunk(sink);
      const hint = expect.stringMatching(new RegExp(`proxy.*at least ${chunk.body.length} bytes`)) as unknown;
      expect(await fake.deliver(sink, chunk)).toMatchObject({
        status: "blocked",
        error: { code: "destination_misconfigured", hint },
      });
      expect(await fake.deliver(sink, chunk)).toMatchObject({ status: "delivered" });
    },
  );

  it("names the bucket's region", async () => {
    await using fake = await startFake({ buckets: [{ name: bucket, owner, region: "eu-central-1" }] });
    const sink = fake.sink();
    const error = { code: "destination_misconfigured", hint: expect.stringContaining('"eu-central-1"') as unknown };
    expect(await fake.deliver(sink, someChunk(sink))).toMatchObject({ status: "blocked", error });
    await using here = await startFake({ region: "eu-central-1" });
    const there = here.sink(everything);
    expect(await here.deliver(there, someChunk(there))).toMatchObject({ status: "blocked", error });
  });

  it("is held by a bucket of another owner", async () => {
    await using fake = await startFake();
    const sink = fake.sink({ expectedBucketOwner: "999999999999" });
    expect(await fake.deliver(sink, someChunk(sink))).toMatchObject({
      status: "blocked",
      error: { code: "access_denied" },
    });
  });

  it("makes sense of an answer that is no S3 document", async () => {
    await using fake = await startFake();
    const sink = fake.sink();
    fake.server.faults.add({
      kind: "reply",
      status: 502,
      body: "<html>Bad gateway</html>",
      headers: { "content-type": "text/html" },
    });
    expect(await fake.deliver(sink, someChunk(sink))).toMatchObject({
      status: "retry",
      error: { code: "destination_failed" },
    });
    fake.server.faults.add({ kind: "reply", status: 302, body: "", headers: { location: "http://127.0.0.1:1/" } });
    expect(await fake.deliver(sink, someChunk(sink))).toMatchObject({
      status: "blocked",
      error: { code: "destination_unexpected" },
    });
  });

  it("repeats nothing that another server says", async () => {
    await using fake = await startFake();
    const sink = fake.sink();
    fake.server.faults.add({ kind: "error", status: 403, code: "AccessDenied", message: "you sent token abc" });
    expect(JSON.stringify(await fake.deliver(sink, someChunk(sink)))).not.toContain("token abc");
  });
});
