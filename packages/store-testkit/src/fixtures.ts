import type {
  Checkpoint,
  DeliveryReport,
  QuarantineEntry,
  RejectedRecord,
  Store,
  StreamHealth,
  StreamRecord,
} from "@headgate/core";

/** A stream with this id. */
export function streamRecord(id: string, choice: Partial<StreamRecord> = {}): StreamRecord {
  return {
    id,
    incarnation: `${id}-1`,
    organization: "org_a",
    sink: "kit",
    options: { bucket: "b", nested: { list: [1, "two", null, true] } },
    paused: false,
    createdAt: 1_750_000_000_000,
    start: 0,
    declared: false,
    ...choice,
  };
}

/** A checkpoint of this stream. */
export function checkpointOf(stream: string, version: number, choice: Partial<Checkpoint> = {}): Checkpoint {
  const incarnation = `${stream}-1`;
  return { stream, incarnation, version, start: 0, position: 0, delivered: 0, quarantined: 0, ...choice };
}

/** A quarantine entry; its line says which one it is. */
export function quarantineEntry(stream: string, sequence: number, note = "first"): QuarantineEntry {
  return {
    stream,
    organization: "org_a",
    sequence,
    eventId: `e${sequence}`,
    quarantinedAt: 1_750_000_000_000 + sequence,
    reason: { code: "event_refused", message: note, hint: "mend it", vendorCode: "6" },
    line: new TextEncoder().encode(`{"id":"e${sequence}","note":"${note}"}`),
  };
}

/** A rejected record. */
export function rejectedRecord(source: string, line: number, choice: Partial<RejectedRecord> = {}): RejectedRecord {
  return {
    organization: "org_a",
    source,
    line,
    rejectedAt: 1_750_000_000_000 + line,
    reason: { code: "record_unmappable", message: "no action" },
    content: new Uint8Array([0, 255, line % 256]),
    ...choice,
  };
}

/** A stream's health. */
export function streamHealth(choice: Partial<StreamHealth> = {}): StreamHealth {
  return { state: "active", since: 1_750_000_000_000, consecutiveFailures: 0, ...choice };
}

/** A store with one stream, whose lease is taken: what a commit needs. */
export async function runningStream(
  store: Store,
  stream = "s",
  holder = "runner-1",
): Promise<{
  readonly commit: Store["checkpoints"]["commit"];
  readonly lease: NonNullable<Awaited<ReturnType<Store["leases"]["acquire"]>>>;
}> {
  await store.streams.create(streamRecord(stream));
  const lease = await store.leases.acquire(`stream:${stream}`, holder, 60_000);
  if (lease === undefined) throw new Error("a free lease was not given");
  return { lease, commit: (change) => store.checkpoints.commit(change) };
}

/** A report of a request that was delivered. */
export function deliveryReport(stream: string, at: number, choice: Partial<DeliveryReport> = {}): DeliveryReport {
  return {
    stream,
    organization: "org_a",
    chunk: `${stream}/${at}`,
    status: "delivered",
    at,
    count: 2,
    events: 2,
    quarantined: 0,
    bytes: 200,
    ms: 12,
    attempt: 1,
    ageMs: 3000,
    firstSequence: 1,
    lastSequence: 2,
    receipt: `receipt-${at}`,
    ...choice,
  };
}
