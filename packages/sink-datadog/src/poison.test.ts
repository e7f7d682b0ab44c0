import type { Headgate } from "@headgate/core";
import { createHeadgate, memoryStore, secret } from "@headgate/core";
import type { DatadogServer } from "@headgate/sink-testkit/datadog";
import { startDatadogServer } from "@headgate/sink-testkit/datadog";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { datadogSink } from "./datadog-sink.ts";
import { apiKey } from "./testing/harness.ts";

const count = 50;
const ids = Array.from({ length: count }, (_, i) => `e-${i}`);

interface Stand extends AsyncDisposable {
  readonly server: DatadogServer;
  readonly headgate: Headgate;
}

/** Core with one stream to a strict server, and fifty events that are still to be sent: one request. */
async function stand(): Promise<Stand> {
  const server = await startDatadogServer({ apiKeys: [apiKey], idPath: "audit.id" });
  const headgate = createHeadgate({
    // Health events would come among the events that are counted.
    alerts: { auditLog: false },
    store: memoryStore(),
    sinks: [datadogSink({ allowInsecureEndpoint: true })],
    delivery: { retry: { baseMs: 1, capMs: 5, blockedMs: 5 } },
  });
  const options = { url: server.url, apiKey: secret(apiKey) };
  await headgate.streams.declare([{ id: "s", organization: "org_1", sink: "datadog", options }]);
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

/** Delivers all but the events at these places, which the server refuses. */
async function deliverAround({ server, headgate }: Stand, poisoned: readonly number[]): Promise<Ending> {
  server.poison(poisoned.map((i) => ({ path: "audit.id", equals: ids[i] as string })));
  const { complete } = await headgate.drain({ patienceMs: 5000 });
  const entries = await headgate.quarantine.list("s");
  return {
    complete,
    counts: Object.fromEntries(server.counts()),
    quarantine: entries.map(({ eventId, reason }) => [eventId, reason.code, reason.vendorCode]),
  };
}

/** Every event once: in, or in quarantine. */
function apart(poisoned: readonly number[]): Ending {
  const bad = new Set(poisoned.map((i) => ids[i]));
  return {
    complete: true,
    counts: Object.fromEntries(ids.filter((id) => !bad.has(id)).map((id) => [id, 1])),
    quarantine: ids.filter((id) => bad.has(id)).map((id) => [id, "event_refused", "400"]),
  };
}

describe("a refused event", () => {
  it("at any place goes to quarantine alone, and its neighbours are in once", async () => {
    for (let place = 0; place < count; place++) {
      await using at = await stand();
      expect(await deliverAround(at, [place])).toEqual(apart([place]));
    }
  });

  it("may have others beside it", async () => {
    const places = fc.uniqueArray(fc.nat(count - 1), { maxLength: 8 });
    const property = fc.asyncProperty(places, async (poisoned) => {
      await using at = await stand();
      expect(await deliverAround(at, poisoned)).toEqual(apart(poisoned));
    });
    await fc.assert(property, { numRuns: 20 });
    await using all = await stand();
    expect(await deliverAround(all, [...ids.keys()])).toEqual(apart([...ids.keys()]));
  });

  it("is retried after a mend, and then in once", async () => {
    await using at = await stand();
    expect(await deliverAround(at, [7])).toEqual(apart([7]));
    at.server.poison([]);
    const [entry] = await at.headgate.quarantine.list("s");
    expect(await at.headgate.quarantine.retry("s", entry?.sequence ?? 0)).toBe(true);
    expect((await at.headgate.drain({ patienceMs: 5000 })).complete).toBe(true);
    expect(at.server.counts().get("e-7")).toBe(1);
  });
});

describe("a destination that refuses everything", () => {
  it("holds the stream, and nothing goes to quarantine; mended, it gets all of it once", async () => {
    await using at = await stand();
    at.server.poison([{ path: "ddsource", equals: "headgate" }]);
    const { complete, streams } = await at.headgate.drain({ patienceMs: 200 });
    expect(complete).toBe(false);
    expect(streams[0]?.health.state).toBe("blocked");
    expect(await at.headgate.quarantine.list("s")).toEqual([]);
    // Mended between two turns: in the midst of one, a refusal of before and a success of after would look like a bad event.
    await at.headgate.stop();
    at.server.poison([]);
    await expect.poll(async () => (await at.headgate.drain()).complete).toBe(true);
    expect(at.server.counts()).toEqual(new Map(ids.map((id) => [id, 1])));
    expect(await at.headgate.quarantine.list("s")).toEqual([]);
  });
});
