import { generateKeyPairSync } from "node:crypto";
import type { DigestSignature, Headgate, Store } from "@headgate/core";
import { createHeadgate, type Digest, digestSigner, memoryStore, secret, verifyDigest } from "@headgate/core";
import type { HecServer } from "@headgate/sink-testkit/hec";
import { hecFault, startHecServer } from "@headgate/sink-testkit/hec";
import { expect, it, vi } from "vitest";
import { splunkSink } from "./splunk-sink.ts";
import { testToken } from "./testing/hec-backend.ts";

const signer = digestSigner({
  key: String(generateKeyPairSync("ed25519").privateKey.export({ type: "pkcs8", format: "pem" })),
});

const patienceMs = 60_000;

/** Delivers what there is, with digests or without them. */
async function drain(
  server: HecServer,
  store: Store,
  {
    signed,
    maxEventBytes,
    before = async () => {},
  }: {
    readonly signed: boolean;
    readonly maxEventBytes?: number;
    readonly before?: (own: Headgate) => Promise<void>;
  },
): Promise<void> {
  const headgate = createHeadgate({
    alerts: { auditLog: false },
    store,
    sinks: [splunkSink({ allowInsecureEndpoint: true })],
    delivery: { retry: { baseMs: 1, capMs: 5, blockedMs: 5 } },
    ...(signed && { digests: { signer } }),
  });
  const options = {
    url: server.url,
    token: secret(testToken),
    index: "audit",
    ...(maxEventBytes !== undefined && { maxEventBytes }),
  };
  await headgate.streams.declare([{ id: "s", organization: "org_1", sink: "splunk", options }]);
  await before(headgate);
  expect(await headgate.drain({ patienceMs })).toMatchObject({ complete: true });
  // Otherwise the next life verifies the stream, with requests that faults would take for the digest's.
  await vi.waitFor(async () => {
    expect((await headgate.streams.status("s")).health.verification?.ok).toBe(true);
  }, patienceMs);
  await headgate.stop();
}

interface DigestEvent {
  readonly id: string;
  readonly metadata: DigestSignature & { readonly digest: string; readonly offset?: number };
}

/** What `index=audit action="headgate.digest" | table _raw` exports. */
function digestEvents(server: HecServer): readonly DigestEvent[] {
  return server.events
    .filter(({ index, fields }) => index === "audit" && fields?.["action"] === "headgate.digest")
    .map(({ event }) => event as DigestEvent);
}

/** What an auditor makes of the events of one digest, with the public key alone. */
function verified(events: readonly DigestEvent[]): Digest {
  const pieces = new Map(events.map(({ metadata }) => [metadata.offset ?? 0, metadata.digest]));
  const texts = [...pieces].toSorted(([a], [b]) => a - b).map(([, text]) => text);
  const { algorithm, key_id, signature } = events[0]!.metadata;
  const line = Buffer.from(texts.join(""));
  expect(verifyDigest(line, { algorithm, key_id, signature }, signer.published)).toBe("valid");
  return JSON.parse(String(line)) as Digest;
}

const appendTen = async (headgate: Headgate): Promise<void> => {
  const events = Array.from({ length: 10 }, () => ({ action: "a", actor: { type: "u", id: "u" } }));
  await headgate.append("org_1", events);
};

it.each([true, false])(
  "a digest arrives as one event that the public key verifies, and comes twice only where a reply was lost: acknowledged %s",
  async (acknowledge) => {
    await using server = await startHecServer({ tokens: [{ token: testToken, acknowledge, indexes: ["audit"] }] });
    await using store = memoryStore();
    await drain(server, store, { signed: false, before: appendTen });
    server.script([hecFault({ kind: "lost_reply" })!]);
    await drain(server, store, { signed: true });
    const events = digestEvents(server);
    expect(events.map(({ id }) => id)).toEqual([events[0]?.id, events[0]?.id]);
    expect(verified(events)).toMatchObject({
      stream: "s",
      number: 1,
      key: null,
      previous: null,
      sequences: { after: 0, through: 10 },
      counts: { delivered: 10, quarantined: 0, filtered: 0, lost: 0 },
    });
    await drain(server, store, { signed: true, before: appendTen });
    const next = digestEvents(server).slice(2);
    expect(next).toHaveLength(1);
    expect(verified(next)).toMatchObject({ number: 2, sequences: { after: 10, through: 20 } });
    const [altered] = next.map(({ id, metadata }) => ({
      id,
      metadata: { ...metadata, digest: metadata.digest.replace('"through":20', '"through":21') },
    }));
    expect(() => verified([altered!])).toThrow(/invalid/);
  },
);

it("a digest that the collector's limit on events could not hold arrives in pieces, one of which comes twice at most", async () => {
  await using server = await startHecServer({
    tokens: [{ token: testToken, acknowledge: false, indexes: ["audit"] }],
  });
  await using store = memoryStore();
  const most = 6000;
  await drain(server, store, {
    signed: false,
    maxEventBytes: most,
    before: async (headgate) => {
      const events = Array.from({ length: 600 }, (_, i) => ({
        action: "a",
        actor: { type: "u", id: "u" },
        metadata: { text: i % 2 === 0 ? "" : "x".repeat(most) },
      }));
      await headgate.append("org_1", events);
    },
  });
  server.script([hecFault({ kind: "slow", ms: 1 })!, hecFault({ kind: "lost_reply" })!]);
  await drain(server, store, { signed: true, maxEventBytes: most });
  const events = digestEvents(server);
  const ids = [...Map.groupBy(events, ({ id }) => id).values()].map(({ length }) => length);
  expect(ids.length).toBeGreaterThan(3);
  expect(ids.toSorted((a, b) => a - b)).toEqual([...Array.from({ length: ids.length - 1 }, () => 1), 2]);
  expect(server.events.every(({ raw }) => raw.length <= most)).toBe(true);
  expect(verified(events).counts).toMatchObject({ delivered: 300, quarantined: 300 });
});
