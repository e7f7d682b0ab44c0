import { generateKeyPairSync } from "node:crypto";
import type { DigestSignature, Headgate, Store } from "@headgate/core";
import { createHeadgate, type Digest, digestSigner, memoryStore, secret, verifyDigest } from "@headgate/core";
import type { DatadogServer } from "@headgate/sink-testkit/datadog";
import { datadogFault, startDatadogServer } from "@headgate/sink-testkit/datadog";
import { expect, it, vi } from "vitest";
import { datadogSink } from "./datadog-sink.ts";
import { apiKey } from "./testing/harness.ts";

const hourMs = 3_600_000;
const signer = digestSigner({
  key: String(generateKeyPairSync("ed25519").privateKey.export({ type: "pkcs8", format: "pem" })),
});

const patienceMs = 60_000;

/** Delivers what there is, with digests or without them. */
async function drain(
  server: DatadogServer,
  store: Store,
  { signed, before = async () => {} }: { readonly signed: boolean; readonly before?: (own: Headgate) => Promise<void> },
): Promise<void> {
  const headgate = createHeadgate({
    alerts: { auditLog: false },
    store,
    sinks: [datadogSink({ allowInsecureEndpoint: true })],
    delivery: { retry: { baseMs: 1, capMs: 5, blockedMs: 5 } },
    ...(signed && { digests: { signer } }),
  });
  const options = { url: server.url, apiKey: secret(apiKey) };
  await headgate.streams.declare([{ id: "s", organization: "org_1", sink: "datadog", options }]);
  await before(headgate);
  expect(await headgate.drain({ patienceMs })).toMatchObject({ complete: true });
  // Otherwise the next life verifies the stream, with requests that faults would take for the digest's.
  await vi.waitFor(async () => {
    expect((await headgate.streams.status("s")).health.verification?.ok).toBe(true);
  }, patienceMs);
  await headgate.stop();
}

interface DigestLog {
  readonly id: string;
  readonly action: string;
  readonly metadata: DigestSignature & { readonly digest: string; readonly offset?: number; readonly bytes?: number };
}

/** Digests among the logs, as an export of `@audit.action:headgate.digest` has them. */
function digestLogs(server: DatadogServer): readonly DigestLog[] {
  expect(server.logs.filter(({ truncated, dropped }) => truncated || dropped !== undefined)).toEqual([]);
  return server.logs.map(({ log }) => log["audit"] as DigestLog).filter(({ action }) => action === "headgate.digest");
}

/** What an auditor makes of the logs of one digest, with the public key alone. */
function verified(logs: readonly DigestLog[]): Digest {
  const pieces = [...new Map(logs.map(({ metadata }) => [metadata.offset ?? 0, metadata])).entries()];
  const line = Buffer.from(
    pieces
      .toSorted(([a], [b]) => a - b)
      .map(([, { digest }]) => digest)
      .join(""),
  );
  const { algorithm, key_id, signature } = logs[0]!.metadata;
  expect(verifyDigest(line, { algorithm, key_id, signature }, signer.published)).toBe("valid");
  return JSON.parse(String(line)) as Digest;
}

it("a digest arrives as one log that the public key verifies, and comes twice only where a reply was lost", async () => {
  await using server = await startDatadogServer({ apiKeys: [apiKey], idPath: "audit.id" });
  await using store = memoryStore();
  await drain(server, store, {
    signed: false,
    before: async (headgate) => {
      const actor = { type: "u", id: "u" };
      const old = new Date(Date.now() - 20 * hourMs).toISOString();
      await headgate.append("org_1", [
        { action: "a", actor },
        { action: "a", actor, occurred_at: old },
      ]);
    },
  });
  server.script([datadogFault({ kind: "lost_reply" })!]);
  await drain(server, store, { signed: true });
  const logs = digestLogs(server);
  expect(logs.map(({ id }) => id)).toEqual([logs[0]?.id, logs[0]?.id]);
  expect(verified(logs)).toMatchObject({
    stream: "s",
    number: 1,
    key: null,
    sequences: { after: 0, through: 2 },
    counts: { delivered: 1, quarantined: 1 },
    quarantined: [[2, 2, "event_too_old"]],
  });
  const altered = logs.map((log) => ({
    ...log,
    metadata: { ...log.metadata, digest: log.metadata.digest.replace('"delivered":1', '"delivered":2') },
  }));
  expect(() => verified(altered)).toThrow(/invalid/);
});

it("a digest that no log could hold arrives in pieces, none of which is cut", async () => {
  await using server = await startDatadogServer({ apiKeys: [apiKey], idPath: "audit.id" });
  await using store = memoryStore();
  const count = 70_000;
  await drain(server, store, {
    signed: false,
    before: async (headgate) => {
      const old = new Date(Date.now() - 20 * hourMs).toISOString();
      const actor = { type: "u", id: "u" };
      for (let from = 0; from < count; from += 1000) {
        const events = Array.from({ length: 1000 }, (_, i) => ({
          action: "a",
          actor,
          ...(i % 2 === 0 && { occurred_at: old }),
        }));
        await headgate.append("org_1", events);
      }
    },
  });
  await drain(server, store, { signed: true });
  const logs = digestLogs(server);
  const { counts, quarantined } = verified(logs);
  expect(counts).toMatchObject({ delivered: count / 2, quarantined: count / 2 });
  expect(quarantined).toHaveLength(count / 2);
  expect(logs[0]?.metadata.bytes).toBeGreaterThan(1_000_000);
  expect(new Set(logs.map(({ id }) => id)).size).toBe(logs.length);
});
