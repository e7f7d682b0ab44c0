import type { Checkpoint, QuarantineRecord } from "./checkpoint.ts";
import { chunkOf, deliverChunk } from "./chunk.ts";
import { parseTimestamp } from "./time.ts";
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
    const result = await send(stream, entry, context);
    if (result === undefined) return { status: "ended", checkpoint };
    switch (result.status) {
      case "delivered": {
        const { version, delivered, quarantined } = checkpoint;
        const counted = { version: version + 1, delivered: delivered + 1, quarantined: quarantined - 1 };
        const next = { ...checkpoint, ...counted };
        await store.checkpoints.commit({ lease: context.lease(), checkpoint: next, released: [entry.sequence] });
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

async function send(
  stream: TurnStream,
  entry: QuarantineRecord,
  context: TurnContext,
): ReturnType<typeof deliverChunk> {
  const line = Buffer.concat([entry.line, Buffer.from("\n")]);
  const { occurred_at: occurredAt } = JSON.parse(line.toString()) as { readonly occurred_at: string };
  const group = {
    firstSequence: entry.sequence,
    appendedAt: 0,
    occurredAt: Float64Array.of(parseTimestamp(occurredAt) ?? 0),
    lengths: Uint32Array.of(line.length),
    body: line,
  };
  // The limit that the event broke may be what was mended: only the destination can tell.
  const plan = { ...planOf(stream.sink), maxEventBytes: Number.MAX_SAFE_INTEGER };
  for await (const piece of cutWindow(plan, stream.sink, { index: [group], groups: one(group) }, {})) {
    const range = { after: entry.sequence - 1, through: entry.sequence };
    return deliverChunk(stream.sink, chunkOf(stream, range, plan.encoding, piece), context);
  }
  throw new Error("one event made no chunk");
}

async function* one<T>(value: T): AsyncGenerator<T> {
  yield value;
}
