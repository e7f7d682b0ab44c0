import type { QuarantineRecord } from "./checkpoint.ts";
import type { Sink } from "./sink.ts";
import type { StreamRecord } from "./store.ts";
import { firstCheckpoint } from "./stream-status.ts";
import { chunkOf, type TurnContext } from "./turn.ts";
import { cutWindow, planOf } from "./window.ts";

/**
 * Sends one quarantined event again, alone. Delivered, it leaves the quarantine and counts as delivered, in one commit;
 * otherwise it is held as before, with the new reason in the log. A crash in between sends it once more: to object
 * stores that is the same key and the same bytes.
 */
export async function retryQuarantined(
  stream: StreamRecord,
  sink: Sink,
  entry: QuarantineRecord,
  context: TurnContext,
): Promise<boolean> {
  const { store, clock, logger } = context;
  const { occurred_at: occurredAt } = JSON.parse(new TextDecoder().decode(entry.line)) as {
    readonly occurred_at: string;
  };
  const line = Buffer.concat([entry.line, Buffer.from("\n")]);
  const group = {
    firstSequence: entry.sequence,
    appendedAt: clock.now(),
    occurredAt: Float64Array.of(Date.parse(occurredAt)),
    lengths: Uint32Array.of(line.length),
    body: line,
  };
  // The limit that the event broke may be what was mended: only the destination can tell.
  const plan = { ...planOf(sink), maxEventBytes: Number.MAX_SAFE_INTEGER };
  for await (const piece of cutWindow(plan, sink, { index: [group], groups: one(group) }, {})) {
    const chunk = chunkOf(stream, entry.sequence - 1, entry.sequence, plan.encoding, piece);
    const result = await sink.deliver(chunk, { signal: context.signal, attempt: context.attempt, logger });
    if (result.status !== "delivered") {
      logger.warn("a quarantined event was refused again", {
        stream: stream.id,
        sequence: entry.sequence,
        code: result.error.code,
      });
      await store.quarantine.mark(stream.id, entry.sequence, "held");
      return false;
    }
    const checkpoint = (await store.checkpoints.get(stream.id)) ?? firstCheckpoint(stream);
    await store.checkpoints.commit({
      lease: context.lease(),
      checkpoint: {
        ...checkpoint,
        version: checkpoint.version + 1,
        delivered: checkpoint.delivered + 1,
        quarantined: checkpoint.quarantined - 1,
      },
      released: [entry.sequence],
    });
  }
  return true;
}

async function* one<T>(value: T): AsyncGenerator<T> {
  yield value;
}
