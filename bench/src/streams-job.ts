import { DatabaseSync } from "node:sqlite";
import { type Checkpoint, createHeadgate, createPreparer, type Store, type StreamRecord } from "@headgate/core";
import { sqliteStore } from "@headgate/store-sqlite";
import { createMetrics } from "@headgate/telemetry";

/** What is measured of many streams. */
export interface StreamsParameters {
  /** The store's file. */
  readonly path: string;
  readonly streams: number;
  readonly organizations: number;
  readonly rounds: number;
}

/** Milliseconds, the median of the rounds. */
export interface StreamsFigures {
  readonly streams: number;
  /** A page of 100 statuses from the middle. */
  readonly page: number;
  /** The same rows in one SQL statement, and nothing made of them. */
  readonly barePage: number;
  /** One organization's streams. */
  readonly organization: number;
  /** A search that finds one stream. */
  readonly search: number;
  readonly one: number;
  /** All statuses, in pages of 500. */
  readonly all: number;
  readonly bareAll: number;
  /** What the metrics read: all statuses and the open alerts, added up. */
  readonly reading: number;
  readonly scrape: number;
  readonly scrapeBytes: number;
}

const bareSql =
  "SELECT * FROM streams s LEFT JOIN checkpoints c ON c.stream = s.id LEFT JOIN heads h ON h.name = s.organization WHERE s.id > ? ORDER BY s.id LIMIT ?";

/** Fills a store with streams that have delivered and have something pending, and times what people and Prometheus ask of them. */
export async function streamsJob({ path, streams, organizations, rounds }: StreamsParameters): Promise<StreamsFigures> {
  const store = sqliteStore({ path });
  await using headgate = createHeadgate({ store, sinks: [] });
  await headgate.open();
  await fill(store, streams, organizations);
  using database = new DatabaseSync(path, { readOnly: true });
  const bare = database.prepare(bareSql);
  const middle = idOf(Math.floor(streams / 2));
  const median = async (work: () => unknown): Promise<number> => {
    await work();
    const times: number[] = [];
    for (let i = 0; i < rounds; i++) {
      const began = performance.now();
      await work();
      times.push(performance.now() - began);
    }
    return times.toSorted((a, b) => a - b)[Math.floor(rounds / 2)] ?? 0;
  };
  const metrics = createMetrics({ headgate });
  const began = performance.now();
  const { body } = await metrics.body();
  const reading = performance.now() - began;
  const figures = {
    streams,
    page: await median(() => headgate.streams.statuses({ after: middle, limit: 100 })),
    barePage: await median(() => bare.all(middle, 100)),
    organization: await median(() => headgate.streams.statuses({ organization: "org_7" })),
    search: await median(() => headgate.streams.statuses({ search: idOf(streams - 3) })),
    one: await median(() => headgate.streams.status(middle)),
    all: await median(() => headgate.status()),
    bareAll: await median(() => bare.all("", streams)),
    reading,
    scrape: await median(() => metrics.body()),
    scrapeBytes: body.length,
  };
  metrics.close();
  return figures;
}

const idOf = (n: number): string => `stream-${String(n).padStart(6, "0")}`;

async function fill(store: Store, streams: number, organizations: number): Promise<void> {
  const preparer = createPreparer();
  for (let i = 0; i < organizations; i++) {
    const organization = `org_${i}`;
    const event = { action: "user.login", actor: { type: "user", id: "u_1" } };
    await store.journal.append(organization, [
      preparer.prepare(organization, event),
      preparer.prepare(organization, event),
    ]);
  }
  const lease = await store.leases.acquire("delivery", "bench", 3_600_000);
  if (lease === undefined) throw new Error("the lease is taken");
  const now = Date.now();
  for (let n = 0; n < streams; n += 500) {
    const some = Array.from({ length: Math.min(500, streams - n) }, (_, i) => n + i);
    const records = some.map((i): StreamRecord => {
      const common = { incarnation: idOf(i), paused: false, createdAt: now, start: 0, declared: false };
      const options = { bucket: `customer-${i}`, region: "eu-west-1", prefix: "headgate/" };
      return { id: idOf(i), organization: `org_${i % organizations}`, sink: "s3", options, ...common };
    });
    await Promise.all(records.map((record) => store.streams.create(record)));
    await Promise.all(
      records.map(({ id }) => store.streams.saveHealth(id, { state: "active", since: now, consecutiveFailures: 0 })),
    );
    await Promise.all(
      records.map(({ id }) => store.checkpoints.commit({ lease, checkpoint: checkpointOf(id, now), deliveries: [] })),
    );
  }
}

/** With a month's tally, as a stream has that delivers all day. */
function checkpointOf(id: string, now: number): Checkpoint {
  const slots = (count: number, ms: number) =>
    Array.from({ length: count }, (_, i) => [Math.floor(now / ms - count + 1 + i) * ms, 500, 0, 0] as const);
  const tally = { minutes: slots(13, 300_000), hours: slots(25, 3_600_000), days: slots(31, 86_400_000) };
  const lastStreamed = { sequence: 1, occurredAt: now, at: now, receipt: `headgate/year=2026/${id}` };
  const counts = { version: 1, start: 0, position: 1, delivered: 1, quarantined: 0 };
  return { stream: id, incarnation: id, ...counts, lastStreamed, tally };
}
