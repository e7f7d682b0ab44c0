import { silentLogger } from "@headgate/core";
import type { Clock } from "@headgate/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { roleSessionName } from "./session-name.ts";
import { sessionPolicy } from "./session-policy.ts";
import { sessionSource } from "./session.ts";
import type { SessionSource } from "./session.ts";
import { resolveSettings } from "./settings.ts";

const hourMs = 3_600_000;

/** A source of numbered sessions of one hour, on a clock that the test sets. */
function numbered(options: { readonly lifetimeMs?: number } = { lifetimeMs: hourMs }): {
  readonly source: SessionSource;
  readonly asked: boolean[];
  readonly at: (ms: number) => void;
  readonly fail: (error: Error | undefined) => void;
  readonly name: () => Promise<string>;
} {
  let now = 0;
  let failure: Error | undefined;
  const asked: boolean[] = [];
  const clock: Clock = { now: () => now, after: () => () => {} };
  const source = sessionSource(
    {
      obtain(force) {
        if (failure !== undefined) return Promise.reject(failure);
        asked.push(force);
        const identity = { accessKeyId: `key-${asked.length}`, secretAccessKey: "s", sessionToken: "t" };
        return Promise.resolve({ identity, lifetimeMs: options.lifetimeMs });
      },
    },
    { clock, random: () => 0, logger: silentLogger },
  );
  return {
    source,
    asked,
    at: (ms) => {
      now = ms;
    },
    fail: (error) => {
      failure = error;
    },
    name: async () => (await source.current()).identity.accessKeyId,
  };
}

describe("sessionSource", () => {
  it("asks once for callers that come together", async () => {
    const { name, asked } = numbered();
    expect(await Promise.all([name(), name(), name()])).toEqual(["key-1", "key-1", "key-1"]);
    expect(asked).toEqual([false]);
  });

  it("renews in the background well before the end, and serves the old session meanwhile", async () => {
    const { name, at, asked } = numbered();
    await name();
    at(0.59 * hourMs);
    expect(await name()).toBe("key-1");
    at(0.61 * hourMs);
    expect(await name()).toBe("key-1");
    expect(await name()).toBe("key-2");
    expect(asked).toHaveLength(2);
  });

  it("goes on with the old session while renewing fails, and waits for a new one at its end", async () => {
    const { name, at, fail } = numbered();
    await name();
    fail(new Error("down"));
    at(0.7 * hourMs);
    expect(await name()).toBe("key-1");
    at(0.89 * hourMs);
    expect(await name()).toBe("key-1");
    at(0.91 * hourMs);
    await expect(name()).rejects.toThrow("down");
    fail(undefined);
    expect(await name()).toBe("key-2");
  });

  it("replaces a refused session once, and says when the replacement is refused too", async () => {
    const { source, asked } = numbered();
    const first = await source.current();
    expect(source.refused(first)).toBe(true);
    expect(source.refused(first)).toBe(true); // another request of the same session
    const second = await source.current();
    expect(second).not.toBe(first);
    expect(source.refused(first)).toBe(true); // a late one changes nothing
    expect(await source.current()).toBe(second);
    expect(source.refused(second)).toBe(false);
    expect(asked).toEqual([false, true]);
  });

  it("trusts a replacement again once it was accepted", async () => {
    const { source } = numbered();
    source.refused(await source.current());
    const second = await source.current();
    source.accepted(second);
    expect(source.refused(second)).toBe(true);
  });

  it("asks a provider that renews by itself every time", async () => {
    const { name, asked } = numbered({});
    await name();
    await name();
    expect(asked).toEqual([false, false]);
  });
});

describe("roleSessionName", () => {
  it("shows organization and stream", () => {
    expect(roleSessionName("org_1", "acme-s3")).toBe("headgate-org_1-acme-s3");
  });

  it("is always a name that STS takes, and differs for different streams", () => {
    const property = fc.property(fc.string(), fc.string(), fc.string(), (organization, one, other) => {
      const name = roleSessionName(organization, one);
      expect(name).toMatch(/^[A-Za-z0-9_=,.@-]{2,64}$/);
      if (one !== other) expect(roleSessionName(organization, other)).not.toBe(name);
    });
    fc.assert(property);
  });
});

describe("sessionPolicy", () => {
  const roleArn = "arn:aws-cn:iam::444455556666:role/headgate";
  const policy = (options: object): unknown => {
    const base = { bucket: "acme-logs", region: "cn-north-1", prefix: "hg/", roleArn };
    return JSON.parse(sessionPolicy(resolveSettings({ ...base, ...options }, undefined), "hg/", roleArn));
  };
  const write = { Effect: "Allow", Action: ["s3:PutObject"], Resource: "arn:aws-cn:s3:::acme-logs/hg/*" };
  const byS3 = { StringLike: { "kms:ViaService": "s3.cn-north-1.*" } };
  const kms = { Effect: "Allow", Action: ["kms:GenerateDataKey", "kms:Decrypt"], Condition: byS3 };

  it("allows writing under the prefix, and keys by way of S3 for buckets that encrypt with KMS by default", () => {
    expect(policy({})).toEqual({ Version: "2012-10-17", Statement: [write, { ...kms, Resource: "*" }] });
  });

  it("allows one key, or none, where the encryption is known", () => {
    const kmsKeyArn = "arn:aws-cn:kms:cn-north-1:444455556666:key/1";
    const known = policy({ encryption: { mode: "sse-kms", kmsKeyArn } });
    expect(known).toMatchObject({ Statement: [write, { ...kms, Resource: kmsKeyArn }] });
    expect(policy({ encryption: { mode: "sse-s3" } })).toMatchObject({ Statement: [write] });
  });

  it("allows what tags and retention need, and no KMS on other servers", () => {
    const options = {
      endpoint: "https://s3.example.com",
      tags: { a: "b" },
      objectLock: { mode: "governance", retainDays: 1 },
    };
    const Action = ["s3:PutObject", "s3:PutObjectTagging", "s3:PutObjectRetention"];
    expect(policy(options)).toEqual({ Version: "2012-10-17", Statement: [{ ...write, Action }] });
  });

  it("fits what STS takes with the longest names", () => {
    const options = { bucket: "b".repeat(63), prefix: "p".repeat(900) };
    const settings = resolveSettings({ region: "eu-west-1", roleArn, ...options }, undefined);
    expect(sessionPolicy(settings, options.prefix, roleArn).length).toBeLessThan(2048);
  });
});
