import type { Checkpoint, QuarantineRecord, StoredObject } from "./checkpoint.ts";
import type { DeliveryReport } from "./observer.ts";
import { released, tallied } from "./service-level.ts";
import { encodingUnder, unfilteredSink } from "./shaped-sink.ts";
import type { DeliveryResult } from "./sink.ts";
import { hourMs, parseTimestamp } from "./time.ts";
import { chunkOf, deliverChunk } from "./chunk.ts";
import { keepReports, reportOf } from "./delivery-report.ts";
import { recordedBy, storedObject } from "./stored-object.ts";
import { waitsSince } from "./waiting-time.ts";
import type { TurnContext, TurnResult, TurnStream } from "./turn.ts";
import { cutWindow, planOf } from "./window.ts";

/** How many entries one turn sends again before the stream's window has its turn. */
const maxRetries = 100;

/**
 * Sends the stream's quarantined events that are marked for it again, each alone, before its window goes on. Delivered,
 * an event leaves the quarantine and counts as delivered, in one commit. Refused once more, it is held as before. Any
 * other failure is the stream's, and the mark stays. A crash between request and commit sends the event once more: to
 * object stores that is the same key and the same bytes.
 */
export async function retryQuarantined(
  stream: TurnStream,
  from: Checkpoint,
  context: TurnContext,
): Promise<TurnResult> {
  const { store, logger, ending, signal } = context;
  let checkpoint = from;
  for (let sent = 0; sent < maxRetries && !ending.aborted && !signal.aborted; sent++) {
    const entry = await store.quarantine.nextRetry(stream.id);
    if (entry === undefined) return { status: "idle", checkpoint };
    const tried = await send(stream, entry, context);
    if (tried === undefined) return { status: "ended", checkpoint };
    const { result, report, stored } = tried;
    context.observer.delivery?.(report);
    if (result.status !== "delivered") await keepReports([report], context);
    switch (result.status) {
      case "delivered": {
        const objects = stored === undefined ? [] : [stored(recordedBy(checkpoint.recorded, checkpoint).count + 1)];
        const next = afterRelease(checkpoint, entry, report, objects.length);
        await store.checkpoints.commit({
          lease: context.lease(),
          checkpoint: next,
          released: [entry.sequence],
          deliveries: [report],
          objects,
        });
        checkpoint = next;
        if (result.afterMs !== undefined && result.afterMs > 0)
          return { status: "slowed", afterMs: result.afterMs, checkpoint };
        break;
      }
      case "rejected":
      case "split":
        logger.warn("a quarantined event was refused again", {
          stream: stream.id,
          sequence: entry.sequence,
          code: result.error.code,
        });
        await store.quarantine.mark(stream.id, entry.sequence, "held");
        break;
      default:
        return { ...result, checkpoint };
    }
  }
  return { status: "done", checkpoint };
}

/** The event counts as delivered, and not as quarantined any more, from the first. */
function afterRelease(
  checkpoint: Checkpoint,
  { quarantinedAt }: QuarantineRecord,
  report: DeliveryReport,
  objects: number,
): Checkpoint {
  const { version, delivered, quarantined, tally } = checkpoint;
  const recorded = recordedBy(checkpoint.recorded, checkpoint);
  const late = Number(report.ageMs > hourMs);
  return {
    ...checkpoint,
    version: version + 1,
    delivered: delivered + 1,
    quarantined: quarantined - 1,
    tally: released(tallied(tally, report.at, { delivered: 1, late }), quarantinedAt),
    ...(objects > 0 && { recorded: { ...recorded, count: recorded.count + objects } }),
  };
}

interface Tried {
  readonly result: DeliveryResult;
  readonly report: DeliveryReport;
  /** Where the event is an object now: that one, under a number. */
  readonly stored?: (number: number) => StoredObject;
}

async function send(stream: TurnStream, entry: QuarantineRecord, context: TurnContext): Promise<Tried | undefined> {
  const line = Buffer.concat([entry.line, Buffer.from("\n")]);
  const { occurred_at: occurredAt } = JSON.parse(line.toString()) as { readonly occurred_at: string };
  const group = {
    firstSequence: entry.sequence,
    appendedAt: 0,
    occurredAt: Float64Array.of(parseTimestamp(occurredAt) ?? 0),
    lengths: Uint32Array.of(line.length),
    body: line,
  };
  const { nextSequence, appendedAt } = await context.store.journal.position(stream.organization, entry.sequence - 1);
  const began = context.clock.now();
  // The limit that the event broke may be what was mended: only the destination can tell.
  // A filter that was changed since then must not make the event vanish.
  const sink = unfilteredSink(stream.sink);
  const plan = { ...planOf(sink), maxEventBytes: Number.MAX_SAFE_INTEGER };
  for await (const piece of cutWindow(
    plan,
    encodingUnder(sink, plan.encoding),
    { index: [group], groups: one(group) },
    {},
  )) {
    const range = { after: entry.sequence - 1, through: entry.sequence };
    const chunk = chunkOf(stream, range, plan.encoding, piece);
    const result = await deliverChunk(sink, chunk, context);
    if (result === undefined) return undefined;
    const at = context.clock.now();
    const accepted = Number(result.status === "delivered");
    const { attempt } = context;
    // Where the journal has let go of the event, its quarantine is what is known.
    const since = nextSequence === entry.sequence ? waitsSince(stream.absences, appendedAt) : entry.quarantinedAt;
    const report = reportOf(chunk, result, { began, at, attempt, appendedAt: since, accepted, quarantined: 0 });
    const object = result.status === "delivered" ? result.object : undefined;
    const { sequences } = piece;
    const { encoding } = plan;
    if (object === undefined) return { result, report };
    return { result, report, stored: (number) => storedObject(object, { number, sequences, encoding, at }) };
  }
  throw new Error("one event made no chunk");
}

async function* one<T>(value: T): AsyncGenerator<T> {
  yield value;
}
