import {
  createHeadgate,
  memoryStore,
  type NewEvent,
  type QuarantineRecord,
  secret,
  type SinkDefinition,
} from "@headgate/core";
import { datadogSink } from "@headgate/sink-datadog";
import { splunkSink } from "@headgate/sink-splunk";
import { startDatadogServer } from "@headgate/sink-testkit/datadog";
import { type HecObjectCode, startHecServer } from "@headgate/sink-testkit/hec";
import { describe, expect, it } from "vitest";

const key = "6a1e7c58-0b8f-4d2c-9a57-1d7f4f0b7a11";
const size = 1000;
const bad = "poison.event";

/** A destination that refuses events with the action {@link bad} until it is mended. */
interface Destination extends AsyncDisposable {
  readonly sink: SinkDefinition;
  readonly options: object;
  /** How often each id is in. */
  readonly counts: () => ReadonlyMap<string, number>;
  readonly mend: () => void;
}

async function hec(code: HecObjectCode, acknowledge = false): Promise<Destination> {
  const server = await startHecServer({ tokens: [{ token: key, acknowledge }], keep: "ids" });
  server.poison([{ action: bad, code }]);
  return {
    sink: splunkSink({ allowInsecureEndpoint: true }),
    options: { url: server.url, token: secret(key), index: "audit", maxEvents: size },
    counts: () => server.counts(),
    mend: () => server.poison([]),
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

async function datadog(): Promise<Destination> {
  const server = await startDatadogServer({ apiKeys: [key], keep: "ids", idPath: "audit.id" });
  server.poison([{ path: "audit.action", equals: bad }]);
  return {
    sink: datadogSink({ allowInsecureEndpoint: true }),
    options: { url: server.url, apiKey: secret(key) },
    counts: () => server.counts(),
    mend: () => server.poison([]),
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

/** What became of the batches of a run. */
interface Accounts {
  readonly delivered: number;
  readonly quarantined: number;
  readonly pending: number;
  /** Ids in quarantine, sorted. */
  readonly held: readonly string[];
  /** Reasons in quarantine. */
  readonly reasons: readonly string[];
  /** Ids that are not in once, or not out, as they should be. */
  readonly wrong: readonly string[];
}

const idOf = (batch: number, place: number): string => `${batch}-${place}`;

/** The accounts that are right: bad events in quarantine with the destination's refusal, all others in once. */
function rightAccounts(batches: readonly (readonly number[])[]): Accounts {
  const held = batches.flatMap((places, batch) => places.map((place) => idOf(batch, place))).toSorted();
  const delivered = batches.length * size - held.length;
  return { delivered, quarantined: held.length, pending: 0, held, reasons: ["event_refused"], wrong: [] };
}

/** Streams one batch for each of `batches`, a list of the places in it that are poisoned. */
async function accounts(
  destination: Destination,
  batches: readonly (readonly number[])[],
  also?: (headgate: ReturnType<typeof embed>) => Promise<void>,
): Promise<Accounts> {
  await using headgate = embed(destination);
  const flush = { maxAgeMs: 60_000, maxEvents: size, maxBytes: 100_000_000 };
  const declared = { id: "s", organization: "org", sink: destination.sink.type, options: destination.options, flush };
  await headgate.streams.declare([declared]);
  for (const [batch, places] of batches.entries()) {
    const events: NewEvent[] = Array.from({ length: size }, (_, place) => ({
      id: idOf(batch, place),
      action: places.includes(place) ? bad : "a",
      actor: { type: "u", id: "u" },
    }));
    await headgate.append("org", events);
  }
  await headgate.drain();
  const { delivered, quarantined, pending } = await headgate.streams.status("s");
  const records = await heldEvents(headgate);
  const counts = destination.counts();
  const wrong = batches.flatMap((places, batch) =>
    Array.from({ length: size }, (_, place) => place)
      .filter((place) => (counts.get(idOf(batch, place)) ?? 0) !== (places.includes(place) ? 0 : 1))
      .map((place) => idOf(batch, place)),
  );
  await also?.(headgate);
  return {
    delivered,
    quarantined,
    pending,
    held: records.map(({ eventId }) => eventId).toSorted(),
    reasons: [...new Set(records.map(({ reason }) => reason.code))],
    wrong,
  };
}

async function heldEvents(headgate: ReturnType<typeof embed>): Promise<readonly QuarantineRecord[]> {
  const held: QuarantineRecord[] = [];
  for (let after = 0; ;) {
    const page = await headgate.quarantine.list("s", { after, limit: 500 });
    held.push(...page);
    after = page.at(-1)?.sequence ?? 0;
    if (page.length < 500) return held;
  }
}

function embed({ sink }: Destination) {
  return createHeadgate({ store: memoryStore(), sinks: [sink], alerts: { auditLog: false } });
}

const everyPlace = (from: number, to: number): number[][] => Array.from({ length: to - from }, (_, i) => [from + i]);
const severals = [
  [0, 1, 2],
  [997, 998, 999],
  [0, 999],
  [1, 3, 5, 7, 9, 11],
  Array.from({ length: 40 }, (_, i) => i * 25),
];

describe("a poison event", () => {
  it.each([0, 250, 500, 750])(
    "at each place from %i of 1,000 is set apart by Splunk, and its neighbours are in once",
    async (from) => {
      await using destination = await hec(6);
      expect(await accounts(destination, everyPlace(from, from + 250))).toEqual(
        rightAccounts(everyPlace(from, from + 250)),
      );
    },
    120_000,
  );

  it.each([0, 250, 500, 750])(
    "at each place from %i of 1,000 is set apart by Datadog, and its neighbours are in once",
    async (from) => {
      await using destination = await datadog();
      expect(await accounts(destination, everyPlace(from, from + 250))).toEqual(
        rightAccounts(everyPlace(from, from + 250)),
      );
    },
    120_000,
  );

  it.each([6, 7, 12, 13, 15] as const)(
    "and several of them, refused by Splunk with code %i, are set apart",
    async (code) => {
      await using destination = await hec(code);
      // A good batch first: where nothing was ever taken, a wrong index is the stream's fault, not the event's.
      expect(await accounts(destination, [[], ...severals])).toEqual(rightAccounts([[], ...severals]));
    },
    60_000,
  );

  it("and several of them are set apart where Splunk acknowledges", async () => {
    await using destination = await hec(6, true);
    expect(await accounts(destination, severals)).toEqual(rightAccounts(severals));
  });

  it("and several of them are set apart by Datadog", async () => {
    await using destination = await datadog();
    expect(await accounts(destination, severals)).toEqual(rightAccounts(severals));
  });

  it.each([
    ["Splunk", () => hec(6)],
    ["Datadog", () => datadog()],
  ] as const)(
    "can be looked at, retried once %s is mended, or discarded",
    async (_name, open) => {
      await using destination = await open();
      await accounts(destination, [[3, 700]], async (headgate) => {
        const [first, second] = await headgate.quarantine.list("s");
        expect(JSON.parse(new TextDecoder().decode(first?.line))).toMatchObject({ id: "0-3", action: bad });
        expect(await headgate.quarantine.discard("s", second?.sequence ?? 0)).toBe(true);
        // Not mended yet: it is refused again, and held.
        await headgate.quarantine.retry("s", first?.sequence ?? 0);
        await headgate.drain();
        expect((await headgate.quarantine.list("s"))[0]?.state).toBe("held");
        destination.mend();
        await headgate.quarantine.retry("s", first?.sequence ?? 0);
        await headgate.drain();
        expect((await headgate.quarantine.list("s")).map(({ eventId, state }) => [eventId, state])).toEqual([
          ["0-700", "discarded"],
        ]);
        expect([destination.counts().get("0-3"), destination.counts().get("0-700")]).toEqual([1, undefined]);
        const { delivered, quarantined, pending } = await headgate.streams.status("s");
        expect([delivered, quarantined, pending]).toEqual([size - 1, 1, 0]);
      });
    },
    60_000,
  );
});
