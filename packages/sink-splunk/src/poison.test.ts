import { createHeadgate, type Headgate, memoryStore, secret } from "@headgate/core";
import type { HecObjectCode } from "@headgate/sink-testkit/hec";
import { type HecServer, startHecServer } from "@headgate/sink-testkit/hec";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { splunkLoggingTransport } from "./splunk-logging/transport.ts";
import { splunkSink } from "./splunk-sink.ts";
import { testAction } from "./test-event.ts";
import { testToken } from "./testing/hec-backend.ts";

const count = 50;
const ids = Array.from({ length: count }, (_, i) => `e-${i}`);
const codes = [6, 7, 12, 13, 15] as const satisfies readonly HecObjectCode[];

interface Stand extends AsyncDisposable {
  readonly server: HecServer;
  readonly headgate: Headgate;
}

interface StandOptions {
  readonly acknowledge?: boolean;
  readonly vendor?: boolean;
  readonly index?: string;
  readonly maxEvents?: number;
  /** Until a blocked stream is looked at again, in ms. */
  readonly blockedMs?: number;
}

/** Core with one stream to a strict collector, and fifty events that are still to be sent. */
async function stand({
  acknowledge = false,
  vendor = false,
  index = "audit",
  maxEvents = count,
  blockedMs = 5,
}: StandOptions = {}): Promise<Stand> {
  const server = await startHecServer({ tokens: [{ token: testToken, acknowledge, indexes: ["audit"] }] });
  const headgate = createHeadgate({
    // Health events would come among the events that are counted.
    alerts: { auditLog: false },
    store: memoryStore(),
    sinks: [splunkSink({ allowInsecureEndpoint: true, ...(vendor ? { transport: splunkLoggingTransport() } : {}) })],
    delivery: { retry: { baseMs: 1, capMs: 5, blockedMs } },
  });
  const options = { url: server.url, token: secret(testToken), index, maxEvents };
  await headgate.streams.declare([{ id: "s", organization: "org_1", sink: "splunk", options }]);
  await headgate.append(
    "org_1",
    ids.map((id) => ({ id, action: "a", actor: { type: "u", id: "u" } })),
  );
  return {
    server,
    headgate: headgate as unknown as Headgate,
    async [Symbol.asyncDispose]() {
      await headgate[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
    },
  };
}

/** How often each event is in, and which are in quarantine for what. */
interface Ending {
  readonly complete: boolean;
  readonly counts: Readonly<Record<string, number>>;
  readonly quarantine: readonly (readonly [id: string, code: string, vendorCode: string | undefined])[];
}

async function ending({ server, headgate }: Stand, patienceMs = 20_000): Promise<Ending> {
  const { complete } = await headgate.drain({ patienceMs });
  const entries = await headgate.quarantine.list("s");
  const own = new Set(
    server.events.filter(({ fields }) => fields?.["action"] === testAction).map(({ fields }) => fields?.["id"]),
  );
  return {
    complete,
    counts: Object.fromEntries([...server.counts()].filter(([id]) => !own.has(id))),
    quarantine: entries.map(({ eventId, reason }) => [eventId, reason.code, reason.vendorCode]),
  };
}

/** Every event once: in, or in quarantine with Splunk's reason. */
function apart(bad: ReadonlyMap<number, HecObjectCode>): Ending {
  return {
    complete: true,
    counts: Object.fromEntries(ids.filter((_, i) => !bad.has(i)).map((id) => [id, 1])),
    quarantine: ids.flatMap((id, i) => (bad.has(i) ? [[id, "event_refused", String(bad.get(i))] as const] : [])),
  };
}

function poison({ server }: Stand, bad: ReadonlyMap<number, HecObjectCode>): void {
  server.poison([...bad].map(([i, code]) => ({ id: ids[i] as string, code })));
}

describe("a refused event", () => {
  it.each(codes)(
    "at any place goes to quarantine alone with code %i, and its neighbours are in once",
    async (code) => {
      for (let place = 0; place < count; place++) {
        await using at = await stand();
        const bad = new Map([[place, code]]);
        poison(at, bad);
        expect(await ending(at)).toEqual(apart(bad));
      }
    },
    120_000,
  );

  it.each([
    ["", {}],
    [" with acknowledgement", { acknowledge: true }],
    [" by splunk-logging", { vendor: true }],
    [" in requests of seven", { maxEvents: 7 }],
  ] as const)(
    "may have others beside it%s",
    async (_title, options) => {
      const some = fc.dictionary(fc.nat(count - 1).map(String), fc.constantFrom(...codes), { maxKeys: 8 });
      const property = fc.asyncProperty(some, async (drawn) => {
        await using at = await stand(options);
        const bad = new Map(Object.entries(drawn).map(([place, code]) => [Number(place), code]));
        poison(at, bad);
        expect(await ending(at)).toEqual(apart(bad));
      });
      await fc.assert(property, { numRuns: "acknowledge" in options ? 5 : 15 });
    },
    120_000,
  );

  it("may be each of them", async () => {
    await using at = await stand();
    const bad = new Map(ids.map((_, i) => [i, 6 as const]));
    poison(at, bad);
    expect(await ending(at)).toEqual(apart(bad));
    // Asked after the first, and after every twentieth that follows it.
    expect(at.server.events.length).toBeLessThan(8);
  });

  it("is retried after a mend, and then in once", async () => {
    await using at = await stand();
    const bad = new Map([[7, 6 as const]]);
    poison(at, bad);
    expect(await ending(at)).toEqual(apart(bad));
    at.server.poison([]);
    const [entry] = await at.headgate.quarantine.list("s");
    expect(await at.headgate.quarantine.retry("s", entry?.sequence ?? 0)).toBe(true);
    expect(await ending(at)).toEqual(apart(new Map()));
  });
});

/** What holds still once it is blocked, so that it is mended between two requests and not within one. */
const held = { blockedMs: 3_600_000 } as const;
const nothing: Ending = { complete: false, counts: {}, quarantine: [] };

async function mended({ headgate }: Stand): Promise<void> {
  await headgate.streams.pause("s");
  await headgate.streams.resume("s");
  await expect.poll(async () => (await headgate.drain()).complete).toBe(true);
}

describe("a collector that refuses everything", () => {
  it("for its index holds the stream, and nothing goes to quarantine; mended, it gets all of it once", async () => {
    await using at = await stand({ index: "elsewhere", ...held });
    expect(await ending(at, 300)).toEqual(nothing);
    expect((await at.headgate.streams.status("s")).health).toMatchObject({
      state: "blocked",
      lastError: { code: "destination_missing" },
    });
    at.server.tokens[0] = { token: testToken, indexes: ["elsewhere"] };
    await mended(at);
    expect(await ending(at)).toEqual(apart(new Map()));
  });

  it.each([
    ...([6, 12, 13, 15] as const).map((code) => ({ kind: "refuse", indexes: [0], code, times: null }) as const),
    { kind: "status", status: 413, times: null } as const,
  ])("with %j does so too", async (fault) => {
    await using at = await stand(held);
    at.server.script([fault]);
    expect(await ending(at, 300)).toEqual(nothing);
    expect((await at.headgate.streams.status("s")).health).toMatchObject({
      state: "blocked",
      lastError: { code: "destination_misconfigured" },
    });
    at.server.script([]);
    await mended(at);
    expect(await ending(at)).toEqual(apart(new Map()));
  });
});

it("a stream whose index was wrong is mended by another option, also in the middle of a window", async () => {
  await using at = await stand({ index: "elsewhere" });
  expect((await ending(at, 200)).complete).toBe(false);
  const options = { url: at.server.url, token: secret(testToken), index: "audit", maxEvents: count };
  await at.headgate.streams.declare([{ id: "s", organization: "org_1", sink: "splunk", options }]);
  await expect.poll(async () => (await at.headgate.drain()).complete).toBe(true);
  expect(await ending(at)).toEqual(apart(new Map()));
  expect(new Set(at.server.events.map(({ index }) => index))).toEqual(new Set(["audit"]));
});
