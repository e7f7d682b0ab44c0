import { generateKeyPairSync } from "node:crypto";
import {
  createHeadgate,
  type DigestChain,
  digestFile,
  type DeliveryResult,
  digestKey,
  digestSigner,
  memoryStore,
  type OutgoingDigest,
  type Store,
} from "@headgate/core";
import { deliveryContext } from "@headgate/sink-testkit";
import { s3Faults } from "@headgate/sink-testkit/s3";
import { describe, expect, it, vi } from "vitest";
import { deliverer } from "./deliver.ts";
import { s3Sink } from "./s3-sink.ts";
import { bucket, everything, type Fake, partsOnAws, platform, startFake } from "./testing/fake.ts";

const encryption = { mode: "sse-kms", kmsKeyArn: "arn:aws:kms:us-east-1:444455556666:key/1" } as const;
const mismatch = { status: "blocked", error: { code: "encryption_mismatch" } };
const line = Buffer.from('{"number":7}');
const signature = { algorithm: "Ed25519", key_id: "k", signature: "A".repeat(86) } as const;
const key = digestKey({ prefix: "headgate/", stream: "stream-1", chain: "c" }, 7);
const digest = { stream: "stream-1", key, to: 0, line, signature, bytes: digestFile(line, signature) };

type Deliver = (given?: Partial<OutgoingDigest>) => Promise<DeliveryResult>;

/** One process's deliveries of the digest. */
function process(fake: Fake): Deliver {
  const { digests } = fake.sink({ ...everything, encryption });
  if (typeof digests !== "object") throw new Error("the sink stores no digests");
  return (given) => digests.deliver({ ...digest, ...given }, deliveryContext());
}

function processOnAws(fake: Fake): Deliver {
  const parts = partsOnAws(fake, { ...everything, encryption });
  const { deliverDigest } = deliverer({ ...parts, base: parts.shared.base, clock: parts.context.clock });
  return (given) => deliverDigest({ ...digest, ...given }, deliveryContext());
}

describe.each([
  ["an S3-compatible server", process],
  ["AWS", processOnAws],
])("a digest whose reply shows another encryption, on %s", (_, start) => {
  it("holds the stream for as long as it does, also after a restart, and is written again once it is right", async () => {
    await using fake = await startFake({ encryption: "ignore" });
    const deliver = start(fake);
    for (let turn = 0; turn < 3; turn++) expect(await deliver()).toMatchObject({ ...mismatch, created: true });
    const restarted = start(fake);
    for (let turn = 0; turn < 2; turn++) expect(await restarted({ created: true })).toMatchObject(mismatch);
    fake.server.encryption = "echo";
    const result = await restarted({ created: true });
    expect(result).toMatchObject({ status: "delivered" });
    expect(result).not.toHaveProperty("present");
    expect(fake.server.objects(bucket)).toMatchObject([{ key, encryption: { algorithm: "aws:kms" } }]);
  });

  it("stays held where it may not be written over, until it is deleted", async () => {
    await using fake = await startFake({ encryption: "ignore" });
    const deliver = start(fake);
    await deliver();
    fake.server.encryption = "echo";
    fake.server.buckets[0]!.requireIfNoneMatch = true;
    const hint = expect.stringContaining("delete that object") as unknown;
    for (let turn = 0; turn < 2; turn++)
      expect(await deliver()).toMatchObject({ status: "blocked", error: { code: "encryption_mismatch", hint } });
    fake.server.remove(bucket, key);
    expect(await deliver()).toMatchObject({ status: "delivered" });
    expect(fake.server.objects(bucket)).toMatchObject([{ encryption: { algorithm: "aws:kms" }, versions: 1 }]);
  });

  it("never writes over what it did not put there", async () => {
    await using fake = await startFake();
    await start(fake)();
    fake.server.encryption = "ignore";
    const deliver = start(fake);
    const otherLine = Buffer.from('{"number":7,"of":"another life"}');
    const other = { line: otherLine, bytes: digestFile(otherLine, signature) };
    for (let turn = 0; turn < 2; turn++)
      expect(await deliver(other)).toMatchObject({ status: "delivered", present: true });
    expect(fake.server.objects(bucket)).toMatchObject([{ versions: 1 }]);
  });
});

describe("a stream's chain of digests", () => {
  const signer = digestSigner({
    key: String(generateKeyPairSync("ed25519").privateKey.export({ type: "pkcs8", format: "pem" })),
  });

  /** Runs on the store until what is asked for holds of the stream's chain. */
  async function running(fake: Fake, store: Store, until: (chain: DigestChain) => boolean): Promise<void> {
    const sinks = [s3Sink({ allowInsecureEndpoint: true, baseCredentials: () => Promise.resolve(platform) })] as const;
    const headgate = createHeadgate({
      store,
      sinks,
      alerts: { auditLog: false },
      digests: { signer, everyMs: 1000 },
      delivery: { retry: { baseMs: 1, capMs: 5, blockedMs: 5 } },
    });
    await headgate.open();
    const options = fake.options({ ...everything, encryption });
    await headgate.streams.declare([{ id: "s", organization: "org", sink: "s3", options }]);
    await headgate.start();
    try {
      await vi.waitFor(
        async () => {
          const chain = (await store.checkpoints.get("s"))?.chain;
          expect(chain !== undefined && until(chain)).toBe(true);
        },
        { timeout: 60_000, interval: 20 },
      );
    } finally {
      await headgate.stop();
    }
  }

  it("stands still at a digest with the wrong encryption, over restarts, and goes on once it is mended", async () => {
    await using fake = await startFake();
    await using store = memoryStore();
    await running(fake, store, ({ number }) => number === 1);
    fake.server.encryption = "ignore";
    let held: DigestChain | undefined;
    for (let life = 0; life < 2; life++) {
      const sent = fake.server.requests.length;
      await running(fake, store, (chain) => {
        held ??= chain.sealed?.created === true ? chain : undefined;
        return held !== undefined && fake.server.requests.length > sent + 2;
      });
      expect((await store.checkpoints.get("s"))?.chain).toEqual(held);
    }
    fake.server.encryption = "echo";
    await running(fake, store, ({ number }) => number > (held?.number ?? 0) + 1);
    const stored = fake.server.objects(bucket);
    expect(stored.filter(({ encryption: applied }) => applied?.algorithm !== "aws:kms")).toEqual([]);
  });

  it("goes on from one of which only is known that it is there, and the next one tells how it is encrypted", async () => {
    await using fake = await startFake();
    await using store = memoryStore();
    await running(fake, store, ({ number }) => number === 1);
    fake.server.encryption = "ignore";
    fake.server.faults.add(s3Faults.cutAfterStoring);
    await running(fake, store, ({ sealed }) => sealed?.created === true);
    const chain = (await store.checkpoints.get("s"))?.chain;
    expect(chain).toMatchObject({ number: 2, doubted: true, sealed: { number: 3, created: true } });
  });
});
